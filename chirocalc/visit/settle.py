"""What is to settle before a visit is billed: findings of one kind said once, the worst first."""

from __future__ import annotations

from typing import NamedTuple

from chirocalc.checked import checked
from chirocalc.rules import Answer, Finding
from chirocalc.words import listed

LEVELS = ("fix", "needs", "check", "note")  # from what would be denied to what is good to know

TO_SETTLE = LEVELS[:2]  # before these are settled a visit is not ready to bill


class Item(NamedTuple):
    """One thing to settle or to know, of the lines with these `codes`, none for the visit as a
    whole. `asks`: "phase", "abn", "region", "separate", or ""; `modifiers`: those that are offered,
    each one settles it, as `mend` does (see `hint_rules`); `drops`: what it takes off then."""

    rule: str
    level: str
    codes: tuple[str, ...]
    text: str
    detail: str
    source: str
    asks: str
    modifiers: tuple[str, ...]
    mend: str = ""
    drops: tuple[str, ...] = ()

    @property
    def opens(self) -> bool:
        """Whether it stands between the visit and its claim."""
        return self.level in TO_SETTLE


@checked
def items(answer: Answer) -> list[Item]:
    """The findings of a visit by level, and as they stand in it; what is said of several lines in
    the same words is one item."""
    alike: dict[tuple[str, ...], list[Finding]] = {}
    for found in answer.findings:
        asked_apart = found.code if found.asks in ("region", "separate") else ""
        key = (found.rule, found.level, found.modifier, _of_each(found), found.mend, asked_apart)
        alike.setdefault(key, []).append(found)
    made = [_item(findings) for findings in alike.values()]
    return sorted(made, key=lambda item: LEVELS.index(item.level))


def _item(findings: list[Finding]) -> Item:
    first = findings[0]
    codes = tuple(found.code for found in findings if found.code)
    text = first.text
    if len(codes) > 1:
        text = f"{listed(codes)}: {_of_each(first)}"
    modifiers = tuple(first.modifier.split("|")) if first.modifier else ()
    drops = tuple(first.drops.split())
    return Item(
        first.rule, first.level, codes, text, first.detail, first.source, first.asks, modifiers,
        first.mend, drops,
    )  # fmt: skip


def _of_each(found: Finding) -> str:
    """The text without the code that it is of."""
    return found.text.replace(found.code, "each") if found.code else found.text
