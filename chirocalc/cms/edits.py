"""Code pairs and maximum units: what a quarter's tables change."""

from __future__ import annotations

import pandas as pd

from chirocalc.tables import kept, pair_kinds

from .held import Change, Tables, note_release, refuse_lost, refuse_older
from .releases import Release, file_error


def renew_pairs(tables: Tables, parts: list[Release]) -> tuple[list[Change], list[str]]:
    """The pairs among our codes that a quarter's files hold, for those that they cover.

    A file covers a pair when it has pairs of the same first code; of the first and last code of a
    file another part may hold the rest, so their pairs that are not in it stay.
    """
    release, table, codes = parts[0], tables["pairs"], set(tables["codes"]["code"])
    if len({part.label for part in parts}) > 1:
        said = "and " + ", ".join(f"{part.file} {part.label}" for part in parts[1:])
        raise file_error(
            release.file, f"is of {release.label}, {said}: they must be of one quarter"
        )
    rules = tables["codes"].drop_duplicates("code").set_index("code")["time_rule"]
    found: dict[tuple[str, str], dict[str, str]] = {}
    covered: set[str] = set()
    begin = release.effective_from.replace("-", "")
    for part in parts:
        firsts = part.table["column1"]
        covered |= set(firsts) - {firsts.iloc[0], firsts.iloc[-1]}
        ours = part.table[firsts.isin(codes) & part.table["column2"].isin(codes)]
        lasting = ours["deletion"].isin(["", "*"]) | (ours["deletion"] >= begin)
        ours = ours[lasting & (ours["modifier_indicator"] != "9")]
        for row, line in zip(ours.index, ours.to_dict("records"), strict=True):
            pair = (line["column1"], line["column2"])
            one = line["modifier_indicator"]
            if pair in found and found[pair]["modifier_indicator"] != one:
                said = f"has {' and '.join(pair)} in row {row} with another modifier indicator too"
                raise file_error(part.file, said)
            found[pair] = {
                "column1": pair[0], "column2": pair[1], "modifier_indicator": one,
                **kind_of(*pair, one, rules), "rationale": line["rationale"],
                "vintage": release.label, "source": "ncci-ptp",
            }  # fmt: skip
    old = {(row["column1"], row["column2"]): row for row in table.to_dict("records")}
    kept = {pair: row for pair, row in old.items() if pair not in found and pair[0] not in covered}
    newer = sorted({row["vintage"] for pair, row in old.items() if pair not in kept})
    if newer and newer[-1] > release.label:
        raise file_error(release.file, f"is of {release.label}, and the tables hold {newer[-1]}")
    changes: list[Change] = []
    for pair in sorted(old.keys() | found.keys()):
        before, after = old.get(pair), found.get(pair, kept.get(pair))
        if not before or not after:
            was, now = (row["modifier_indicator"] if row else "" for row in (before, after))
            changes.append(("pairs", " ".join(pair), "modifier_indicator", was, now))
            continue
        changes += [
            ("pairs", " ".join(pair), column, before[column], after[column])
            for column in ("modifier_indicator", "kind", "on", "rationale")
            if before[column] != after[column]
        ]
    rows = [row for _, row in sorted((kept | found).items())]
    tables["pairs"] = pd.DataFrame(rows, columns=list(table.columns), dtype=str)
    count = tables["pairs"]["vintage"].value_counts()
    note_release(tables, release, int(count.get(release.label, 0)), release.effective_from)
    noted = tables["releases"]
    ours = noted["table"] == "pairs"
    noted = noted.assign(
        rows=noted["rows"].mask(ours, noted["release"].map(count).fillna(0).astype(int).astype(str))
    )
    tables["releases"] = noted[~ours | (noted["rows"] != "0")].reset_index(drop=True)
    notes = [f"{len(kept)} pairs that the files do not cover stay as they were"] if kept else []
    return changes, notes


def kind_of(column1: str, column2: str, indicator: str, time_rule: pd.Series) -> dict[str, str]:
    """The reason a pair has and the column whose line says it: the first row of pair_kinds."""
    for rule in _kind_rules():
        if rule["modifier_indicator"] not in ("", indicator):
            continue
        if rule["time_rule"] and any(
            time_rule[code] != rule["time_rule"] for code in (column1, column2)
        ):
            continue
        ways = [(column1, column2), (column2, column1)]
        if rule["one_in"]:
            ways = ways[int(rule["one_in"]) - 1 :][:1]
        if any(_named(rule["one"], a) and _named(rule["other"], b) for a, b in ways):
            return {"kind": rule["kind"], "on": rule["on"]}
    raise file_error("pair_kinds.csv", f"has no row that fits {column1} and {column2}")


@kept
def _kind_rules() -> list[dict[str, str]]:
    return list(pair_kinds().to_dict("records"))


def _named(codes: str, code: str) -> bool:
    """Whether a list of codes and ranges names a code; an empty one names all."""
    spans = (word.partition("-") for word in codes.split())
    return not codes or any(first <= code <= (last or first) for first, _, last in spans)


def renew_limits(tables: Tables, release: Release) -> list[Change]:
    """The maximum units of our codes; empty for a code that CMS's table does not have."""
    refuse_older(tables, release)
    codes = tables["codes"]
    given = release.table.set_index("code")
    changes: list[Change] = []
    for column in ("mue", "mai"):
        new = codes["code"].map(given[column]).fillna("").astype(str)
        differ = codes[codes[column] != new].index
        changes += [
            ("codes", codes.at[at, "code"], column, codes.at[at, column], new[at])
            for at in differ
            if not codes.at[at, "modifier"]
        ]
        lost = int(((codes[column] != "") & (new == "")).sum())
        refuse_lost(release, lost, int((codes[column] != "").sum()), "codes")
        codes = codes.assign(**{column: new})
    tables["codes"] = codes
    with_limit = codes.loc[codes["mue"] != "", "code"].nunique()
    note_release(tables, release, with_limit, release.effective_from)
    return changes
