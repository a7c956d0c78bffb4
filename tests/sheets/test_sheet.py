"""The printable sheet and the CSV: whole, self-contained, and with the numbers of the visit."""

import csv
import io
import re
from html import unescape
from html.parser import HTMLParser

import pandas as pd
import pytest
from oracles.visits import answer

import chirocalc
from chirocalc import Settings, tables
from chirocalc.sheets.visit import visit_csv as csv_of
from chirocalc.sheets.visit import visit_sheet as sheet
from chirocalc.visit.chain import payment_chain
from chirocalc.visit.claim import claim
from chirocalc.visit.explain import explain

ADDRESS = "http://127.0.0.1:8501/?adj=lumbar&do=97110.20_97112.20&x=<script>alert(1)</script>"
EXAMPLE = [("98941", None), ("97110", 20), ("97112", 20)]
COMMERCIAL = Settings(payer="commercial-total-time")
VISITS = {
    "the example": (EXAMPLE, COMMERCIAL),
    "Medicare": (EXAMPLE, Settings(payer="medicare", locality="06102-16", participating=False)),
    "a therapist": (EXAMPLE, Settings(payer="medicare", provider="pt", unit_rule="cpt")),
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


def told(visit):
    """A visit's answer with all that the sheet says of it."""
    return visit, explain(visit), payment_chain(visit), claim(visit)


def page_of(lines=EXAMPLE, settings=COMMERCIAL):
    return sheet(*answer_of(lines, settings), ADDRESS)


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
    visit, reasons, chain, preview = answer_of(*VISITS[name])
    text = text_of(sheet(visit, reasons, chain, preview, ADDRESS))
    dollars = "–" if visit.allowed is None else f"${visit.allowed:,.2f}"
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
    html = sheet(*whole_and_reading(), ADDRESS)
    assert "72100-26" in html or "reading only" in html, "both lines say 72100 and nothing else"


def test_a_suggestion_stands_on_the_line_that_lacks_it():
    """Medicare excludes both parts of a film by a chiropractor; the films have GY already."""
    for text in ("72100+26; 72100+TC+GY", "72100+TC+GY; 97110:3; 72100+26"):
        rows = re.findall("<tr>.*?</tr>", sheet(*told(answer(text)), ADDRESS), re.DOTALL)
        suggesting = [row for row in rows if "suggested" in row]
        assert len(suggesting) == 1, text
        assert "72100-26" in suggesting[0]
        assert "suggested GY" in suggesting[0]


def test_the_sheet_is_the_same_each_time():
    assert page_of() == page_of()


# The CSV


@pytest.mark.parametrize("name", VISITS)
def test_the_csv_has_a_row_per_line_and_adds_up_to_the_visit(name):
    visit, reasons, _, _ = answer_of(*VISITS[name])
    rows = list(csv.DictReader(io.StringIO(csv_of(visit, reasons))))
    assert [row["code"] for row in rows] == [line.code for line in visit.lines]
    assert sum(int(row["units"]) for row in rows) == visit.units
    for column in ("work_rvu", "total_rvu", "allowed"):
        total = sum(float(row[column]) for row in rows if row[column])
        assert total == pytest.approx(getattr(visit, column) or 0, abs=1e-9)
    assert [row["why"] for row in rows] == [reason.text for reason in reasons.lines]
    assert all(row["name"] for row in rows)


def test_what_is_missing_is_empty_in_the_csv_and_not_zero():
    visit, reasons, _, _ = answer_of(*VISITS["no RVU"])
    row = next(csv.DictReader(io.StringIO(csv_of(visit, reasons))))
    assert (row["code"], row["total_rvu"], row["allowed"]) == ("S9117", "", "")


def test_the_csv_tells_the_reading_of_an_x_ray_from_the_whole():
    visit, reasons, _, _ = whole_and_reading()
    whole, reading = csv.DictReader(io.StringIO(csv_of(visit, reasons)))
    named = ("code", "name", "modifier", "modifiers", "key")
    assert [whole.get(key) for key in named] != [reading.get(key) for key in named]
