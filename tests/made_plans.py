"""A practice and plans that are made up, for tests of the printed sheets."""

from datetime import date
from html.parser import HTMLParser

from chirocalc import tables
from chirocalc.plan import Benefits, Phase, Plan, Prices
from chirocalc.rules import Settings, read_service
from chirocalc.sheets import Clinic

CLINIC = Clinic(
    "Loop Spine & Sport", "Ana Ruiz, DC", "1234567893", "1993999998", "12-3456789",
    "12 Main St", "Chicago", "IL", "60601", "312-555-0100",
)  # fmt: skip
FEES = {"98941": 6500, "98940": 5500, "97110": 4500, "97012": 2500, "99203": 15000, "99213": 9000}
START, MADE = date(2026, 12, 7), date(2026, 11, 27)


def service(code, amount=None, modifiers=(), regions=()):
    return read_service(tables.records()[code], amount, modifiers, regions).service


def adjusted(code):
    regions = {"98940": ("lumbar",), "98941": ("cervical", "thoracic", "lumbar")}[code]
    return service(code, None, (), regions)


PHASES = (
    Phase("Relief", (adjusted("98941"), service("97012")), per_week=3, weeks=4),
    Phase("Corrective", (adjusted("98940"), service("97110", 23)), per_week=2, weeks=6),
    Phase("Wellness", (adjusted("98940"),), visits=10, every=4, treatment="maintenance"),
)


def plan(phases=PHASES, fees=FEES, payer="commercial-total-time", **also):
    """34 visits: 12, 12 and 10; an examination first, and again at visits 12 and 24; 10% off for
    those who pay themselves; a deductible of $300 left, then 20%."""
    also = {"reexamine_every": 12, "first": (service("99203", 30),)} | also
    return Plan(
        start=START,
        phases=phases,
        reexamination=(service("99213", 20),) if also["reexamine_every"] else (),
        prices=Prices(fees=fees, discount_percent=10.0),
        settings=Settings(payer=payer),
        benefits=Benefits(deductible_left=30000, coinsurance=20.0),
        **also,
    )


class _Words(HTMLParser):
    def __init__(self):
        super().__init__()
        self.said, self.inside = [], []

    def handle_starttag(self, tag, attrs):
        if tag not in {"meta", "br"}:
            self.inside.append(tag)

    def handle_endtag(self, tag):
        assert self.inside.pop() == tag

    def handle_data(self, data):
        if not {"style", "title"} & set(self.inside):
            self.said.append(data)


def words_of(html):
    """What a sheet says, in one line; fails on a tag that is not closed."""
    reader = _Words()
    reader.feed(html)
    reader.close()
    assert reader.inside == []
    return " ".join(" ".join(reader.said).split())
