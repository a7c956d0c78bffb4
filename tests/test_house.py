"""The house: rooms and their arrows, Streamlit outside, the public names as documented."""

import ast
import dataclasses
import importlib
from pathlib import Path

import pandas as pd
import pytest

import chirocalc
from chirocalc import Settings

ROOT = Path(__file__).parent.parent
EVERYWHERE = {"errors", "arrays", "checked", "given", "words", "version"}
# Which rooms a room may look into, besides its own; "" stands for the modules used everywhere.
BASE = {"", "tables", "rules", "exports"}
MIDDLE = {"visit", "codes", "audit", "cms", "track", "self_test"}
ARROWS = {
    "": set(),
    "tables": {""},
    "rules": {"", "tables"},
    **dict.fromkeys(MIDDLE, BASE),
    "plan": BASE | {"visit"},  # many visits, each told
    "track": BASE | {"audit"},  # takes what the audit can read
    "exports": {""},
    "sheets": BASE | {"visit", "codes", "audit", "plan", "track"},
    "links": BASE | {"codes", "audit", "plan"},
    "ui.charts": set(),
    "ui.shared": BASE | MIDDLE | {"plan", "sheets", "links"},
    **dict.fromkeys(
        ["ui.compare", "ui.guide", "ui.audit", "ui.track", "ui.sources"],
        BASE | MIDDLE | {"plan", "exports", "sheets", "links", "ui.charts", "ui.shared"},
    ),
    **dict.fromkeys(
        ["ui.visit", "ui.plan"],  # the pages of which sheets are printed
        BASE
        | MIDDLE
        | {"plan", "exports", "sheets", "links", "ui.charts", "ui.shared", "ui.sheets"},
    ),
    "ui.sheets": BASE | MIDDLE | {"plan", "sheets", "links", "ui.shared"},
    "__main__": BASE | MIDDLE | {"exports", "sheets"},
    "chirocalc": {"", "rules"},
    "pages": BASE | MIDDLE | {"chirocalc", "links", "ui"},
}
SCREEN = {"streamlit", "altair"}


def module_name(path):
    """`chirocalc/rules/units.py` as `chirocalc.rules.units`."""
    return ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")


MODULES = {
    module_name(path): path
    for path in [
        ROOT / "app.py",
        *sorted((ROOT / "pages").glob("*.py")),
        *sorted((ROOT / "chirocalc").rglob("*.py")),
    ]
}


def room_of(name):
    """The room a module stands in: "rules" for `chirocalc.rules.units`, "" for `errors`."""
    first, *rest = name.split(".")
    if first != "chirocalc":
        return "pages"
    if not rest:
        return "chirocalc"
    if rest[0] == "ui":
        return ".".join(rest[:2])
    return "" if rest[0] in EVERYWHERE else rest[0]


def imports_of(name):
    """Every name a module imports, with the module it is taken from, wherever in it that stands."""
    path = MODULES[name]
    package = name if path.stem == "__init__" else name.rpartition(".")[0]
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {(alias.name, "") for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            base = package.split(".")[: len(package.split(".")) - node.level + 1]
            module = ".".join([*(base if node.level else []), *filter(None, [node.module])])
            found |= {(module, alias.name) for alias in node.names}
    return found


def looked_into(name):
    """The rooms of others that a module imports from, each as (module, name)."""
    here = room_of(name)
    for module, member in imports_of(name):
        whole = f"{module}.{member}"
        if whole in MODULES and module in ("chirocalc", "chirocalc.ui"):
            found = whole, ""
        else:
            found = module, member
        if module.split(".")[0] in ("chirocalc", "app", "pages") and room_of(found[0]) != here:
            yield found


@pytest.mark.parametrize("name", MODULES)
def test_rooms_know_only_those_below(name):
    """A page knows no other page, the engine no screen: the arrows are the table above."""
    rooms = {room_of(module) for module, _ in looked_into(name)}
    allowed = ARROWS[room_of(name)] if room_of(name) != "ui" else set()
    assert {
        "ui" if here.startswith("ui.") and "ui" in allowed else here for here in rooms
    } <= allowed


@pytest.mark.parametrize("name", MODULES)
def test_rooms_are_entered_by_the_door(name):
    """From another room only what its `__init__` hands out is taken, by name."""
    for module, member in looked_into(name):
        alone = MODULES[module].parent in (ROOT / "chirocalc", ROOT / "chirocalc" / "ui")
        door = MODULES[module].stem == "__init__" or alone  # a room of one module
        assert door, f"{name} reaches into {module} for {member}"
        handed_out = getattr(importlib.import_module(module), "__all__", None)
        assert handed_out is None or not member or member in handed_out, (name, module, member)


def test_each_door_says_what_is_behind_it():
    """A sentence on what the room answers, and names that are there."""
    for name, path in MODULES.items():
        if path.stem == "__init__":
            module = importlib.import_module(name)
            assert "." in (module.__doc__ or "").strip().splitlines()[0]
            assert all(hasattr(module, member) for member in getattr(module, "__all__", []))


def test_imports_are_seen():
    """The walk above finds what is there: relative, absolute, of modules and of names."""
    assert {("chirocalc.tables", "rates"), ("numpy", "")} <= imports_of("chirocalc.rules.prices")
    assert ("chirocalc.rules.units", "assign_units") in imports_of("chirocalc.rules")
    assert {"links", "ui.shared", "ui.visit"} <= {
        room_of(module) for module, _ in looked_into("app")
    }


@pytest.mark.parametrize("name", [n for n in MODULES if n.split(".")[:2] != ["chirocalc", "ui"]])
def test_streamlit_stays_on_the_screen(name):
    """Only chirocalc.ui, app.py and pages/ may know of Streamlit and Altair."""
    roots = {module.split(".")[0] for module, _ in imports_of(name)}
    if name.startswith("chirocalc"):
        assert not roots & SCREEN
    else:
        assert "streamlit" in roots


# The public names (design 2)


def test_public_names_are_the_documented():
    """What outside checks may call, each with its docstring."""
    assert sorted(chirocalc.__all__) == [
        "Estimate", "InputError", "Settings", "assign_units", "estimate", "fee",
    ]  # fmt: skip
    assert all(getattr(chirocalc, name).__doc__ for name in chirocalc.__all__)
    assert issubclass(chirocalc.InputError, ValueError)


def test_settings_are_the_documented():
    """Fields and defaults of the design, in that order, then what hints and payers add; frozen."""
    assert [(field.name, field.default) for field in dataclasses.fields(Settings)] == [
        ("payer", "medicare"),
        ("locality", "national"),
        ("place", "office"),
        ("provider", "chiropractor"),
        ("phase", None),
        ("apm", False),
        ("participating", True),
        ("unit_rule", None),
        ("percent", None),
        ("mppr", None),
        ("therapy_modifier", None),
        ("chiropractor_codes", None),
        ("abn", None),
        ("kx_used", None),
        ("date", None),
    ]
    with pytest.raises(dataclasses.FrozenInstanceError):
        Settings().payer = "va"
    assert hash(Settings()) == hash(Settings(payer="medicare"))


def example():
    """The visit of the documentation, and one with a hint."""
    lines = pd.DataFrame(
        {
            "visit": [1, 1, 1, 2],
            "code": ["98941", "97110", "97140", "97811"],
            "minutes": [None, 33, 7, 15],
        }
    )
    return chirocalc.estimate(lines, Settings(payer="medicare", locality="national"))


def test_lines_are_as_documented():
    """One row per visit and code, these columns in this order."""
    lines = example().lines
    assert list(lines.columns) == [
        "visit", "code", "minutes", "units", "units_cms", "units_cpt", "full_units", "leftover",
        "extra_unit", "tied", "work_rvu", "pe_rvu", "mp_rvu", "total_rvu", "fee", "allowed",
        "covered",
    ]  # fmt: skip
    assert list(zip(lines["visit"], lines["code"], strict=True)) == [
        (1, "98941"), (1, "97110"), (1, "97140"), (2, "97811"),
    ]  # fmt: skip
    assert set(map(str, lines[["extra_unit", "tied", "covered"]].dtypes)) == {"bool"}


def test_visits_are_as_documented():
    """One row per visit, by its key."""
    visits = example().visits
    assert list(visits.columns) == [
        "timed_minutes", "units", "work_rvu", "total_rvu", "fee", "allowed", "lines_without_rvu",
    ]  # fmt: skip
    assert (visits.index.name, list(visits.index)) == ("visit", [1, 2])
    assert visits["timed_minutes"].tolist() == [40, 0]


def test_findings_are_as_documented():
    """One row per hint; the same columns where there is none."""
    findings = example().findings
    columns = ["visit", "code", "rule", "level", "modifier", "text", "source"]
    assert list(findings.columns) == columns
    assert [2, "97811", "addon"] in findings[["visit", "code", "rule"]].values.tolist()
    alone = pd.DataFrame({"code": ["97110"], "minutes": [15]})
    nothing = chirocalc.estimate(alone, Settings(payer="commercial-midpoint")).findings
    assert (len(nothing), list(nothing.columns)) == (0, columns)


def test_fee_takes_scalars_and_arrays():
    """Dollars to the cent: 97110 nationally, whole and reduced."""
    rvus = (0.45, 0.41, 0.01, 1, 1, 1, 33.4009)
    assert chirocalc.fee(*rvus) == 29.06
    assert chirocalc.fee(*rvus, pe_share=[1.0, 0.5]).tolist() == [29.06, 22.21]


def test_assign_units_takes_arrays_of_equal_length():
    """15-minute lines of two visits under both rules."""
    visit, minutes = ["a", "a", "b"], [33, 7, 8]
    assert chirocalc.assign_units(visit, minutes, "cms").tolist() == [2, 1, 1]
    assert chirocalc.assign_units(visit, minutes, "cpt").tolist() == [2, 0, 1]


@pytest.mark.parametrize(
    ("minutes", "rule", "words"),
    [
        ([15, -1], "cms", "row 2, minutes: '-1.0' must be whole minutes"),
        ([15, 7.5], "cpt", "row 2, minutes: '7.5' must be whole minutes"),
        ([float("nan"), 8], "cms", "must be whole minutes"),
        ([float("inf"), 8], "cpt", "row 1, minutes: 'inf' must be whole minutes"),
        ([15], "cms", "equal length"),
        ([15, 8], "ama", "rule: 'ama' must be cms or cpt"),
    ],
)
def test_assign_units_names_what_it_cannot_use(minutes, rule, words):
    """Row, value and what is allowed."""
    with pytest.raises(chirocalc.InputError) as caught:
        chirocalc.assign_units([1, 1], minutes, rule)
    assert words in str(caught.value)
