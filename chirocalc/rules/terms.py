"""What a visit is answered by under given settings: prices, the MPPR and hints, made ready once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Any

import numpy as np
from numpy.typing import NDArray

from chirocalc import tables
from chirocalc.checked import checked, some
from chirocalc.tables import rates

from .films import Films, films
from .hints import Hints, hints
from .mppr import Price, Reduction
from .prices import prices, reduction
from .settings import Settings


@dataclass(frozen=True, eq=False)
class Terms:
    """`prices` by row of `tables.codes()`; `short_minutes`: fewer a unit are asked about."""

    settings: Settings
    prices: tuple[Price, ...]
    reduction: Reduction
    hints: Hints
    short_minutes: float
    films: tuple[Films, ...]
    per_unit: dict[str, NDArray[Any]]  # the prices as arrays, by field


ManyTerms = Annotated[Sequence[Terms], some(Terms)]


@checked
def terms(settings: Settings, blind: frozenset[str] = frozenset()) -> Terms:
    """What visits under the settings are answered by. `blind`: what is not known of any line,
    "modifiers" or "region": no hint rests on it. Raises `InputError` for a period without tables.
    """
    return _terms(settings, settings.period, blind)


@tables.kept(most=64)
def _terms(settings: Settings, here: rates.Period, blind: frozenset[str]) -> Terms:
    of_codes = prices(settings)
    columns = zip(*of_codes, strict=True)
    return Terms(
        settings,
        of_codes,
        reduction(settings),
        hints(settings, blind),
        rates.amount("short_unit_minutes", here),
        films(here),
        {name: np.array(values) for name, values in zip(Price._fields, columns, strict=True)},
    )
