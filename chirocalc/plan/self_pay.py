"""What a patient without insurance for it pays: the practice's fee less what it lets off."""

from __future__ import annotations

from collections.abc import Sequence

from chirocalc.rules import share_of

from .model import Discount, Prices


def self_pay(charges: Sequence[tuple[str, int, int]], prices: Prices) -> list[int]:
    """Cents of each line of a visit, given as code, units and cents of its charge: less the
    service's discount, then the one for paying at once, each rounded half up; then the cap of the
    visit, shared out by what the lines come to."""
    usual = Discount(prices.discount_percent)
    net = []
    for code, units, charge in charges:
        discount = prices.discounts.get(code, usual)
        off = share_of(charge, discount.percent / 100) + discount.cents * units
        after = max(0, charge - off)
        net.append(after - share_of(after, prices.prompt_percent / 100))
    if prices.cap is not None and sum(net) > prices.cap:
        return shared(prices.cap, net)
    return net


def shared(total: int, weights: Sequence[int]) -> list[int]:
    """Whole cents shared out by weights that are not all 0: what is left of rounding down goes, a
    cent each, to the largest remainders, the first of equals. Adds up to the total."""
    whole = sum(weights)
    parts = [total * weight // whole for weight in weights]
    by_rest = sorted(range(len(weights)), key=lambda at: -(total * weights[at] % whole))
    for at in by_rest[: total - sum(parts)]:
        parts[at] += 1
    return parts
