"""Driving the pages without a browser: what the tests of all pages have in common."""

import re
from pathlib import Path

from streamlit.testing.v1 import AppTest

from chirocalc.sheets.parts import FOOTER

APP = Path(__file__).parents[1] / "app.py"
MADE = r"Chirocalc \d+\.\d+\.\d+(, RVU\d\d[A-D])?\."


def opened(page=None, link=None, **session):
    """A page (`pages/<page>.py`, or the first) as it opens at a link, with this in its session."""
    at = AppTest.from_file(str(APP), default_timeout=60)
    if page:
        at.switch_page(f"pages/{page}.py")
    at.query_params.update(link or {})
    for name, value in session.items():
        at.session_state[name] = value
    return run(at)


def run(at):
    """Run the page and check what holds of every page: no traceback, and the footer."""
    for box in at.selectbox:  # AppTest does not know typed options by itself
        if box.value is not None and box.format_func(box.value) not in box.options:
            box.options.append(box.format_func(box.value))
    at.run()
    assert not at.exception, [each.message for each in at.exception]
    if not any(FOOTER in each.value for each in at.caption):
        # A callback had a fragment run alone, and AppTest forgets all else: the whole page again.
        at.run()
        assert not at.exception, [each.message for each in at.exception]
    check_footer(at)
    return at


def check_footer(at):
    """The page ends with the notice, the version and the release."""
    assert re.fullmatch(f"{re.escape(FOOTER)} {MADE}", at.caption[-1].value)


def enter(at, key, value):
    """Set one input, as a user would, and run."""
    at.get_by_key(key).set_value(value)
    return run(at)


def go_to(at, link):
    """The address of another state of the page, as Back and Forward bring it, and run."""
    at.query_params.clear()
    at.query_params.update(link)
    return run(at)


def words(at):
    """All Markdown on the page."""
    return "\n".join(each.value for each in [*at.markdown, *at.caption, *at.info])


def unmarked(text):
    """Words as they are read, without what keeps Markdown from taking effect."""
    return text.replace("\\", "").replace("\u200b", "")


def services(at):
    """The codes that stand in bold before their names, in their order."""
    found = [re.match(r"\*\*([0-9A-Z]{5}(-\w\w)?)\*\* ", each.value) for each in at.markdown]
    return [match[1] for match in found if match]
