"""The printable sheet and the CSV: whole, self-contained, and with the numbers of the visit."""

import csv
import io
import re
from datetime import date
from html import unescape
from html.parser import HTMLParser

import pandas as pd
import pytest
from oracles.visits import answer

import chirocalc
from chirocalc import Settings, tables
from chirocalc.rules import COLLECT, OFF
from chirocalc.rules import answer as answer_of_services
from chirocalc.sheets.visit import visit_csv as csv_of
from chirocalc.sheets.visit import visit_sheet as sheet
from chirocalc.visit.chain import payment_chain
from chirocalc.visit.claim import claim
from chirocalc.visit.desk import Contract, OwnPrices, desk
from chirocalc.visit.explain import explain

ADDRESS = "http://127.0.0.1:8501/?adj=lumbar&do=97110.20_97112.20&x=<script>alert(1)</script>"
EXAMPLE = [("98941", None), ("97110", 20), ("97112", 20)]
COMMERCIAL = Settings(payer="commercial-total-time")
ACTIVE = Settings(payer="medicare", phase="active")
DAY = date(2026, 3, 2)
OWN = OwnPrices({"98941": 6511, "97110": 4522, "97112": 4733, "97140": 4844})
VISITS = {
    "the example": (EXAMPLE, COMMERCIAL),
    "Medicare": (EXAMPLE, Settings(payer="medicare", locality="06102-16", participating=False)),
    "a therapist": (EXAMPLE[1:], Settings(payer="medicare", provider="pt", unit_rule="cpt")),
    "own fees": (EXAMPLE, Settings(payer="self-pay")),
    "no RVU": ([("S9117", None), ("97110", None)], Settings(payer="va")),
    "own clocks": ([("97810", 20), ("97811", 15), ("99213", 5), ("72100", None)], COMMERCIAL),
}
VOID = {"meta", "br", "hr", "img", "link", "input"}


class Balance(HTMLParser):
    """Reads a page; fails on a tag closed that is not open, or opened and not closed."""

    def __init__(self):
        super().__init__()
        self.open, self.tags, self.attributes, self.text = [], [], [], []

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        self.attributes += attrs
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open, f"</{tag}> closes nothing"
        assert self.open.pop() == tag

    def handle_data(self, data):
        if self.open and self.open[-1] != "style":
            self.text.append(data)


def answer_of(lines, settings):
    frame = pd.DataFrame(lines, columns=["code", "minutes"])
    return told(chirocalc.estimate(frame, settings).answer())


def told(visit, prices=OWN, **patient):
    """A visit's answer with all that the sheet says of it."""
    at_desk = desk(visit, prices, **patient)
    return visit, explain(visit), payment_chain(visit), claim(visit), at_desk


def page_of(lines=EXAMPLE, settings=COMMERCIAL, prices=OWN, **also):
    return sheet(*told(answer_of(lines, settings)[0], prices), ADDRESS, day=DAY, **also)


def page_of_text(text, settings, prices=OWN, **also):
    """The sheet of a visit in short."""
    return sheet(*told(answer(text, settings), prices), ADDRESS, day=DAY, **also)


def marked(text, settings, **unbilled):
    """A visit in short, some of its lines not billed: `_97110="off"`."""
    visit = answer(text, settings)
    services = [
        line.service._replace(unbilled=unbilled.get(f"_{line.key}", "")) for line in visit.lines
    ]
    return answer_of_services(services, visit.settings)


def parsed(html):
    page = Balance()
    page.feed(html)
    page.close()
    assert page.open == [], f"not closed: {page.open}"
    return page


def text_of(html):
    return re.sub(r"\s+", " ", " ".join(parsed(html).text))


@pytest.mark.parametrize("name", VISITS)
def test_every_tag_is_closed(name):
    page = parsed(page_of(*VISITS[name]))
    assert page.tags[:2] == ["html", "head"]
    assert page.tags.count("table") == 1


@pytest.mark.parametrize("name", VISITS)
def test_it_loads_nothing_from_anywhere(name):
    html = page_of(*VISITS[name])
    page = parsed(html)
    assert not {"script", "img", "link", "iframe", "object", "base"} & set(page.tags)
    assert not {"src", "srcset", "background", "onload"} & {key for key, _ in page.attributes}
    assert "url(" not in html
    assert "@import" not in html


@pytest.mark.parametrize("name", VISITS)
def test_it_has_the_totals_the_lines_and_the_reasons(name):
    visit, reasons, chain, preview, at_desk = answer_of(*VISITS[name])
    text = text_of(sheet(visit, reasons, chain, preview, at_desk, ADDRESS, day=DAY))
    dollars = "–" if at_desk.clean is None else f"${at_desk.clean:,.2f}"
    rvus = ["–" if rvu is None else f"{rvu:.2f}" for rvu in (visit.work_rvu, visit.total_rvu)]
    row = [f"{visit.timed_minutes} timed", f"{visit.units}", *rvus, dollars]
    assert f"Total {' '.join(row)}" in re.sub(r"\s+", " ", text)
    for line, reason in zip(visit.lines, reasons.lines, strict=True):
        assert f"{line.code} {tables.codes().at[line.code, 'name']}" in text
        assert reason.text in text
        assert reason.payment in text
    for step in chain.steps:
        assert step.name in text
    for part in filter(None, (reasons.summary, reasons.tie)):
        assert part in text


def test_it_says_what_it_rests_on():
    text = text_of(page_of(settings=Settings(payer="medicare", locality="06102-16")))
    for part in ("Medicare Part B", "Chicago, IL (06102-16)", "Place: office", "total time (CMS)"):
        assert part in text
    assert "RVU26B" in text
    assert "Sources:" in text


def test_it_has_the_notice_of_the_ama_and_the_disclaimer():
    text = text_of(page_of())
    assert "CPT is a trademark of the American Medical Association" in text
    assert "not billing or legal advice" in text


def test_it_counts_the_lines_without_an_rvu():
    assert "plus 1 without an RVU" in text_of(page_of(*VISITS["no RVU"]))
    assert "without an RVU" not in text_of(page_of())


def test_the_address_is_text_and_not_markup():
    html = page_of()
    assert "<script>" not in html
    assert ADDRESS in unescape(html)


@pytest.fixture
def own_codes(codes_file):
    """A codes.csv in which 97110 has a name with HTML in it."""
    text = codes_file.read_text(encoding="utf-8")
    codes_file.write_text(
        text.replace("Therapeutic exercise", "Stretch <b>& bend</b> > 20° 'x' <img src=y>"),
        encoding="utf-8",
    )


@pytest.mark.usefixtures("own_codes")
def test_names_are_escaped():
    html = page_of()
    assert "Stretch &lt;b&gt;&amp; bend&lt;/b&gt; &gt; 20°" in html
    assert "<img" not in html
    assert "Stretch <b>& bend</b> > 20° 'x' <img src=y>" in text_of(html)


def whole_and_reading():
    """An x-ray and the reading of another: two lines with the same code."""
    return told(answer("72100; 72100+26", "payer=commercial-total-time"))


def test_the_reading_of_an_x_ray_is_told_from_the_whole():
    html = sheet(*whole_and_reading(), ADDRESS, day=DAY)
    assert "72100-26" in html or "reading only" in html, "both lines say 72100 and nothing else"


def cells_of(html):
    """The words of each cell of the table's body, row by row."""
    body = html[html.index("<tbody>") : html.index("</tbody>")]
    rows = re.findall("<tr>(.*?)</tr>", body, re.DOTALL)
    return [
        [re.sub(r"\s+", " ", unescape(re.sub("<[^>]*>", "", cell))).strip() for cell in cells]
        for cells in (re.findall("<td[^>]*>(.*?)</td>", row, re.DOTALL) for row in rows)
    ]


# What a claim and a chart need


def test_it_has_the_day_the_regions_and_the_practice():
    text = text_of(page_of(regions=["cervical", "lumbar"], practice="Loop Spine & Sport <LLC>"))
    assert "Date of service: March 2, 2026" in text
    assert "Regions adjusted: Cervical, Lumbar" in text
    assert "Loop Spine & Sport <LLC>" in text


def test_without_regions_or_practice_nothing_is_said_of_them():
    text = text_of(page_of())
    assert "Regions adjusted" not in text
    assert "Date of service: March 2, 2026" in text


def test_account_and_initials_are_blanks_to_fill_in_by_hand():
    """There is room for them, and nothing in it: no patient data."""
    html = page_of(regions=["lumbar"], practice="Loop Spine")
    blanks = re.findall(r"(\w+): <span class=blank>(.*?)</span>", html)
    assert blanks == [("Account", "&nbsp;"), ("Initials", "&nbsp;")]
    assert ".blank { border-bottom" in html


def test_only_confirmed_modifiers_stand_on_it():
    """A suggestion is not on the claim, and so not in the lines."""
    text = "98941@cervical|thoracic|lumbar; 97110:15+GP; 97140:15@head; 72100+26"
    html = page_of_text(text, "payer=medicare phase=active")
    assert [row[2] for row in cells_of(html)] == ["", "GP", "", "26"]
    assert "suggested" not in html
    html = page_of_text(text.replace("lumbar;", "lumbar+AT;"), "payer=medicare phase=active")
    assert [row[2] for row in cells_of(html)] == ["AT", "GP", "", "26"]


# Dollars


def test_it_says_what_to_collect_and_of_what_it_is_made():
    """20% of $38.41 and $45.22 for 97110, which Medicare does not cover (ux_review 1 (a))."""
    lines = [("98941", None), ("97110", 12), ("97140", 10)]
    text = text_of(page_of(lines, ACTIVE))
    assert "Collect today: $52.90" in text
    assert "$7.68 the patient's part + $45.22 your fee for 97110" in text
    text = text_of(page_of(lines, ACTIVE, OwnPrices()))
    assert "Collect today: $7.68 plus your fee for 97110" in text


def test_it_asks_for_a_copay_that_is_not_known():
    assert "Collect today: $0.00 plus the copay" in text_of(page_of())
    known = sheet(*told(answer_of(EXAMPLE, COMMERCIAL)[0], copay=30.0), ADDRESS, day=DAY)
    assert "Collect today: $30.00 $30.00 copay" in text_of(known)


def test_it_says_why_maintenance_is_not_collected():
    text = text_of(page_of([("98941", None)], Settings(phase="maintenance")))
    assert "Collect today: $0.00" in text
    assert "98941: your fee once an ABN is signed; until then nothing." in text
    text = text_of(page_of([("98941", None)], Settings(phase="maintenance", abn=True)))
    assert "Collect today: $65.11" in text


def test_what_would_be_denied_is_struck_through_and_not_counted():
    """ux_review 1 (b): $88.68 as entered, $67.47 as it would be paid."""
    visit = "98941@cervical|thoracic|lumbar|sacral; 97110:12; 97140:10@lumbar"
    html = page_of_text(visit, "payer=uhc")
    assert [row[6] for row in cells_of(html)] == ["$38.41", "$29.06", "$21.21"]
    assert re.findall("<s>(.*?)</s>", html) == ["$21.21"]
    text = text_of(html)
    assert re.search(r"Total, without what would be denied .* \$67.47 as entered \$88.68", text)
    assert text.count("Would be denied as it stands.") == 1


def test_it_says_what_is_not_billed():
    visit = marked("98941; 97110:12; 97140:30; 72100+26", "payer=medicare phase=active",
                   _97110=OFF, _97140=COLLECT)  # fmt: skip
    text = text_of(sheet(*told(visit), ADDRESS, day=DAY))
    assert "Not billed, collected from the patient: 97140." in text
    assert "Left off the claim, documented: 97110." in text
    assert "Left off" not in text_of(page_of())
    assert "collected from the patient" not in text_of(page_of())


def schedule_amounts(visit):
    """Every amount of the fee schedule in a visit, as it would be written."""
    found = {visit.fee, visit.allowed}
    for line in visit.lines:
        for cents in (line.price.fee, line.price.allowed, line.price.allowed_reduced):
            found |= {cents / 100, cents * line.units / 100}
        found |= {line.fee, line.allowed, line.allowed_cents / 100}
    return {f"{dollars:.2f}" for dollars in found if dollars}


BY_VISIT, BY_CODE = Contract("visit", {}, 7771), Contract("code", {"98941": 3333, "97110": 2222})


@pytest.mark.parametrize(
    ("payer", "prices"),
    [
        *((payer, OWN) for payer in ("auto", "lien", "self-pay")),
        *((payer, OwnPrices()) for payer in ("auto", "self-pay")),
        ("uhc", OwnPrices({}, BY_VISIT)),
        ("uhc", OwnPrices({}, BY_CODE)),
        ("workers-comp", OwnPrices(OWN.fees, BY_CODE)),
    ],
)
def test_with_ones_own_prices_no_amount_of_the_fee_schedule_stands_on_it(payer, prices):
    """One total: the schedule is no part of it, in the lines, the steps or the words."""
    lines = [("98941", None), ("97110", 23), ("97112", 20), ("97140", 15)]
    visit = answer_of(lines, Settings(payer=payer))[0]
    amounts = schedule_amounts(visit)
    assert "38.41" in amounts
    assert len(amounts) > 4
    text = text_of(sheet(*told(visit, prices), ADDRESS, day=DAY))
    rvus = {f"{rvu:.2f}" for line in visit.lines for rvu in (line.work_rvu, line.total_rvu)}
    assert not [amount for amount in amounts - rvus if amount in text]
    assert "Fee schedule" not in text
    table = csv_of(visit, explain(visit), desk(visit, prices))
    cells = {cell for row in csv.reader(io.StringIO(table)) for cell in row}
    assert not {amount.rstrip("0").rstrip(".") for amount in amounts - rvus} & cells


def test_with_the_schedule_its_steps_stand_on_it():
    """The other way round: what the test above looks for is there to be found."""
    visit = answer_of(EXAMPLE, Settings(payer="uhc"))[0]
    text = text_of(sheet(*told(visit), ADDRESS, day=DAY))
    assert "Fee schedule" in text
    assert "38.41" in text
    assert "Dollars: by the fee schedule" in text


@pytest.mark.parametrize(
    ("payer", "prices", "said"),
    [
        ("auto", OWN, "the practice's own fees"),
        ("uhc", OwnPrices({}, BY_CODE), "the contract, by code"),
        ("uhc", OwnPrices({}, BY_VISIT), "the contract, by visit"),
    ],
)
def test_it_says_by_whose_prices(payer, prices, said):
    assert f"Dollars: by {said}" in text_of(page_of(EXAMPLE, Settings(payer=payer), prices))


def test_the_sheet_is_the_same_each_time():
    assert page_of() == page_of()


# The CSV


@pytest.mark.parametrize("name", VISITS)
def test_the_csv_has_a_row_per_line_and_adds_up_to_the_visit(name):
    visit, reasons, _, _, at_desk = answer_of(*VISITS[name])
    rows = list(csv.DictReader(io.StringIO(csv_of(visit, reasons, at_desk))))
    assert [row["code"] for row in rows] == [line.code for line in visit.lines]
    assert sum(int(row["units"]) for row in rows) == visit.units
    priced = ["allowed"] if at_desk.basis == "schedule" else []
    for column in ("work_rvu", "total_rvu", *priced):
        total = sum(float(row[column]) for row in rows if row[column])
        assert total == pytest.approx(getattr(visit, column) or 0, abs=1e-9)
    mine = [row for row in rows if at_desk.basis != "schedule" or row["paid_by"] == "payer"]
    total = sum(float(row["dollars"]) for row in mine if row["dollars"])
    assert total == pytest.approx(at_desk.entered or 0, abs=1e-9)
    assert {row["basis"] for row in rows} == {at_desk.basis}
    assert ("allowed" in rows[0], "fee" in rows[0]) == (bool(priced), bool(priced))
    assert [row["why"] for row in rows] == [reason.text for reason in reasons.lines]
    assert all(row["name"] for row in rows)


def rows_of_csv(visit, prices=OWN):
    """The rows of a visit's CSV."""
    table = csv_of(visit, explain(visit), desk(visit, prices))
    return list(csv.DictReader(io.StringIO(table)))


def test_the_csv_says_who_pays_what_and_what_would_be_denied():
    """Dollars of each line, by whose prices, and whose."""
    visit = answer("98941@lumbar|sacral|pelvic; 97110:12; 97010", "payer=medicare phase=active")
    columns = ("code", "dollars", "paid_by", "basis", "would_be_denied", "allowed")
    assert [tuple(row[name] for name in columns) for row in rows_of_csv(visit)] == [
        ("98941", "38.41", "payer", "schedule", "False", "38.41"),
        ("97110", "45.22", "patient", "schedule", "False", "0.0"),
        ("97010", "0.0", "", "schedule", "True", "0.0"),
    ]


@pytest.mark.parametrize(
    ("payer", "prices", "dollars", "basis"),
    [
        ("auto", OWN, ["65.11", "45.22"], "fees"),
        ("auto", OwnPrices({"98941": 6511}), ["65.11", ""], "fees"),
        ("uhc", OwnPrices({}, BY_CODE), ["33.33", "22.22"], "code"),
        ("uhc", OwnPrices({}, BY_VISIT), ["", ""], "visit"),
    ],
)
def test_the_csv_has_ones_own_prices(payer, prices, dollars, basis):
    rows = rows_of_csv(answer("98941; 97110:12", f"payer={payer}"), prices)
    assert [row["dollars"] for row in rows] == dollars
    assert {(row["basis"], row["paid_by"]) for row in rows} == {(basis, "payer")}
    assert not {"fee", "allowed"} & set(rows[0])


def test_what_is_missing_is_empty_in_the_csv_and_not_zero():
    row = rows_of_csv(answer_of(*VISITS["no RVU"])[0])[0]
    named = (row["code"], row["total_rvu"], row["allowed"], row["dollars"])
    assert named == ("S9117", "", "", "")


def test_the_csv_tells_the_reading_of_an_x_ray_from_the_whole():
    whole, reading = rows_of_csv(whole_and_reading()[0])
    named = ("code", "name", "modifier", "modifiers", "key")
    assert [whole.get(key) for key in named] != [reading.get(key) for key in named]
