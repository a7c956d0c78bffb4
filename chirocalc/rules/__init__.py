"""What follows for a visit: each rule once, with its source."""

from .answer import Answer, Change, Line, answer
from .cents import half_up, share_of
from .estimate import Estimate, Worth, billed_worth, estimate, price_lines
from .films import films
from .hint_rules import HintRule, hint_faults, hint_rules
from .hints import Finding, write_finding
from .medicare import Shares, who_pays
from .mppr import allowed_cents
from .patterns import Found, allowed_all, find_all
from .prices import covers, fee, local_amounts, unit_amounts
from .questions import asks_region, separate_questions
from .reading import ReadLines, read_lines
from .selectors import X_RAY
from .services import COLLECT, MOST_MINUTES, OFF, PLANS, Lines, Service, component, read_service
from .settings import CHOICES, MOST_DOLLARS, MOST_PERCENT, RULE_NAMES, WHO, Settings
from .terms import Terms, terms
from .treatment import ACTIVE, WITH_ABN, WITHOUT_ABN, as_said, said_of_treatment
from .units import FROM, UNIT, Counted, Timed, assign_units, count_units

__all__ = [
    "ACTIVE",
    "CHOICES",
    "COLLECT",
    "FROM",
    "MOST_DOLLARS",
    "MOST_MINUTES",
    "MOST_PERCENT",
    "OFF",
    "PLANS",
    "RULE_NAMES",
    "UNIT",
    "WHO",
    "WITHOUT_ABN",
    "WITH_ABN",
    "X_RAY",
    "Answer",
    "Change",
    "Counted",
    "Estimate",
    "Finding",
    "Found",
    "HintRule",
    "Line",
    "Lines",
    "ReadLines",
    "Service",
    "Settings",
    "Shares",
    "Terms",
    "Timed",
    "Worth",
    "allowed_all",
    "allowed_cents",
    "answer",
    "as_said",
    "asks_region",
    "assign_units",
    "billed_worth",
    "component",
    "count_units",
    "covers",
    "estimate",
    "fee",
    "films",
    "find_all",
    "half_up",
    "hint_faults",
    "hint_rules",
    "local_amounts",
    "price_lines",
    "read_lines",
    "read_service",
    "said_of_treatment",
    "separate_questions",
    "share_of",
    "terms",
    "unit_amounts",
    "who_pays",
    "write_finding",
]
