"""What a visitor's session keeps between two runs of a page: each thing once, by name and type.

Each name here is one in `st.session_state`, and stands nowhere else. The session has the value
(`session.tie`), its class the name, which a widget takes for its key (`key=Session.tie.key`). The
names of inputs that go into an address are the links' own.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from copy import copy
from functools import wraps
from math import inf
from typing import Any, Generic, NamedTuple, ParamSpec, TypeVar, overload

import streamlit as st
from streamlit.runtime.memory_uploaded_file_manager import MemoryUploadedFileManager
from streamlit.runtime.scriptrunner import get_script_run_ctx

from chirocalc.links import (
    ANY_PAYER,
    CLINIC,
    COMPARE,
    GUIDE,
    PHASES,
    PLAN,
    SERVICES,
    SETTINGS,
    TRACK,
    VISIT,
    PageLink,
    Params,
    PhaseInput,
    amount_key,
    answer_key,
)

T = TypeVar("T")
P = ParamSpec("P")


class Kept(Generic[T]):
    """One thing that is kept: its name in the state, and what stands for it until it is set."""

    def __init__(self, key: str, before: T) -> None:
        self.key = key
        self.before = before

    @overload
    def __get__(self, session: None, owner: type) -> Kept[T]: ...
    @overload
    def __get__(self, session: Session, owner: type) -> T: ...
    def __get__(self, session: Session | None, owner: type) -> Kept[T] | T:
        if session is None:
            return self
        value: T = st.session_state.get(self.key, copy(self.before))
        return value

    def __set__(self, session: Session, value: T) -> None:
        st.session_state[self.key] = value

    def __delete__(self, session: Session) -> None:
        st.session_state.pop(self.key, None)


class KeptByName(Generic[T]):
    """One thing for each service, column or table, by its name: `session.amount["97110"]`."""

    def __init__(self, key: Callable[[str], str], before: T) -> None:
        self.key = key
        self.before = before

    def __getitem__(self, name: str) -> T:
        value: T = st.session_state.get(self.key(name), copy(self.before))
        return value

    def __setitem__(self, name: str, value: T) -> None:
        st.session_state[self.key(name)] = value

    def begin(self, name: str) -> None:
        """Set it for the widget that is drawn next, unless it is set."""
        st.session_state.setdefault(self.key(name), copy(self.before))


class Tap(NamedTuple):
    """Minutes that a tap has set, those before it, and when in seconds of the monotonic clock."""

    minutes: float
    before: float | None
    when: float


Values = tuple[str, ...]


class Removed(NamedTuple):
    """A service that was taken away: its place among the services, and what was said of it."""

    at: int
    key: str
    said: Mapping[str, Any]


class Session:
    """All that is kept of one visitor, over `st.session_state`; gone when the tab is closed."""

    # What this browser remembers on the device (`device`), and what is to be written there.
    clinic = Kept[dict[str, str]]("clinic", {})  # settings as a link has them
    payers = Kept[dict[str, dict[str, Any]]]("payers", {})  # what is set for each payer
    fees = Kept[dict[str, int]]("fees", {})  # cents of one unit by code or part
    favorites = Kept[dict[str, float | None]]("favorites", {})  # with their usual minutes
    visits_kept = Kept[dict[str, Params]]("visits kept", {})  # named visits, as links
    practice = Kept("practice", "")
    block = Kept[dict[str, str]]("block", {})  # the practice on sheets, besides its name
    practice_typed = Kept("practice typed", "")
    block_typed = KeptByName("block {}".format, "")
    # The table of the clinic's services: as it was drawn, from what, and by its number its edits,
    # those in the widget and those that were taken.
    table = Kept[Any]("clinic table", None)
    table_of = Kept[tuple[Any, ...]]("clinic table of", ())
    table_number = Kept("clinic table number", 0)
    edits = KeptByName[Any]("edits {}".format, None)
    edited = KeptByName[dict[Any, Any]]("edited {}".format, {})
    device = Kept[Any]("device", None)  # the component's own state
    session_id = Kept("session id", "")
    to_keep = Kept[dict[str, Any]]("to keep", {})  # parts not yet written, None to forget
    keep_number = Kept("keep number", 0)
    keep_told = Kept("keep told", 0)
    keep_trouble = Kept("keep trouble", "")
    is_news = Kept("is news", False)  # the page is not yet drawn as the device remembers
    is_known = Kept("is known", False)  # whether the device has said what it remembers

    # The log (`shared.log`): its rows, lines of the store that are none, what the browser is to
    # write by number, whether it is to say what it has and has, and what can be undone.
    log = Kept[Any]("log", None)
    log_aside = Kept("log aside", "")
    log_acts = Kept[list[dict[str, Any]]]("log acts", [])
    log_number = Kept("log number", 0)
    log_wanted = Kept("log wanted", False)
    log_known = Kept("log known", False)
    log_done = Kept[Any]("log done", None)
    log_waiting = Kept[Any]("log waiting", None)  # services to put once the log is known
    track = Kept[dict[str, Any]]("track", {})  # what Track remembers beside it
    # Track: which days, by what, of whom; the log as it is priced, from what; what was entered.
    track_period = Kept(TRACK.own["period"].key, "month")
    track_by = Kept[str | None](TRACK.own["by"].key, None)
    track_payer = Kept(TRACK.own["of"].key, ANY_PAYER)
    track_from = Kept[Any](TRACK.own["from"].key, None)
    track_to = Kept[Any](TRACK.own["to"].key, None)
    track_range = Kept[tuple[Any, ...]]("track range", ())
    tracked = Kept[tuple[Any, Any] | None]("tracked", None)
    track_tab = Kept[str | None]("track tab", None)
    track_state = Kept[str | None]("track state", None)
    track_file = Kept[Any]("track file", None)
    # Whether what is saved, or the goal, is shown.
    track_save, track_goal = Kept("track save", False), Kept("track goal", False)
    track_taken = Kept[Any]("track taken", None)
    track_problems = Kept[list[str]]("track problems", [])
    track_number = Kept("track number", 0)  # of the table that is edited
    track_shown = Kept[list[str]]("track shown", [])  # ids of its rows
    track_editing = Kept("track editing", False)
    track_drawn = Kept("track drawn", 0)  # the log's version it was drawn from
    track_edits = KeptByName[Any]("track edits {}".format, None)
    track_typed = KeptByName[Any]("track typed {}".format, None)
    track_files = KeptByName[Any]("track files {}".format, None)
    sheet_date = Kept[Any]("sheet date", None)  # the day that the day sheet is of
    sheet_times = KeptByName[int | None]("sheet times {}".format, 0)
    sheet_units = KeptByName[int | None]("sheet units {}".format, 1)
    sheet_more = Kept[str | None]("sheet more", None)
    sheet_add = Kept("sheet-add", False)
    sheet_codes = Kept[list[str]]("sheet codes", [])
    sheet_payer = Kept("sheet payer", "")
    add_times = Kept[int | None]("add times", 1)
    add_day = Kept[Any]("add day", None)

    # The address: the page it is of, as it was read or written, and the inputs at the run's end.
    page = Kept[str | None]("page", None)
    link = Kept[Params]("link", {})
    sent = Kept[Params | None]("sent", None)
    touched = Kept("touched", False)  # a callback changed an input
    followed = Kept("followed", False)  # a link to the page one is on was followed
    links = Kept[dict[str, Params]]("links", {})  # each page's own inputs as they were left
    settings = Kept[Params | None]("settings", None)
    payer_before = Kept[str | None]("payer before", None)  # of the last run, as area_before
    away = Kept[dict[str, Params]]("away", {})  # what was set of payers that one changed from
    area_before = Kept("area before", "national")
    area_asked = Kept[Any]("area asked", None)  # what was typed and means several areas, or none
    area_choice = Kept[str | None]("area choice", None)
    unusual = Kept[list[str]]("unusual", [])
    pays_typed = Kept[list[str]]("pays typed", [])  # what the payer pays a chiropractor for
    book = Kept[int | None](
        "book", None
    )  # by its number: that of the tables the page was drawn from
    link_problems = Kept[list[str]]("link_problems", [])

    # The visit: what was adjusted and done, and what was said of each service.
    adjusted = Kept[list[str]](VISIT.own["adj"].key, [])
    services = Kept[list[str]](SERVICES, [])
    spine = Kept[Any]("spine", None)  # the part of the figure that was clicked
    actions = Kept[Any]("actions", None)  # what was clicked at the foot
    share = Kept("share", False)  # whether the link is shown
    named = Kept[str | None]("named", None)  # the usual visit that is begun
    new_name = Kept("new name", "")
    kept_names = Kept[list[str]]("kept names", [])
    tie = Kept[str | None](VISIT.own["tie"].key, None)
    chips = Kept[list[str]]("chips", [])
    search = Kept("search", "")
    found = Kept[str | None]("found", None)  # of what was found, the one to add
    search_problem = Kept("search_problem", "")
    fee_file = Kept[Any]("fee file", None)
    amount = KeptByName[float | None](amount_key, None)
    region = KeptByName[str | None](lambda service: answer_key("region", service), None)
    modifiers = KeptByName[list[str]](lambda service: answer_key("modifiers", service), [])
    separate = KeptByName[str | None](lambda service: answer_key("separate", service), None)
    unbilled = KeptByName[str | None](lambda service: answer_key("unbilled", service), None)
    copay = Kept[float | None](VISIT.own["copay"].key, None)
    copay_typed = Kept[float | None]("copay typed", None)
    way_paid = Kept[str | None]("way paid", None)  # how the payer pays: see `ui.visit.prices`
    percent_paid = Kept[float | None]("percent paid", None)
    dollars_paid = Kept[float | None]("dollars paid", None)
    own_amounts = Kept(VISIT.own["own"].key, False)
    senders_own = Kept("sender's own", False)  # the link's amounts were its sender's own
    is_example = Kept("is example", False)
    removed = Kept[Removed | None]("removed", None)  # the service taken away last
    quick = KeptByName[int | None]("quick {}".format, None)
    tapped = KeptByName[Tap | None]("tapped {}".format, None)
    remove = KeptByName("remove {}".format, False)
    # What is to settle: each question by its name, as asked of the services `asked_of`.
    asked = Kept[dict[str, Any]]("asked", {})
    asked_of = Kept[tuple[str, ...]]("asked of", ())
    settling = Kept[tuple[Any, ...]]("settling", ())  # as it is shown
    settled = KeptByName[str | None]("settled {}".format, None)
    picture = Kept("picture", "Time to units")
    panel = Kept[str | None]("panel", None)
    fee_problems = Kept[list[Any]]("fee problems", [])
    fee_words = Kept("fee words", "")  # what was read from a list of fees
    typed_fee = KeptByName[float | None]("fee {}".format, None)
    asked_fees = Kept[list[str]]("asked fees", [])  # services whose price is asked in their row
    print_asked = Kept("print asked", -inf)  # when, by the clock that only goes on
    opened_shared = Kept("opened shared", False)  # by a link that holds a visit
    left = Kept[Params | None]("left", None)  # the visit before the next patient

    # Compare and the guide.
    compared = Kept[list[str]](COMPARE.own["codes"].key, [])
    compare_problem = Kept("compare_problem", "")
    way = Kept[str | None]("way", None)
    of_years = Kept[str | None]("of years", None)
    compare_tab = Kept[str | None]("tab", None)
    figures = Kept("figures", False)
    code = Kept[str | None](GUIDE.own["code"].key, None)
    guide_search = Kept("guide_search", "")
    guide_category = Kept[str | None]("guide_category", None)
    guide_opened = Kept[str | None]("guide_opened", None)  # a code of the table that was chosen
    guide_table = Kept[Any]("guide_table", None)

    # The plan: its phases as entered, the boxes in which they are, and what was found of it.
    phases = Kept[list[PhaseInput]](PHASES, [])
    plan_first = Kept(PLAN.own["first"].key, "")
    plan_again = Kept(PLAN.own["again"].key, "")
    plan_offs = Kept[dict[str, str]](PLAN.own["offs"].key, {})
    plan_box = KeptByName[Any]("plan box {}".format, None)
    plan_priced = Kept[tuple[Any, Any] | None]("plan priced", None)
    plan_sides = Kept[tuple[Any, Any] | None]("plan sides", None)
    plan_inputs = Kept[str | None]("plan inputs", "Insurance")
    plan_panel = Kept[str | None]("plan panel", "By visit")
    plan_template = Kept[str | None]("plan template", None)
    plan_share = Kept("plan share", False)  # whether the link is shown
    plan_name = Kept("plan name", "")
    plan_names = Kept[list[str]]("plan names", [])
    plans_kept = Kept[dict[str, Params]]("plans kept", {})  # named plans, as links

    # The printed sheets, by page: which one, in what language, and what is typed for it. Of one
    # patient and gone with the tab: diagnoses, what was paid.
    sheet = KeptByName[str | None]("sheet {}".format, None)
    paper = KeptByName[Any](
        "paper {}".format, None
    )  # the component that shows a sheet, by its name
    sheet_language = Kept("sheet language", "en")
    sheet_diagnoses = Kept("sheet diagnoses", "")
    sheet_paid = Kept[float | None]("sheet paid", None)
    sheet_visits = Kept("sheet visits", 1)
    sheet_primary = Kept("sheet primary", "")
    sheet_separate = Kept("sheet separate", "")
    sheet_ways = Kept[Values]("sheet ways", ())  # to pay, as the care plan offers them
    sheet_asked = Kept("sheet asked", "Scheduled")
    sheet_day = Kept[Any]("sheet day", None)
    sheet_until = Kept[Any]("sheet until", None)
    prepay_state = Kept[str | None]("prepay state", None)

    # What is folded away on any page, by its name: whether it is open.
    fold = KeptByName("fold {}".format, False)

    # The audit: the file in use, how it is read, and what was found, with what it was found from.
    visits = Kept[Any]("visits", None)
    use_sample = Kept("use_sample", False)
    audit_file = Kept("audit_file", "")
    left_out = Kept[list[str]]("left_out", [])
    column = KeptByName[Values]("column {}".format, ())
    audit_open = Kept[tuple[object, Any] | None]("audit open", None)  # a file once opened
    audit_sheet = KeptByName("audit sheet {}".format, "")  # by file
    audit_minutes = Kept("audit_minutes", "line")
    audit_minutes_of = Kept("audit minutes of", "")  # the file that it was answered for
    audit_payers = Kept[dict[str, str]]("audit payers", {})  # ids by names in files
    audit_payer = KeptByName("audit payer {}".format, "")  # the boxes in which they are chosen
    audit = Kept[tuple[object, Any] | None]("audit", None)
    audit_settings = Kept[bool | None]("audit_settings", None)
    audit_levels = Kept[list[str]]("audit_levels", [])
    audit_filter = KeptByName[Values]("audit_{}".format, ())
    audit_row = Kept[Mapping[str, str]]("audit_row", {})

    @property
    def state(self) -> Mapping[Any, Any]:
        """The state as a link is written from it."""
        return st.session_state

    def begin_anew(self, inputs: Mapping[str, Any], repeats: Callable[[str], bool]) -> None:
        """Take a link's inputs, and forget what is on their page of the inputs before: what
        `repeats` once per service, minutes on their way, and what could not be compared."""
        tapped = self.tapped.key("")
        for key in [str(key) for key in st.session_state]:
            if repeats(key) or key.startswith(tapped):
                del st.session_state[key]
        del self.compare_problem
        st.session_state.update(inputs)

    def begin_next(self, page: PageLink) -> None:
        """The next patient: of a page's inputs only the settings that are the clinic's stay."""
        self.left = link = page.encode(self.state)
        self.is_example = self.senders_own = False
        self.removed, self.asked_fees = None, []
        del self.sheet_diagnoses, self.sheet_paid
        clinics = {name: text for name, text in link.items() if name in CLINIC}
        self.begin_anew(page.decode(clinics)[0], page.repeats)
        self.touched = True

    def begin_as_remembered(self) -> None:
        """Begin with what the device remembers: not with the example, but with an empty visit."""
        if self.page == VISIT.page and self.is_example:
            settings = {name: text for name, text in VISIT.encode(self.state).items()
                        if name in SETTINGS}  # fmt: skip
            self.begin_anew(VISIT.decode(settings)[0], VISIT.repeats)
            self.is_example = False
        self.settings = {name: text for name, text in COMPARE.encode(self.state).items()
                         if name in SETTINGS}  # fmt: skip
        self.touched = True

    def take_back(self, page: PageLink) -> None:
        """Bring back what `begin_next` has cleared."""
        if self.left is not None:
            self.begin_anew(page.decode(self.left)[0], page.repeats)
        self.left = None
        self.touched = True

    def forget_file(self, file: str = "") -> None:
        """Keep nothing of the audited file before this one, nor of what was found in it."""
        if (before := self.audit_file) == file:
            return
        self.audit_file = file
        del self.audit, self.audit_open, self.left_out
        context = get_script_run_ctx()
        if context and isinstance(context.uploaded_file_mgr, MemoryUploadedFileManager):
            # Else Streamlit keeps what was uploaded on a page that was left, until the tab is.
            context.uploaded_file_mgr.remove_file(context.session_id, before)

    def set_input(self, key: str, value: Any) -> None:
        """Set an input by the name its field in a link has here."""
        st.session_state[key] = value

    def say_again(self, *keys: str) -> None:
        """Set inputs to what they are: those drawn only now, or when a popover opens, would come
        empty, and send that as an answer."""
        for key in keys:
            if key in st.session_state:
                st.session_state[key] = st.session_state[key]


session = Session()


def input_callback(change: Callable[P, None]) -> Callable[P, None]:
    """Of a widget's callback, as each is: says that an input changed, so that the run which
    follows does not take the address from before for one that was typed (`address.sync`)."""

    @wraps(change)
    def changed(*args: P.args, **kwargs: P.kwargs) -> None:
        session.touched = True
        change(*args, **kwargs)

    return changed
