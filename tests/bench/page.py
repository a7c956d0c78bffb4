"""A rerun of the pages' scripts by AppTest: no server, no browser. An empty app is the floor."""

import logging
import time
from collections.abc import Callable

from report import show
from server import FIELD, ROOT
from streamlit.testing.v1 import AppTest

EMPTY = f"import streamlit as st; st.number_input('Minutes', key='{FIELD}')"
PAIRS = ("97110.97112", "97140.97530", "98941.97124", "97012.G0283")
CODES = ("97112", "98941", "97140", "99213")


def reruns(app: AppTest, change: Callable[[AppTest, int], None]) -> list[float]:
    """Milliseconds of 40 runs, each after another change."""
    app.run()
    times = []
    for number in range(43):
        change(app, number)
        start = time.perf_counter()
        app.run()
        times.append((time.perf_counter() - start) * 1000)
        assert not app.exception, app.exception[0].message
    return times[3:]


def minutes(app: AppTest, number: int) -> None:
    app.number_input(key=FIELD).set_value(float(10 + number % 20))


def pair(app: AppTest, number: int) -> None:
    """Follow a link to another pair, as Back does too."""
    app.query_params["codes"] = PAIRS[number % len(PAIRS)]


def code(app: AppTest, number: int) -> None:
    """Follow a link to another code, as Back does too."""
    app.query_params["code"] = CODES[number % len(CODES)]


def app() -> AppTest:
    return AppTest.from_file(str(ROOT / "app.py"), default_timeout=30)


def main() -> None:
    logging.disable(logging.WARNING)  # Streamlit warns that there is no server
    show("page script, one change (AppTest)", reruns(app(), minutes), "ms", aim=18)
    compare = app().switch_page("pages/compare.py")
    show("Compare's script, another pair (AppTest)", reruns(compare, pair), "ms", aim=30)
    guide = app().switch_page("pages/codes.py")
    show("the guide's script, another code (AppTest)", reruns(guide, code), "ms", aim=30)
    empty = AppTest.from_string(EMPTY, default_timeout=30)
    show("  an empty app, the same change", reruns(empty, minutes), "ms")


if __name__ == "__main__":
    main()
