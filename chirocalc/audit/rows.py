"""Rows of text from a file of visits as lines for the engine; what cannot be used is refused.

Every row either becomes a line or is refused with its number, the value and the reason; words the
tables do not know (a payer, a place, a region) are counted and said, and taken as not given.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

import numpy as np
import pandas as pd

from chirocalc import tables
from chirocalc.rules import MOST_MINUTES

from .columns import Columns
from .files import BROKEN, Batch

MOST_UNITS = 999

# How a day is written, in full: pandas alone takes "now" and "202611" too.
DATE_FORMATS = {
    "%Y-%m-%d": r"[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}",
    "%m/%d/%Y": r"[0-9]{1,2}/[0-9]{1,2}/[0-9]{4}",
    "%m/%d/%y": r"[0-9]{1,2}/[0-9]{1,2}/[0-9]{2}",
    "%Y%m%d": r"[0-9]{8}",
    "%m-%d-%Y": r"[0-9]{1,2}-[0-9]{1,2}-[0-9]{4}",
    "%Y-%m-%d %H:%M:%S": r"[0-9]{4}-[0-9]{1,2}-[0-9]{1,2} [0-9]{1,2}:[0-9]{2}:[0-5][0-9]",
}

EARLIEST, LATEST = "1990-01-01", "2100-01-01"

REFUSED = ["row", "visit", "column", "value", "reason"]

LINES = [
    "row", "visit", "date", "code", "minutes", "billed", "modifiers", "region", "payer",
    "provider", "discipline", "place",
]  # fmt: skip


@dataclass
class Rows:
    """`lines`: one row per service, columns `LINES`: row number, visit, date ("2026-03-02" or ""),
    code, minutes and billed (missing where none were given), modifiers, region, and payer,
    discipline and place by the ids of `Settings` ("" where not given or not known), provider.
    `refused`: columns `REFUSED`, visit "" where it is not known. `unknown`: (field, word) not
    known, and in how many rows."""

    lines: pd.DataFrame
    refused: pd.DataFrame
    unknown: Counter[tuple[str, str]]


def read_rows(batch: Batch, columns: Columns) -> Rows:
    """The usable rows of a batch, and why the others are not."""
    text = {name: _column(batch.rows, columns.get(name, ())) for name in ALL_FIELDS}
    frame = pd.DataFrame(text, index=batch.rows.index)
    sieve = _Sieve(frame)
    sieve.refuse("row", (frame == "").all(axis=1), "is blank")
    broken = np.zeros(len(frame), np.bool_)
    for name in columns:
        broken |= frame[name].str.contains(BROKEN, regex=False).to_numpy(np.bool_)
    sieve.refuse("encoding", broken, "has characters that are not UTF-8: save as 'CSV UTF-8'")

    days = _days(frame["date"])
    sieve.refuse("date", (days == "") & (frame["date"] != ""), "must be a date such as 2026-01-31")
    if "visit" in columns:
        visit = frame["visit"]
        sieve.refuse("visit", visit == "", "must name the visit")
    else:
        visit = days + " " + frame["account"]
        for name in ("date", "account"):
            sieve.refuse(name, frame[name] == "", "is needed to tell visits apart")
    minutes = _whole(sieve, "minutes", MOST_MINUTES)
    billed = _whole(sieve, "units", MOST_UNITS)

    unknown: Counter[tuple[str, str]] = Counter()
    known = {name: _known(frame[name], name, unknown) for name in ("payer", "place", "discipline")}
    lines = pd.DataFrame(
        {
            "row": frame.index,
            "visit": visit,
            "date": days,
            "code": frame["code"].str.upper(),
            "minutes": minutes,
            "billed": billed,
            "modifiers": frame["modifiers"].str.upper(),
            "region": _regions(frame["region"], unknown),
            "payer": known["payer"],
            "provider": frame["provider"],
            "discipline": known["discipline"],
            "place": known["place"],
        },
        index=frame.index,
    )
    refused = sieve.table(batch.refused, visit)
    return Rows(lines[~sieve.out].reset_index(drop=True), refused, unknown)


ALL_FIELDS = (
    "visit", "date", "account", "code", "minutes", "units", "modifiers", "region", "payer",
    "provider", "discipline", "place",
)  # fmt: skip


class _Sieve:
    """Rows on their way out: each is refused once, for the first reason found."""

    def __init__(self, frame: pd.DataFrame) -> None:
        self.frame = frame
        self.out = np.zeros(len(frame), np.bool_)
        self._found: list[pd.DataFrame] = []

    def refuse(self, column: str, odd: pd.Series | np.ndarray, reason: str) -> None:
        fresh = np.asarray(odd, np.bool_) & ~self.out
        if not fresh.any():
            return
        rows = self.frame.index[fresh]
        value = self.frame.loc[rows, column] if column in self.frame else ""
        self._found.append(
            pd.DataFrame({"row": rows, "column": column, "value": value, "reason": reason})
        )
        self.out |= fresh

    def table(self, before: list[tuple[int, str, str]], visit: pd.Series) -> pd.DataFrame:
        """All refused rows, those refused while reading the file too, by row number."""
        unread = pd.DataFrame(
            [(row, "", "row", text[:200].rstrip("\r\n"), reason) for row, reason, text in before],
            columns=REFUSED,
        )
        found = [part.assign(visit=visit[part["row"]].to_numpy()) for part in self._found]
        parts = [part[REFUSED] for part in (unread, *found) if len(part)]
        if not parts:
            return unread
        return pd.concat(parts, ignore_index=True).sort_values("row", ignore_index=True)


def _column(rows: pd.DataFrame, columns: tuple[str, ...]) -> pd.Series:
    if not columns:
        return pd.Series("", index=rows.index, dtype=str)
    text = rows[columns[0]].str.strip()
    for more in columns[1:]:
        text = (text + " " + rows[more].str.strip()).str.strip()
    return text


def _whole(sieve: _Sieve, name: str, most: int) -> pd.Series:
    """Whole numbers from 0 on, missing where nothing is given."""
    text = sieve.frame[name]
    numbers = pd.to_numeric(text.where(text != "", None), errors="coerce")
    values = numbers.to_numpy(np.float64, na_value=np.nan)
    with np.errstate(invalid="ignore"):
        fits = (values >= 0) & (values <= most) & (values == np.floor(values))
    sieve.refuse(
        name, ~fits & (text != "").to_numpy(), f"must be a whole number from 0 to {most:,}"
    )
    return pd.Series(np.where(fits, values, np.nan), index=text.index)


def _days(text: pd.Series) -> pd.Series:
    """Days as "2026-01-31", "" where the text is none. Each distinct text is read once."""
    numbers, found = pd.factorize(text)
    words = pd.Series(found, dtype=str)
    days = pd.Series(pd.NaT, index=words.index, dtype="datetime64[s]")
    for form, pattern in DATE_FORMATS.items():
        fits = words.where(words.str.fullmatch(pattern), None)
        if fits.isna().all():
            continue
        read = pd.to_datetime(fits, format=form, errors="coerce")
        days = days.fillna(read.astype("datetime64[s]"))
    days = days.where((days >= EARLIEST) & (days < LATEST))
    written = days.dt.strftime("%Y-%m-%d").fillna("").to_numpy(object)
    return pd.Series(written[numbers], index=text.index, dtype=str)


@tables.kept
def _meanings(field: str) -> dict[str, str]:
    words = tables.file_words()
    words = words[words["field"] == field]
    known = dict(zip(words["word"], words["means"], strict=True))
    if field == "payer":
        names = tables.payers()["name"]
        known |= {str(name).lower(): str(key) for key, name in names.items()}
        known |= {str(key): str(key) for key in names.index}
    if field == "region":
        names = tables.regions()["name"]
        known |= {str(name).lower(): str(key) for key, name in names.items()}
        known |= {str(key): str(key) for key in names.index}
    return known


def _known(text: pd.Series, field: str, unknown: Counter[tuple[str, str]]) -> pd.Series:
    """The ids that the words of a file mean; "" for words that are not known, which are counted."""
    numbers, found = pd.factorize(text)
    known = _meanings(field)
    ids = [known.get(" ".join(str(word).lower().split()), "") for word in found]
    counts = np.bincount(numbers, minlength=len(found))
    for word, meant, count in zip(found, ids, counts, strict=True):
        if word and not meant:
            unknown[field, str(word)] += int(count)
    return pd.Series(np.array([*ids, ""], dtype=object)[numbers], index=text.index, dtype=str)


def _regions(text: pd.Series, unknown: Counter[tuple[str, str]]) -> pd.Series:
    """Region ids with | between; a cell with a word that is not known is taken as not given."""
    numbers, found = pd.factorize(text)
    known, out = _meanings("region"), []
    counts = np.bincount(numbers, minlength=len(found))
    for cell, count in zip(found, counts, strict=True):
        parts = str(cell).lower().replace(";", "|").replace(",", "|").replace("/", "|").split("|")
        words = [" ".join(part.split()) for part in parts if part.strip()]
        ids = [known.get(word, "") for word in words]
        if words and not all(ids):
            unknown["region", str(cell)] += int(count)
            ids = []
        out.append("|".join(dict.fromkeys(ids)))
    return pd.Series(np.array([*out, ""], dtype=object)[numbers], index=text.index, dtype=str)
