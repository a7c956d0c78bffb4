"""Driving the pages without a browser: what the tests of all pages have in common."""

import html
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
    if not at.caption or FOOTER not in at.caption[-1].value:  # only parts of the page ran
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
    """All text on the page that is no widget's, without its tags."""
    told = [each.value for each in [*at.markdown, *at.caption, *at.info]]
    asked = [each.label for each in at.get("button_group")]
    return "\n".join(read(text) for text in [*told, *asked])


def read(text):
    """HTML as it is read."""
    if not text.startswith("<div>"):
        return text
    spaced = re.sub(r"</(div|h\d|summary)>|<br>", " ", text)
    return " ".join(html.unescape(re.sub(r"<[^>]*>", "", spaced)).split())


def unmarked(text):
    """Words as they are read, without what keeps Markdown from taking effect."""
    return text.replace("\\", "").replace("\u200b", "")


def services(at):
    """The codes at the heads of the visit's rows, in their order."""
    head = r'<div><div class="cc-name"><b>(.*?)</b>'
    heads = [re.match(head, each.value) for each in at.markdown]
    return [match[1] for match in heads if match]


def figures(at):
    """The visit's large figures by their names, dollars first."""
    [block] = [each.value for each in at.markdown if "cc-figures" in each.value]
    found = re.findall(r'<span class="cc-small">([^<]*)</span><b>([^<]*)</b>', block)
    return {html.unescape(name): value for name, value in found}


def totals(at):
    """Units, work RVU, total RVU and dollars."""
    shown = figures(at)
    dollars = next(iter(shown.values()))
    return [shown["Units"], shown["Work RVU"], shown["Total RVU"], dollars]


def question(at, *about):
    """The chips that answer what is to settle: "region", "97112"."""
    return at.get_by_key(f"settled {' '.join(about)}")
