"""The table of codes and RVUs: `codes.csv`, beside `app.py`, which a clinic may open and edit."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Annotated, Any, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from chirocalc.checked import checked, having, known
from chirocalc.errors import Problem

from .books import kept
from .columns import CMS_COLUMNS, CODE, PART
from .schema import DATE, MINUTES, NAME, TEXT, Column, check_known, one_of
from .table import Listing, Table

THERAPY = "5"  # the multiple procedure indicator of always-therapy services (cpm-5-10.7)

PARTS = {"": "", "26": ", reading only", "TC": ", films only"}

# A code that the file does not have, such as a brace, is in no status and has no RVUs.
_UNLISTED = ("status", "global_days")

_PARENTS = Column(r"[0-9A-Z]{5}(\|[0-9A-Z]{5})*", "must be codes with | between", empty=True)

RVU_COLUMNS = ["work_rvu", "pe_rvu_office", "pe_rvu_facility", "mp_rvu"]


def _key(frame: pd.DataFrame) -> pd.Index:
    dash = np.where(frame["modifier"] == "", "", "-")
    return pd.Index(frame["code"] + dash + frame["modifier"], name="key")


def _code_faults(frame: pd.DataFrame, file: str) -> list[Problem]:
    """What no single column shows: twins, half-filled RVUs, clocks without minutes."""
    known = set(frame["code"])
    whole = set(frame.loc[frame["modifier"] == "", "code"])
    first_row: dict[tuple[str, str], int] = {}
    problems = []
    for row, line in zip(frame.index, frame.to_dict("records"), strict=True):

        def fault(column: str, allowed: str, row: int = row, line: dict = line) -> None:  # type: ignore[type-arg]
            problems.append(Problem(file, row, column, line[column], allowed))

        twin = first_row.setdefault((line["code"], line["modifier"]), row)
        if twin != row:
            fault("code", f"already stands in row {twin} with the same modifier")
        if line["code"] not in whole:
            fault("code", "has a row for a component but none for the whole service")
        filled = sum(not pd.isna(line[column]) for column in RVU_COLUMNS)
        if filled not in (0, len(RVU_COLUMNS)):
            fault("work_rvu", "stands in a row where some RVUs are filled and some are not")
        if line["status"] == "" and filled:
            fault("status", "must say how CMS pays where there are RVUs")
        if line["time_rule"] == "level" and pd.isna(line["from_minutes"]):
            fault("from_minutes", "needs the minutes that the level asks for")
        if line["time_rule"] in ("timed15", "clock") and (
            pd.isna(line["unit_minutes"]) or pd.isna(line["from_minutes"])
        ):
            fault("unit_minutes", f"needs minutes, and from_minutes too, for {line['time_rule']}")
        elif line["time_rule"] == "timed15" and line["unit_minutes"] != 15:
            fault("unit_minutes", "must be 15 for timed15; use clock for other lengths")
        elif line["time_rule"] == "timed15" and line["from_minutes"] != 8:
            fault("from_minutes", "must be 8 for timed15; use clock for other limits")
        if line["time_rule"] == "clock" and (not line["repeats"] or line["unit_minutes"] == 0):
            fault("repeats", "must say once or each, with unit_minutes above 0, for clock")
        for parent in filter(None, line["parent"].split("|")):
            if parent not in known:
                fault("parent", f"names {parent}, which is not in this file")
    return problems


codes = Table(
    "codes.csv",
    'The codes and RVUs, one row per code and component, by key: "72100", "72100-26"; RVUs are '
    "missing where the code has none (rvu26, ncci-mue).",
    {
        "code": CODE,
        "modifier": PART,
        "name": NAME,
        "short": NAME,
        "synonyms": TEXT,
        "category": NAME,
        "time_rule": one_of("timed15", "clock", "untimed", "counted", "level"),
        "unit_minutes": MINUTES,
        "from_minutes": MINUTES,
        "to_minutes": MINUTES,
        "repeats": one_of("once", "each", empty=True),
        "parent": _PARENTS,
        **CMS_COLUMNS,
        **{name: replace(CMS_COLUMNS[name], empty=True) for name in _UNLISTED},
        "mue": Column(r"[0-9]{1,4}", "must be a whole number, or empty", "integer", empty=True),
        "mai": Column("[123]", "must be 1, 2, 3 or empty", "integer", empty=True),
        "release": NAME,
        "effective_from": DATE,
        "effective_to": DATE,
        "confirmed": TEXT,
        "quick": Column(r"[0-9]{1,2}", "must be the chip's place, or empty", "integer", empty=True),
    },
    key=_key,
    faults=_code_faults,
    listings=(
        Listing(
            "Codes and RVUs",
            kind="rvus",
            also=("earlier_rvus.csv",),
            checked="CMS's files, value by value; of 2026 status and totals equal the October file "
            "for 107 codes",
            sure="P",
            source="pfs-formula",
        ),
        Listing(
            "Maximum units (MUE)",
            kind="limits",
            checked="CMS's table of 2026 Q2; 18 codes equal in Q3 and Q4",
            sure="P",
            source="ncci-mue",
        ),
    ),
)


Key = Annotated[str, known("code of codes.csv", lambda: codes().index)]  # "72100", "72100-26"


@kept
@checked
def record(key: Key) -> pd.Series:
    """One row of `codes()`. Raises `InputError` for a key that is not there."""
    return codes().loc[key]


def check_key(where: str, key: str) -> None:
    """Raise `InputError` with the nearest codes when a key is not in the table."""
    check_known(where, "code", key, codes().index)


@checked
def full_name(row: Annotated[pd.Series, having("name", "modifier")]) -> str:
    """The name of a row of `codes()`: of a part of a service, with which part it is."""
    return str(row["name"]) + PARTS[row["modifier"]]


@dataclass(frozen=True, slots=True, eq=False)  # one object a row, told apart fast
class Code:
    """One row of `codes()` as a record, for rules on one visit. Minutes and limits that the row
    leaves empty are None."""

    at: int  # its row in `codes()`
    key: str  # "72100", or "72100-26" for a part of it
    code: str
    part: str  # "26", "TC" or ""
    name: str
    short: str
    synonyms: tuple[str, ...]
    category: str
    time_rule: str
    unit_minutes: int | None
    from_minutes: int | None
    to_minutes: int | None
    once: bool
    parents: tuple[str, ...]  # the primaries an add-on needs, its own clock's first
    status: str
    therapy: bool  # an always-therapy service, which the MPPR counts (cpm-5-10.7)
    mue: int | None
    mai: int | None

    @property
    def full_name(self) -> str:
        """Its name; of a part of a service, with which part it is."""
        return self.name + PARTS[self.part]


@kept
def records() -> dict[str, Code]:
    """Every row of `codes()` by its key, in the table's order. Raises `InputError` as it does."""

    def whole(value: Any) -> int | None:
        return None if pd.isna(value) else int(value)

    def split(text: str) -> tuple[str, ...]:
        return tuple(part for part in text.split("|") if part)

    return {
        str(key): Code(
            at,
            str(key),
            row["code"],
            row["modifier"],
            row["name"],
            row["short"],
            split(row["synonyms"]),
            row["category"],
            row["time_rule"],
            whole(row["unit_minutes"]),
            whole(row["from_minutes"]),
            whole(row["to_minutes"]),
            row["repeats"] == "once",
            split(row["parent"]),
            row["status"],
            row["multiple_procedure"] == THERAPY,
            whole(row["mue"]),
            whole(row["mai"]),
        )
        for at, (key, row) in enumerate(codes().to_dict("index").items())
    }


@kept
def code_list() -> list[Code]:
    """`records()` by their place."""
    return list(records().values())


class CodeArrays(NamedTuple):
    """The code table as arrays, one value per row of `codes()`, for work on many lines."""

    row: dict[str, int]  # which row a key ("72100", "72100-26") stands in
    code: NDArray[np.object_]
    names: frozenset[str]  # every code, without parts
    timed: NDArray[np.bool_]  # pooled 15-minute services
    counted: NDArray[np.bool_]
    clock: NDArray[np.bool_]
    unit_minutes: NDArray[np.int64]
    from_minutes: NDArray[np.int64]
    to_minutes: NDArray[np.int64]  # the largest integer where there is no end
    once: NDArray[np.bool_]
    parents: list[list[int]]  # rows of the primaries an add-on needs, its own clock's first
    clock_child: NDArray[np.int64]  # the add-on whose first primary this is, or -1
    therapy: NDArray[np.bool_]  # always-therapy services, which the MPPR counts
    mue: NDArray[np.int64]  # 0 where there is none
    mai: NDArray[np.int64]


@kept
def code_arrays() -> CodeArrays:
    """`codes()` as arrays. Raises `InputError` as it does."""
    frame = codes()
    row = {str(key): at for at, key in enumerate(frame.index)}
    rule = frame["time_rule"].to_numpy(object)
    parents = [[row[p] for p in text.split("|") if p] for text in frame["parent"]]

    clock_child = np.full(len(frame), -1, np.int64)
    for at in np.flatnonzero(rule == "clock"):
        if parents[at]:
            clock_child[parents[at][0]] = at

    def whole(column: str, empty: int) -> NDArray[np.int64]:
        return np.asarray(frame[column].fillna(empty), np.int64)

    return CodeArrays(
        row=row,
        code=frame["code"].to_numpy(object),
        names=frozenset(frame["code"]),
        timed=rule == "timed15",
        counted=rule == "counted",
        clock=rule == "clock",
        unit_minutes=whole("unit_minutes", 0),
        from_minutes=whole("from_minutes", 0),
        to_minutes=whole("to_minutes", np.iinfo(np.int64).max),
        once=(frame["repeats"] == "once").to_numpy(np.bool_),
        parents=parents,
        clock_child=clock_child,
        therapy=(frame["multiple_procedure"] == THERAPY).to_numpy(np.bool_),
        mue=whole("mue", 0),
        mai=whole("mai", 0),
    )
