"""Driving the pages without a browser: what the tests of all pages have in common."""

import re

from chirocalc.sheets.parts import FOOTER

MADE = r"Chirocalc \d+\.\d+\.\d+(, RVU\d\d[A-D])?\."


def run(at):
    """Run the page and check what holds of every page: no traceback, and the footer."""
    for box in at.selectbox:  # AppTest does not know typed options by itself
        if box.value is not None and box.format_func(box.value) not in box.options:
            box.options.append(box.format_func(box.value))
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
