"""Tables of where a place is: cities by name, states by name, what a shared ZIP code borders on.

Both lists of places were made from the ZIP codes of Zipcodes 3.0 (zip-cities) that `zips` has too,
the military ones left out, and are made again in the same way when CMS moves ZIP codes:

- `cities`: each ZIP code counts for its city and its acceptable cities. Those of unique ZIP codes
  are firms; so are names with digits or words such as Inc, and a name that shortens another of the
  same ZIP code word for word is left out. St, Mt and Ft are spelled out. Of one name and state
  count the active standard ZIP codes; where there are none its other active ones; else those no
  longer active. Their localities are those of `zips`, the one of most ZIP codes first, then what
  `shared_zips` adds of localities that the state has. Rows stand by name in letters only, and under
  one name the state with most ZIP codes first.
- `shared_zips`: for each ZIP code that needs its plus-4, the locality of the nearest ZIP code
  priced in another one, and a second locality that is less than half as far again. CMS's file of
  five digits says that there are two, and not which.
"""

from __future__ import annotations

from .schema import NAME, TEXT, Column
from .table import Listing, Table

_STATE = Column("[A-Z]{2}", "must be a state's two letters")

_LOCALITY = "[0-9]{5}-[0-9]{2}"

_LOCALITIES = Column(
    rf"{_LOCALITY}(\|{_LOCALITY})*", "must be localities such as 01112-05 with | between"
)

states = Table(
    "states.csv",
    "States and possessions by their two letters, and what else each is called (usps-states).",
    {"state": _STATE, "name": NAME, "also": TEXT},
    key="state",
    listings=(
        Listing(
            "States by name",
            release="2025",
            checked="The Postal Service's list; every state that CMS's ZIP file has",
            sure="P",
            source="usps-states",
        ),
    ),
)

cities = Table(
    "cities.csv",
    "Cities with the localities that their ZIP codes lie in, the one of most ZIP codes first "
    "(zip-cities, zip5).",
    {"city": NAME, "state": _STATE, "localities": _LOCALITIES},
    refers={"state": "states.csv", "localities": "localities.csv"},
    listings=(
        Listing(
            "Cities and their localities",
            release="2025",
            checked="One public list, joined with CMS's ZIP file, which agrees on every ZIP "
            "code's state",
            sure="S",
            source="zip-cities",
        ),
    ),
)

shared_zips = Table(
    "shared_zips.csv",
    "For each ZIP code that localities share, the others that are nearest to it (zip-cities).",
    {"zip": Column(r"[0-9]{5}", "must be five digits"), "near": _LOCALITIES},
    key="zip",
    refers={"near": "localities.csv"},
    listings=(
        Listing(
            "Second localities of shared ZIP codes",
            release="2025",
            checked="By distance, for CMS's file of five digits does not name them: only offered, "
            "never used unasked",
            sure="S",
            source="zip-cities",
        ),
    ),
)
