"""What follows for a visit: each rule once, with its source."""

from . import hints
from .estimate import Estimate, count_units, estimate, price_lines
from .hints import asks_region, findings_by_line, pairs_of, rules_of, separate_questions
from .line_checks import MOST_MINUTES, check_lines
from .medicare import who_pays
from .prices import covers, fee, local_amounts, unit_amounts
from .services import Lines, of_visits, read_rows
from .settings import CHOICES, MOST_DOLLARS, MOST_PERCENT, RULE_NAMES, Settings
from .units import UNIT, assign_units

__all__ = [
    "CHOICES",
    "MOST_DOLLARS",
    "MOST_MINUTES",
    "MOST_PERCENT",
    "RULE_NAMES",
    "UNIT",
    "Estimate",
    "Lines",
    "Settings",
    "asks_region",
    "assign_units",
    "check_lines",
    "count_units",
    "covers",
    "estimate",
    "fee",
    "findings_by_line",
    "hints",
    "local_amounts",
    "of_visits",
    "pairs_of",
    "price_lines",
    "read_rows",
    "rules_of",
    "separate_questions",
    "unit_amounts",
    "who_pays",
]
