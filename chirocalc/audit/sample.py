"""A made-up month of visits to try the audit with: drawn with a fixed seed, no patient in it.

Most visits are billed as their minutes support; some have the faults that audits find.
"""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np
import pandas as pd

from chirocalc.rules import assign_units
from chirocalc.tables import code_arrays, kept

SEED, LINES = 2026, 1000

FIRST_DAY, DAYS = date(2026, 3, 2), 30

CLINICIANS = ["Clinician A", "Clinician B", "Clinician C"]

PAYERS = ["Medicare", "Commercial, 8-minute rule", "Commercial, AMA rule", "VA", "Cash or self-pay"]

PAYER_SHARES = [0.25, 0.35, 0.2, 0.1, 0.1]

REGIONS = ["cervical", "thoracic", "lumbar", "sacral", "pelvic"]

ADJUSTMENTS = {"98940": 2, "98941": 3, "98942": 5}

ADJUSTMENT_SHARES = [0.27, 0.68, 0.05]

TIMED = ["97110", "97112", "97140", "97530", "97035"]

TIMED_SHARES = [0.35, 0.2, 0.25, 0.1, 0.1]

FAULTS = {
    "one unit too many": 0.05, "one unit too few": 0.06, "no minutes": 0.03, "no AT": 0.1,
    "two of an untimed one": 0.03, "no region": 0.2,
}  # fmt: skip

HEADER = [
    "Visit", "Date of service", "CPT", "Minutes", "Units", "Modifiers", "Region", "Payer",
    "Provider", "Place of service",
]  # fmt: skip


def sample() -> pd.DataFrame:
    """1,000 services as a record system would export them, all text: columns `HEADER`."""
    return pd.DataFrame(_sample(), columns=HEADER, dtype=str)


@kept
def _sample() -> list[list[str]]:
    rng = np.random.default_rng(SEED)
    rows: list[list[str]] = []
    number = 0
    while len(rows) < LINES:
        number += 1
        rows += _visit(rng, number)
    return rows[:LINES]


def template() -> pd.DataFrame:
    """A file to fill in: the header and two visits."""
    return pd.DataFrame(
        [
            ["V1", "2026-03-02", "98941", "", "1", "AT", "cervical|thoracic|lumbar", "Medicare",
             "Clinician A", "11"],
            ["V2", "2026-03-02", "97110", "20", "1", "GP", "lumbar", "VA", "Clinician B", "11"],
            ["V2", "2026-03-02", "97112", "20", "2", "GP", "cervical", "VA", "Clinician B", "11"],
        ],
        columns=HEADER,
        dtype=str,
    )  # fmt: skip


def _visit(rng: np.random.Generator, number: int) -> list[list[str]]:
    """The services of one visit: an adjustment, mostly, and up to three others."""
    day = FIRST_DAY + timedelta(days=int(rng.integers(DAYS)))
    payer = str(rng.choice(PAYERS, p=PAYER_SHARES))
    clinician = str(rng.choice(CLINICIANS))

    def faulty(name: str) -> bool:
        return bool(rng.random() < FAULTS[name])

    services: list[tuple[str, int | None, int, str, str]] = []
    adjusted: list[str] = []
    if rng.random() < 0.9:
        code = str(rng.choice(list(ADJUSTMENTS), p=ADJUSTMENT_SHARES))
        adjusted = [str(name) for name in rng.choice(REGIONS, ADJUSTMENTS[code], replace=False)]
        modifier = "AT" if payer == "Medicare" and not faulty("no AT") else ""
        services.append((code, None, 1, modifier, "|".join(adjusted)))
    timed = [str(code) for code in rng.choice(TIMED, rng.integers(0, 3), False, TIMED_SHARES)]
    minutes = [int(value) for value in rng.integers(8, 31, len(timed))]
    rule = "cpt" if payer == "Commercial, AMA rule" else "cms"
    supported = assign_units([1] * len(timed), minutes, rule).tolist() if timed else []
    free = [name for name in REGIONS if name not in adjusted]
    for code, time, units in zip(timed, minutes, supported, strict=True):
        count = units + faulty("one unit too many")
        if count == units and units and faulty("one unit too few"):
            count -= 1
        if not count:
            continue  # documented, not billed
        words = ["GP"] if payer in ("Medicare", "VA") else []
        region = str(rng.choice(free)) if free and not faulty("no region") else ""
        if region and adjusted and code in ("97112", "97140"):
            words.append("59")
        elif payer == "Medicare" and rng.random() < 0.5:
            words.append("GY")
        shown = None if faulty("no minutes") else time
        services.append((code, shown, count, " ".join(words), region))
    if rng.random() < 0.35:
        estim = "G0283" if payer == "Medicare" else "97014"
        count = 2 if faulty("two of an untimed one") else 1
        services.append((estim, None, count, "GP" if payer in ("Medicare", "VA") else "", ""))
    if rng.random() < 0.05:
        services.append(("99213", None, 1, "25" if rng.random() < 0.7 else "", ""))
    assert {code for code, *_ in services} <= code_arrays().names
    return [
        [f"V{number:04}", str(day), code, "" if time is None else str(time), str(count), modifiers,
         region, payer, clinician, "11"]
        for code, time, count, modifiers, region in services
    ]  # fmt: skip
