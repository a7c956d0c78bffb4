"""What follows for a visit: each rule once, with its source."""

from .answer import Answer, Line, answer
from .estimate import Estimate, Worth, estimate, price_lines
from .hints import Finding, HintRule, hint_rules, write_finding
from .questions import asks_region, separate_questions
from .patterns import Found, allowed_all, follow_all
from .prices import covers, fee, local_amounts, unit_amounts
from .reading import MOST_MINUTES, ReadLines, check_services, read_lines
from .services import Lines, Service
from .settings import CHOICES, MOST_DOLLARS, MOST_PERCENT, RULE_NAMES, Settings
from .terms import Terms, terms
from .units import UNIT, Counted, Timed, assign_units, count_units
from .medicare import Shares, who_pays
