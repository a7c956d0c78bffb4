"""The page of the log without a browser: its figures are those of the engine, at every choice."""

import re
from datetime import date, timedelta

import pandas as pd
import pytest
from driving import enter, opened, run, words

import chirocalc
from chirocalc import Settings
from chirocalc.sheets import track_sheet
from chirocalc.track import Log, Row, frame_of, priced, sample_rows

TODAY = date.today()


def tiles(at):
    """The figures by their names."""
    [text] = [each.body for each in at.get("html") if 'class="cc-tiles"' in each.body]
    return dict(re.findall(r"<span>([^<]*)</span><b>([^<]*)</b>", text))


def kept(*rows):
    """A session that has these rows, as the browser says them."""
    return {"log": Log(rows), "log known": True}


def row(days_ago, code, units=1, times=1, **more):
    day = (TODAY - timedelta(days_ago)).isoformat()
    return Row(f"row{days_ago:04}{code.lower()}", 1, day, code, units, None, times, **more)


def test_before_the_browser_has_spoken_nothing_is_shown():
    assert not [each for each in opened("track").get("html") if 'class="cc-tiles"' in each.body]


def test_a_sample_is_said_to_be_one():
    at = opened("track", **{"log known": True})
    assert "This is a sample, made up." in words(at)
    assert float(tiles(at)["wRVU"].replace(",", "")) > 0


def test_the_figures_are_those_of_the_engine():
    """Of today, by `estimate`; and another payer's row alone when it is chosen."""
    at = opened("track", {"period": "day"}, **kept(
        row(0, "98941", times=12), row(0, "97110", 2, 9, payer="uhc"), row(400, "98940"),
    ))  # fmt: skip
    year = TODAY.isoformat() if TODAY.year <= 2026 else None
    if year is None:
        pytest.skip("no rates of today are loaded")
    ours = chirocalc.estimate(lines(("98941", None)), Settings(date=year)).lines.iloc[0]
    theirs = chirocalc.estimate(lines(("97110", 30)), Settings(payer="uhc", date=year)).lines
    theirs = theirs.iloc[0]
    shown = tiles(at)
    assert shown["Units"] == "30"
    assert shown["wRVU"] == f"{12 * ours['work_rvu'] + 9 * theirs['work_rvu']:,.2f}"
    dollars = 12 * ours["allowed"] + 9 * theirs["allowed"]
    assert shown["Estimated dollars"] == f"${dollars:,.2f}"
    at = enter(at, "track payer", "uhc")
    assert tiles(at)["Units"] == "18"
    assert "This is a sample" not in words(at)


def lines(*services):
    return pd.DataFrame(services, columns=["code", "minutes"])


@pytest.mark.parametrize("period", ["day", "week", "month", "last month", "quarter", "year", "all"])
def test_every_period_opens(period):
    at = opened("track", {"period": period}, **kept(row(0, "98941"), row(40, "97110", 2)))
    assert tiles(at)["Units"] in {"0", "1", "2", "3"}
    if period == "all":
        assert tiles(at)["Units"] == "3"


def test_a_range_is_of_its_days():
    first, last = TODAY - timedelta(9), TODAY - timedelta(2)
    at = opened(
        "track", {"period": "range", "from": str(first), "to": str(last)},
        **kept(row(0, "98941"), row(2, "98941", times=3), row(9, "98941", times=5)),
    )  # fmt: skip
    assert tiles(at)["Units"] == "8"


def test_a_link_that_makes_no_sense_is_said():
    at = opened("track", {"period": "eon", "of": "nobody"}, **kept(row(0, "98941")))
    said = "\n".join(each.value for each in at.warning)
    assert "period 'eon' was left out" in said
    assert "of 'nobody' was left out" in said
    assert tiles(at)["Units"] == "1"


def test_rows_without_a_work_rvu_are_counted_with_the_reason():
    at = opened("track", {"period": "all"}, **kept(
        Row("aaaa", 1, "2017-03-02", "98941", 1), row(0, "98941"),
    ))  # fmt: skip
    assert "1 row without a work RVU (the history has only totals before 2019: 1)." in words(at)


@pytest.mark.parametrize("tab", ["Mix and benchmarks", "Survey", "Tracked and reported", "Pay"])
def test_every_tab_opens_on_what_was_remembered(tab):
    """Also where that is not of the form it should be."""
    for remembered in (
        {"goal": 2000, "hours": 30, "off": 2, "fte": 0.5, "state": "IL", "pay on": True,
         "survey": {"25": 1000, "50": 2000}, "reported": {"2026-03": [1450, None]},
         "pay A": {"base": 60000, "from 0": 100, "rate 0": 40}},
        {"goal": "x", "hours": [], "survey": [1], "reported": 7, "pay on": "x", "pay A": "y",
         "state": 5, "fte": {}},
        {"survey": {"25": 3000, "50": 2000}, "reported": {"x": 1, "2026-03": "y"},
         "pay on": True, "pay A": {"base": -5}, "pay B": {"rate 0": 1, "rate 1": 2}},
    ):  # fmt: skip
        at = opened("track", **kept(row(0, "98941", times=3)), track=remembered,
                    **{"track tab": tab})  # fmt: skip
        assert not at.exception


def test_the_goal_and_its_projection_are_said():
    at = opened("track", **kept(row(0, "98941", times=3)), track={"goal": 100, "hours": 10})
    said = words(at)
    assert re.search(r"\d+% of the goal, [\d,]+ (ahead of|behind) an even pace", said)
    assert "A projection, " in said
    assert "of an hour" in said


def test_the_day_sheet_is_undone():
    at = opened("track", **kept(row(0, "98941", times=3)))
    at.session_state["log done"] = None
    log = at.session_state["log"]
    log.put([row(1, "97110", 2)])
    run(at)
    assert len(log) == 2


def test_the_sheet_says_what_the_page_says():
    rows = priced(frame_of(sample_rows(TODAY)), lambda payer, place: Settings())
    html = track_sheet(rows, Settings(), TODAY, is_sample=True)
    mine = rows[rows["date"].str[:4] == str(TODAY.year)]
    assert f"{mine['work'].sum() / 100:,.2f} wRVU" in html
    assert "A sample, made up." in html
    assert "mirror, not a target" in html
    empty = track_sheet(rows.head(0), Settings(), TODAY, is_sample=False)
    assert "made up" not in empty
