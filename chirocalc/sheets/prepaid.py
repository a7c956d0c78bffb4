"""What a state asks of care that is paid ahead, as far as it was read."""

from __future__ import annotations

from typing import NamedTuple

from chirocalc import tables
from chirocalc.checked import checked


class PrepaidRule(NamedTuple):
    """A state's rule: where it stands, which plans it is about, what it asks for."""

    rule: str
    applies_to: str
    asks: str
    source: str
    sure: str


@checked
def prepaid_rule(state: str) -> PrepaidRule | None:
    """A state's rule by its two letters; None where we did not check, which is not the same as
    that there is none."""
    table = tables.prepay_states()
    if state not in table.index:
        return None
    return PrepaidRule(*table.loc[state, list(PrepaidRule._fields)])
