"""Places as they are typed, against CMS's own words of what each locality is: its counties, as the
locality key of the fee schedule lists them."""

import pytest
from csv_files import change
from hypothesis import example, given
from hypothesis import strategies as st

from chirocalc import tables
from chirocalc.tables import areas_of

# Localities by what CMS calls them; the counties are those of its locality key.
CHICAGO, SUBURBAN, EAST_ST_LOUIS, REST_IL = (f"06102-{each}" for each in ("16", "15", "12", "99"))
DC = "12202-01"  # with Montgomery and Prince George's, MD; Alexandria, Arlington and Fairfax, VA
MANHATTAN, NYC_SUBURBS, POUGHKEEPSIE = "13202-01", "13202-02", "13202-03"
QUEENS, REST_NY = "13292-04", "13282-99"

ZIPS = {
    "60601": CHICAGO,  # Cook
    "60201": CHICAGO,
    "60515": SUBURBAN,  # DuPage
    "62201": EAST_ST_LOUIS,  # St. Clair
    "62701": REST_IL,
    "10001": MANHATTAN,
    "10451": NYC_SUBURBS,  # the Bronx
    "11201": NYC_SUBURBS,  # Kings
    "11101": QUEENS,
    "12601": POUGHKEEPSIE,  # Dutchess
    "14604": REST_NY,
    "20814": DC,
    "22201": DC,
    "23219": "11302-00",
    "21201": "12302-01",
    "48201": "08202-01",
    "49503": "08202-99",
    "63101": "05302-01",
    "65201": "05302-99",
    "97201": "02302-01",
    "98402": "02402-99",
    "77550": "04412-15",
    "90012": "01182-18",
    "94901": "01112-52",
    "96910": "01212-01",  # Guam, with Hawaii
    "00802": "09202-50",
    "99501": "02102-01",
}

CITIES = {
    "Chicago": CHICAGO,
    "chicago": CHICAGO,
    "Chicago, IL": CHICAGO,
    "Chicago Illinois": CHICAGO,
    "evanston il": CHICAGO,  # Cook
    "Oak Park, IL": CHICAGO,
    "Downers Grove": SUBURBAN,
    "Waukegan": SUBURBAN,  # Lake
    "Belleville, IL": EAST_ST_LOUIS,
    "Springfield, IL": REST_IL,
    "Peoria IL": REST_IL,
    "Los Angeles": "01182-18",
    "Anaheim": "01182-18",  # Orange
    "San Diego": "01182-72",
    "San Francisco": "01112-05",
    "Oakland, CA": "01112-05",
    "San Rafael, CA": "01112-52",  # Marin
    "San Jose, CA": "01112-09",
    "Hollister CA": "01112-65",  # San Benito
    "Bethesda, MD": DC,
    "Arlington, VA": DC,
    "Richmond, VA": "11302-00",
    "Ocean City, MD": "12302-99",
    "Boston": "14212-01",
    "Worcester, MA": "14212-99",
    "Detroit, Michigan": "08202-01",
    "Grand Rapids, MI": "08202-99",
    "New York, NY": MANHATTAN,
    "New York City": MANHATTAN,
    "Bronx": NYC_SUBURBS,
    "Staten Island": NYC_SUBURBS,
    "Yonkers": NYC_SUBURBS,  # Westchester
    "Flushing, NY": QUEENS,
    "Buffalo, NY": REST_NY,
    "Miami, FL": "09102-04",
    "Tampa": "09102-99",
    "Atlanta, GA": "10212-01",
    "Savannah, GA": "10212-99",
    "New Orleans": "07202-01",
    "Baton Rouge": "07202-99",
    "Portland, OR": "02302-01",
    "Portland, ME": "14112-03",
    "Philadelphia, PA": "12502-01",
    "Pittsburgh, PA": "12502-99",
    "El Paso, TX": "04412-99",
    "Galveston TX": "04412-15",
    "Newark, NJ": "12402-01",
    "Atlantic City": "12402-99",
    "Saint Louis, MO": "05302-01",
    "St. Louis, MO": "05302-01",
    "ST LOUIS MO": "05302-01",
    "Columbia, MO": "05302-99",
    "Honolulu": "01212-01",
    "Washington, D.C.": DC,
    "San Juan, PR": "09202-20",
    "Minneapolis": "06202-00",
}


def fits(text):
    """What a text is taken for, and where that is priced, where it fits something."""
    found = areas_of(text)
    assert found.localities, found.problem
    return found.named, found.localities


# ZIP codes


@pytest.mark.parametrize(("digits", "locality"), ZIPS.items())
@pytest.mark.parametrize("typed", ["{}", " {} ", "{}-1234", "{}1234", "ZIP {}", "Anytown, US {}"])
def test_a_zip_code(digits, locality, typed):
    """With its plus-4 or after a city, as it is pasted."""
    found = areas_of(typed.format(digits))
    assert found == ((locality,), f"ZIP code {digits}", "", ())


@pytest.mark.parametrize(
    ("digits", "areas"),
    [
        ("94303", ["01112-09", "01112-05"]),  # Palo Alto, and East Palo Alto in San Mateo
        ("60439", [CHICAGO, SUBURBAN]),  # Lemont: Cook, DuPage and Will
        ("91766", ["01182-18", "01112-62"]),  # Pomona: Los Angeles and San Bernardino
        ("94503", ["01112-51", "01112-53"]),  # American Canyon: Napa and Solano
        ("11001", [NYC_SUBURBS, QUEENS]),  # Floral Park
        ("83856", ["02202-00", "02402-99"]),  # Priest River, Idaho, and Washington
    ],
)
def test_a_zip_code_of_two_areas_means_both(digits, areas):
    """CMS's first; the other one is that of the neighbors, and both can be chosen."""
    found = areas_of(f"{digits}-0001")
    assert found.named == f"ZIP code {digits}"
    assert list(found.localities) == areas
    names = tables.localities()["name"]
    assert found.choices == tuple((f"ZIP code {digits}: {names[each]}", each) for each in areas)


def test_every_shared_zip_code_has_a_neighbor_in_another_area():
    """Every one that needs its plus-4, and no other."""
    zips = tables.zips()
    near = tables.shared_zips()["near"]
    shared = zips[zips["needs_plus4"]]
    assert set(near.index) == set(shared.index)
    assert all(shared.at[each, "locality_id"] not in text for each, text in near.items())


def test_a_shared_zip_code_without_a_known_neighbor_may_lie_anywhere_in_its_state(own_tables):
    """As after a renewal of CMS's file: it is not taken as certain."""
    change(own_tables / "shared_zips.csv", lambda row: row | {"zip": "0" + row["zip"][1:]})
    found = areas_of("60439")
    assert found.localities[0] == CHICAGO
    assert set(found.localities) == {CHICAGO, SUBURBAN, EAST_ST_LOUIS, REST_IL}


@pytest.mark.parametrize("digits", ["00000", "99999", "09001"])
def test_a_zip_code_that_is_not_known_is_named(digits):
    found = areas_of(f"{digits}-1234")
    assert found == ((), "", f"ZIP code {digits} is not in CMS's ZIP to locality file.", ())


@pytest.mark.parametrize("text", ["6060", "606011", "60601-12", "-60601", "6060１", "123456789012"])
def test_digits_that_are_no_zip_code(text):
    assert areas_of(text).problem == f"'{text}' is no ZIP code: it must be five digits."


def test_a_zip_code_needs_no_list_of_cities():
    """And a name no list of ZIP codes: what is not asked is not read."""
    for text, other in [("60601", "cities.csv"), ("Chicago", "zips.csv")]:
        with tables.in_use(tables.books.Book(tables.book().contents)) as unread:
            areas_of(text)
            assert unread.frames
            assert other not in unread.frames


# Cities


@pytest.mark.parametrize(("text", "locality"), CITIES.items())
def test_a_city(text, locality):
    """Its county is in the locality; where it is certain, the city and state are said."""
    found = areas_of(text)
    assert found.localities[0] == locality, found
    assert not found.problem


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("Chicago", "Chicago, IL"),
        ("evanston il", "Evanston, IL"),
        ("Springfield, IL", "Springfield, IL"),
        ("Los Angeles", "Los Angeles, CA"),
        ("st.louis, mo.", "Saint Louis, MO"),
        ("Washington D C", "Washington, DC"),
        ("Charleston, West Virginia", "Charleston, WV"),
        ("Indiana, PA", "Indiana, PA"),
        ("Delaware OH", "Delaware, OH"),
        ("Billings, MT", "Billings, MT"),
        ("Mayagüez", "Mayaguez, PR"),
        ("  SALT   LAKE CITY ", "Salt Lake City, UT"),
    ],
)
def test_a_city_that_is_certain(text, named):
    """One area, and nothing to choose."""
    found = areas_of(text)
    assert (found.named, len(found.localities), found.choices) == (named, 1, ())


@pytest.mark.parametrize(
    "same",
    [
        ["St. Louis, MO", "Saint Louis, MO", "st louis mo", "SAINT LOUIS, Missouri"],
        ["Ft. Worth, TX", "Fort Worth, TX", "Fort Worth Texas"],
        ["Mt. Vernon, NY", "Mount Vernon NY"],
        ["O'Fallon, MO", "OFallon MO", "O Fallon, MO"],
        ["Lee's Summit, MO", "Lees Summit, MO"],
        ["Coeur d'Alene", "Coeur D Alene", "coeur dalene"],
        ["Winston-Salem", "Winston Salem NC"],
        ["McAllen, TX", "Mc Allen TX"],
        ["New York City", "New York, NY", "New York City, NY"],
        ["East St. Louis, IL", "east saint louis il"],
        ["Port St. Lucie", "Port Saint Lucie, FL"],
    ],
)
def test_spellings_of_one_city(same):
    assert len({fits(text) for text in same}) == 1


@pytest.mark.parametrize(
    ("text", "named", "choices"),
    [
        (
            "Kansas City",
            "Kansas City",
            [
                ("Kansas City, MO: Metropolitan Kansas City", "05302-02"),
                ("Kansas City, MO: Rest of Missouri", "05302-99"),
                ("Kansas City, KS", "05202-00"),
            ],
        ),
        (
            "Aurora, IL",
            "Aurora, IL",
            [
                ("Aurora, IL: Suburban Chicago", SUBURBAN),  # Kane and DuPage
                ("Aurora, IL: Rest of Illinois", REST_IL),  # Kendall
            ],
        ),
        (
            "East Palo Alto",
            "East Palo Alto, CA",
            [
                (
                    "East Palo Alto, CA: San Jose-Sunnyvale-Santa Clara (Santa Clara County)",
                    "01112-09",
                ),
                (
                    (
                        "East Palo Alto, CA: San Francisco-Oakland-Berkeley (San Francisco/"
                        "San Mateo/Alameda/Contra Costa County)"
                    ),
                    "01112-05",
                ),
            ],
        ),
    ],
)
def test_a_city_of_several_areas_means_all(text, named, choices):
    """The one with most ZIP codes first, each with a label to choose it by."""
    found = areas_of(text)
    assert (found.named, list(found.choices)) == (named, choices)
    assert found.localities == tuple(locality for _, locality in choices)


def test_a_city_of_several_states_means_each():
    """Springfield of more than twenty states; those with most ZIP codes first."""
    found = areas_of("Springfield")
    assert found.named == "Springfield"
    assert len(found.choices) == len(found.localities) > 20
    where = dict(found.choices)
    assert [*where][:3] == ["Springfield, MA", "Springfield, IL", "Springfield, MO"]
    assert where["Springfield, IL"] == REST_IL
    assert where["Springfield, VA"] == DC  # Fairfax
    assert where["Springfield, OH"] == "15202-00"
    saints = areas_of("St. Louis")
    assert saints == areas_of("Saint Louis")
    assert saints.choices[0] == ("Saint Louis, MO", "05302-01")


# States and areas

ONE_AREA = {
    "AL": "Alabama", "AK": "Alaska", "AZ": "Arizona", "AR": "Arkansas", "CO": "Colorado",
    "CT": "Connecticut", "DE": "Delaware", "DC": "District of Columbia", "HI": "Hawaii",
    "ID": "Idaho", "IN": "Indiana", "IA": "Iowa", "KS": "Kansas", "KY": "Kentucky",
    "MN": "Minnesota", "MS": "Mississippi", "MT": "Montana", "NE": "Nebraska", "NV": "Nevada",
    "NH": "New Hampshire", "NM": "New Mexico", "NC": "North Carolina", "ND": "North Dakota",
    "OH": "Ohio", "OK": "Oklahoma", "RI": "Rhode Island", "SC": "South Carolina",
    "SD": "South Dakota", "TN": "Tennessee", "UT": "Utah", "VT": "Vermont",
    "WV": "West Virginia", "WI": "Wisconsin", "WY": "Wyoming", "PR": "Puerto Rico",
    "VI": "Virgin Islands", "GU": "Guam", "AS": "American Samoa",
    "MP": "Northern Mariana Islands", "FM": "Federated States of Micronesia",
    "MH": "Marshall Islands", "PW": "Palau",
}  # fmt: skip

# How many areas: Maryland's and Virginia's with the suburbs of DC.
MORE = {
    "CA": ("California", 29), "FL": ("Florida", 3), "GA": ("Georgia", 2), "IL": ("Illinois", 4),
    "LA": ("Louisiana", 2), "ME": ("Maine", 2), "MD": ("Maryland", 3), "MA": ("Massachusetts", 2),
    "MI": ("Michigan", 2), "MO": ("Missouri", 3), "NJ": ("New Jersey", 2), "NY": ("New York", 5),
    "OR": ("Oregon", 2), "PA": ("Pennsylvania", 2), "TX": ("Texas", 8), "VA": ("Virginia", 2),
    "WA": ("Washington", 2),
}  # fmt: skip


def test_every_state_of_the_localities_has_its_name():
    assert set(tables.states().index) == {*ONE_AREA, *MORE}
    assert set(tables.localities()["state"]) <= set(tables.states().index)


@pytest.mark.parametrize(("state", "name"), ONE_AREA.items())
def test_a_state_of_one_area(state, name):
    """By its name and by its two letters; certain."""
    found = areas_of(name)
    assert areas_of(state.lower()) == areas_of(f" {state}. ") == found
    assert (found.named, len(found.localities), found.choices) == (name, 1, ())
    here = tables.localities().loc[found.localities[0]]
    assert here["state"] == state or here["name"] == "Hawaii, Guam"


@pytest.mark.parametrize(("state", "expected"), MORE.items())
def test_a_state_of_several_areas(state, expected):
    """All of them, to choose from."""
    name, count = expected
    found = areas_of(state)
    assert found.named == name
    assert len(found.choices) == len(found.localities) == count
    assert set(found.localities) <= set(areas_of(name.upper()).localities)
    own = tables.localities()["state"] == state
    assert set(tables.localities().index[own]) <= set(found.localities)


def test_a_state_and_a_city_of_one_name():
    """New York is the city, then the rest of its state; Washington the state, then DC."""
    found = areas_of("new york")
    assert (found.named, found.choices[0]) == ("New York", ("New York, NY", MANHATTAN))
    assert set(found.localities) == {MANHATTAN, NYC_SUBURBS, POUGHKEEPSIE, QUEENS, REST_NY}
    found = areas_of("Washington")
    assert set(found.localities[:2]) == {"02402-02", "02402-99"}
    assert found.choices[2:] == (("Washington, DC", DC),)


@pytest.mark.parametrize("locality", tables.localities().index)
def test_an_area_by_its_own_name(locality):
    """All 109: as CMS writes it, and with its state as the pages do."""
    name, state = tables.localities().loc[locality, ["name", "state"]]
    assert areas_of(name).localities[0] in {locality, *areas_of(state).localities}
    assert locality in areas_of(name).localities
    assert areas_of(f"{name}, {state}".lower()).localities[0] == locality


def test_an_area_that_only_cms_calls_so_is_certain():
    assert areas_of("rest of illinois") == ((REST_IL,), "Rest of Illinois, IL", "", ())
    assert areas_of("DC + MD/VA Suburbs").localities == (DC,)
    assert areas_of("Manhattan").choices[0] == ("Manhattan, NY", MANHATTAN)


# What is not understood


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("Chcago", "'Chcago' is no ZIP code, city or state we know: did you mean Chicago, IL?"),
        ("Pitsburgh PA", "did you mean Pittsburgh, PA"),
        ("evanson il", "did you mean Evanston, IL"),
        ("Texsa", "did you mean Texas"),
        ("Chicago, TX", "did you mean Chicago, IL"),
        ("suburban", "did you mean Suburban Chicago, IL"),
        ("Orange County", "(Los Angeles/Orange County), CA"),
        ("qqqqqq", "'qqqqqq' is no ZIP code, city or state we know."),
        ("Αθήνα", "'Αθήνα' is no ZIP code, city or state we know."),
        ("x" * 500, "'" + "x" * 40 + "…' is no ZIP code, city or state we know."),
        ("Chicago" + " x" * 500, "is no ZIP code, city or state we know."),
        ("city", "'city' is no ZIP code, city or state we know"),
        ("national", "'national' is no ZIP code, city or state we know"),
    ],
)
def test_what_fits_nothing_is_said_and_never_guessed(text, problem):
    """Near names are only offered."""
    found = areas_of(text)
    assert found[:2] == ((), "")
    assert not found.choices
    assert problem in found.problem


@pytest.mark.parametrize("text", ["", " ", "\n\t"])
def test_nothing_entered(text):
    assert areas_of(text).problem.startswith("Nothing is entered")


WORDS = ["St.", "New", "York", "City", "TX", "Springfield", "60601", "-", "'", ",", "Rest of", "é"]


@given(st.text() | st.lists(st.sampled_from(WORDS)).map(" ".join))
@example("\ud800")
@example("city city")
@example("0" * 10_000)
def test_any_text_is_a_place_or_a_problem(text):
    """Never an error, never both, and what it means is known and labeled, each once."""
    found = areas_of(text)
    assert bool(found.localities) != bool(found.problem)
    assert bool(found.localities) == bool(found.named)
    assert set(found.localities) <= set(tables.localities().index)
    if len(found.localities) > 1:
        assert tuple(locality for _, locality in found.choices) == found.localities
        assert len({label for label, _ in found.choices}) == len(found.choices)
    else:
        assert not found.choices


# The list of cities


def test_every_city_has_localities_of_its_own_once():
    """Each is one of ours, and each of ours has cities; no two rows are of one place."""
    frame = tables.cities()
    rows = frame["localities"].str.split("|")
    assert set(rows.explode()) == set(tables.localities().index)
    assert all(len(set(each)) == len(each) for each in rows)
    assert not frame.duplicated(["city", "state"]).any()
    assert set(frame["state"]) == set(tables.states().index)


def test_cities_are_priced_in_their_state():
    """But for the suburbs of DC, and the islands of the Pacific with Hawaii."""
    frame = tables.cities().assign(locality=lambda rows: rows["localities"].str.split("|"))
    frame = frame.explode("locality")
    home = tables.localities()["state"].loc[frame["locality"]].to_numpy()
    away = frame[frame["state"].to_numpy() != home]
    assert set(away.loc[away["locality"] == DC, "state"]) == {"MD", "VA"}
    islands = {"GU", "AS", "MP", "FM", "MH", "PW"}
    assert set(away.loc[away["locality"] != DC, "state"]) == islands


def test_every_city_is_found_by_its_name_and_state():
    """A row in ninety-seven of them."""
    for city in tables.cities().iloc[::97].itertuples():
        found = areas_of(f"{city.city}, {city.state}")
        assert found.named == f"{city.city}, {city.state}"
        assert set(city.localities.split("|")) <= set(found.localities)
