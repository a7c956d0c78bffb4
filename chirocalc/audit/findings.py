"""What an audit finds: units against minutes, and the hints on the lines as billed."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

import numpy as np
from numpy.typing import NDArray

from chirocalc import tables
from chirocalc.arrays import Bools, Ints, numbered, texts
from chirocalc.rules import Finding, Found, Lines, Worth

from .billed import Compared, Stakes
from .totals import AT_STAKE, Listed

OF_WHOLE_VISITS = ("addon", "short-units")  # hints on what a visit has not, or has in all


def all_findings(
    lines: Lines,
    compared: Compared,
    worth: Worth,
    stakes: Stakes,
    found: Found,
    fields: Collection[str] | None,
) -> Listed:
    """All findings in the order of the lines: on units first, then the hints as they stand.
    `fields`: those that the file has, None for all; that minutes are missing is said of lines in a
    file that has some, and that modifiers are the same in one that has these."""
    known = {"minutes", "modifiers"} if fields is None else set(fields)
    has_minutes = "minutes" in known or {"begin", "end"} <= known
    silent = set() if has_minutes else {"missing-minutes"}
    silent |= set() if "modifiers" in known else {"two-lines"}
    of_units = _unit_findings(lines, compared, stakes, silent)
    of_hints = _hint_findings(lines, worth, found, compared.billed.partial)
    findings = [*of_units.findings, *of_hints.findings]
    which = np.concatenate([of_units.which, of_hints.which + len(of_units.findings)])
    line, of_visit, dollars, rvus = (
        np.concatenate([getattr(of_units, name), getattr(of_hints, name)])
        for name in ("line", "of_visit", "dollars", "rvus")
    )
    order = np.argsort(line, kind="stable")
    return Listed(findings, which[order], line[order], of_visit[order], dollars[order], rvus[order])


def _unit_findings(
    lines: Lines, compared: Compared, stakes: Stakes, silent: Collection[str]
) -> Listed:
    """Units billed beside those the minutes support, timed lines without minutes, and timed codes
    on two lines; but for the `silent` rules."""
    more, supported = compared.difference, compared.supported
    timed = tables.code_arrays().timed[lines.key]
    which_rule = {
        "units-over": (more > 0) & (supported > 0),
        "units-zero": (more > 0) & (supported == 0),
        "units-under": more < 0,
        "missing-minutes": compared.missing,
        "two-lines": compared.billed.twice & timed,
    }
    findings: list[Finding] = []
    which, line, dollars, rvus = [], [], [], []
    for rule, holds in which_rule.items():
        at = np.flatnonzero(holds & (rule not in silent))
        number, first = _alike(lines, compared, at)
        which.append(number + len(findings))
        findings += [_in_words(rule, lines, compared, int(one)) for one in at[first]]
        line.append(at)
        nothing = not rule.startswith("units-")
        dollars.append(np.zeros(len(at)) if nothing else stakes.dollars[at])
        rvus.append(np.zeros(len(at)) if nothing else stakes.rvus[at])
    at = np.concatenate(line)
    return Listed(
        findings,
        np.concatenate(which),
        at,
        np.zeros(len(at), np.bool_),
        _to_cents(np.concatenate(dollars)),
        _to_cents(np.concatenate(rvus)),
    )


def _alike(lines: Lines, compared: Compared, at: Ints) -> tuple[Ints, Ints]:
    """A number for each of these lines of which the same is said, and the first of each."""
    number = lines.key[at]
    counted = compared.counted
    for values in (
        lines.minutes, counted.units_cms, counted.units_cpt, compared.used, compared.supported
    ):  # fmt: skip
        said = values[at]
        number = numbered(number * (int(said.max(initial=0)) + 1) + said)[0]
    return numbered(number)


@tables.kept
def _rules() -> dict[str, dict[str, str]]:
    """The findings an audit adds to the hints, by rule."""
    rules: dict[str, dict[str, str]] = tables.audit_rules().to_dict("index")
    return rules


def _in_words(rule: str, lines: Lines, compared: Compared, at: int) -> Finding:
    row, code = _rules()[rule], tables.code_list()[lines.key[at]].code
    text = row["text"].format(
        code=code,
        minutes=int(lines.minutes[at]),
        cms=int(compared.counted.units_cms[at]),
        cpt=int(compared.counted.units_cpt[at]),
        billed=int(compared.used[at]),
        supported=0 if compared.unclear[at] else int(compared.supported[at]),
    )
    return Finding(code, rule, row["level"], "", text, "", "", row["source"])


def _hint_findings(lines: Lines, worth: Worth, found: Found, partial: Bools) -> Listed:
    """The hints on the lines as billed, each with what the line is worth. One about the visit as a
    whole stands at its first line, and puts nothing at stake."""
    of_visit = found.line < 0
    first_of_visit = numbered(lines.visit)[1]
    line = np.where(of_visit, first_of_visit[found.visit], found.line)
    at_stake = np.array([each.level in AT_STAKE for each in found.findings], np.bool_)
    blind = np.array([each.rule in OF_WHOLE_VISITS for each in found.findings], np.bool_)
    stake = at_stake[found.which] & ~of_visit & worth.covered[line]
    dollars, rvus = worth.dollars(), worth.rvus(worth.total)
    keep = ~(blind[found.which] & partial[line])
    return Listed(
        found.findings,
        found.which[keep],
        line[keep],
        of_visit[keep],
        _to_cents(np.where(stake, dollars[line], 0.0))[keep],
        _to_cents(np.where(stake, rvus[line], 0.0))[keep],
    )


def _to_cents(values: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.asarray(np.round(np.nan_to_num(values), 2))


def suggested(listed: Listed, lines: int) -> Any:
    """The modifiers that hints suggest for each line, none of them confirmed."""
    words = [each.modifier.replace("|", " or ") for each in listed.findings]
    offers = np.flatnonzero(np.array([word != "" for word in words], np.bool_)[listed.which])
    offer = np.array([words.index(word) for word in words], np.int64)  # the same word, once
    line, said = listed.line[offers], offer[listed.which[offers]]
    first = numbered(line * len(words) + said)[1]
    line, said = line[first], said[first]
    # What each line is offered, as a number that grows offer by offer; a line has few.
    number, texts_of = np.zeros(lines, np.int64), [""]
    place = _place_within(line)
    for at in range(int(place.max(initial=-1)) + 1):
        here = place == at
        both, firsts = numbered(number[line[here]] * len(words) + said[here])
        before, after = number[line[here]][firsts].tolist(), said[here][firsts].tolist()
        number[line[here]] = both + len(texts_of)
        texts_of += [
            f"{texts_of[old]}, {words[new]}" if old else words[new]
            for old, new in zip(before, after, strict=True)
        ]
    return texts(texts_of, number)


def _place_within(line: Ints) -> Ints:
    """For each of some lines, in order, how many of the same stand before it."""
    begins = np.flatnonzero(np.diff(line, prepend=-1))
    lengths = np.diff(begins, append=len(line))
    return np.arange(len(line)) - np.repeat(begins, lengths)
