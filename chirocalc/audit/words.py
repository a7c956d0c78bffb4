"""An audit in words and small tables: what a screen, a sheet and the command line say of it."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date
from typing import Annotated, Literal, NamedTuple

import numpy as np
import pandas as pd

from chirocalc import tables
from chirocalc.checked import checked, choice, having
from chirocalc.rules import RULE_NAMES, Settings
from chirocalc.words import count, money
from chirocalc.words import listed as listed_words

from .columns import FIELDS, Columns
from .totals import LEVELS, Totals

MOST_LETTERS = 40  # of a word of the file that was not known

MIRROR = (
    "A benchmark is a mirror, not a target: it shows what others billed, not what is right for "
    "your patients."
)


@checked
def sentences(totals: Totals) -> list[str]:
    """What was read and what is at stake, one sentence each."""
    stake = totals.at_stake
    fix, needs, check = (money(stake[level] / 100) for level in ("fix", "needs", "check"))
    gravest = f"Lines that would be denied or are not allowed: {fix}; that lack a modifier or a "
    gravest += f"fact: {needs}; to check: {check}. "
    read, *unknown = reading(totals)
    return [
        read,
        f"Billed above what the minutes support: {money(stake['over'] / 100)}.",
        f"Billed below it: {money(-stake['under'] / 100)}. Bill only what was done and documented.",
        gravest + "Each line counts once.",
        *unknown,
        *both_answers(totals),
    ]


# What was not judged where the file lacks a field: what it is called, and what follows.
LACKING = {
    "minutes": ("minutes", "units were not judged against minutes"),
    "units": ("units", "there are none to compare"),
    "modifiers": ("modifiers", "modifiers were not judged"),
    "region": ("regions", "regions were not judged"),
    "date": ("the date", "all lines go by {year} rates"),
}

# What the settings say in its place.
SET = {
    "payer": ("the payer", "all lines are judged as {payer}"),
    "discipline": ("who treats", "all lines are judged as by a {provider}"),
    "place": ("the place", "all lines are priced for {place}"),
}

MOST_PAYERS, MOST_UNKNOWN = 4, 5  # payers, and other words, that are said by name

# What minutes may be that are the same on all timed lines of a visit.
WAYS = {"line": "Each line's own", "visit": "The visit's total"}

ALIKE = 0.9  # of visits: then the same minutes on each line may be the visit's


@checked
def in_a_line(totals: Totals, columns: Columns) -> str:
    """What was read, in a line: lines, visits, days, payers, and what the file has not."""
    said = [count(totals.rows["lines"], "line"), count(totals.rows["visits"], "visit")]
    said += filter(None, [span(*totals.days)])
    names = tables.payers()["name"]
    said += [
        f"{names.get(payer, payer)} {visits:,}"
        for payer, visits in totals.payers.most_common(MOST_PAYERS)
    ]
    if (more := len(totals.payers) - MOST_PAYERS) > 0:
        said.append(f"{count(more, 'payer')} more")
    lacking = [
        LACKING[name][0].removeprefix("the ")
        for name in ("minutes", "units", "modifiers", "date")
        if lacks(name, columns)
    ]
    words = [", ".join(said)]
    if "minutes" not in columns and not lacks("minutes", columns):
        words.append("minutes counted from start to end time")
    if lacking:
        words.append(f"{listed_words(lacking)} not in the file")
    return "; ".join(words)


@checked
def lacks(name: str, columns: Columns) -> bool:
    """Whether a file has a field in no column."""
    if name == "minutes" and {"begin", "end"} <= columns.keys():
        return False
    return name not in columns


@checked
def not_judged(columns: Columns, settings: Settings) -> list[str]:
    """What the file does not say, and what therefore was not judged, one sentence each."""
    return _lacking(LACKING, columns, settings)


@checked
def set_instead(columns: Columns, settings: Settings) -> list[str]:
    """What the file does not say and the settings do, one sentence each."""
    return _lacking(SET, columns, settings)


def _lacking(fields: dict[str, tuple[str, str]], columns: Columns, settings: Settings) -> list[str]:
    said = {
        "year": settings.period.name,
        "payer": tables.payers().at[settings.payer, "name"],
        "provider": TREATS[settings.provider],
        "place": PLACES[settings.place],
    }
    return [
        f"No column for {name}: {words.format(**said)}."
        for field, (name, words) in fields.items()
        if lacks(field, columns)
    ]


TREATS = {
    "chiropractor": "chiropractor",
    "pt": "physical therapist",
    "ot": "occupational therapist",
}

PLACES = {"office": "an office", "facility": "a facility"}


@checked
def found_in(columns: Columns) -> list[str]:
    """Which field was found in which column, in a sentence."""
    said = [f"{FIELDS[name]} from {', '.join(of)}" for name, of in columns.items()]
    return [f"Read: {'; '.join(said)}."]


@checked
def span(first: tables.Day | Literal[""], last: tables.Day | Literal[""]) -> str:
    """The months of some days: "March 2026", "March to May 2026"; "" where none is said."""
    if not first or not last:
        return ""
    one, other = (date.fromisoformat(day) for day in (first, last))
    if (one.year, one.month) == (other.year, other.month):
        return f"{one:%B %Y}"
    begin = f"{one:%B}" if one.year == other.year else f"{one:%B %Y}"
    return f"{begin} to {other:%B %Y}"


@checked
def reading(totals: Totals) -> list[str]:
    """What was read and what was not understood, one sentence each."""
    rows = totals.rows
    passed = sum(totals.passed.values())
    read = f"{count(rows['used'] + rows['refused'] + passed, 'row')} read: {rows['used']:,} used, "
    words = [read + f"{rows['refused']:,} refused; {count(rows['visits'], 'visit')}."]
    if passed:
        kinds = listed_words(f"{kind} {times:,}" for kind, times in totals.passed.most_common())
        words.append(f"{count(passed, 'row')} passed over as no services: {kinds}.")
    if rows["incomplete"]:
        words.append(
            f"Visits with rows that were refused: {rows['incomplete']:,}. Their units were not "
            "compared."
        )
    return words + _unknown(totals)


@checked
def payers_not_known(totals: Totals) -> list[str]:
    """Payers by the names of the file that are not known, in a sentence."""
    named = totals.unknown.most_common()
    payers = [(word, times) for (name, word), times in named if name == "payer"]
    if not payers:
        return []
    said = [f"{_cut(word)} {times:,}" for word, times in payers[:MOST_PAYERS]]
    said += [f"{len(payers) - MOST_PAYERS:,} more"] if len(payers) > MOST_PAYERS else []
    about = f"Payers not known, with their lines: {listed_words(said)}. "
    return [f"{about}Only what holds at any commercial payer was judged."]


def _unknown(totals: Totals) -> list[str]:
    """Words of the file that are not known, payers together."""
    words = [
        f"{FIELDS[name]} not known, taken as not given: '{_cut(word)}' ({count(times, 'row')})."
        for (name, word), times in totals.unknown.most_common()
        if name != "payer"
    ]
    return [*payers_not_known(totals), *words[:MOST_UNKNOWN]]


@checked
def minutes_question(totals: Totals) -> str:
    """Asks whether minutes are each line's own, where nearly all visits with several timed lines
    have the same on each and it makes a difference; "" else. Both meanings are said."""
    of = totals.minutes
    if not of["days"] or of["same"] < ALIKE * of["days"]:
        return ""
    if all(of[f"{name} line units"] == of[f"{name} visit units"] for name in ("over", "under")):
        return ""
    return (
        f"{of['same']:,} of {count(of['days'], 'visit')} with several timed lines have the same "
        "minutes on each. Whose are they?"
    )


@checked
def both_answers(totals: Totals) -> list[str]:
    """The question, and what either answer comes to, one sentence each; nothing where it is not
    asked."""
    question = minutes_question(totals)
    said = [f"{name}: {way_words(totals, way)}" for way, name in WAYS.items()]
    return [question, *said] if question else []


@checked
def way_words(totals: Totals, way: Annotated[str, choice(*WAYS)]) -> str:
    """What is billed above and below the minutes, where those are each "line"'s own, or the
    "visit"'s."""
    of = totals.minutes
    said = []
    for side, word in (("over", "many"), ("under", "few")):
        dollars = money(abs(of[f"{side} {way}"]) / 100)
        said.append(f"{count(of[f'{side} {way} units'], 'unit')} too {word} ({dollars})")
    return f"{', '.join(said)}."


@checked
def not_checked(totals: Totals) -> list[str]:
    """What could not be compared, one sentence each; without it nothing found would be no news."""
    of = count(totals.rows["lines"], "line")
    words = []
    if blind := totals.of_lines["blind"]:
        missing = "missing-minutes" in totals.by_rule.index.unique("rule")
        reasons = ["minutes are missing"] * missing
        reasons += ["rows of their visit were not read"] * bool(totals.rows["incomplete"])
        reason = " or ".join(reasons or ["none are given"])
        words.append(f"{blind:,} of {of} not checked against minutes: {reason}.")
    if bare := totals.of_lines["bare"]:
        words.append(f"{bare:,} of {of} without units billed: nothing to compare.")
    return words


@checked
def blind_spots(totals: Totals, columns: Columns, settings: Settings) -> list[str]:
    """All that could not be checked, one sentence each."""
    blind = not_checked(totals)
    # Of how many lines minutes are missing says more than that they are.
    fields = {name: said for name, said in LACKING.items() if not blind or name != "minutes"}
    return [*blind, *_lacking(fields, columns, settings), *payers_not_known(totals)]


@checked
def headline(totals: Totals, blind: bool) -> str:
    """The answer in a line; never that all is well where something could not be checked."""
    lines = count(totals.rows["lines"], "line")
    if not totals.rows["lines"]:
        return "Nothing to audit: no row could be used"
    if to_look_at := totals.of_lines["odd"]:
        return f"{to_look_at:,} of {lines} to look at"
    if blind:
        return f"Nothing found in what could be checked of {lines}"
    found = int(totals.by_rule["findings"].sum())
    remarks = f", {count(found, 'remark')}" if found else ""
    return f"Clean: {lines}, nothing to fix{remarks}"


class Group(NamedTuple):
    """The findings of one rule: its name, what to do about it, its gravest level, how many there
    are, and the cents at stake (minus where fewer units were billed)."""

    rule: str
    name: str
    to_do: str
    level: str
    findings: int
    cents: int


@checked
def by_dollars(totals: Totals, levels: Collection[str] = LEVELS) -> list[Group]:
    """The findings of these levels grouped by rule, the most dollars first."""
    names, groups, table = _rule_names(), dict[str, Group](), totals.by_rule
    rows = zip(table.index, table["findings"].tolist(), table["cents"].tolist(), strict=True)
    for (rule, level), findings, cents in sorted(rows, key=lambda row: LEVELS.index(row[0][1])):
        if level in levels:
            before = groups.get(rule) or Group(rule, *names[rule], level, 0, 0)
            groups[rule] = before._replace(
                findings=before.findings + findings, cents=before.cents + cents
            )
    return sorted(
        groups.values(),
        key=lambda each: (-abs(each.cents), LEVELS.index(each.level), -each.findings, each.rule),
    )


@tables.kept
def _rule_names() -> dict[str, tuple[str, str]]:
    """What each rule is called, and what to do about it."""
    table = tables.rule_names()
    return dict(zip(table.index, zip(table["name"], table["to_do"], strict=True), strict=True))


def _cut(word: str) -> str:
    return word if len(word) <= MOST_LETTERS else word[:MOST_LETTERS] + "…"


@checked
def listed(found: Annotated[pd.DataFrame, having("rule", "row", "dollars")]) -> str:
    """How many findings of a file there are, and what is at stake: above, below and else are never
    netted."""
    over = found["rule"].isin(["units-over", "units-zero"]).to_numpy()
    under = (found["rule"] == "units-under").to_numpy()
    dollars = found["dollars"].to_numpy()
    rest = ~over & ~under & (dollars != 0)
    once = np.unique(found["row"].to_numpy()[rest], return_index=True)[1]  # a line of the file
    stakes = {
        "too many units": dollars[over].sum(),
        "too few": -dollars[under].sum(),
        "other lines, each counted once,": dollars[rest][once].sum(),
    }
    words = [f"{name} {money(sum_)}" for name, sum_ in stakes.items() if sum_]
    return f"{count(len(found), 'finding')}: {'; '.join(words) or 'no money involved'}"


@checked
def by_rule(totals: Totals) -> pd.DataFrame:
    """Findings by rule, the gravest first: rule, level, findings, dollars, rvus."""
    table = totals.by_rule.reset_index()
    rank = table["level"].map({"fix": 0, "needs": 1, "check": 2, "note": 3})
    table = table.assign(rank=rank).sort_values(["rank", "findings"], ascending=[True, False])
    return pd.DataFrame(
        {
            "rule": table["rule"].map(tables.rule_names()["name"]),
            "level": table["level"],
            "findings": table["findings"],
            "dollars": table["cents"] / 100,
            "rvus": table["rvus"] / 100,
        }
    ).reset_index(drop=True)


@checked
def by_code(totals: Totals) -> pd.DataFrame:
    """Lines and units by code; minutes a unit of the lines with both minutes and billed units."""
    table = totals.by_code
    return pd.DataFrame(
        {
            "lines": table["lines"],
            "billed": table["billed"],
            "compared_billed": table["compared_billed"],
            "compared_supported": table["compared_supported"],
            "units_cms": table["units_cms"],
            "units_cpt": table["units_cpt"],
            "minutes_a_unit": (
                table["timed_minutes"] / table["timed_units"].where(table["timed_units"] > 0)
            ).round(1),
            "dollars": table["cents"] / 100,
        }
    )


@checked
def manipulation_mix(totals: Totals) -> pd.DataFrame:
    """Shares of the spinal manipulation codes in the file, and in Medicare (medicare-use)."""
    codes = list(tables.manipulation().query("kind == 'spinal'")["code"])
    own = totals.by_code["lines"].reindex(codes, fill_value=0)
    use = tables.medicare_use()
    use = use[use["code"].isin(codes)].pivot(index="code", columns="year", values="services")
    counts = {"This file": own, **{f"Medicare {year}": use[year] for year in use}}
    return pd.DataFrame(
        {name: values / values.sum() for name, values in counts.items() if values.sum()},
        index=codes,
    ).astype(float)


@checked
def summary(totals: Totals, settings: Settings, columns: Columns) -> str:
    """The audit as plain text: what was read from which column and what was not judged, on top."""
    payer = tables.payers().at[settings.payer, "name"]
    lines = [
        in_a_line(totals, columns),
        f"{payer}, {RULE_NAMES[settings.rule]}",
        *found_in(columns),
        *not_judged(columns, settings),
        *set_instead(columns, settings),
        *sentences(totals),
    ]
    for row in by_rule(totals).itertuples():
        lines.append(f"  {row.level:5}  {row.findings:>9,}  {money(row.dollars):>16}  {row.rule}")
    return "\n".join(lines)
