"""Visits as practices bill them: drawn, the same at every call."""

import numpy as np
import pandas as pd

LINES_EACH = 4
AT_ONCE = 50_000  # visits drawn and written at a time
HEADER = ["Visit", "Date", "CPT", "Minutes", "Units", "Modifiers", "Region", "Payer", "Provider"]
# As practices bill: an adjustment, timed services, an untimed one.
TIMED = np.array(["97110", "97112", "97140", "97530", "97035"])
PAYERS = np.array(["medicare", "commercial-total-time", "commercial-midpoint", "va", "self-pay"])
MEDICARE = 0


def some_visits(first: int, count: int) -> pd.DataFrame:
    """Visits of four lines each, most of them billed right, the same at every call."""
    random = np.random.default_rng(first)
    lines = count * LINES_EACH
    place = np.tile(np.arange(LINES_EACH), count)
    picks = random.random((count, len(TIMED))).argsort(axis=1)[:, :LINES_EACH]
    payer = np.repeat(random.integers(0, len(PAYERS), count), LINES_EACH)
    minutes = random.integers(8, 31, lines)
    units = (minutes + 7) // 15 + (random.random(lines) < 0.1)
    adjusts = place == 0
    untimed = (place == LINES_EACH - 1) & np.repeat(random.random(count) < 0.5, LINES_EACH)
    timed = ~adjusts & ~untimed
    code = np.where(adjusts, "98941", np.where(untimed, "97014", TIMED[picks.ravel()]))
    day = np.repeat(random.integers(1, 29, count), LINES_EACH)
    shown = timed & (random.random(lines) >= 0.03)
    words = np.where(adjusts, np.where(payer == MEDICARE, "AT", ""), "GP")
    return pd.DataFrame(
        {
            "Visit": np.repeat(np.arange(first, first + count), LINES_EACH),
            "Date": np.array([f"2026-03-{number:02}" for number in range(29)])[day],
            "CPT": code,
            "Minutes": np.where(shown, minutes.astype(str), ""),
            "Units": np.where(timed, units, 1),
            "Modifiers": words,
            "Region": np.where(adjusts, "cervical|thoracic|lumbar", "pelvic"),
            "Payer": PAYERS[payer],
            "Provider": "Clinician A",
        },
        columns=HEADER,
    )
