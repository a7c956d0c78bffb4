"""What a plan year has left, and how one visit's allowed amounts become the patient's part."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

from chirocalc.rules import share_of, who_pays
from chirocalc.tables import rates

from .model import Benefits, Plan


class Share(NamedTuple):
    """Of one covered line, in cents: the patient's part of what is allowed in its parts, and what
    the payer pays. What neither pays (sequestration) is written off."""

    deductible: int
    copay: int
    coinsurance: int
    payer: int

    @property
    def patient(self) -> int:
        return self.deductible + self.copay + self.coinsurance


def is_part_b(plan: Plan) -> bool:
    return plan.settings.profile("patient_pays") == "medicare"


def has_cost_sharing(plan: Plan) -> bool:
    """Whether the patient has a deductible, copay or coinsurance of an insurance plan."""
    return plan.settings.profile("patient_pays") == "copay"


@dataclass
class Year:
    """What is left as the visits go by. `visits` of the year, None without a limit; `authorized`
    visits, None without an authorization; `out_of_pocket` None without a maximum."""

    deductible: int
    out_of_pocket: int | None
    visits: int | None
    authorized: int | None
    began: int

    @classmethod
    def of(cls, plan: Plan) -> Year:
        """As it is at the plan's start."""
        benefits = plan.benefits
        used = benefits.visits_used
        year = cls(0, None, _left(benefits, used), benefits.authorized, plan_year(plan, plan.start))
        if is_part_b(plan):
            return cls(plan.part_b_left, None, None, None, year.began)
        if has_cost_sharing(plan):
            year.deductible = benefits.deductible_left
            year.out_of_pocket = benefits.out_of_pocket_left
        return year

    def renew(self, plan: Plan, day: date, here: rates.Period) -> bool:
        """Begin the plan year of the day, if it is a new one; tell whether it is."""
        year, benefits = plan_year(plan, day), plan.benefits
        if year == self.began:
            return False
        self.began = year
        if is_part_b(plan):
            self.deductible = round(rates.amount("part_b_deductible", here) * 100)
            return True
        if has_cost_sharing(plan):
            self.deductible = _first(benefits.deductible, benefits.deductible_left)
            if benefits.out_of_pocket_left is not None:
                left = benefits.out_of_pocket_left
                self.out_of_pocket = _first(benefits.out_of_pocket, left)
        self.visits = _left(benefits, 0)
        return True

    def refuses(self, benefits: Benefits, day: date) -> str:
        """Why a visit with something covered is not paid: "authorization", "limit", or ""."""
        if self.authorized == 0:
            return "authorization"
        if benefits.authorized_until is not None and day > benefits.authorized_until:
            return "authorization"
        return "limit" if self.visits == 0 else ""

    def use_visit(self) -> None:
        """Count a visit that the payer pays for."""
        if self.visits is not None:
            self.visits -= 1
        if self.authorized is not None:
            self.authorized -= 1

    def shares(
        self, plan: Plan, allowed: Sequence[tuple[int, bool]], here: rates.Period
    ) -> list[Share]:
        """Who pays what of the covered lines of a visit, given as cents allowed and whether an
        assistant treated: in their order the deductible, then copay or coinsurance, then no more
        than the out-of-pocket maximum leaves."""
        if is_part_b(plan):
            return self._part_b(allowed, here)
        if not has_cost_sharing(plan):
            return [Share(0, 0, 0, cents) for cents, _ in allowed]
        copay_left, out = plan.benefits.copay, []
        for cents, _ in allowed:
            unmet = min(self.deductible, cents)
            self.deductible -= unmet
            copay, coinsurance = self._after(plan.benefits, cents - unmet, copay_left)
            copay_left -= copay
            share = self._limited(Share(unmet, copay, coinsurance, 0))
            out.append(share._replace(payer=cents - share.patient))
        return out

    @staticmethod
    def _after(benefits: Benefits, rest: int, copay_left: int) -> tuple[int, int]:
        """Copay and coinsurance of what the deductible leaves; a plan has one of them."""
        if benefits.copay:
            return min(copay_left, rest), 0
        return 0, share_of(rest, benefits.coinsurance / 100)

    def _limited(self, share: Share) -> Share:
        """No more than the out-of-pocket maximum leaves: what is above it comes off the coinsurance
        or copay first, then off the deductible's part."""
        if self.out_of_pocket is None:
            return share
        over = max(0, share.patient - self.out_of_pocket)
        parts = []
        for part in (share.coinsurance, share.copay, share.deductible):
            parts.append(part - min(over, part))
            over -= min(over, part)
        coinsurance, copay, deductible = parts
        self.out_of_pocket -= sum(parts)
        return Share(deductible, copay, coinsurance, 0)

    def _part_b(self, allowed: Sequence[tuple[int, bool]], here: rates.Period) -> list[Share]:
        paid = who_pays(allowed, self.deductible, here)
        self.deductible -= sum(each.deductible for each in paid)
        return [Share(each.deductible, 0, each.coinsurance, each.medicare) for each in paid]


def _first(whole: int | None, left: int) -> int:
    """A year's whole amount; while it is not known, what was left of it."""
    return left if whole is None else whole


def _left(benefits: Benefits, used: int) -> int | None:
    if benefits.visits_allowed is None:
        return None
    return max(0, benefits.visits_allowed - used)


def plan_year(plan: Plan, day: date) -> int:
    """The plan year of a day: Part B's is the calendar's."""
    begins = (1, 1) if is_part_b(plan) else plan.benefits.year_begins
    return day.year - ((day.month, day.day) < begins)
