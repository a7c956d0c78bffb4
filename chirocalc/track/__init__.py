"""A log of what was done, by day: kept by its user, priced here, and set beside benchmarks."""

from .backup import Backup, write_backup
from .benchmarks import (
    MIRROR,
    OF_MEDICARE,
    PERCENTILES,
    SPECIALTIES,
    Standing,
    Survey,
    adjustment_mix,
    code_mix,
    codes_by_year,
    in_state,
    specialty_years,
    states_with_benchmarks,
)
from .days import Days, ordinals, periods_in, places
from .files import OfFile, read_file
from .intake import Taken, bring_back, by_month_and_code, export, take
from .log import Log, frame_of, new_id
from .pay import Offer
from .periods import (
    GRAINS,
    Priced,
    Span,
    Sums,
    by_period,
    grain_of,
    span_before,
    span_of,
    span_of_rows,
    sums,
)
from .pricing import SettingsOf, priced
from .projection import Projection, Rate, project, rates_of, running
from .reported import Reported, against, read_reported
from .rows import (
    MOST_TIMES,
    MOST_UNITS,
    PLACES,
    STATUSES,
    Row,
    check_row,
    read_rows,
    write_rows,
)
from .sample import sample_rows
from .tags import MOST_LETTERS

__all__ = [
    "GRAINS",
    "MIRROR",
    "MOST_LETTERS",
    "MOST_TIMES",
    "MOST_UNITS",
    "OF_MEDICARE",
    "PERCENTILES",
    "PLACES",
    "SPECIALTIES",
    "STATUSES",
    "Backup",
    "Days",
    "Log",
    "OfFile",
    "Offer",
    "Priced",
    "Projection",
    "Rate",
    "Reported",
    "Row",
    "SettingsOf",
    "Span",
    "Standing",
    "Sums",
    "Survey",
    "Taken",
    "adjustment_mix",
    "against",
    "bring_back",
    "by_month_and_code",
    "by_period",
    "check_row",
    "code_mix",
    "codes_by_year",
    "export",
    "frame_of",
    "grain_of",
    "in_state",
    "new_id",
    "ordinals",
    "periods_in",
    "places",
    "priced",
    "project",
    "rates_of",
    "read_file",
    "read_reported",
    "read_rows",
    "running",
    "sample_rows",
    "span_before",
    "span_of",
    "span_of_rows",
    "specialty_years",
    "states_with_benchmarks",
    "sums",
    "take",
    "write_backup",
    "write_rows",
]
