"""The settings row of the pages with prices: who pays, where, who treats."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

import pandas as pd
import streamlit as st

from chirocalc import tables
from chirocalc.errors import InputError
from chirocalc.links import ALL, OF_PAYER, SETTINGS, written
from chirocalc.rules import MOST_DOLLARS, MOST_PERCENT, Settings
from chirocalc.tables import rates
from chirocalc.words import count

from . import device
from .markdown import plain
from .session import Session, input_callback, session

PROVIDERS = {"chiropractor": "Chiropractor", "pt": "PT", "ot": "OT"}

PLACES = {"office": "Office", "facility": "Facility"}

PHASES = {"active": "Active", "maintenance": "Maintenance"}

YES_NO = {"yes": "Yes", "no": "No"}

REDUCTIONS = {"none": "None", "pe": "Half the practice expense", "line": "Half the line"}

RULES = {"cms": "Medicare's 8-minute rule", "cpt": "AMA rule (8 minutes of each code)"}

ASSISTANTS = {"pt": "CQ", "ot": "CO"}

PHASE_HELP = (
    "Medicare pays for active treatment to correct a subluxation, not for maintenance, and other "
    "payers mostly as well. Until you choose, the amount assumes active treatment."
)

ABN_HELP = (
    "An advance beneficiary notice, signed before the service; the form that expires 3/31/2029 is "
    "required since May 12, 2026. It decides between GA and GZ on maintenance, and adds GX to "
    "excluded services."
)

OTHER_NAMES = (
    "Also called the 8-minute rule (CMS) and the rule of eights or midpoint rule (CPT); writers "
    "swap these names."
)

APM_HELP = (
    "Who has threshold shares of payments or patients in an advanced alternative payment model: "
    "CMS publishes a conversion factor of its own for them."
)

MOST_AREAS = 8  # that are offered for a name that several places have

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
    """Draw the payer, and one button that names the place and the clinician, and opens all that can
    be set; a value that cannot be used is named beside its field.

    Without a `visit` nothing is asked that only one patient's visit can answer.
    """
    # Those that are not drawn now would be lost, and come empty when they are drawn again.
    session.say_again(*(key for name, key in KEYS.items() if name != "payer"))
    with st.container(horizontal=True, vertical_alignment="center", gap="small", width="content"):
        payers = payer_names()
        st.selectbox(
            "Payer", list(payers), format_func=payers.__getitem__, key=KEYS["payer"],
            on_change=_take_payer, width=230, label_visibility="collapsed",
        )  # fmt: skip
        # Drawn though closed: one that tells whether it is open loses the focus with its label.
        with st.popover(_chip(), icon=":material/tune:"):
            _ask(visit)
    session.payer_before, session.area_before = _now("payer"), _now("area")
    return _settings(visit), _payment() if visit else Payment()


@input_callback
def _take_payer() -> None:
    """Each payer has its own rule, percent and reductions: those of the one before are kept for
    when it is chosen again."""
    before, now = session.payer_before, _now("payer")
    if before is not None:
        left = {name: written(_now(name)) for name in OF_PAYER if _now(name) is not None}
        session.away = session.away | {before: left}
    of = session.away.get(now, device.of_payer(now))
    for name in OF_PAYER:
        value = SETTINGS[name].read(of[name]) if name in of else SETTINGS[name].default
        session.set_input(KEYS[name], value)
    _remember("payer")


def _remember(name: str) -> None:
    """Have the browser remember a setting that was just chosen: the clinic's, or the payer's."""
    value = _now(name)
    text = None if value is None else written(value)
    if name in OF_PAYER:
        device.set_of_payer(_now("payer"), **{name: text})
    elif name in device.OF_CLINIC:
        others = {each: said for each, said in session.clinic.items() if each != name}
        session.clinic = others if text is None else others | {name: text}
        device.keep("clinic")


@input_callback
def _take(name: str) -> None:
    _remember(name)


def set_setting(name: str, value: Any) -> None:
    """Set a setting by its name in a link, as if it were chosen in its own field."""
    session.set_input(KEYS[name], value)
    session.touched = True
    _remember(name)


def notices() -> None:
    """Draw what has to be seen of the settings: an area that was not understood, and each setting
    that is not as usual, to be taken off."""
    _ask_which_area()
    _unusual()


def _unusual() -> None:
    found = {name: words for name, words in _differing().items() if words}
    if not found:
        return
    session.unusual = list(found)
    st.pills(
        "Not as usual: tap to take off",
        list(found),
        selection_mode="multi",
        format_func=lambda name: f"{found[name]} \u2715",
        key=Session.unusual.key,
        on_change=_take_off,
        args=(list(found),),
        label_visibility="collapsed",
        wrap=True,
    )


@input_callback
def _take_off(shown: list[str]) -> None:
    for name in shown:
        if name not in session.unusual:
            set_setting(name, SETTINGS[name].default)


def _differing() -> dict[str, str]:
    """Each setting that changes amounts or units unseen, in words; "" where it is as usual."""
    day, rule, percent = _now("date"), _now("rule"), _now("percent")
    mppr, gp = _now("mppr"), _now("gp")
    return {
        "date": _day_words(day) if day else "",
        "place": "" if _now("place") == "office" else "In a facility",
        "rule": RULES[rule] if rule else "",
        "percent": f"{percent:g}% of the schedule" if percent else "",
        "mppr": f"Later therapy units: {REDUCTIONS[mppr].lower()} cut" if mppr else "",
        "gp": "" if gp is None else "Asks for GP or GO" if gp == "yes" else "No GP or GO",
        "pays": _pays_words(_now("pays")) if _has_list() else "",
        "par": "" if _now("par") or not is_medicare() else "Not participating",
        "apm": "In an advanced payment model" if _now("apm") else "",
    }


def _day_words(day: date) -> str:
    here = rates.period(day.isoformat())
    words = f"{day:%B} {day.day}, {day.year}"
    return words if here == rates.current() else f"{words}: {here.name} rates"


def _ask(visit: bool) -> None:
    """Draw all settings but the payer."""
    _ask_area()
    if visit:
        _ask_day()
    _one_of("Where", PLACES, "place", required=True)
    _one_of("Billing as", PROVIDERS, "who", required=True)
    if visit and _has_treatment():
        _one_of("Treatment", PHASES, "phase", PHASE_HELP)
    if visit and _has_abn():
        _one_of("Signed ABN on file (form that expires 3/31/2029)", YES_NO, "abn", ABN_HELP)
    if not visit:
        _ask_day()
    _ask_pricing(tables.profile(_now("payer")))
    _ask_medicare()
    if visit:
        _ask_of_the_visit()


def _now(name: str) -> Any:
    """What a setting is set to, whether it is drawn or not, by its name in a link.

    A page that was left half drawn may have said None for it.
    """
    value = session.state.get(KEYS[name])
    return SETTINGS[name].default if value is None else value


def _settings(visit: bool) -> Settings:
    """The settings as they are set; what is not asked of this payer or clinician counts nothing."""
    day, percent = _now("date"), _now("percent")
    return Settings(
        _now("payer"),
        _locality(_now("area")),
        date=(rates.period(day.isoformat()) if day else rates.current()).first,
        place=_now("place"),
        provider=_now("who"),
        phase=_now("phase") if visit and _has_treatment() else None,
        abn=_yes(_now("abn")) if visit and _has_abn() else None,
        unit_rule=_now("rule"),
        percent=None if percent is None else round(percent, 2),
        mppr=_now("mppr"),
        therapy_modifier=_yes(_now("gp")),
        # An audit has visits of other payers too, whose lists are their own.
        chiropractor_codes=pays_chiropractor(_now("pays")) if visit and _has_list() else None,
        participating=_now("par"),
        apm=_now("apm"),
        kx_used=_now("kx") if visit and _is_therapist() else None,
    )


def _payment() -> Payment:
    assistant = _is_therapist() and _now("assistant")
    return Payment(_now("deductible") or 0.0, ASSISTANTS[_now("who")] if assistant else "")


def day_of_service() -> date:
    """The day of service: the one set, or today."""
    return _now("date") or date.today()


def _chip() -> str:
    """Where and by whom."""
    area = plain(_area_names().get(_locality(_now("area")), "U.S. average"))
    return f"{area} · {PLACES[_now('place')].lower()} · {PROVIDERS[_now('who')]}"


def _one_of(
    label: str, names: Names, field: str, help: str | None = None, required: bool = False
) -> str | None:
    """A choice of one, by the name of its field in a link; the words for each are `names`."""
    options: list[str] = list(names)
    return st.segmented_control(
        label, options, format_func=names.__getitem__, key=KEYS[field], help=help,
        required=required, on_change=_take, args=(field,),
    )  # fmt: skip


def _yes(said: str | None) -> bool | None:
    return None if said is None else said == "yes"


def _ask_area() -> None:
    st.selectbox(
        "Your ZIP code, city or state",
        ["national", *_area_names()],
        format_func=lambda area: _area_names().get(area, _area_label(area)),
        key=KEYS["area"],
        on_change=_take_area,
        accept_new_options=True,
        filter_mode="contains",
        placeholder="60601, Chicago, or Illinois",
        help=_area_help(_now("area")),
    )


@input_callback
def _take_area() -> None:
    """Take what was typed for the area it means. What means several, or none, is asked; until it is
    answered the area is the one before."""
    typed = str(_now("area") or "")
    session.area_asked = None
    if typed != "national" and typed not in _area_names():
        found = tables.areas_of(typed)
        if len(found.localities) == 1:
            is_zip = found.named.startswith("ZIP code")
            value = "".join(filter(str.isdigit, typed))[:5] if is_zip else found.localities[0]
            session.set_input(KEYS["area"], value)
        else:
            session.area_asked = found
            session.set_input(KEYS["area"], session.area_before)
    _remember("area")


def _ask_which_area() -> None:
    """Ask which of several areas was meant, or say that what was typed is not understood."""
    found = session.area_asked
    if found is None:
        return
    if not found.choices:
        session.area_asked = None  # said once
        kept = _area_names().get(_locality(_now("area")), "the U.S. average")
        st.warning(f"{plain(found.problem)} Amounts are still those of {plain(kept)}.")
        return
    names = {area: label for label, area in found.choices[:MOST_AREAS]}
    more = len(found.choices) - MOST_AREAS
    others = f" There are {more} more: type the state too." if more > 0 else ""
    st.pills(
        f"**{plain(found.named)}** may mean several payment areas. Which one is yours?{others}",
        list(names),
        format_func=names.__getitem__,
        key=Session.area_choice.key,
        on_change=_take_area_choice,
        wrap=True,
    )


@input_callback
def _take_area_choice() -> None:
    if session.area_choice:
        session.set_input(KEYS["area"], session.area_choice)
        session.area_asked = session.area_choice = None
        _remember("area")


def _has_treatment() -> bool:
    """Whether it matters if a chiropractor's treatment is active or maintenance."""
    return bool(_now("who") == "chiropractor" and tables.profile(_now("payer"))["claims"] == "yes")


def _has_abn() -> bool:
    """Whether an ABN serves: not in Medicare Advantage, nor elsewhere (abn-2029)."""
    return _has_treatment() and is_medicare()


def _has_list() -> bool:
    """Whether the payer may have a list of what it pays a chiropractor for; Medicare's is law."""
    return _has_treatment() and not is_medicare()


def pays_chiropractor(codes: list[str] | None) -> tuple[str, ...] | None:
    """What is set of the codes that a payer pays a chiropractor for, as `Settings` has it."""
    return None if codes is None else () if codes == [ALL] else tuple(codes)


def _pays_words(codes: list[str] | None) -> str:
    if codes is None:
        return ""
    which = "all" if codes == [ALL] else count(len(codes), "code")
    return f"Pays a chiropractor for {which}"


@tables.kept
def payer_names() -> dict[str, str]:
    """The payers' names by id."""
    return dict(tables.payers()["name"].items())


def _locality(area: str | None) -> str:
    """The locality of the area field; "national" for one that is not known."""
    if area is None or area == "national" or area in _area_names():
        return area or "national"
    try:
        return tables.locality_of_zip(area).locality
    except InputError:
        return "national"


def _area_help(area: str | None) -> str:
    """What a ZIP code means; said in the field's help, where nothing moves for it."""
    if area is None or area == "national" or area in _area_names():
        return "CMS pays by 109 areas. Without one, amounts are the U.S. average."
    place = tables.locality_of_zip(area)
    return f"{area} is priced in {plain(_area_names()[place.locality])}."


def _area_label(area: str) -> str:
    return "U.S. average" if area == "national" else area


@tables.kept
def _area_names() -> dict[str, str]:
    """Localities by id as "Chicago, IL", by state and name."""
    table = tables.localities().sort_values(["state", "name"])
    return {str(key): f"{row['name']}, {row['state']}" for key, row in table.iterrows()}


def _ask_day() -> None:
    loaded = rates.periods()
    st.date_input(
        "Date of service",
        value=None,
        min_value=date.fromisoformat(loaded[0].first),
        max_value=date.fromisoformat(loaded[-1].last),
        key=KEYS["date"],
        on_change=_take,
        args=("date",),
        format="MM/DD/YYYY",
        help="Today, unless you choose another day. It decides the RVUs, the area's indices and "
        f"the conversion factor; loaded are {loaded[0].first[:4]} to {loaded[-1].last[:4]}.",
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
        on_change=_take,
        args=("percent",),
        placeholder="own fees" if pd.isna(profile["percent"]) else f"{profile['percent']:g}",
        help=profile["percent_note"],
    )
    st.selectbox(
        "Reduced pay for the 2nd and later therapy unit (MPPR)",
        list(REDUCTIONS),
        index=None,
        format_func=REDUCTIONS.__getitem__,
        key=KEYS["mppr"],
        on_change=_take,
        args=("mppr",),
        placeholder=f"{REDUCTIONS[profile['mppr']]}: as the payer does it",
    )
    if _has_list():
        _ask_list(profile)
    asks = "yes" if profile["therapy_modifier"] else "no"
    _one_of(
        "Asks for GP or GO on therapy",
        YES_NO,
        "gp",
        f"Unless you choose, as the payer does it: {asks}.",
    )


def _ask_list(profile: Mapping[str, Any]) -> None:
    """What the payer pays a chiropractor for: its profile's codes, or those that are set."""
    codes = pays_chiropractor(_now("pays"))
    session.pays_typed = _profiled(profile) if codes is None else list(codes)
    st.multiselect(
        "Pays a chiropractor for",
        sorted(tables.code_arrays().names),
        format_func=lambda code: f"{code} {tables.records()[code].short}",
        key=Session.pays_typed.key,
        on_change=_take_list,
        select_all=False,
        placeholder="all codes",
        help="Other codes then count nothing, and are asked about. Empty: it pays for all.",
    )


@input_callback
def _take_list() -> None:
    codes = session.pays_typed
    is_usual = codes == _profiled(tables.profile(_now("payer")))
    set_setting("pays", None if is_usual else codes or [ALL])


def _profiled(profile: Mapping[str, Any]) -> list[str]:
    return list(filter(None, profile["chiropractor_codes"].split("|")))


def _ask_medicare() -> None:
    """How the clinician stands to Medicare."""
    st.toggle(
        "Participating in Medicare",
        key=KEYS["par"],
        on_change=_take,
        args=("par",),
        disabled=not is_medicare(),
        help="Not participating: the fee is 95%, and the limiting charge 115% of that.",
    )
    st.toggle(
        "In an advanced payment model (few chiropractors)",
        key=KEYS["apm"],
        on_change=_take,
        args=("apm",),
        help=APM_HELP,
    )


def is_medicare() -> bool:
    """Whether the payer set is Medicare."""
    return bool(tables.profile(_now("payer"))["medicare"] == "yes")


def _is_therapist() -> bool:
    """Whether Medicare pays a therapist: for them it has assistants and a yearly threshold."""
    return is_medicare() and _now("who") in ASSISTANTS


def _ask_of_the_visit() -> None:
    """What only one patient's visit can answer."""
    st.number_input(
        "Part B deductible still unmet, in dollars",
        min_value=0.0,
        max_value=tables.most("part_b_deductible"),
        step=1.0,
        format="%.2f",
        key=KEYS["deductible"],
        disabled=not is_medicare(),
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
