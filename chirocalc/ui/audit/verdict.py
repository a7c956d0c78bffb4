"""What comes of an audit, first of all: how much to look at, the dollars, what was not checked."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable

import streamlit as st

from chirocalc import exports, tables
from chirocalc.audit import Columns, Packed, Totals, words
from chirocalc.rules import Settings
from chirocalc.sheets import FOUND, audit_sheet, audit_workbook, links_to_do, stamped
from chirocalc.ui.shared import Session, input_callback, plain, session
from chirocalc.words import money

from .found import Found

EXCEL = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"

MOST_PAYERS = 12  # names that can be given a payer here

MOST_EXCEL = 50_000  # rows; writing more takes longer than anyone waits

MOST_PLAIN = 100_000  # rows of a CSV; of more it is packed, for it would be hundreds of megabytes

TOO_LARGE = f"Excel takes up to {MOST_EXCEL:,} rows here: take the CSV files."

NAME_THEM = "Say what they are under Columns and payers."

ONCE = "On hold: a modifier or an answer is missing. Each line counts once."

NO_MONEY = "No money is involved in what could be checked."

CHECKED = "Checked: units, modifiers, pairs, limits. What the notes say was not."

# The dollars at stake by their name in the totals, and whether they are counted below zero.
TILES = {
    "over": ("Billed too many units", 1),
    "under": ("Billed too few units", -1),
    "fix": ("Would be denied", 1),
    "needs": ("On hold: incomplete", 1),  # a phone has room for no more
}

SOME = {"check": ("To check with the payer", 1)}  # shown only where there is some


def show(found: Found, columns: Columns, settings: Settings, name: str) -> None:
    """The answer in a line with what to take along, what was read, the dollars, what was not
    checked, and what only the reader can answer."""
    totals = found.totals
    blind = words.blind_spots(totals, columns, settings)
    if names_not_known(totals):
        blind.append(NAME_THEM)
    with st.container(
        horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"
    ):
        st.header(words.headline(totals, bool(blind)), anchor=False, width="content")
        with st.popover("Download", icon=":material/download:"):
            downloads(found.packed, columns, settings, name)
    _small("read", f"{words.in_a_line(totals, columns)}.")
    if involves_money(totals.at_stake):
        tiles(totals.at_stake)
        _small("blind", " ".join([*blind, ONCE]))
    else:
        _no_money(totals, blind)
    _ask_minutes(totals)


def _small(name: str, text: str) -> None:
    """Small words; the name is known to the style sheet."""
    with st.container(key=name):
        st.markdown(f":small[{plain(text)}]")


def _ask_minutes(totals: Totals) -> None:
    """Whether minutes are each line's own, where they may be the visit's."""
    if question := words.minutes_question(totals):
        with st.container(border=True):
            st.radio(
                plain(question),
                list(words.WAYS),
                format_func=words.WAYS.__getitem__,
                captions=[plain(words.way_words(totals, way)) for way in words.WAYS],
                horizontal=True,
                key=Session.audit_minutes.key,
                on_change=_answered,
                persist_state="page",
            )


def ask_payers(totals: Totals) -> None:
    """What kind of payer each name is that is not known: kept for this tab."""
    names = [*session.audit_payers, *names_not_known(totals)]
    names = list(dict.fromkeys(names))[:MOST_PAYERS]
    if not names:
        return
    known = tables.payers()["name"]
    st.markdown(
        "**Which payers are these?** Until you say, only what holds at any commercial payer is "
        "judged."
    )
    cells = st.grid(3, min_column_width=160, gap="small")
    for name in names:
        session.audit_payer[name] = session.audit_payers.get(name, "")
        cells.selectbox(
            plain(name),
            ["", *known.index],
            format_func=lambda payer: known.get(payer, "not said"),
            key=session.audit_payer.key(name),
            on_change=_name_payer,
            args=(name,),
        )


def names_not_known(totals: Totals) -> list[str]:
    """Payers by names of the file that are not known, those of the most rows first."""
    return [word for (field, word), _ in totals.unknown.most_common() if field == "payer"]


@input_callback
def _answered() -> None:
    """The page is drawn anew."""


@input_callback
def _name_payer(name: str) -> None:
    others = {each: payer for each, payer in session.audit_payers.items() if each != name}
    payer = session.audit_payer[name]
    session.audit_payers = others | ({name: payer} if payer else {})


def involves_money(stake: Counter[str]) -> bool:
    return any(stake[name] for name in (*TILES, *SOME))


def tiles(stake: Counter[str]) -> None:
    """The dollars at stake, each in its tile."""
    some = {name: tile for name, tile in SOME.items() if stake[name]}
    cells = st.container(key="tiles").grid(len(TILES | some), min_column_width=150, gap="small")
    for name, (label, sign) in (TILES | some).items():
        cells.metric(label, money(sign * stake[name] / 100), border=True)


def _no_money(totals: Totals, blind: list[str]) -> None:
    """Why there are no dollars, in place of tiles of nothing."""
    if blind:
        st.warning(plain(" ".join([*blind, NO_MONEY])), icon=":material/visibility_off:")
    elif totals.of_lines["odd"]:
        st.info(NO_MONEY, icon=":material/payments:")
    elif totals.rows["lines"]:
        st.success(CHECKED, icon=":material/check_circle:")


def downloads(packed: Packed, columns: Columns, settings: Settings, name: str) -> None:
    """What to take along; each is made when it is clicked."""

    def excel() -> bytes:
        sheets = audit_workbook(packed.answer(), columns, settings, name)
        return exports.excel_bytes(sheets, {"To do": exports.Links(FOUND, links_to_do(sheets))})

    def csv(table: str) -> bytes:
        if packed.rows(table) > MOST_PLAIN:
            pieces = (stamped(piece, settings.period) for piece in packed.pieces(table))
            return exports.zipped_csv(f"{table}.csv", pieces)
        return exports.csv_bytes(stamped(packed.table(table), settings.period))

    def named(table: str) -> tuple[str, str]:
        if packed.rows(table) > MOST_PLAIN:
            return f"{table}.zip", "application/zip"
        return f"{table}.csv", "text/csv"

    totals = packed.totals
    made: dict[str, tuple[str, str, Callable[[], str | bytes]]] = {
        "Findings CSV": (*named("findings"), lambda: csv("findings")),
        "Lines CSV": (*named("lines"), lambda: csv("lines")),
        "Excel": ("audit.xlsx", EXCEL, excel),
        "Printable summary": (
            "audit.html",
            "text/html",
            lambda: audit_sheet(totals, settings, name),
        ),
    }
    large = max(map(packed.rows, ("findings", "lines", "refused"))) > MOST_EXCEL
    for label, (file_name, mime, make) in made.items():
        st.download_button(
            label,
            make,
            file_name=file_name,
            mime=mime,
            icon=":material/print:" if mime == "text/html" else ":material/download:",
            on_click="ignore",
            disabled=large and mime == EXCEL,
            help=TOO_LARGE if large and mime == EXCEL else None,
            width="stretch",
        )
