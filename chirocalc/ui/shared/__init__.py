"""What all pages share: frame, session, settings row, Markdown. Charts are a room of their own: a
page without one does not wait for Altair."""

from . import device, frame, html, inputs, log, markdown
from .address import address, onward
from .folds import fold
from .inputs import PHASES, YES_NO, Payment
from .markdown import LEVELS, RECORDED, basis, finding, money, plain, source
from .session import Removed, Session, Tap, Values, input_callback, session

__all__ = [
    "LEVELS",
    "PHASES",
    "RECORDED",
    "YES_NO",
    "Payment",
    "Removed",
    "Session",
    "Tap",
    "Values",
    "address",
    "basis",
    "device",
    "finding",
    "fold",
    "frame",
    "html",
    "input_callback",
    "inputs",
    "log",
    "markdown",
    "money",
    "onward",
    "plain",
    "session",
    "source",
]
