"""The clinic's own: its name, its fees, and the services it does most, with their usual minutes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd
import streamlit as st

from chirocalc import tables
from chirocalc.errors import InputError
from chirocalc.rules import MOST_DOLLARS, MOST_MINUTES
from chirocalc.ui.shared import Session, device, input_callback, plain, session
from chirocalc.ui.sheets import block
from chirocalc.visit import MOST_MEGABYTES, fee_list, read_own_fees

from .services import choices
from .told import MORE, Visit, rerun

COLUMNS = {
    "favorite": st.column_config.CheckboxColumn("Favorite", help="One tap on the page adds it."),
    "code": st.column_config.TextColumn("Code", disabled=True),
    "name": st.column_config.TextColumn("Service", disabled=True),
    "fee": st.column_config.NumberColumn(
        "Your fee", format="dollar", min_value=0, max_value=MOST_DOLLARS - 1, step=0.01
    ),
    "minutes": st.column_config.NumberColumn(
        "Usual minutes",
        min_value=0,
        max_value=MOST_MINUTES,
        step=1,
        help="Entered when the service is added; set them to what was done.",
    ),
}


def draw(visit: Visit) -> None:
    """Draw all that is the clinic's; it is kept in the browser and not on the server."""
    st.caption(
        "Kept in this browser, on this device only. Fees are used for cash, auto and lien visits, "
        "and for what a payer does not pay."
    )
    block(MORE)
    payer = visit.settings.payer
    if session.table_of != _held(payer):  # changed elsewhere: what was typed here is old
        session.table_of, session.table = _held(payer), _table(payer)
        session.table_number += 1
    st.data_editor(
        session.table,
        hide_index=True,
        column_config=COLUMNS | _contract_column(payer),
        height=320,
        placeholder="",
        key=session.edits.key(str(session.table_number)),
        on_change=_take_table,
        args=(visit,),
        alt="Your services: favorite, fee of one unit, usual minutes",
    )
    _list(visit)


def _held(payer: str) -> tuple[Any, ...]:
    """What the table shows, to tell whether it was changed elsewhere."""
    return payer, device.contract(payer), session.fees, session.favorites


def _contract_column(payer: str) -> dict[str, Any]:
    name = tables.profile(payer)["name"]
    return {
        "rate": st.column_config.NumberColumn(
            f"{name} pays", format="dollar", min_value=0, max_value=MOST_DOLLARS - 1, step=0.01
        )
    }


def _table(payer: str) -> pd.DataFrame:
    """A row for each code and part: those used most first."""
    quick = list(choices().chips)
    keys = [*quick, *(key for key in tables.codes().index if key not in quick)]
    fees = session.fees
    rows = {
        "favorite": [key in favorites() for key in keys],
        "code": keys,
        "name": [tables.records()[key].full_name for key in keys],
        "fee": [_dollars(fees, key) for key in keys],
        "minutes": [session.favorites.get(key) for key in keys],
    }
    here = device.contract(payer)
    if here is not None and here.by == "code":
        rows["rate"] = [_dollars(here.codes, key) for key in keys]
    return pd.DataFrame(rows, index=keys).astype({"fee": float, "minutes": float})


def _dollars(cents: Mapping[str, int], key: str) -> float | None:
    return cents[key] / 100 if key in cents else None


def favorites() -> list[str]:
    """The services within one tap: the clinic's own or, until it has any, those of codes.csv."""
    return list(session.favorites) or list(choices().chips)


@input_callback
def _take_table(visit: Visit) -> None:
    """Take what was changed in the table: by row, the new values by column, of which the last ones
    were taken before."""
    payer, number = visit.settings.payer, str(session.table_number)
    for row, values in session.edits[number]["edited_rows"].items():
        before = session.edited[number].get(row, {})
        new = {name: value for name, value in values.items()
               if name not in before or before[name] != value}  # fmt: skip
        _take_row(payer, str(session.table.index[int(row)]), new)
        session.edited[number] = session.edited[number] | {row: dict(values)}
    session.table_of = _held(payer)
    rerun(visit, MORE)


def _take_row(payer: str, key: str, values: Mapping[str, Any]) -> None:
    if "fee" in values:
        device.set_fee(key, values["fee"])
    if "rate" in values:
        device.set_price(payer, key, values["rate"])
    if "favorite" in values or "minutes" in values:
        _set_favorite(key, values)


def _set_favorite(key: str, values: Mapping[str, Any]) -> None:
    """With the first favorite the dozen of codes.csv go along; usual minutes make one, too."""
    of = dict(session.favorites) or dict.fromkeys(choices().chips)
    if not values.get("favorite", True):
        of.pop(key, None)
    elif "favorite" in values or values.get("minutes") is not None or key in of:
        of[key] = values.get("minutes", of.get(key))
    session.favorites = of
    device.keep("favorites")


def _list(visit: Visit) -> None:
    """Fees as a CSV, to take along and to bring back."""
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        st.file_uploader(
            "A list of fees (CSV with the columns code and fee)",
            type="csv",
            key=Session.fee_file.key,
            max_upload_size=MOST_MEGABYTES,
            on_change=_take_list,
            args=(visit,),
        )
        st.download_button(
            "My fees as CSV",
            lambda: fee_list(session.fees),
            file_name="fees.csv",
            mime="text/csv",
            icon=":material/download:",
            on_click="ignore",
        )
    if session.fee_problems:
        lines = "\n".join(f"- {plain(problem)}" for problem in session.fee_problems[:10])
        st.error(lines, title="This list cannot be used", icon=":material/error:")
    if session.fee_words:
        st.caption(plain(session.fee_words))


@input_callback
def _take_list(visit: Visit) -> None:
    """Take the fees of a file beside those there are; one that cannot be used changes nothing."""
    file = session.fee_file
    session.fee_words, session.fee_problems = "", []
    if file is not None:
        try:
            fees = read_own_fees(file.getvalue(), file.name)
        except InputError as error:
            session.fee_problems = error.problems
        else:
            session.fees = session.fees | fees.cents
            device.keep("fees")
            left_out = f" {len(fees.unknown)} codes are not in codes.csv." if fees.unknown else ""
            session.fee_words = f"{len(fees.cents)} fees in use.{left_out}"
    rerun(visit)
