"""Claim lines as a CMS-1500 has them in item 24, six a claim, and what to put beside them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from chirocalc import tables
from chirocalc.checked import checked
from chirocalc.rules import Settings

from .bills import ClaimRow, total
from .clinic import Clinic
from .parts import form


class ItemNote(NamedTuple):
    """What an item of the form says, with its source and how sure it is."""

    item: str
    text: str
    source: str
    sure: str


@checked
def item_notes(settings: Settings) -> tuple[ItemNote, ...]:
    """The items beside the lines, as the payer wants them; of a chiropractor's claim."""
    table = tables.claim_items()
    of = {"all", "medicare" if settings.asks_treatment else "other"}
    rows = table[table["payer"].isin(of)]
    return tuple(
        ItemNote(row.item, row.text, tables.sources().at[row.source, "short"], row.sure)
        for row in rows.itertuples()
    )


def region_diagnoses(regions: Sequence[str]) -> tuple[tuple[str, str], ...]:
    """The regions adjusted by name, each with its subluxation's code, for item 21."""
    table = tables.regions()
    return tuple(
        (table.at[region, "name"], table.at[region, "diagnosis"])
        for region in regions
        if table.at[region, "diagnosis"]
    )


@checked
def claim_sheet(
    claims: Sequence[Sequence[ClaimRow]],
    clinic: Clinic,
    settings: Settings,
    *,
    regions: Sequence[tables.Region] = (),
    denied: Sequence[str] = (),
    diagnoses: str = "",
    made_by: str,
) -> str:
    """The claims, one a table; pointers, patient and diagnoses are left to fill in. `regions`:
    those adjusted, by id; `denied`: codes that were left out, for they would be as they stand."""
    return form(
        "claim.html",
        "claim",
        "en",
        clinic=clinic,
        claims=claims,
        totals=[total(row.line.cents for row in rows) for rows in claims],
        payer=tables.payers().at[settings.payer, "name"],
        notes=item_notes(settings),
        regions=region_diagnoses(regions),
        denied=denied,
        diagnoses=diagnoses,
        made_by=made_by,
    )
