"""All that is public, found by looking: what each door hands out, and good arguments for it.

A door is `chirocalc` itself and the `__init__` of each room but the screen's. What a module behind
a door defines, and the methods of classes that a door hands out, are public too.
"""

import importlib
import inspect
import io
import pkgutil
from collections.abc import Callable
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

import chirocalc
from chirocalc import Settings, audit, plan, rules, sheets, tables, track, visit
from chirocalc.audit.rows import read_rows
from chirocalc.codes import search
from chirocalc.links import VISIT
from chirocalc.tables import rates

VISITS = b"Visit,Date,Code,Minutes,Units\n1,2026-03-02,98941,,1\n1,2026-03-02,97110,20,1\n"
LINES = pd.DataFrame({"code": ["98941", "97110", "97140"], "minutes": [None, 33, 7]})


class Public(NamedTuple):
    """A public function, by module and name, and for a method an object to call it on."""

    name: str
    call: Callable[..., Any]
    of: Any = None

    @property
    def parameters(self) -> dict[str, str]:
        """Its arguments and how each is annotated, as it is written."""
        names = inspect.signature(self.call).parameters.values()
        return {each.name: str(each.annotation) for each in names if each.name != "self"}


def doors() -> list[Any]:
    """The package, and each room but the screen."""
    rooms = [each.name for each in pkgutil.iter_modules(chirocalc.__path__) if each.ispkg]
    names = [f"chirocalc.{room}" for room in rooms if room != "ui"]
    return [chirocalc, *map(importlib.import_module, names)]


def handed_out() -> list[Any]:
    """All objects behind the doors, those of modules among them."""
    found = []
    for door in doors():
        for member in (getattr(door, name) for name in door.__all__):
            if inspect.ismodule(member):
                inside = vars(member).items()
                found += [
                    each
                    for name, each in inside
                    if name[0] != "_" and getattr(each, "__module__", "") == member.__name__
                ]
            else:
                found.append(member)
    return found


# The house's own steps, called with what it has made or read itself: loops over its arrays and
# records, cents by cents, when files were changed, the decorator of what is kept, the checks that
# others are made of.
INSIDE = {
    "links.base.PageLink.check",
    "links.base.PageLink.read_part",
    "sheets.audit.links_to_do",
    "rules.cents.half_up",
    "rules.cents.share_of",
    "rules.estimate.Worth.of_lines",
    "rules.estimate.Worth.rvus",
    "rules.hint_rules.HintRule.fits",
    "rules.hint_rules.HintRule.holds",
    "rules.hint_rules.HintRule.is_about",
    "rules.reading.ReadLines.services",
    "rules.services.Lines.of_visits",
    "tables.books.Book.content",
    "tables.books.Book.frame",
    "tables.books.Book.next",
    "tables.books.kept",
    "tables.code_table.check_key",
    "tables.journal.mark",
    "tables.journal.undisturbed",
    "tables.schema.check_known",
}


def functions() -> dict[str, Public]:
    """All public functions and methods that a caller gives anything, by module and name."""
    found = {}
    for member in handed_out():
        if inspect.isclass(member):
            methods = {name: each for name, each in vars(member).items() if name[0] != "_"}
            for each in methods.values():
                is_static = isinstance(each, staticmethod)
                _add(found, each.__func__ if is_static else each, None if is_static else member)
        else:
            _add(found, member, None)
    return found


def _add(found: dict[str, Public], member: Any, of: Any) -> None:
    plain = inspect.unwrap(member)
    if inspect.isfunction(plain):
        name = f"{plain.__module__}.{plain.__qualname__}".removeprefix("chirocalc.")
        public = Public(name, member, of)
        if public.parameters and name not in INSIDE:
            found[name] = public


def classes() -> set[type]:
    """All public classes."""
    return {member for member in handed_out() if inspect.isclass(member)}


# Good arguments


@cache
def told() -> rules.Answer:
    return chirocalc.estimate(LINES, Settings(date="2026-03-02")).answer()


@cache
def opened() -> audit.VisitFile:
    return audit.open_file(VISITS, "visits.csv")


@cache
def audited() -> audit.Audit:
    return audit.audit_in_memory([opened()], audit.columns_of([opened()]), Settings())


@cache
def packed() -> audit.Packed:
    parts = [audited()]
    return audit.Packed.of(parts)


@cache
def planned() -> plan.Schedule:
    phase = plan.Phase("Care", tuple(_services()), visits=3)
    return plan.price_plan(plan.Plan(date(2026, 3, 2), (phase,), Settings(payer="self-pay")))


def bill() -> sheets.Bill:
    return sheets.bill_of_planned(planned().visits[0])


@cache
def logged() -> tuple[track.Row, ...]:
    return tuple(track.sample_rows(date(2026, 3, 2))[:40])


@cache
def priced() -> pd.DataFrame:
    rows = track.priced(track.frame_of(logged()), lambda payer, place: Settings())
    return rows.assign(kind=rows["code"].astype("category"))


def _lines() -> rules.Lines:
    return rules.Lines.of(_services())


def _services() -> list[rules.Service]:
    return [line.service for line in told().lines]


def _rows() -> Any:
    (batch,) = opened().batches(list(opened().header))
    return read_rows(batch, audit.columns_of([opened()]))


# By annotation: how a good argument is made.
BY_KIND: dict[str, Callable[[], Any]] = {
    "Answer": told,
    "Answer | None": lambda: search.answer("cupping"),
    "Any": lambda: "a",
    "ArrayLike": lambda: 1.0,
    "Audit": audited,
    "Bill": bill,
    "BinaryIO": lambda: io.BytesIO(VISITS),
    "Book | None": lambda: None,
    "Bools": lambda: np.ones(3, np.bool_),
    "CalendarDay": lambda: date(2026, 3, 2),
    "Callable[..., T]": lambda: lambda *given: given,
    "Callable[[int, int], None]": lambda: lambda done, of: None,
    "Callable[[str, str], Settings]": lambda: lambda payer, place: Settings(),
    "Callable[[str], OwnPrices]": lambda: lambda payer: visit.OwnPrices(),
    "Callable[[str], bool]": lambda: lambda text: False,
    "Callable[[str], object] | None": lambda: lambda text: None,
    "Chain": lambda: visit.payment_chain(told()),
    "Claim": lambda: visit.claim(told()),
    "Clinic": sheets.Clinic,
    "Code": lambda: tables.records()["97110"],
    "Collection[str]": lambda: ["fix"],
    "Columns": lambda: audit.columns_of([opened()]),
    "Columns | None": lambda: None,
    "Count": lambda: 5,
    "Count | None": lambda: 5,
    "Counted": priced,
    "Day": lambda: "2026-03-02",
    "Days": lambda: track.Days.of(priced()),
    "Desk": lambda: visit.desk(told(), visit.OwnPrices()),
    "Dollars": lambda: 10.0,
    "Dollars | None": lambda: 10.0,
    "Exported": priced,
    "Files": lambda: [opened()],
    "FirstGrain": lambda: "week",
    "GivenRow": lambda: logged()[0],
    "GivenSpan": lambda: track.Span(date(2026, 2, 1), date(2026, 2, 28)),
    "Grain": lambda: "month",
    "HintRule": lambda: rules.hint_rules()[0],
    "Hours | None": lambda: 30,
    "How": audit.How,
    "Ints": lambda: np.zeros(3, np.int64),
    "Iterable[Audit]": lambda: [audited()],
    "Iterable[Bill]": lambda: [bill()],
    "Iterable[ClaimRow]": lambda: sheets.claims_of([bill()])[0],
    "Iterable[FileHead]": lambda: [opened()],
    "Iterable[Line]": lambda: told().lines,
    "Iterable[Path | str]": lambda: [],
    "Iterable[Path]": lambda: [],
    "Iterable[Row]": logged,
    "Iterable[Service]": _services,
    "Iterable[Totals]": lambda: [audited().totals],
    "Iterable[VisitFile]": lambda: [opened()],
    "Iterable[bytes]": lambda: [VISITS],
    "Iterable[str]": lambda: ["lumbar"],
    "Iterable[tuple[Source, str]]": lambda: [(VISITS, "visits.csv")],
    "Iterable[tuple[int, bool]]": lambda: [(2500, False)],
    "Key": lambda: "97110",
    "Keys": lambda: ("97110", "97112"),
    "Kept": lambda: {"goal": 4000, "survey": {"25": 3000}},
    "Known": priced,
    "Language": lambda: "es",
    "Layout": lambda: opened().layout,
    "Line": lambda: told().lines[0],
    "Lines": _lines,
    "LinesOfAudit": lambda: audited().lines,
    "Log": lambda: track.Log(logged()),
    "ManyTerms": lambda: [rules.terms(Settings())],
    "Mapping[Path, bytes]": dict,
    "Mapping[Path, bytes] | None": dict,
    "Mapping[int, float | None]": lambda: {25: 3000, 50: 4000.5, 75: None},
    "Mapping[str, Column]": lambda: {"a": tables.Column(".*", "anything")},
    "Mapping[str, Mapping[str, Any]]": dict,
    "Mapping[str, Reported]": lambda: {"2026-02": track.Reported(1000, None)},
    "Mapping[str, Row | None]": lambda: {logged()[0].id: logged()[0], "none": None},
    "Mapping[str, int]": lambda: {"97110": 4500},
    "Mapping[str, int] | None": lambda: {"97110": 4500},
    "Mapping[str, pd.DataFrame]": lambda: {"Sheet": pd.DataFrame({"a": ["b"]})},
    "Mapping[str, str]": lambda: {"payer": "medicare"},
    "Minutes": lambda: 30,
    "NamedPeriod": lambda: "last month",
    "Option": lambda: plan.options(planned(), plan.Terms())[0],
    "OwnPrices": visit.OwnPrices,
    "Path": lambda: Path("nowhere.csv"),
    "Path | None": lambda: None,
    "Path | bytes | BinaryIO": lambda: VISITS,
    "Period": rates.current,
    "PeriodOrSpan": lambda: "range",
    "Place": lambda: 5,
    "Place | None": lambda: 0,
    "Plan": lambda: planned().plan,
    "PlannedVisit": lambda: planned().visits[0],
    "Priced": priced,
    "Problems | None": lambda: None,
    "Reasons": lambda: visit.explain(told()),
    "Reduction": lambda: rules.terms(Settings()).reduction,
    "Rows": _rows,
    "Said": lambda: 1,
    "Schedule": planned,
    "Sequence[Bill]": lambda: [bill()],
    "Sequence[FileHead]": lambda: [opened()],
    "Sequence[Line]": lambda: told().lines,
    "Sequence[Option]": lambda: plan.options(planned(), plan.Terms()),
    "Sequence[Path]": lambda: [],
    "Sequence[Price]": lambda: [line.price for line in told().lines],
    "Sequence[Row]": logged,
    "Sequence[Sequence[ClaimRow]]": lambda: sheets.claims_of([bill()]),
    "Sequence[Service]": _services,
    "Sequence[int]": lambda: [1, 2, 1],
    "Sequence[str]": lambda: ["GP"],
    "Sequence[str] | None": lambda: None,
    "Sequence[tables.Region]": lambda: ["lumbar"],
    "Settings": Settings,
    "Settings | None": Settings,
    "Specialty": lambda: "pt",
    "State": dict,
    "Sum": lambda: "work",
    "SumOrDays": lambda: "days",
    "Summed": priced,
    "TableName": lambda: "lines",
    "Terms": lambda: plan.Terms(down=1000),
    "TextIO": io.StringIO,
    "Texts": lambda: priced()["date"],
    "Timed": lambda: _lines().timed,
    "Totals": lambda: audited().totals,
    "Worked": priced,
    "bool": lambda: True,
    "bool | Bools": lambda: True,
    "bool | None": lambda: True,
    "bytes": lambda: b"code,fee\n97110,45.00\n",
    "date": lambda: date(2026, 3, 2),
    "date | None": lambda: date(2026, 3, 2),
    "float": lambda: 0.5,
    "float | None": lambda: 20.0,
    "frozenset[str]": frozenset,
    "int": lambda: 1,
    "int | None": lambda: 1,
    "list[Audit]": lambda: [audited()],
    "list[Hit]": lambda: search.find("knee"),
    "list[str]": lambda: ["Code"],
    "object": lambda: "a",
    "pd.DataFrame | None": lambda: opened().sample,
    "pd.Series": lambda: tables.codes().iloc[0],
    "rates.Period": rates.current,
    "rates.Period | None": rates.current,
    "str": lambda: "97110",
    "str | None": lambda: None,
    "tables.Day | Literal['']": lambda: "2026-03-02",
    "tables.Key": lambda: "97110",
    "tuple[Any, ...]": tuple,
}

# Of arguments whose annotation says too little.
BY_NAME: dict[str, Callable[[], Any]] = {
    "audit.parts.columns_of:files": lambda: [opened()],
    "audit.parts.joined:parts": lambda: [audited()],
    "audit.columns.recognize:header": lambda: opened().header,
    "audit.parts.with_file_names:names": lambda: ["visits.csv"],
    "audit.words.listed:found": lambda: pd.DataFrame({"rule": ["a"], "row": [1], "dollars": [1.0]}),
    "audit.words.way_words:way": lambda: "line",
    "audit.words.lacks:name": lambda: "minutes",
    "audit.apart.audit_file:content": lambda: VISITS,
    "audit.apart.opened_file:content": lambda: VISITS,
    "audit.packed.Packed.at:places": lambda: np.array([1, 0]),
    "audit.packed.Packed.at:columns": lambda: ["code", "date"],
    "audit.packed.Packed.pieces:columns": lambda: ["code"],
    "rules.estimate.billed_worth:lines": lambda: LINES,
    "rules.estimate.billed_worth:billed": lambda: np.array([1, -1, 2]),
    "rules.estimate.estimate:lines": lambda: LINES,
    "rules.reading.read_lines:frame": lambda: LINES,
    "rules.units.assign_units:visit": lambda: [1, 1],
    "rules.units.assign_units:minutes": lambda: [20, 20],
    "rules.units.assign_units:rule": lambda: "cms",
    "rules.settings.Settings.profile:column": lambda: "name",
    "rules.answer.Answer.changes_since:before": lambda: rates.before(rates.current()),
    "rules.estimate.price_lines:group": lambda: np.zeros(3, np.int64),
    "rules.patterns.allowed_all:group": lambda: np.zeros(1, np.int64),
    "rules.patterns.find_all:group": lambda: np.zeros(1, np.int64),
    "rules.prices.rvus_of:place": lambda: "office",
    "sheets.parts.stamped:table": lambda: pd.DataFrame({"a": [1]}),
    "tables.code_table.full_name:row": lambda: tables.codes().iloc[0],
    "tables.payment.most:name": lambda: "part_b_deductible",
    "tables.payment.newest_release:table": lambda: "rvus",
    "tables.payment.profile:payer": lambda: "medicare",
    "tables.places.locality_of_zip:zip_code": lambda: "60601",
    "tables.rates.amount:name": lambda: "part_b_deductible",
    "tables.rates.number_of:days": lambda: pd.Series(["2026-03-02"]),
    "tables.schema.check_values:frame": lambda: pd.DataFrame({"a": ["b"]}),
    "tables.schema.read_table:content": lambda: b"a\nb\n",
    "tables.table.Table.read:content": lambda: tables.book().content("asked.csv"),
    "tables.table.Table.keyed:content": lambda: tables.book().content("asked.csv"),
    "track.benchmarks.Survey.read:content": lambda: b"percentile,wrvu\n25,3000\n50,4000\n",
    "track.benchmarks.Survey.stands:value": lambda: 3500.0,
    "track.days.Days.of:rows": priced,
    "track.days.ordinals:rows": priced,
    "track.days.places:ordinals": lambda: track.ordinals(priced()),
    "track.files.read_file:content": lambda: VISITS,
    "track.pricing.priced:rows": lambda: track.frame_of(logged()),
    "track.projection.project:weeks_off": lambda: 2,
    "track.reported.read_reported:content": lambda: b"month,wrvu,dollars\n2026-02,10.5,\n",
    "visit.record.record:day": lambda: "March 2, 2026",
}

# What methods are called on.
OWNERS: dict[str, Callable[[], Any]] = {
    "Answer": told,
    "Estimate": lambda: chirocalc.estimate(LINES),
    "FileHead": opened,
    "Days": lambda: track.Days.of(priced()),
    "Log": lambda: track.Log(logged()),
    "Offer": lambda: track.Offer(1000, ((0, 4000), (100_000, 5000))),
    "Option": lambda: plan.options(planned(), plan.Terms())[0],
    "Packed": packed,
    "PageLink": lambda: VISIT,
    "Schedule": planned,
    "Span": lambda: track.Span(date(2026, 2, 1), date(2026, 2, 28)),
    "Survey": lambda: track.Survey.of({25: 3000, 50: 4000}),
    "Settings": Settings,
    "Table": lambda: tables.asked,
    "VisitFile": opened,
}


def good(public: Public, argument: str) -> Any:
    """A good argument; a `KeyError` says of which kind there is none here yet."""
    made = BY_NAME.get(f"{public.name}:{argument}") or BY_KIND[public.parameters[argument]]
    return made()


def called(public: Public, **changed: Any) -> Any:
    """What a public function gives for good arguments, some of them changed."""
    given = {name: good(public, name) for name in public.parameters if name not in changed}
    given |= changed
    several = [
        given.pop(name)
        for name, each in inspect.signature(public.call).parameters.items()
        if each.kind is each.VAR_POSITIONAL
    ]
    on = [OWNERS[public.of.__name__]()] if public.of else []
    return public.call(*on, *several, **given)
