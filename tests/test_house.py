"""The house: imports go one way, Streamlit stays outside, the public names are the documented."""

import ast
import dataclasses
from pathlib import Path

import pandas as pd
import pytest

import chirocalc
from chirocalc import Settings

ROOT = Path(__file__).parent.parent
# A module may import those before it and none after it; "chirocalc" is the package's index.
ORDER = [
    "chirocalc.errors",
    "chirocalc.journal",
    "chirocalc.schema",
    "chirocalc.tables",
    "chirocalc.code_table",
    "chirocalc.rates",
    "chirocalc.settings",
    "chirocalc.regions",
    "chirocalc.line_checks",
    "chirocalc.lines",
    "chirocalc.units",
    "chirocalc.payment",
    "chirocalc.edits",
    "chirocalc.facts",
    "chirocalc.hints",
    "chirocalc.estimate",
    "chirocalc.explain",
    "chirocalc.chain",
    "chirocalc.claim",
    "chirocalc.own_fees",
    "chirocalc.compare",
    "chirocalc.guide",
    "chirocalc.search",
    "chirocalc.visit_files",
    "chirocalc.visit_rows",
    "chirocalc.audit",
    "chirocalc.audit_files",
    "chirocalc.audit_words",
    "chirocalc.sample",
    "chirocalc.exports",
    "chirocalc.cms_layouts",
    "chirocalc.cms_releases",
    "chirocalc.cms_files",
    "chirocalc.cms_tables",
    "chirocalc.cms_places",
    "chirocalc.cms_rvus",
    "chirocalc.cms_edits",
    "chirocalc.cms_update",
    "chirocalc.renewal",
    "chirocalc.self_test",
    "chirocalc.__main__",
    "chirocalc",
    "chirocalc.ui",
    "chirocalc.ui.link",
    "chirocalc.ui.frame",
    "chirocalc.ui.visit_link",
    "chirocalc.ui.inputs",
    "chirocalc.ui.services",
    "chirocalc.ui.visit_lines",
    "chirocalc.ui.sheet",
    "chirocalc.ui.charts",
    "chirocalc.ui.show",
    "chirocalc.ui.payers",
    "chirocalc.ui.compare_charts",
    "chirocalc.ui.compare_view",
    "chirocalc.ui.guide_view",
    "chirocalc.ui.audit_charts",
    "chirocalc.ui.audit_link",
    "chirocalc.ui.audit_sheet",
    "chirocalc.ui.audit_view",
    "chirocalc.ui.sources_view",
    "app",
]
SCREEN = {"streamlit", "altair"}


def module_name(path):
    """`chirocalc/ui/show.py` as `chirocalc.ui.show`."""
    return ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")


MODULES = {
    module_name(path): path
    for path in [
        ROOT / "app.py",
        *sorted((ROOT / "pages").glob("*.py")),
        *sorted((ROOT / "chirocalc").rglob("*.py")),
    ]
}


def imports_of(name):
    """Every module a module imports, wherever in it the import stands."""
    path = MODULES[name]
    package = name if path.stem == "__init__" else name.rpartition(".")[0]
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            base = package.split(".")[: len(package.split(".")) - node.level + 1]
            module = ".".join([*(base if node.level else []), *filter(None, [node.module])])
            named = {f"{module}.{alias.name}" for alias in node.names}
            found |= {member if member in MODULES else module for member in named}
    return found


def test_every_module_has_its_place():
    """A new module needs a line in the order; a page comes after all."""
    assert {name for name in MODULES if not name.startswith("pages.")} == set(ORDER)
    assert len(ORDER) == len(set(ORDER))


@pytest.mark.parametrize("name", MODULES)
def test_imports_go_one_way(name):
    """tables → settings → units, payment, hints → estimate → explain, chain → ui → app, pages."""
    ours = {module for module in imports_of(name) if module.split(".")[0] in ("chirocalc", "app")}
    assert ours <= set(MODULES)
    before = ORDER[: ORDER.index(name)] if name in ORDER else ORDER[:-1]
    assert ours <= set(before)


def test_imports_are_seen():
    """The walk above finds what is there: relative, absolute, of modules and of names."""
    assert {"chirocalc.code_table", "chirocalc.units", "chirocalc.lines", "numpy"} <= imports_of(
        "chirocalc.estimate"
    )
    assert {"chirocalc.ui.frame", "chirocalc.explain", "chirocalc.chain", "chirocalc"} <= (
        imports_of("app")
    )
    assert {"chirocalc.ui.link", "chirocalc.ui.visit_lines", "streamlit"} <= imports_of(
        "chirocalc.ui.show"
    )


@pytest.mark.parametrize("name", [n for n in MODULES if n.split(".")[:2] != ["chirocalc", "ui"]])
def test_streamlit_stays_on_the_screen(name):
    """Only chirocalc.ui, app.py and pages/ may know of Streamlit and Altair."""
    roots = {module.split(".")[0] for module in imports_of(name)}
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
