"""Equal visits are answered once, and a long plan is priced at once."""

import time

from plans_made import ADJUSTED, plan, services

from chirocalc.plan import price_plan, rated

MILLISECONDS = 50  # for 150 visits


def long():
    return plan(
        ADJUSTED,
        "97110 15",
        "97140 15",
        visits=150,
        each={"per_week": 3},
        first=services("99203 +25"),
        reexamination=services("99213 +25"),
        reexamine_every=12,
    )


def test_equal_visits_are_answered_once(monkeypatch):
    """The first, each other, and those with a re-examination."""
    asked = []

    def counted(services, settings):
        asked.append(len(services))
        return answered(services, settings)

    answered = rated.settled
    monkeypatch.setattr(rated, "settled", counted)
    told = price_plan(long())
    assert len(told.visits) == 150
    assert sorted(asked) == [3, 4, 4]
    assert len({id(visit.answer) for visit in told.visits}) == 3


def test_150_visits_at_once():
    """By the processor's time, the best of five: other work on the machine is not counted."""
    given = long()
    price_plan(given)
    took = []
    for _ in range(5):
        start = time.process_time()
        price_plan(given)
        took.append(time.process_time() - start)
    assert min(took) * 1000 <= MILLISECONDS
