"""Many visits from a file: read, audited, summed up."""

from . import csv_file, files, on_dask, parts, words
from .apart import WAITS, Opened, audit_file, opened_file, read_apart
from .audit import NAMED, Audit
from .columns import FIELDS, Columns, check_columns, recognize
from .files import open_file
from .on_dask import audit_on_dask, check_for_dask, dask_client
from .packed import Packed
from .parts import (
    LINES_AT_ONCE,
    audit_in_memory,
    audit_parts,
    columns_of,
    minutes_in,
    open_files,
    payers_of,
    private_of,
    problem,
    services_in,
    without_columns,
)
from .rows import How
from .sample import sample, template
from .totals import AT_STAKE, LEVELS, Totals
from .visit_file import FileHead, VisitFile
from .words import (
    MIRROR,
    Group,
    by_code,
    by_dollars,
    by_rule,
    found_in,
    in_a_line,
    manipulation_mix,
    minutes_question,
    not_judged,
    sentences,
    summary,
)

__all__ = [
    "AT_STAKE",
    "FIELDS",
    "LEVELS",
    "LINES_AT_ONCE",
    "MIRROR",
    "NAMED",
    "WAITS",
    "Audit",
    "Columns",
    "FileHead",
    "Group",
    "How",
    "Opened",
    "Packed",
    "Totals",
    "VisitFile",
    "audit_file",
    "audit_in_memory",
    "audit_on_dask",
    "audit_parts",
    "by_code",
    "by_dollars",
    "by_rule",
    "check_columns",
    "check_for_dask",
    "columns_of",
    "csv_file",
    "dask_client",
    "files",
    "found_in",
    "in_a_line",
    "manipulation_mix",
    "minutes_in",
    "minutes_question",
    "not_judged",
    "on_dask",
    "open_file",
    "open_files",
    "opened_file",
    "parts",
    "payers_of",
    "private_of",
    "problem",
    "read_apart",
    "recognize",
    "sample",
    "sentences",
    "services_in",
    "summary",
    "template",
    "without_columns",
    "words",
]
