"""Services and plans for the tests of the plan."""

from datetime import date

from chirocalc import Settings, tables
from chirocalc.plan import Phase, Plan
from chirocalc.rules import read_service
from chirocalc.tables import region_kinds

MONDAY = date(2026, 3, 2)
COMMERCIAL = Settings("commercial-total-time")


def service(said):
    """ "97110 15", "98941 cervical thoracic lumbar", "99203 +25"."""
    code, *rest = said.split()
    words = [each[1:] for each in rest if each.startswith("+")]
    regions = [each for each in rest if each in region_kinds()]
    amounts = [float(each) for each in rest if each.replace(".", "").isdigit()]
    found = read_service(tables.records()[code], *(amounts or [None]), words, regions)
    assert not found.faults
    return found.service


def services(*said):
    return tuple(map(service, said))


ADJUSTED = "98941 cervical thoracic lumbar"


def phase(*said, weeks=None, visits=None, **more):
    """One visit a week unless said."""
    if weeks is None and visits is None:
        visits = 1
    return Phase("Care", services(*said), weeks=weeks, visits=visits, **more)


def plan(*said, visits=1, settings=COMMERCIAL, start=MONDAY, each=None, **more):
    """A plan of one phase, one visit a week."""
    return Plan(start, (phase(*said, visits=visits, **(each or {})),), settings, **more)
