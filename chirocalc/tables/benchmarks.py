"""Tables of benchmarks: Medicare's national figures of chiropractors and therapists, and others
that are free to cite; and the kinds of service that a log is summed up by.

CMS leaves out a provider's codes of fewer than 11 patients, so that all counts are somewhat low.
"paid" is what Medicare paid after deductible and coinsurance, not what it allowed.
"""

from __future__ import annotations

from .columns import ANY_CODE, SURE, YEAR
from .schema import NAME, Column, one_of
from .table import Listing, Table

_COUNT = Column("[0-9]{1,12}", "must be a whole number", "integer")

_DOLLARS = Column(r"[0-9]{1,12}(\.[0-9]{1,2})?", "must be dollars", "number")

_NUMBER = Column(r"[0-9]{1,9}(\.[0-9]+)?", "must be a number", "number")

# Armed forces abroad, and what CMS could not place, are no states of the table of states.
_STATE = Column("[A-Z]{2}", "must be a state's two letters")

SPECIALTY = one_of("chiropractor", "pt", "ot")

medicare_specialties = Table(
    "medicare_specialties.csv",
    "Services, dollars paid and providers with claims by specialty and year: chiropractors, "
    "physical and occupational therapists in private practice (medicare-providers).",
    {
        "specialty": SPECIALTY,
        "year": YEAR,
        "services": _COUNT,
        "paid": _DOLLARS,
        "providers": _COUNT,
        "source": NAME,
    },
    listings=(
        Listing(
            "Medicare's services by specialty",
            release="2014 to 2023",
            also=("medicare_mix.csv", "medicare_specialty_states.csv"),
            checked="One public project's sums of CMS's files",
            sure="S",
            source="medicare-providers",
        ),
    ),
)

medicare_mix = Table(
    "medicare_mix.csv",
    "Services and dollars paid by specialty and code, the fifty codes with the most dollars "
    "(medicare-providers).",
    {
        "specialty": SPECIALTY,
        "year": YEAR,
        "code": ANY_CODE,
        "services": _COUNT,
        "paid": _DOLLARS,
        "source": NAME,
    },
)

medicare_specialty_states = Table(
    "medicare_specialty_states.csv",
    "Providers with claims and dollars paid by specialty and state (medicare-providers).",
    {
        "specialty": SPECIALTY,
        "year": YEAR,
        "state": _STATE,
        "providers": _COUNT,
        "paid": _DOLLARS,
        "source": NAME,
    },
)

medicare_code_states = Table(
    "medicare_code_states.csv",
    "Services, dollars paid and providers by code and state, of all specialties "
    "(medicare-providers).",
    {
        "year": YEAR,
        "code": ANY_CODE,
        "state": _STATE,
        "services": _COUNT,
        "paid": _DOLLARS,
        "providers": _COUNT,
        "source": NAME,
    },
    refers={"code": "codes.csv"},
    listings=(
        Listing(
            "Medicare's use of 30 codes by state",
            release="2014 to 2023",
            also=("medicare_code_years.csv",),
            checked="One public project's sums of CMS's files",
            sure="S",
            source="medicare-providers",
        ),
    ),
)

medicare_code_years = Table(
    "medicare_code_years.csv",
    "Services and dollars paid by code and year, of all specialties (medicare-providers).",
    {"year": YEAR, "code": ANY_CODE, "services": _COUNT, "paid": _DOLLARS, "source": NAME},
    refers={"code": "codes.csv"},
)

benchmark_figures = Table(
    "benchmark_figures.csv",
    "Single figures that are free to cite, each with its source and how sure it is.",
    {
        "figure": NAME,
        "value": _NUMBER,
        "unit": NAME,
        "of": NAME,
        "year": YEAR,
        "source": NAME,
        "sure": SURE,
    },
    key="figure",
    listings=(
        Listing(
            "Figures of practices, free to cite",
            release="2008 to 2025",
            checked="Each says its source; surveys were read second-hand",
            sure="?",
            source="nbce-2025",
        ),
    ),
)

service_kinds = Table(
    "service_kinds.csv",
    "The kinds of service that a log is summed up by, by the category of codes.csv.",
    {"category": NAME, "kind": NAME},
    key="category",
)
