"""Every table there is, in the order the Sources page lists them."""

from __future__ import annotations

from .code_table import codes
from .file_layouts import (
    cms_columns,
    file_words,
    not_private,
    private_columns,
    private_glue,
    private_values,
    visit_columns,
)
from .payment import (
    all_localities,
    amounts,
    conversion_factors,
    earlier_rvus,
    payers,
    release_calendar,
    releases,
    statuses,
    zips,
)
from .place_tables import cities, shared_zips, states
from .rule_tables import (
    audit_rules,
    hints,
    manipulation,
    modifiers,
    pair_kinds,
    pairs,
    regions,
    rule_names,
)
from .texts import (
    adjudication,
    guide,
    history,
    medicare_use,
    sources,
    then,
    unknowns,
    worked_examples,
)

ALL = (
    codes,
    earlier_rvus,
    all_localities,
    conversion_factors,
    zips,
    shared_zips,
    cities,
    states,
    pairs,
    pair_kinds,
    hints,
    audit_rules,
    rule_names,
    payers,
    amounts,
    statuses,
    adjudication,
    regions,
    manipulation,
    modifiers,
    history,
    medicare_use,
    guide,
    then,
    worked_examples,
    sources,
    unknowns,
    releases,
    release_calendar,
    visit_columns,
    file_words,
    private_columns,
    private_glue,
    not_private,
    private_values,
    cms_columns,
)
