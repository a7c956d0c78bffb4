"""Any sequence of clicks on the visit page ends as a fresh start from its link does."""

from driving import figures, opened, run, services
from hypothesis import given, settings
from hypothesis import strategies as some

REGIONS = ["cervical", "thoracic", "lumbar", "sacral", "pelvic", "head", "rib cage"]
CHIPS = ["97110", "97112", "97140", "97530", "97035", "97012", "G0283"]
BEHIND = {  # the chips of a question, where they show other words than they stand for
    "region": REGIONS,
    "phase": ["active", "maintenance"],
    "separate": ["yes", "no"],
    "abn": ["yes", "no"],
}
PAYERS = ["medicare", "va", "commercial-total-time", "commercial-midpoint", "self-pay"]

clicks = some.one_of(
    some.tuples(some.just("adjusted"), some.sampled_from(REGIONS)),
    some.tuples(some.just("chip"), some.sampled_from(CHIPS)),
    some.tuples(some.just("minutes"), some.integers(0, 9), some.sampled_from([None, 0, 7, 8, 38])),
    some.tuples(some.just("tap"), some.integers(0, 9), some.sampled_from([5, 15, 30])),
    some.tuples(some.just("remove"), some.integers(0, 9)),
    some.tuples(some.just("settle"), some.integers(0, 9), some.integers(0, 5)),
    some.tuples(some.just("payer"), some.sampled_from(PAYERS)),
    some.tuples(some.just("place"), some.sampled_from(["office", "facility"])),
)


def of(widgets, name, at):
    """One of the widgets whose key begins so, or None where there is none."""
    there = [each for each in widgets if str(each.key).startswith(name)]
    return there[at % len(there)] if there else None


def toggle(at, key, option):
    group = at.get_by_key(key)
    rest = [each for each in group.value if each != option]
    group.set_value(rest if option in group.value else [*rest, option])


def do(at, click):
    """Make one click, as far as what it clicks is there."""
    what, *rest = click
    if what == "adjusted":
        toggle(at, "adjusted", rest[0])
    elif what == "chip":
        toggle(at, "chips", rest[0])
    elif what == "minutes":
        if field := of(at.number_input, "amount ", rest[0]):
            field.set_value(rest[1])
    elif what == "tap":
        if group := of(at.get("button_group"), "quick ", rest[0]):
            group.set_value(rest[1])
    elif what == "remove":
        if button := of(at.button, "remove ", rest[0]):
            button.click()
    elif what == "settle":
        if group := of(at.get("button_group"), "settled ", rest[0]):
            values = [None, *(BEHIND.get(group.key.split()[1]) or group.options)]
            group.set_value(values[rest[1] % len(values)])
    else:
        at.get_by_key(what).set_value(rest[0])
    return run(at)


def minutes(at):
    fields = [field for field in at.number_input if str(field.key).startswith("amount ")]
    return {field.key: field.value for field in fields}


@settings(max_examples=15)
@given(some.lists(clicks, min_size=3, max_size=9))
def test_clicks_end_as_a_fresh_start_from_their_link(made):
    at = opened()
    for click in made:
        at = do(at, click)
    link = dict(at.query_params)
    fresh = opened(link=link)
    assert figures(at) == figures(fresh)
    assert services(at) == services(fresh)
    assert minutes(at) == minutes(fresh)
    assert dict(fresh.query_params) == link
