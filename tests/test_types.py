"""Values of wrong types, given to all that is public: a sentence that says where and what is
allowed, or what they plainly mean; never another exception, never a guess.

The public functions are found by looking behind the doors (`public`): one that is new is tried too,
or fails for want of a good argument here.
"""

import datetime
import inspect
import itertools
import math
from decimal import Decimal
from fractions import Fraction

import numpy as np
import pandas as pd
import public
import pyarrow as pa
import pytest
from for_each import for_each
from hypothesis import given, settings
from hypothesis import strategies as st

import chirocalc
from chirocalc import InputError, Settings, audit, plan, rules, sheets, tables, track, visit
from chirocalc.codes import compare, guide

FUNCTIONS = public.functions()

# What writes, or starts processes: tried only with what it can never take.
WITH_EFFECTS = {
    "audit.on_dask.audit_on_dask",
    "audit.on_dask.dask_client",
    "cms.undo.undo",
    "cms.update.update",
    "cms.verify.verify",
    "tables.journal.finish_renewal",
    "tables.journal.write_all",
}

ARGUMENTS = [(name, argument) for name, each in FUNCTIONS.items() for argument in each.parameters]

# Arguments that are of any type, as they say.
ANYTHING = {"Any", "object"}


class Stranger:
    """A value that nothing can take."""


NEVER = [Stranger(), Stranger, 1j]
ODD = [
    None, True, 0, -1, 2.5, math.nan, math.inf, "", "no", b"no", [], [1, None], ["97110"], ("a",),
    {"a"}, {}, {"a": 1}, {1: [2]}, range(3), Decimal("1.5"), Fraction(1, 3), np.int64(7),
    np.float32(0.5), np.bool_(True), np.array([1.0, 2.0]), np.array(["a"]), pd.NA, pd.NaT,
    datetime.date(2026, 2, 1), pd.Timestamp(2026, 2, 1), datetime.timedelta(1), pd.Series([1]),
    pd.DataFrame(), pd.DataFrame({"code": [[]], "minutes": [{}]}), lambda *values: values,
]  # fmt: skip


def outcome(name, argument, value):
    """What a function gives; or the `InputError` it raises."""
    try:
        result = public.called(FUNCTIONS[name], **{argument: value})
        return list(itertools.islice(result, 3)) if inspect.isgenerator(result) else result
    except InputError as error:
        return error


# All that is public


def test_all_that_is_public_is_found():
    """Doors, modules behind them, and methods."""
    assert len(public.doors()) >= 9
    assert {
        "rules.estimate.estimate",
        "rules.estimate.Estimate.under",
        "codes.compare.worth",
        "audit.parts.audit_in_memory",
        "visit.desk.desk",
        "tables.places.locality_of_zip",
    } <= FUNCTIONS.keys()
    assert FUNCTIONS.keys() >= WITH_EFFECTS
    assert public.INSIDE.isdisjoint(FUNCTIONS)


@for_each("name", FUNCTIONS.keys() - WITH_EFFECTS - {"audit.parts.payers_of"})
def test_good_arguments_are_taken(name):
    """So that what is refused below is refused for the one argument that is odd. (Of a list of
    payers there is no file here.)"""
    public.called(FUNCTIONS[name])


@for_each("at", ARGUMENTS)
def test_what_can_never_be_is_refused(at):
    """The sentence names the argument."""
    name, argument = at
    kind = FUNCTIONS[name].parameters[argument]
    for value in NEVER if kind not in ANYTHING else []:
        if not (kind.startswith("Callable") and callable(value)):
            error = outcome(name, argument, value)
            assert isinstance(error, InputError), value
            assert all(problem.where and problem.column for problem in error.problems)


@for_each("at", [at for at in ARGUMENTS if at[0] not in WITH_EFFECTS])
def test_odd_values_end_in_a_sentence_or_work(at):
    """Nothing else is raised, whatever is given."""
    for value in ODD:
        outcome(*at, value)


plain_values = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(),
    st.text(max_size=8),
    st.binary(max_size=8),
    st.decimals(),
    st.fractions(),
    st.dates(),
    st.datetimes(),
    st.times(),
    st.timedeltas(),
    st.sampled_from([*NEVER, *ODD, "97110", "lumbar", "GP", "2026-03-02"]),
)
values = st.recursive(
    plain_values,
    lambda inside: st.one_of(
        st.lists(inside, max_size=3),
        st.tuples(inside, inside),
        st.dictionaries(st.text(max_size=3), inside, max_size=2),
    ),
    max_leaves=5,
)


@settings(max_examples=800)
@given(st.sampled_from([at for at in ARGUMENTS if at[0] not in WITH_EFFECTS]), values)
def test_any_value_ends_in_a_sentence_or_works(at, value):
    """The same with values that nobody thought of."""
    outcome(*at, value)


# What the classes are that a caller makes; all others are what functions give, or the tables'.
MADE_BY_CALLERS = {
    "Settings", "How", "OwnPrices", "Contract", "Plan", "Phase", "Prices", "Discount", "Benefits",
    "Terms", "Clinic", "Offer", "Row", "Span",
}  # fmt: skip
RECORDS = {
    "Allowed", "Answer", "Areas", "Audit", "Backup", "Beside", "Bill", "Book", "Box", "Chain",
    "Change", "Charge", "Claim", "ClaimLine", "Code", "CodeArrays", "Column", "Counted",
    "DamagedError", "Days", "Desk", "Discounts", "Due", "DueDay", "Estimate", "Event", "FileHead",
    "Finding", "Found", "Group", "HintRule", "Hit", "Item", "KnownWords", "Line", "LineReason",
    "Lines", "Listing", "Log", "OfFile", "Opened", "Option", "OwnFees", "Packed", "PageLink",
    "Part", "Payment", "Period", "PhaseFinding", "PhaseInput", "PlannedLine", "PlannedVisit",
    "PrepaidRule", "Projection", "Rate", "ReadLines", "Reasons", "Reported", "Schedule", "Service",
    "Shares", "Standing", "Step", "Stop", "Sums", "Survey", "Table", "Taken", "Terms", "Text",
    "Then", "Timed", "Totals", "UnderPayer", "UnfinishedError", "Unpaid", "VisitFile", "Visits",
    "Worth", "YearBefore", "InputError",
}  # fmt: skip


def test_classes_that_callers_make_are_known():
    """A new one either reads its fields, or is only made by the house."""
    assert {each.__name__ for each in public.classes()} == MADE_BY_CALLERS | RECORDS


@pytest.mark.parametrize(
    ("made", "where"),
    [
        (lambda: audit.How(minutes="visits"), "How, minutes: 'visits' must be line or visit"),
        (lambda: audit.How(payers=["bcbs"]), "How, payers: a value of type list must be a mapping"),
        (lambda: visit.OwnPrices({"97110": "45"}), "OwnPrices, fees: '45' must be a whole number"),
        (lambda: visit.OwnPrices({}, 5), "OwnPrices, contract: '5' must be a Contract"),
        (
            lambda: visit.OwnPrices({}, visit.Contract(by=None)),
            "Contract, by: the empty value must be text",
        ),
        (lambda: plan.Phase("Care", ("97110",)), "Phase, services: '97110' must be a Service"),
        (lambda: plan.Phase("Care", (), 1.5), "Phase, per_week: '1.5' must be a whole number"),
        (lambda: plan.Plan("2026-03-02", ()), "Plan, start: '2026-03-02' must be a date"),
        (
            lambda: plan.Plan(datetime.date.max, ()),
            "Plan, start: '9999-12-31' must be a date from 1900-01-01 to 2099-12-31",
        ),
        (lambda: plan.Prices({"97110": "45"}), "Prices, fees: '45' must be a whole number"),
        (lambda: plan.Discount("10"), "Discount, percent: '10' must be a number"),
        (
            lambda: plan.Benefits(year_begins=(7,)),
            "Benefits, year_begins: a value of type tuple must be 2 values: ",
        ),
        (lambda: plan.Terms("12"), "Terms, months: '12' must be a whole number"),
        (lambda: sheets.Clinic(npi=1234567893), "Clinic, npi: '1234567893' must be text"),
        (lambda: track.Offer(tiers=((0, "45"),)), "Offer, tiers: '45' must be a whole number"),
        (
            lambda: track.check_row(track.Row("", 0, datetime.date(2026, 3, 2), "97110")),
            "Row, date: '2026-03-02' must be text",
        ),
        (
            lambda: track.periods_in(track.Span("2026-03-01", "2026-03-31"), "day"),
            "Span, first: '2026-03-01' must be a date",
        ),
    ],
)
def test_fields_of_what_callers_make(made, where):
    """Field, value and what is allowed."""
    with pytest.raises(InputError) as caught:
        made()
    assert str(caught.value).startswith(where)


# Lines: what each value means, worked out anew

NO = object()  # what is refused
GONE = (None, math.nan, pd.NA, pd.NaT, Decimal("nan"), np.float64("nan"))
WHOLE = (0, 20, 1440)
MINUTES = [
    *((value, None) for value in GONE),
    *((kind(number), number) for kind in (int, float, Decimal, str, np.int16, np.float32, np.uint64)
      for number in WHOLE),
    (" 8 ", 8), ("7.0", 7), (Decimal("15.00"), 15),
    *((value, NO) for value in (
        True, False, np.bool_(True), -1, 1441, 0.5, Decimal("0.5"), 10**400, math.inf, "ten", "",
        "1_0", b"20", [20], (20,), {20}, {}, 20 + 0j, datetime.timedelta(minutes=20),
        pd.Timedelta(20), datetime.date(2026, 1, 1), pd.Timestamp(20), np.array([20]), Stranger(),
        Stranger, pd.Series([20]),
    )),
]  # fmt: skip
CODES = [
    *((value, "97110") for value in (
        "97110", " 97110 ", 97110, 97110.0, np.int64(97110), np.float64(97110), Decimal(97110),
        np.str_("97110"),
    )),
    ("g0283", "G0283"),
    *((value, NO) for value in (
        *GONE, "", True, 97111, 97110.5, -97110, ["97110"], ("97110",), {"97110"}, {}, b"97110",
        Stranger(), datetime.date(2026, 1, 1), "97110 97112", math.inf, np.array(["97110"]),
    )),
]  # fmt: skip
MODIFIERS = [
    *((value, set()) for value in (*GONE, "", [], (), set(), [None], " ")),
    *((value, {"GP"}) for value in ("GP", "gp", ["GP"], ("GP",), {"GP"}, frozenset(["GP"]),
                                    np.array(["GP"]), ["GP", None], ["gp", "GP"])),
    *((value, {"GP", "59"}) for value in ("GP 59", "59|GP", "59,GP", ["GP", "59"], {"59", "GP"},
                                          ["GP", 59], ("59 GP",))),
    *((value, {"59"}) for value in (59, 59.0, np.int64(59), Decimal(59))),
    *((value, NO) for value in (
        "GPX", True, ["GP", True], [["GP"]], {"GP": 1}, b"GP", Stranger(), 5, 2.5, ["GP", 5.5],
        datetime.date(2026, 1, 1),
    )),
]  # fmt: skip
REGIONS = [
    *((value, set()) for value in (*GONE, "", [], [None])),
    *((value, {"lumbar"}) for value in ("lumbar", ["lumbar"], ("lumbar",), {"lumbar"},
                                        np.array(["lumbar"]))),
    *((value, {"lumbar", "head"}) for value in ("lumbar|head", "head | lumbar", ["lumbar", "head"],
                                                {"head", "lumbar"})),
    *((value, NO) for value in (
        "knee", ["knee"], ["lumbar", 5], True, 5, {"lumbar": 1}, b"lumbar", Stranger(),
        [["lumbar"]],
    )),
]  # fmt: skip
FLAGS = [
    *((value, False) for value in (*GONE, "", False, "no", 0, "0", "False", np.bool_(False), 0.0)),
    *((value, True) for value in (True, "yes", "YES", 1, 1.0, "true", np.bool_(True), Decimal(1))),
    *((value, NO) for value in (2, "maybe", [True], {}, Stranger(), b"yes", 0.5)),
]  # fmt: skip
COUNTS = [
    *((value, 1) for value in GONE),
    *((value, 3) for value in (3, 3.0, "3", Decimal(3), np.int8(3))),
    *((value, NO) for value in (0, True, 1000, 1.5, "x", "", [3], datetime.timedelta(3))),
]  # fmt: skip
CELLS = {"code": CODES, "minutes": MINUTES, "modifiers": MODIFIERS, "region": REGIONS,
         "tie_first": FLAGS, "separate": FLAGS, "count": COUNTS}  # fmt: skip
ROW = {"code": "97110", "minutes": 20}


def column_of(entered):
    """Values as a column that holds them as they are."""
    column = np.empty(len(entered), object)
    for at, value in enumerate(entered):
        column[at] = value
    return pd.Series(column)


def read(entered):
    """What is read of rows, each with the columns it has."""
    names = dict.fromkeys(name for row in entered for name in row)
    frame = pd.DataFrame({name: column_of([row.get(name) for row in entered]) for name in names})
    frame["visit"] = range(len(entered))
    return rules.read_lines(frame)


def faults(entered):
    """What cannot be used, by row and column."""
    try:
        read(entered)
    except InputError as error:
        return {(problem.row, problem.column) for problem in error.problems}
    return set()


def meant(service):
    """A service in the words of `CELLS`."""
    names = [name for at, name in enumerate(tables.regions().index) if service.region >> at & 1]
    return {
        "code": service.code.code, "minutes": service.minutes, "modifiers": set(service.written),
        "region": set(names), "tie_first": service.tie_first, "separate": service.separate == 1,
        "count": service.times,
    }  # fmt: skip


@for_each("cell", [(name, at) for name, cells in CELLS.items() for at in range(len(cells))])
def test_each_value_of_a_line_is_what_it_plainly_is_or_refused(cell):
    """Row and column of what is refused; of all else its meaning."""
    name, at = cell
    value, meaning = CELLS[name][at]
    entered = [ROW, ROW | {name: value}]
    assert faults(entered) == ({(2, name)} if meaning is NO else set()), value
    if meaning is not NO:
        (_, service) = read(entered).services()
        assert meant(service)[name] == meaning, value


def places(values):
    """Where in a list of values one stands: of most of them no equal can be told."""
    return st.sampled_from(range(len(values)))


lines_of_all_kinds = st.lists(
    st.fixed_dictionaries(
        {name: st.sampled_from(range(len(cells))) for name, cells in CELLS.items()}
    ),
    min_size=1,
    max_size=4,
)


@settings(max_examples=300)
@given(lines_of_all_kinds)
def test_all_faults_of_lines_are_told_and_no_other(drawn):
    """Whatever stands beside it."""
    cells = [{name: CELLS[name][at] for name, at in row.items()} for row in drawn]
    entered = [{name: value for name, (value, _) in row.items()} for row in cells]
    odd = {
        (number, name)
        for number, row in enumerate(cells, start=1)
        for name, (_, meaning) in row.items()
        if meaning is NO
    }
    assert faults(entered) == odd
    if not odd:
        found = [meant(service) for service in read(entered).services()]
        assert found == [{name: meaning for name, (_, meaning) in row.items()} for row in cells]


@pytest.mark.parametrize(
    ("minutes", "units"),
    [
        (pd.array([20, None], "Int64"), [1, 0]),
        (pd.array([20, None], "Float64"), [1, 0]),
        (pd.array([20, 8], "int64[pyarrow]"), [1, 1]),
        (pd.array([Decimal(20), None], pd.ArrowDtype(pa.decimal128(5, 1))), [1, 0]),
        (pd.array(["20", None], "string"), [1, 0]),
        (pd.Categorical([20, None]), [1, 0]),
        (pd.Categorical(["20", "8"]), [1, 1]),
        (pd.arrays.SparseArray([20, 8]), [1, 1]),
        (np.array([20, 8], np.uint8), [1, 1]),
        (np.array([20, 8], np.float16), [1, 1]),
    ],
    ids=lambda value: str(getattr(value, "dtype", "")),
)
def test_minutes_of_every_kind_of_column(minutes, units):
    """Nullable, of Arrow, of text, of categories, sparse."""
    frame = pd.DataFrame({"code": ["97110", "97112"], "minutes": minutes})
    assert chirocalc.estimate(frame, Settings(provider="pt")).lines["units"].tolist() == units


@pytest.mark.parametrize("size", [2, 400])
@pytest.mark.parametrize(
    "kind", ["bool", "boolean", "timedelta64[ns]", "datetime64[ns]", "complex128"]
)
def test_columns_that_hold_no_minutes(kind, size):
    """Each row of it is told."""
    minutes = pd.Series([1] * size).astype(kind)
    with pytest.raises(InputError) as caught:
        chirocalc.estimate(pd.DataFrame({"code": ["97110"] * size, "minutes": minutes}))
    assert [problem.row for problem in caught.value.problems] == list(range(1, size + 1))


@pytest.mark.parametrize("size", [2, 400])
def test_lists_in_long_columns(size):
    """As in short ones, which are read in another way."""
    frame = pd.DataFrame({"code": ["97140"] * size, "minutes": [15] * size})
    frame["visit"] = range(size)
    listed = frame.assign(modifiers=column_of([["59", "GP"]] * size))
    written = frame.assign(modifiers="59|GP")
    found = [chirocalc.estimate(each).findings for each in (listed, written)]
    pd.testing.assert_frame_equal(*found)


# Settings: what each value means, worked out anew

DAYS = ("2026-03-02", datetime.date(2026, 3, 2), datetime.datetime(2026, 3, 2, 23, 59),
        pd.Timestamp("2026-03-02"), pd.Timestamp("2026-03-02 01:00", tz="US/Pacific"),
        np.datetime64("2026-03-02"), np.datetime64("2026-03-02T10:00"))  # fmt: skip
YES = ((True, True), (np.bool_(True), True), (False, False), (np.bool_(False), False))
NO_FLAG = ("no", "yes", 0, 1, 1.0, "", [], [True], pd.NA, math.nan, Stranger(), np.array([True]))
AMOUNTS = [
    (None, None), (80, 80), (80.5, 80.5), (np.int64(80), 80), (np.float64(80.5), 80.5),
    (Decimal("80.5"), 80.5),
    *((value, NO) for value in (
        "80", True, -1, math.nan, math.inf, pd.NA, [80], Stranger(), 10**9, Decimal("NaN"), 1j,
        b"8",
    )),
]  # fmt: skip
WORDS = (5, True, ["medicare"], {"medicare"}, {}, b"medicare", pd.NA, math.nan, Stranger(), "",
         np.array(["medicare", "office"]), "Office", datetime.date(2026, 1, 1))  # fmt: skip
FIELDS = {
    "payer": [("va", "va"), *((value, NO) for value in (None, *WORDS))],
    "locality": [("01112-05", "01112-05"), *((value, NO) for value in (None, *WORDS))],
    "place": [("facility", "facility"), *((value, NO) for value in (None, *WORDS))],
    "provider": [("pt", "pt"), *((value, NO) for value in (None, *WORDS))],
    "phase": [(None, None), ("active", "active"), *((value, NO) for value in WORDS)],
    "unit_rule": [(None, None), ("cpt", "cpt"), *((value, NO) for value in WORDS)],
    "mppr": [(None, None), ("line", "line"), *((value, NO) for value in WORDS)],
    "apm": [*YES, *((value, NO) for value in (None, *NO_FLAG))],
    "participating": [*YES, *((value, NO) for value in (None, *NO_FLAG))],
    "therapy_modifier": [(None, None), *YES, *((value, NO) for value in NO_FLAG)],
    "abn": [(None, None), *YES, *((value, NO) for value in NO_FLAG)],
    "percent": AMOUNTS,
    "kx_used": AMOUNTS,
    "date": [
        (None, None), *((day, "2026-03-02") for day in DAYS),
        *((value, NO) for value in (
            "2026-02-30", "2026-13-01", "2026-3-2", "20260302", "3/2/2026", "", 20260302, True,
            pd.NaT, np.datetime64("NaT"), ["2026-03-02"], datetime.time(1), math.nan, Stranger(),
            b"2026-03-02", "1999-01-01", datetime.date(1999, 1, 1), "2026-03-02 ",
        )),
    ],
    "chiropractor_codes": [
        (None, None), *((value, ("98940",)) for value in (
            ["98940"], ("98940",), {"98940"}, [98940], np.array(["98940"]), frozenset(["98940"]),
        )), ([], ()), ({"98941", "98940"}, ("98940", "98941")),
        *((value, NO) for value in (
            "98940", 98940, ["9894"], [None], [["98940"]], {"98940": 1}, True, Stranger(), b"98940",
        )),
    ],
}  # fmt: skip


def test_every_setting_is_tried():
    """A new one too."""
    assert FIELDS.keys() == Settings.__dataclass_fields__.keys()


@for_each("field", [(name, at) for name, each in FIELDS.items() for at in range(len(each))])
def test_each_setting_is_what_it_plainly_is_or_refused(field):
    """The sentence names the field; what is taken is kept as its plain type, and answers."""
    name, at = field
    value, meaning = FIELDS[name][at]
    if meaning is NO:
        with pytest.raises(InputError) as caught:
            Settings(**{name: value})
        (problem,) = caught.value.problems
        assert (problem.where, problem.column) == ("settings", name)
        return
    made = Settings(**{name: value})
    assert (type(getattr(made, name)), getattr(made, name)) == (type(meaning), meaning)
    assert hash(made) == hash(Settings(**{name: meaning}))
    assert len(chirocalc.estimate(public.LINES, made).lines) == 3


@settings(max_examples=200)
@given(
    st.fixed_dictionaries(
        {name: st.sampled_from(range(len(each))) for name, each in FIELDS.items()}
    )
)
def test_settings_name_one_of_their_faults(drawn):
    """However many there are."""
    chosen = {name: FIELDS[name][at] for name, at in drawn.items()}
    odd = {name for name, (_, meaning) in chosen.items() if meaning is NO}
    given_values = {name: value for name, (value, _) in chosen.items()}
    if odd:
        with pytest.raises(InputError) as caught:
            Settings(**given_values)
        assert {problem.column for problem in caught.value.problems} <= odd
    else:
        plain = {name: meaning for name, (_, meaning) in chosen.items()}
        assert Settings(**given_values) == Settings(**plain)


# The faults that were found (issue 15): one row each

WRONG = {
    "a word for no counts as yes": (
        lambda: Settings(participating="no"),
        "settings, participating: 'no' must be one of True, False",
    ),
    "a word for no gives the APM factor": (
        lambda: Settings(apm="no"),
        "settings, apm: 'no' must be one of True, False",
    ),
    "the 30th of February": (
        lambda: Settings(date="2026-02-30"),
        "settings, date: '2026-02-30' must be a date such as 2026-01-31",
    ),
    "dollars as text": (
        lambda: Settings(kx_used="20"),
        "settings, kx_used: '20' must be dollars from 0",
    ),
    "a list as payer": (
        lambda: Settings(payer=["medicare"]),
        "settings, payer: a value of type list is not known; nearest: medicare",
    ),
    "a misspelled column": (
        lambda: chirocalc.estimate(public.LINES.assign(modifier="GP")),
        "lines, modifier: 'modifier' is no column that is read; nearest: modifiers",
    ),
    "a column twice": (
        lambda: chirocalc.estimate(pd.concat([public.LINES, public.LINES[["code"]]], axis=1)),
        "lines, code: 'code' stands twice",
    ),
    "True as minutes": (
        lambda: chirocalc.estimate(pd.DataFrame({"code": ["97110"], "minutes": [True]})),
        "lines, row 1, minutes: 'True' must be a whole number from 0 to 1,440",
    ),
    "a list as code": (
        lambda: chirocalc.estimate(pd.DataFrame({"code": [["97110"]], "minutes": [20]})),
        "lines, row 1, code: a value of type list is not a code of codes.csv; nearest: 97110",
    ),
    "no code": (
        lambda: chirocalc.estimate(pd.DataFrame({"code": [pd.NA], "minutes": [pd.NaT]})),
        "lines, row 1, code: the empty value is not a code",
    ),
    "a list for a frame": (
        lambda: chirocalc.estimate([{"code": "97110", "minutes": 20}]),
        "estimate, lines: a value of type list must be a DataFrame",
    ),
    "settings that are none": (
        lambda: chirocalc.estimate(public.LINES, {"payer": "medicare"}),
        "estimate, settings: a value of type dict must be a Settings",
    ),
    "more minutes than are exact": (
        lambda: chirocalc.assign_units([1], [1e300], "cms"),
        "assign_units, row 1, minutes: '1e+300' must be whole minutes, 0 or more, at most ",
    ),
    "a visit without a name": (
        lambda: chirocalc.assign_units(["a", None], [20, 20], "cms"),
        "assign_units, row 2, visit: the empty value must name the visit",
    ),
    "a word for an RVU": (
        lambda: chirocalc.fee([0.45, "x"], 0.41, 0.01, 1, 1, 1, 33.4009),
        "fee, row 2, work: 'x' must be a number",
    ),
    "dollars beyond what is exact": (
        lambda: chirocalc.fee(1e12, 0, 0, 1, 1, 1, 33.4009),
        "fee, dollars: '33400900000000.0' is too large",
    ),
    "a code for a list of codes": (
        lambda: compare.worth("97110", Settings()),
        "worth, keys: '97110' must be a list",
    ),
    "a code that is not there": (
        lambda: guide.rvus("9711O"),
        "rvus, code: '9711O' is no code of codes.csv; nearest: 97110",
    ),
    "no lines at once": (
        lambda: list(audit.audit_parts([public.opened()], {}, Settings(), lines_at_once=0)),
        "audit_parts, lines_at_once: '0' must be a number of at least 1",
    ),
    "no file": (lambda: audit.columns_of([]), "columns_of, files: a value of type list must be"),
}


@pytest.mark.parametrize("fault", WRONG)
def test_fault_that_was_found(fault):
    """Where it stands, what it is, and what is allowed."""
    call, says = WRONG[fault]
    with pytest.raises(InputError) as caught:
        call()
    assert str(caught.value).startswith(says)


def test_a_missing_part_of_a_fee_gives_none():
    """A fee without its factor or index is not 0.00."""
    rvus = [0.45, 0.41, 0.01]
    assert math.isnan(chirocalc.fee(*rvus, 1, 1, 1, math.nan))
    assert np.isnan(chirocalc.fee(*rvus, [1, None], 1, 1, 33.4009)).tolist() == [False, True]


def test_codes_may_be_numbers_and_lists():
    """As anybody would write them."""
    pd.testing.assert_frame_equal(
        compare.worth([97110, 98940], Settings()), compare.worth(("97110", "98940"), Settings())
    )
    pd.testing.assert_frame_equal(guide.rvus(97110), guide.rvus("97110"))


@pytest.mark.parametrize("day", ["2026-02-30", "2025-02-29", "2026-00-10"])
def test_day_of_a_table_is_one_of_the_calendar(own_tables, day):
    """As codes.csv may be edited by hand: row, column and value."""
    table = (own_tables / "codes.csv").read_text(encoding="utf-8")
    own_tables.joinpath("codes.csv").write_text(
        table.replace("2026-12-31", day, 1), encoding="utf-8"
    )
    with pytest.raises(InputError, match=f"codes.csv, row 2, effective_to: '{day}' must be a date"):
        tables.codes()
