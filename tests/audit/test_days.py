"""The therapy reduction of a day with several disciplines, places and payers: cents by hand.

Of 2026, national, office: 97110 29.06 in full and 22.21 reduced, 97112 32.73 and 24.88, 97140 27.72
and 21.21 (domain 3.2, cpm-5-10.7); practice expense 97112 > 97110 > 97140.
"""

import numpy as np
import pytest

from chirocalc import Settings, tables
from chirocalc.audit.days import Priced, allowed_by_day
from chirocalc.rules import Lines, Service, terms

DC, PT, OT = Settings(), Settings(provider="pt"), Settings(provider="ot")
NONE = Settings(payer="commercial-total-time", provider="pt")
BY_LINE = Settings(payer="va", provider="pt", mppr="line")


def cents_of(*said):
    """Cents of lines, each a day, a visit, its settings, a code and units."""
    chosen = list(dict.fromkeys(each[2] for each in said))
    lines = Lines.of([Service(tables.records()[code]) for *_, code, _ in said])
    lines = lines._replace(visit=np.array([visit for _, visit, *_ in said]))
    by_line = np.array([chosen.index(each[2]) for each in said])
    first = [[visit for _, visit, *_ in said].index(at) for at in range(lines.visit.max() + 1)]
    day = np.array([each[0] for each in said])
    priced = Priced(by_line[first], by_line, [terms(each) for each in chosen], day)
    units = np.array([each[4] for each in said])
    return allowed_by_day(lines, units, priced).tolist()


@pytest.mark.parametrize(
    ("said", "cents"),
    [
        ([(0, 0, PT, "97110", 2)], [2906 + 2221]),
        ([(0, 0, PT, "97110", 1), (0, 0, PT, "97112", 1)], [2221, 3273]),
        ([(0, 0, PT, "97110", 1), (0, 1, OT, "97112", 1)], [2221, 3273]),  # one day, two visits
        ([(0, 0, PT, "97110", 1), (1, 1, OT, "97112", 1)], [2906, 3273]),  # two days
        ([(0, 0, PT, "97110", 1), (0, 1, OT, "97112", 0)], [2906, 0]),  # what is not billed
        ([(0, 0, PT, "97110", 2), (0, 1, OT, "97110", 1)], [2906 + 2221, 2221]),  # the first entry
        (
            [(0, 0, PT, "97140", 1), (0, 1, OT, "97110", 1), (1, 2, PT, "97140", 1)],
            [2121, 2906, 2772],
        ),
        ([(0, 0, PT, "97110", 1), (0, 1, NONE, "97112", 1)], [2906, 3273]),  # payers by themselves
        ([(0, 0, NONE, "97112", 2), (0, 1, PT, "97110", 2)], [2 * 3273, 2906 + 2221]),
        ([(0, 0, BY_LINE, "97110", 1), (0, 1, PT, "97112", 1)], [2906, 3273]),
        ([(0, 0, DC, "98941", 1), (0, 1, OT, "97110", 1)], [3841, 2906]),  # no therapy
        ([], []),
    ],
)
def test_one_unit_of_a_day_is_paid_in_full(said, cents):
    if not said:
        assert allowed_by_day(*nothing()).tolist() == cents
        return
    assert cents_of(*said) == cents


def nothing():
    none = np.zeros(0, np.int64)
    return Lines.of([]), none, Priced(none, none, [terms(PT)], none)
