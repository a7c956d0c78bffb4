"""A rerun of the page's script by AppTest: no server, no browser. An empty app is the floor."""

import logging
import time

from report import show
from server import FIELD, ROOT
from streamlit.testing.v1 import AppTest

EMPTY = f"import streamlit as st; st.number_input('Minutes', key='{FIELD}')"


def reruns(app: AppTest) -> list[float]:
    """Milliseconds of 40 runs, each after another change of the field."""
    app.run()
    times = []
    for number in range(43):
        app.number_input(key=FIELD).set_value(float(10 + number % 20))
        start = time.perf_counter()
        app.run()
        times.append((time.perf_counter() - start) * 1000)
        assert not app.exception
    return times[3:]


def main() -> None:
    logging.disable(logging.WARNING)  # Streamlit warns that there is no server
    page = AppTest.from_file(str(ROOT / "app.py"), default_timeout=30)
    show("page script, one change (AppTest)", reruns(page), "ms", aim=30)
    empty = AppTest.from_string(EMPTY, default_timeout=30)
    show("  an empty app, the same change", reruns(empty), "ms")


if __name__ == "__main__":
    main()
