"""The settings row of the pages with prices: who pays, where, who treats."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pandas as pd
import streamlit as st

from chirocalc import tables
from chirocalc.errors import InputError
from chirocalc.links import SETTINGS
from chirocalc.rules import MOST_DOLLARS, MOST_PERCENT, Settings
from chirocalc.tables import rates

from .markdown import plain
from .session import input_callback, session

PROVIDERS = {"chiropractor": "Chiropractor", "pt": "PT", "ot": "OT"}

PLACES = {"office": "Office", "facility": "Facility"}

PHASES = {"active": "Active", "maintenance": "Maintenance"}

YES_NO = {"yes": "Yes", "no": "No"}

REDUCTIONS = {"none": "None", "pe": "Half the practice expense", "line": "Half the line"}

RULES = {"cms": "Total time (CMS)", "cpt": "Per-code midpoint (CPT)"}

ASSISTANTS = {"pt": "CQ", "ot": "CO"}

PHASE_HELP = (
    "Medicare pays for active treatment to correct a subluxation, not for maintenance. Until you "
    "choose, the amount assumes active treatment."
)

ABN_HELP = (
    "An advance beneficiary notice, signed before the service. It decides between GA and GZ on "
    "maintenance, and adds GX to excluded services."
)

OTHER_NAMES = (
    "Also called the 8-minute rule (CMS) and the rule of eights or midpoint rule (CPT); writers "
    "swap these names."
)

APM_HELP = (
    "Who has threshold shares of payments or patients in an advanced alternative payment model: "
    "CMS publishes a conversion factor of its own for them."
)

# The widget of a setting is called in the session as the link calls it.
KEYS = {name: field.key for name, field in SETTINGS.items()}

Names = Mapping[str, str]


@dataclass(frozen=True)
class Payment:
    """What only Medicare's chain from the allowed amount to the patient's part needs: dollars of
    the deductible still unmet, and the modifier of lines by an assistant ("" for none)."""

    deductible_left: float = 0.0
    assistant: str = ""


def settings(visit: bool = True) -> tuple[Settings, Payment]:
    """Draw the payer, and one button that names the place, the clinician and what else was set, and
    opens all of it; a value that cannot be used is named beside its field.

    Without a `visit` nothing is asked that only one patient's visit can answer.
    """
    # Those that are not drawn now would be lost, and come empty when they are drawn again.
    session.say_again(*(key for name, key in KEYS.items() if name != "payer"))
    with st.container(horizontal=True, vertical_alignment="center", gap="small", width="content"):
        payers = _payer_names()
        st.selectbox(
            "Payer", list(payers), format_func=payers.__getitem__, key=KEYS["payer"],
            width=215, label_visibility="collapsed",
        )  # fmt: skip
        # Drawn though closed: one that tells whether it is open loses the focus with its label.
        with st.popover(_chip(), icon=":material/tune:"):
            _ask(visit)
    return _settings(visit), _payment() if visit else Payment()


def _ask(visit: bool) -> None:
    """Draw all settings but the payer."""
    _ask_area()
    _one_of("Place", PLACES, "place", required=True)
    _one_of("Who treats", PROVIDERS, "who", required=True)
    if visit and _asks_treatment():
        _one_of("Treatment", PHASES, "phase", PHASE_HELP)
        _one_of("Signed ABN on file", YES_NO, "abn", ABN_HELP)
    _ask_rates()
    _ask_pricing(tables.profile(_now("payer")))
    _ask_medicare()
    if visit:
        _ask_of_the_visit()


def _now(name: str) -> Any:
    """What a setting is set to, whether it is drawn or not, by its name in a link."""
    return session.state.get(KEYS[name], SETTINGS[name].default)


def _settings(visit: bool) -> Settings:
    """The settings as they are set; what is not asked of this payer or clinician counts nothing."""
    asks, day, percent = visit and _asks_treatment(), _now("rates"), _now("percent")
    return Settings(
        _now("payer"),
        _locality(_now("area")),
        date=(rates.period(day) if day else rates.current()).first,
        place=_now("place"),
        provider=_now("who"),
        phase=_now("phase") if asks else None,
        abn=_yes(_now("abn")) if asks else None,
        unit_rule=_now("rule"),
        percent=None if percent is None else round(percent, 2),
        mppr=_now("mppr"),
        therapy_modifier=_yes(_now("gp")),
        participating=_now("par"),
        apm=_now("apm"),
        kx_used=_now("kx") if visit and _is_therapist() else None,
    )


def _payment() -> Payment:
    assistant = _is_therapist() and _now("assistant")
    return Payment(_now("deductible") or 0.0, ASSISTANTS[_now("who")] if assistant else "")


def _chip() -> str:
    """Where and by whom, and every setting that is not as it was found: none changes an amount
    unseen."""
    state = session.state
    said = [
        plain(_area_names().get(_locality(state[KEYS["area"]]), "National")),
        PLACES.get(state[KEYS["place"]], "").lower(),
        PROVIDERS.get(state[KEYS["who"]], ""),
    ]
    if day := state.get(KEYS["rates"]):
        said.append(f"rates of {rates.period(day).name}")
    if rule := state.get(KEYS["rule"]):
        said.append(RULES[rule].lower())
    if percent := state.get(KEYS["percent"]):
        said.append(f"{percent:g}%")
    if state.get(KEYS["mppr"]):
        said.append("own MPPR")
    if not state.get(KEYS["par"], True):
        said.append("not participating")
    if state.get(KEYS["apm"]):
        said.append("APM")
    return " · ".join(filter(None, said))


def _one_of(
    label: str, names: Names, field: str, help: str | None = None, required: bool = False
) -> str | None:
    """A choice of one, by the name of its field in a link; the words for each are `names`."""
    options: list[str] = list(names)
    return st.segmented_control(
        label, options, format_func=names.__getitem__, key=KEYS[field], help=help,
        required=required,
    )  # fmt: skip


def _yes(said: str | None) -> bool | None:
    return None if said is None else said == "yes"


def _ask_area() -> None:
    st.selectbox(
        "Your ZIP code, or your area's name",
        ["national", *_area_names()],
        format_func=lambda area: _area_names().get(area, _area_label(area)),
        key=KEYS["area"],
        on_change=_take_area,
        accept_new_options=True,
        placeholder="ZIP code or name",
    )
    _say_area(_now("area"))


@input_callback
def _take_area() -> None:
    """Take a typed name, or the first five digits of a ZIP+4, for the area that it means."""
    typed = str(session.state.get(KEYS["area"]) or "")
    if typed in _area_names():
        return
    fits = [area for area, name in _area_names().items() if typed.strip().lower() in name.lower()]
    if re.fullmatch(r"\s*\d{5}-\d{4}\s*", typed):
        session.set_input(KEYS["area"], typed.strip()[:5])
    elif len(fits) == 1 and not typed.strip().isdigit():
        session.set_input(KEYS["area"], fits[0])


def _asks_treatment() -> bool:
    """Whether the payer's rules for chiropractors ask for the phase and the ABN."""
    here = tables.profile(_now("payer"))
    return _now("who") == "chiropractor" and bool(here["chiropractor_codes"])


@tables.kept
def _payer_names() -> dict[str, str]:
    return dict(tables.payers()["name"].items())


def _locality(area: str | None) -> str:
    """The locality of the area field; "national" for one that is not known."""
    if area is None or area == "national" or area in _area_names():
        return area or "national"
    try:
        return tables.locality_of_zip(area).locality
    except InputError:
        return "national"


def _say_area(area: str | None) -> None:
    """What a ZIP code means, under its field; or that it means nothing."""
    if area is None or area == "national" or area in _area_names():
        return
    try:
        place = tables.locality_of_zip(area)
    except InputError as error:
        near = [name for name in _area_names().values() if area.strip().lower() in name.lower()]
        said = plain(error.problems[0])
        if near:
            said = f"'{plain(area)}' fits {'; '.join(near[:6])}: choose one from the list"
        st.markdown(f":small[:red[{said}. National amounts are shown.]]")
        return
    name = _area_names()[place.locality]
    if place.shared:
        st.caption(
            f":orange[{area} lies in two payment areas; the four digits after it decide. "
            f"{name} is used: choose the other by name if it is yours.]"
        )
    else:
        st.caption(f"{area} is priced in {name}.")


def _area_label(area: str) -> str:
    return "National" if area == "national" else area


@tables.kept
def _area_names() -> dict[str, str]:
    """Localities by id as "Chicago, IL", by state and name."""
    table = tables.localities().sort_values(["state", "name"])
    return {str(key): f"{row['name']}, {row['state']}" for key, row in table.iterrows()}


def _ask_rates() -> None:
    names = {each.first: each.name for each in reversed(rates.periods())}
    st.selectbox(
        "Rates of",
        list(names),
        index=None,
        format_func=names.__getitem__,
        key=KEYS["rates"],
        placeholder=f"{rates.current().name}, the newest in force",
        help="The year of the date of service decides RVUs, GPCIs and the conversion factor.",
    )


def _ask_pricing(profile: Mapping[str, Any]) -> None:
    """What the payer's profile says unless it is chosen."""
    _one_of(
        "Unit rule",
        RULES,
        "rule",
        f"Unless you choose, the payer's: {RULES[profile['unit_rule']].lower()}. "
        f"{profile['note']} {OTHER_NAMES}",
    )
    st.number_input(
        "Percent of the fee schedule",
        min_value=1.0,
        max_value=float(MOST_PERCENT),
        value=None,
        step=1.0,
        format="%.2f",
        key=KEYS["percent"],
        placeholder="own fees" if pd.isna(profile["percent"]) else f"{profile['percent']:g}",
        help=profile["percent_note"],
    )
    st.selectbox(
        "Cut on therapy units after the first (MPPR)",
        list(REDUCTIONS),
        index=None,
        format_func=REDUCTIONS.__getitem__,
        key=KEYS["mppr"],
        placeholder=f"{REDUCTIONS[profile['mppr']]}, as the profile says",
    )
    asks = "yes" if profile["therapy_modifier"] else "no"
    _one_of(
        "Asks for GP or GO on therapy",
        YES_NO,
        "gp",
        f"Unless you choose, as the profile says: {asks}.",
    )


def _ask_medicare() -> None:
    """How the clinician stands to Medicare."""
    st.toggle(
        "Participating in Medicare",
        key=KEYS["par"],
        disabled=not _is_medicare(),
        help="Not participating: the fee is 95%, and the limiting charge 115% of that.",
    )
    st.toggle("Qualifying APM participant", key=KEYS["apm"], help=APM_HELP)


def _is_medicare() -> bool:
    return bool(tables.profile(_now("payer"))["medicare"] == "yes")


def _is_therapist() -> bool:
    """Whether Medicare pays a therapist: for them it has assistants and a yearly threshold."""
    return _is_medicare() and _now("who") in ASSISTANTS


def _ask_of_the_visit() -> None:
    """What only one patient's visit can answer."""
    st.number_input(
        "Part B deductible still unmet, in dollars",
        min_value=0.0,
        max_value=tables.most("part_b_deductible"),
        step=1.0,
        format="%.2f",
        key=KEYS["deductible"],
        disabled=not _is_medicare(),
    )
    st.toggle(
        "Treated by an assistant (CQ or CO)",
        key=KEYS["assistant"],
        disabled=not _is_therapist(),
    )
    st.number_input(
        "Therapy paid this year before this visit, in dollars",
        min_value=0.0,
        max_value=float(MOST_DOLLARS - 1),
        value=None,
        step=10.0,
        format="%.2f",
        key=KEYS["kx"],
        disabled=not _is_therapist(),
        help="Medicare's allowed amounts for PT with speech therapy, or for OT. Above "
        "the year's threshold a line needs KX.",
    )
