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
from chirocalc import Settings, audit, rules, tables, visit
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
# records, the decorator of what is kept, the checks that others are made of.
INSIDE = {
    "links.base.PageLink.read_part",
    "sheets.audit.links_to_do",
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
    "ArrayLike": lambda: 1.0,
    "Audit": audited,
    "BinaryIO": lambda: io.BytesIO(VISITS),
    "Bools": lambda: np.ones(3, np.bool_),
    "bool | Bools": lambda: True,
    "Book | None": lambda: None,
    "Callable[[int, int], None]": lambda: lambda done, of: None,
    "Callable[[str], OwnPrices]": lambda: lambda payer: visit.OwnPrices(),
    "Callable[[str], bool]": lambda: lambda text: False,
    "Chain": lambda: visit.payment_chain(told()),
    "Claim": lambda: visit.claim(told()),
    "Code": lambda: tables.records()["97110"],
    "Collection[str]": lambda: ["fix"],
    "Columns": lambda: audit.columns_of([opened()]),
    "Count": lambda: 5,
    "Day": lambda: "2026-03-02",
    "Desk": lambda: visit.desk(told(), visit.OwnPrices()),
    "Dollars": lambda: 10.0,
    "Dollars | None": lambda: 10.0,
    "Files": lambda: [opened()],
    "HintRule": lambda: rules.hint_rules()[0],
    "How": audit.How,
    "Ints": lambda: np.zeros(3, np.int64),
    "Iterable[FileHead]": lambda: [opened()],
    "Iterable[Path | str]": lambda: [],
    "Iterable[Path]": lambda: [],
    "Iterable[Service]": _services,
    "Iterable[Totals]": lambda: [audited().totals],
    "Iterable[VisitFile]": lambda: [opened()],
    "Iterable[bytes]": lambda: [VISITS],
    "Iterable[str]": lambda: ["lumbar"],
    "Iterable[tuple[Source, str]]": lambda: [(VISITS, "visits.csv")],
    "Iterable[tuple[int, bool]]": lambda: [(2500, False)],
    "Key": lambda: "97110",
    "Keys": lambda: ("97110", "97112"),
    "Layout": lambda: opened().layout,
    "Lines": _lines,
    "LinesOfAudit": lambda: audited().lines,
    "ManyTerms": lambda: [rules.terms(Settings())],
    "State": dict,
    "Mapping[Path, bytes]": dict,
    "Mapping[Path, bytes] | None": dict,
    "Mapping[str, Column]": lambda: {"a": tables.Column(".*", "anything")},
    "Mapping[str, Mapping[str, Any]]": dict,
    "Mapping[str, int]": lambda: {"97110": 4500},
    "Mapping[str, pd.DataFrame]": lambda: {"Sheet": pd.DataFrame({"a": ["b"]})},
    "Mapping[str, str]": lambda: {"payer": "medicare"},
    "Minutes": lambda: 30,
    "OwnPrices": visit.OwnPrices,
    "Path": lambda: Path("nowhere.csv"),
    "Path | None": lambda: None,
    "Path | bytes | BinaryIO": lambda: VISITS,
    "Period": rates.current,
    "Reasons": lambda: visit.explain(told()),
    "Reduction": lambda: rules.terms(Settings()).reduction,
    "Rows": _rows,
    "Sequence[FileHead]": lambda: [opened()],
    "Sequence[Path]": lambda: [],
    "Sequence[Price]": lambda: [line.price for line in told().lines],
    "Sequence[Service]": _services,
    "Sequence[int]": lambda: [1, 2, 1],
    "Sequence[str]": lambda: ["GP"],
    "Sequence[tables.Region]": lambda: ["lumbar"],
    "Settings": Settings,
    "Settings | None": Settings,
    "TextIO": io.StringIO,
    "Timed": lambda: _lines().timed,
    "Totals": lambda: audited().totals,
    "bool": lambda: True,
    "bool | None": lambda: True,
    "bytes": lambda: b"code,fee\n97110,45.00\n",
    "Any": lambda: "a",
    "date": lambda: date(2026, 3, 2),
    "date | None": lambda: date(2026, 3, 2),
    "float | None": lambda: 20.0,
    "frozenset[str]": frozenset,
    "int": lambda: 1,
    "int | None": lambda: 1,
    "Place": lambda: 5,
    "Said": lambda: 1,
    "Place | None": lambda: 0,
    "Count | None": lambda: 5,
    "list[Audit]": lambda: [audited()],
    "list[str]": lambda: ["Code"],
    "list[Hit]": lambda: search.find("knee"),
    "Answer | None": lambda: search.answer("cupping"),
    "object": lambda: "a",
    "pd.DataFrame | None": lambda: opened().sample,
    "pd.Series": lambda: tables.codes().iloc[0],
    "rates.Period": rates.current,
    "rates.Period | None": rates.current,
    "str": lambda: "97110",
    "str | None": lambda: None,
    "tables.Day | Literal['']": lambda: "2026-03-02",
    "tables.Key": lambda: "97110",
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
    "visit.record.record:day": lambda: "March 2, 2026",
}

# What methods are called on.
OWNERS: dict[str, Callable[[], Any]] = {
    "Answer": told,
    "Estimate": lambda: chirocalc.estimate(LINES),
    "FileHead": opened,
    "PageLink": lambda: VISIT,
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
