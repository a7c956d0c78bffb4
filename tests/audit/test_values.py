"""What the text of one cell means: each form that practices write, and what must not be guessed."""

import datetime as dt
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chirocalc import tables
from chirocalc.audit.values import (
    EARLIEST,
    LATEST,
    SEVERAL,
    clock_of,
    code_of,
    day_of,
    discipline_of,
    kind_of,
    minutes_of,
    modifiers_of,
    named_empty,
    payer_of,
    place_of,
    reason_of,
    regions_of,
    units_of,
)

NOT_LISTED = "code not in our tables"
CODES = st.sampled_from(sorted(tables.code_arrays().names))
MODIFIERS = st.lists(st.sampled_from(sorted(tables.modifiers().index)), max_size=4, unique=True)

# Empty


@pytest.mark.parametrize(
    "text", ["", "  ", "\u00a0", "N/A", "n/a", "NA", "None", "NULL", "nan", "-", "--", '=""']
)
def test_cells_that_say_they_are_empty(text):
    assert named_empty(text)
    assert (modifiers_of(text), regions_of(text), code_of(text).kind) == ("", "", "blank")
    assert math.isnan(minutes_of(text))
    assert math.isnan(units_of(text))


@pytest.mark.parametrize("text", ["0", "x", "97110", "No", "- -"])
def test_cells_that_are_not_empty(text):
    assert not named_empty(text)


# Codes


@pytest.mark.parametrize(
    ("text", "code", "modifiers"),
    [
        ("97110", "97110", ""), (" 97110 ", "97110", ""), ("g0283", "G0283", ""),
        ("0552t", "0552T", ""), ("98941.0", "98941", ""), ('="97110"', "97110", ""),
        ("'97110", "97110", ""), ("HC:97140:GP:59", "97140", "GP 59"), ("98941-AT", "98941", "AT"),
        ("97140-59-GP", "97140", "59 GP"), ("97110 GP 59", "97110", "GP 59"),
        ("97110,GP", "97110", "GP"), ("97110/GP", "97110", "GP"),
        ("97110 (GP, 59)", "97110", "GP 59"),
        ("97110GP", "97110", "GP"), ("97110gp59", "97110", "GP 59"), ("72100-26", "72100", "26"),
        ("99213-57", "99213", "57"), ("97110-GP-GP", "97110", "GP"), ("CPT 97110", "97110", ""),
        ("CPT: 97110-GP", "97110", "GP"), ("HCPCS G0283", "G0283", ""), ("CPT97110", "97110", ""),
        ("97110 - Therapeutic exercise", "97110", ""), ("97110: Ther. ex., 15 min", "97110", ""),
        ("(97110) Ther ex", "97110", ""), ("97110 Therapeutic exercise", "97110", ""),
        ("97140-59 Manual therapy", "97140", "59"), ("97110 GP - Ther ex", "97110", "GP"),
        ("98941 - 3-4 regions", "98941", ""), ("97035 - US", "97035", ""),
        ("97010 Hot/cold packs", "97010", ""), ("Ther ex (97110)", "97110", ""),
        ("Manual therapy 97140-59", "97140", "59"), ("Special report 99080", "99080", ""),
        ("Chiropractic adjustment 98941", "98941", ""),
    ],
)  # fmt: skip
def test_codes_in_their_forms(text, code, modifiers):
    """A service of ours, with the modifiers that stand beside it."""
    assert code_of(text) == (code, modifiers, "")
    assert reason_of(text) == ""


@given(
    CODES,
    MODIFIERS,
    st.sampled_from(["-", " ", ":", ",", "/"]),
    st.sampled_from(["{}", " {} ", '="{}"', "CPT {}", "HC:{}", "({})", "{} - Some words", "'{}"]),
)
def test_a_code_is_read_back_from_any_form(code, modifiers, between, form):
    text = form.format(between.join([code, *modifiers]))
    assert code_of(text) == code_of(text.lower()) == (code, " ".join(modifiers), "")


@given(CODES, MODIFIERS)
def test_what_is_read_is_read_again_the_same(code, modifiers):
    read = code_of(f"{code}-{'-'.join(modifiers)}")
    assert code_of(f"{read.code} {read.modifiers}") == read


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("97999", NOT_LISTED), ("A4570", NOT_LISTED), ("E1399-NU", NOT_LISTED),
        ("4000F", NOT_LISTED), ("12345 Anything", NOT_LISTED), ("M99.01", "diagnosis"),
        ("m54.50", "diagnosis"), ("S13.4XXA", "diagnosis"), ("S134XXA", "diagnosis"),
        ("M545", "diagnosis"), ("M54.50 Low back pain", "diagnosis"), ("739.1", "diagnosis"),
        ("ICD10:M99.01", "diagnosis"), ("COPAY", "copay"), ("Co-pay", "copay"),
        ("Coinsurance", "copay"), ("Patient payment - Visa", "payment"), ("PMT", "payment"),
        ("Refund", "payment"), ("Transfer to insurance", "transfer"),
        ("Write-off", "adjustment or write-off"), ("Contractual adj", "adjustment or write-off"),
        ("Supplies", "supply"), ("Cervical pillow", "retail"), ("Vitamin D", "retail"),
        ("No-show fee", "fee"), ("Total", "total"), ("Grand total:", "total"),
        ("Total visits: 1", "total"), ("Subtotal", "total"), ("97110 Total", "total"),
        ("Total 97110", "total"), ("Balance due", "total"),
        ("Printed 03/31/2026 by front desk", "title or footer"),
        ("Page 1 of 3", "title or footer"), ("*** End of report ***", "title or footer"),
        ("CPT", "repeated header"), ("Procedure Code", "repeated header"), ("", "blank"),
    ],
)  # fmt: skip
def test_rows_that_are_no_service_of_ours(text, kind):
    assert code_of(text).kind == kind


@pytest.mark.parametrize(
    "text",
    [
        "9711O", "97110A", "971101", "9714059", "97110?", "Therapeutic exercise", "TE",
        "T10 Traction",
        "Chiropractic adjustment", "Spinal adjustment 3-4 regions", "Adjustment", "125.50", "1.00",
        "97110 x2", "97110 2X", "97110 (2)", "97110 2", "97110 2 units", "97110 - 2 units",
        "97110 15",
        "x2 97110", "45.00", "98941.5",
    ],
)  # fmt: skip
def test_what_is_not_guessed_to_be_a_code_or_a_kind(text):
    """It stands as it is, for the engine to refuse: an adjustment may be of the spine, units beside
    a code would be lost."""
    assert code_of(text) == (text.upper(), "", "")
    assert reason_of(text) == ""


@pytest.mark.parametrize(
    "text", ["98941, 97110, 97140", "98941/97110", "98941;G0283", "97140-59, 97110", "97110\n97112"]
)
def test_several_codes_in_one_cell(text):
    read = code_of(text)
    assert (read.code, read.modifiers, read.kind) == (" ".join(text.split()).upper(), "", "")
    assert reason_of(text) == SEVERAL


@pytest.mark.parametrize(
    ("text", "row_kind", "read"),
    [
        ("98941", "CHARGE", ("98941", "", "")), ("98941", "CPT4", ("98941", "", "")),
        ("98941", "PAYMENT", ("98941", "", "payment")), ("97110", "", ("97110", "", "")),
        ("98941-AT", "TRANSFERIN", ("98941", "AT", "transfer")),
        ("98941", "TransferOut", ("98941", "", "transfer")),
        ("98941", "ADJUSTMENT", ("98941", "", "adjustment or write-off")),
        ("M9901", "ICD10", ("M9901", "", "diagnosis")), ("", "COPAY", ("", "", "copay")),
        ("98941", "Insurance Payment", ("98941", "", "payment")), ("", "CHARGE", ("", "", "blank")),
        ("M99.01", "HCPCS", ("M99.01", "", "diagnosis")), ("97110", "Odd", ("97110", "", "")),
    ],
)  # fmt: skip
def test_a_column_of_kinds_decides(text, row_kind, read):
    """Where it says that the row is no service."""
    assert code_of(text, row_kind) == read


def test_kinds_of_rows():
    assert [kind_of(text) for text in ("Charge", "CPT4", "payment", "?", "")] == [
        "service",
        "service",
        "payment",
        "",
        "",
    ]


@given(st.text(max_size=20), st.text(max_size=8))
def test_any_text_is_read_without_an_exception(text, other):
    """And a kind is one of the table's, or found by the form."""
    kinds = {*tables.row_kinds()["kind"], "repeated header", NOT_LISTED, ""}
    assert code_of(text, other).kind in kinds - {"service"}
    assert reason_of(text) in ("", SEVERAL)
    for read in (modifiers_of, day_of, clock_of, minutes_of, units_of, place_of, regions_of):
        read(text)
    for read in (payer_of, discipline_of, named_empty, kind_of):
        read(text)


# Modifiers


@pytest.mark.parametrize(
    ("text", "modifiers"),
    [
        ("GP59", "GP 59"), ("GP-59", "GP 59"), ("GP/59", "GP 59"), ("GP;59", "GP 59"),
        ("GP:59", "GP 59"), ("59:GP", "59 GP"), ("GP,59", "GP 59"), ("GP|59", "GP 59"),
        ("GP+59", "GP 59"), ("-GP", "GP"), ("gp 59", "GP 59"), ("GP GP", "GP"), ("59.0", "59"),
        ("25.0", "25"), ("59.0 25.00", "59 25"), ("['GP', '59']", "GP 59"), ("59,", "59"),
        ("QW", "QW"), ("2559", "25 59"), ("0", ""), ("00", ""),
    ],
)  # fmt: skip
def test_modifiers(text, modifiers):
    assert modifiers_of(text) == modifiers


@pytest.mark.parametrize(
    "text", ["Manual therapy", "1", "X", "GP 5", "LEFT", "GP59X", "97110", "$45.00", "59.5", "GPP"]
)
def test_what_is_no_modifier(text):
    assert modifiers_of(text) is None


@given(MODIFIERS, st.sampled_from(["-", " ", ":", ",", ", ", ";", "/", "|", "+", ""]))
def test_modifiers_are_read_back(modifiers, between):
    text = between.join(modifiers)
    assert modifiers_of(text) == modifiers_of(f" {text.lower()} ") == " ".join(modifiers)


# Days

DAY_FORMS = (
    "%Y-%m-%d", "%Y/%m/%d", "%m/%d/%Y", "%m-%d-%Y", "%Y%m%d", "%d-%b-%Y", "%d %B %Y", "%b %d, %Y",
    "%B %d, %Y", "%d%b%Y", "%a %m/%d/%Y", "%A, %B %d, %Y", "%m/%d/%Y %I:%M:%S %p", "%m/%d/%Y %H:%M",
    "%Y-%m-%dT%H:%M:%SZ", "%Y-%m-%dT%H:%M:%S.%f-05:00", "%Y-%m-%d %H:%M:%S",
)  # fmt: skip


@given(st.datetimes(dt.datetime(1990, 1, 1), dt.datetime(2099, 12, 31)), st.sampled_from(DAY_FORMS))
def test_a_day_is_read_back_from_any_form(moment, form):
    day = moment.date().isoformat()
    assert day_of(moment.strftime(form)) == day_of(moment.strftime(form).upper()) == day


@given(st.dates(EARLIEST, LATEST), st.sampled_from(["{}", "{}.0", "{}.59375"]))
def test_a_day_is_read_back_from_the_number_excel_has_for_it(day, form):
    assert day_of(form.format((day - dt.date(1899, 12, 30)).days)) == day.isoformat()


@given(
    st.dates(dt.date(1990, 1, 1), dt.date(2068, 12, 31)), st.sampled_from(["%m/%d/%y", "%d-%b-%y"])
)
def test_a_year_of_two_digits(day, form):
    """As POSIX reads it."""
    assert day_of(day.strftime(form)) == day.isoformat()


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("3/2/2026 12:00:00 AM", "2026-03-02"), ("2-Mar-26", "2026-03-02"), ("46083", "2026-03-02"),
        ("3/2/26 2:05pm", "2026-03-02"), ("Sept. 2, 2026", "2026-09-02"), ("", ""),
        ("March 2nd, 2026", "2026-03-02"), ("1990-01-01", "1990-01-01"), ("32874", "1990-01-01"),
        ("73050", "2099-12-31"),
    ],
)  # fmt: skip
def test_days(text, day):
    assert day_of(text) == day


@pytest.mark.parametrize(
    "text",
    [
        "02.03.2026", "13/03/2026", "2026-02-30", "32873", "73051", "97110", "460830", "1989-12-31",
        "2100-01-01", "3/2", "3-2-26", "Marx 2, 2026", "Ma 2, 2026", "x", "Mon", "9:30 AM",
        "2026-03-02 24:00:00", "2026-03-02 10:00:60", "3/2/2026 13:00 PM", "2026-03/02", "0",
        "None",
    ],
)  # fmt: skip
def test_what_is_no_day(text):
    """Days before months are not US order, and are not guessed."""
    assert day_of(text) == ""


# Clocks

CLOCK_FORMS = (
    "%H:%M", "%I:%M %p", "%I:%M%p", "%I:%M:%S %p", "%H:%M:%S", "%m/%d/%Y %I:%M %p",
    "%Y-%m-%dT%H:%M:%SZ", "%Y-%m-%d %H:%M",
)  # fmt: skip


@given(
    st.datetimes(dt.datetime(1990, 1, 1), dt.datetime(2099, 12, 31)), st.sampled_from(CLOCK_FORMS)
)
def test_a_clock_is_read_back_from_any_form(moment, form):
    assert clock_of(moment.strftime(form)) == moment.hour * 60 + moment.minute


@pytest.mark.parametrize(
    ("text", "minute"),
    [
        ("9:30 AM", 570), ("9:30a", 570), ("9:30 p.m.", 1290), ("12:00 AM", 0), ("12:05 pm", 725),
        ("9 AM", 540), ("2026-03-02T14:30:00Z", 870), ("0930", None), ("930", None),
        ("24:00", None),
        ("13:00 PM", None), ("0:30 AM", None), ("x 9:30", None), ("30", None), ("", None),
        ("2026-03-02", None), ("9:60", None),
    ],
)  # fmt: skip
def test_clocks(text, minute):
    assert clock_of(text) == minute


# Minutes and units


@given(
    st.integers(0, 600),
    st.sampled_from(
        [
            "{m}",
            "{m}.0",
            "{m} min",
            "{m} mins",
            "{m} minutes",
            "{m}m",
            "{h}:{r:02}",
            "{h}:{r:02}:00",
            "{h} hr {r} min",
            "{h}h{r}m",
            "{h} hours, {r} minutes",
            "0{h}:{r:02}:00",
            "{m},0",
        ],
    ),
)
def test_minutes_are_read_back(minutes, form):
    h, r = divmod(minutes, 60)
    text = form.format(m=minutes, h=h, r=r)
    assert minutes_of(text) == (math.inf if text.startswith("010:") else minutes)


@pytest.mark.parametrize(
    ("text", "minutes"),
    [
        ("0:15", 15), ("1:05", 65), ("00:30:00", 30), ("1h", 60), ("1.5 hours", 90), ("22.5", 22.5),
        ("-5", -5), ("(15)", -15), ("9:30 AM", math.inf), ("25:00", math.inf), ("x", math.inf),
        ("$45.00", math.inf), ("30/45", math.inf), ("1:75", math.inf), ("12,5", math.inf),
    ],
)  # fmt: skip
def test_minutes(text, minutes):
    assert minutes_of(text) == minutes


@given(
    st.integers(0, 999),
    st.sampled_from(
        ["{}", "{}.0", "{}.00", "{},00", "{} units", "{} unit", "+{}", " {} ", '="{}"']
    ),
)
def test_units_are_read_back(units, form):
    assert units_of(form.format(units)) == units


@given(st.integers(1, 999), st.sampled_from(["({})", "-{}", "{}-", "-{}.00", "({}.0)"]))
def test_units_less_than_nothing(units, form):
    """As reversals write them."""
    assert units_of(form.format(units)) == -units


@pytest.mark.parametrize(
    ("text", "units"),
    [
        ("1,000", 1000), ("1.5", 1.5), ("1,5", math.inf), ("1,00,0", math.inf),
        ("$45.00", math.inf),
        ("two", math.inf), ("--1", math.inf), ("-(1)", math.inf), ("１", math.inf),
        ("30 min", math.inf),
    ],
)  # fmt: skip
def test_units(text, units):
    assert units_of(text) == units


# Places


@pytest.mark.parametrize(
    "form", ["{0}", "POS {0}", "{0} - {1}", "{1} ({0})", "{0}-{1}", "{0} {1}", "{1}", "{0}.0"]
)
def test_every_place_in_every_form(form):
    places = tables.service_places()
    for code, name, rate in zip(places.index, places["name"], places["rate"], strict=True):
        assert place_of(form.format(code, name)) == rate
        assert place_of(form.format(code, name).upper()) == rate


@pytest.mark.parametrize(
    ("text", "rate"),
    [
        ("2", "facility"), ("02 Telehealth", "facility"), ("11/Main clinic", "office"),
        ("Office", "office"), ("FACILITY", "facility"), ("43", ""), ("0", ""),
        ("12 Main Street", ""),
        ("Suite 22", ""), ("Clinic 2", ""), ("Telehealth", ""), ("", ""), ("110", ""),
    ],
)  # fmt: skip
def test_places(text, rate):
    """A house number is no place of service."""
    assert place_of(text) == rate


# Regions


@pytest.mark.parametrize(
    ("text", "regions"),
    [
        ("C/S", "cervical"), ("c/s, T/S; L/S", "cervical|thoracic|lumbar"),
        ("C1, T4, L5", "cervical|thoracic|lumbar"), ("C1 C2 L5", "cervical|lumbar"),
        ("C5-C7", "cervical"), ("C5-7", "cervical"), ("C7-T2", "cervical|thoracic"),
        ("C5-L3", "cervical|thoracic|lumbar"), ("C5/6", "cervical"), ("L5/S1", "lumbar|sacral"),
        ("L5-S1", "lumbar|sacral"), ("Occ, C1", "cervical"), ("C0", "cervical"),
        ("Full spine", "cervical|thoracic|lumbar|sacral|pelvic"),
        ("cervical & lumbar", "cervical|lumbar"),
        ("Cervical and Lumbar", "cervical|lumbar"), ("cervical+thoracic", "cervical|thoracic"),
        ("neck/low back", "cervical|lumbar"), ("SI joint", "pelvic"), ("neck, C5", "cervical"),
    ],
)  # fmt: skip
def test_regions(text, regions):
    assert regions_of(text) == regions


@pytest.mark.parametrize(
    "text",
    [
        "banana",
        "neck, banana",
        "neck & back",
        "PI",
        "AS",
        "C8",
        "C9-T1",
        "L6",
        "T13",
        "cervicothoracic",
        "3",
        "cervical thoracic",
        "?",
    ],
)
def test_regions_that_are_not_known(text):
    """One word that is not known makes the whole cell unknown."""
    assert regions_of(text) is None


REGIONS = st.lists(st.sampled_from(sorted(tables.regions().index)), min_size=1, unique=True)


@given(REGIONS, st.sampled_from(["|", ",", ", ", ";", "/", " & ", "+", " and "]))
def test_regions_are_read_back(regions, between):
    assert regions_of(between.join(regions).title()) == "|".join(regions)


# Payers


@pytest.mark.parametrize(
    ("payer", "names"),
    {
        "medicare": [
            "MEDICARE PART B - NORIDIAN", "Railroad Medicare", "Medicare of Texas", "Medicare TX",
            "Texas Medicare", "Palmetto GBA", "Novitas Solutions", "NGS Medicare",
            "Noridian Medicare",
            "Medicare Part B Texas", "Medicare (Part B)", "West Virginia Medicare",
        ],
        "va": [
            "Optum VA CCN", "TriWest", "VA CCN Region 2", "Veterans Affairs", "Veteran's Affairs",
            "VA",
            "Dept. of Veterans Affairs", "VA Community Care Network",
        ],
        "uhc": [
            "United Healthcare", "UHC Choice Plus", "UnitedHealthcare - PPO", "UNITED HEALTH CARE",
        ],
        "auto": [
            "No-Fault", "State Farm", "STATE FARM MUTUAL AUTO", "Geico", "Progressive Insurance",
            "Allstate", "PIP - State Farm", "MedPay", "MVA 03/02/2026",
        ],
        "workers-comp": [
            "Work Comp", "WC - SAIF", "State Fund", "Travelers WC", "Worker's Comp",
            "Workers' Compensation",
            "Workers Comp of California", "Department of Labor and Industries",
        ],
        "self-pay": ["Cash", "Self Pay", "Self-Pay", "Private pay", "Patient", "CASH PLAN"],
        "medicare-advantage": [
            "Medicare Advantage", "UnitedHealthcare Medicare Advantage", "AARP Medicare Complete",
            "Humana Medicare HMO", "Aetna Medicare Advantage PPO", "Medicare Part C",
            "UHC Dual Complete", "Medicare Advantage of Texas",
        ],
        "feca": ["FECA", "OWCP", "US Dept. of Labor OWCP", "U.S. Department of Labor"],
        "lien": ["Attorney lien", "Letter of Protection - Doe"],
    }.items(),
)  # fmt: skip
def test_payers(payer, names):
    assert {name: payer_of(name) for name in names} == dict.fromkeys(names, payer)


@pytest.mark.parametrize(
    "name",
    [
        "Humana Gold Medicare", "Aetna Medicare", "UHC Medicare", "BCBS Medicare",
        "Medicare Supplement", "Medigap Plan G", "Some Plan Medicare", "Virginia",
        "Nevada Health Plan",
        "Anthem BCBS VA", "VA Medicare", "ChampVA", "Optum", "UHC Community Plan", "Medicaid",
        "Tricare",
        "BCBS of Texas", "Aetna", "Cigna", "Humana", "State Farm Workers Comp", "87726", "2",
        "Cashmere",
        "Progress", "",
    ],
)  # fmt: skip
def test_payers_without_a_profile(name):
    """Named, and not one of ours; or the words of a name disagree."""
    assert payer_of(name) == ""


@pytest.mark.parametrize("shape", [str, str.upper, str.title, lambda word: f"  {word}  "])
def test_every_word_of_the_table_alone(shape):
    readers = {
        "payer": payer_of, "place": place_of, "discipline": discipline_of, "region": regions_of,
    }  # fmt: skip
    words = tables.file_words()
    read = [
        readers[field](shape(word))
        for field, word in zip(words["field"], words["word"], strict=True)
    ]
    assert read == words["means"].tolist()


def test_payers_and_regions_by_id_and_name():
    for read, table in ((payer_of, tables.payers()), (regions_of, tables.regions())):
        for words in (table.index, table["name"], table["name"].str.upper()):
            assert [read(word) for word in words] == list(table.index)


# Disciplines


@pytest.mark.parametrize(
    ("text", "discipline"),
    [
        ("DC", "chiropractor"), ("D.C.", "chiropractor"),
        ("Chiropractic Physician", "chiropractor"),
        ("DC, CCSP", "chiropractor"), ("35", "chiropractor"), ("PT, DPT", "pt"), ("MSPT; PT", "pt"),
        ("Physical Therapist", "pt"), ("Physical Therapist in Private Practice", "pt"),
        ("PTA", "pt"),
        ("OTR/L", "ot"), ("COTA", "ot"), ("Occupational Therapy Assistant", "ot"), ("MD", ""),
        ("PT/OT", ""), ("PT, OT", ""), ("Chiropractic & Physical Therapy", ""), ("", ""), ("1", ""),
    ],
)  # fmt: skip
def test_disciplines(text, discipline):
    assert discipline_of(text) == discipline
