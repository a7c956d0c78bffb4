"""A page and its address: read into the session before the page's body, written after it."""

from __future__ import annotations

from urllib.parse import urlencode, urlsplit

import streamlit as st

from chirocalc import tables
from chirocalc.links import (
    AUDIT,
    COMPARE,
    PLAN,
    PRICED,
    SETTINGS,
    TRACK,
    VISIT,
    PageLink,
    Params,
    short,
)

from . import device
from .session import session

# What the pages with settings show until something is entered on them.
EXAMPLES = {link.page: link.example for link in (VISIT, COMPARE, AUDIT, PLAN, TRACK)}


def sync(here: PageLink) -> None:
    """Read the link into the session on the page's first run, and when Back or Forward changed it.

    A click can come with an old address, when it left the browser before the last run's answer
    was there. Then an input changed, or a widget's callback said so (`input_callback`).
    """
    url = st.query_params.to_dict()
    touched = session.touched
    del session.touched
    link = here.encode(session.state)
    # The payer is asked on every page with settings: without it Streamlit has lost the inputs.
    lost = here.page in PRICED and SETTINGS["payer"].key not in session.state
    first = lost or session.page != here.page
    if first or (url != session.link and not touched and link == session.sent):
        _fill(here, url)
        session.opened_shared = session.page is None and bool(here.names() & url.keys())
        session.page, session.link, session.followed = here.page, url, not first
        link = here.encode(session.state)
    elif session.book != tables.book().number:
        link = _read_again(here, link)
    if session.is_news:
        # The run before may have been cut off on its way: the browser would take the inputs that it
        # did not get for empty ones, and send that with the next click.
        session.is_news = False
        session.say_again(*(key for key in map(str, session.state) if here.holds(key)))
    _remember(here, link)


def save(here: PageLink) -> None:
    """Write the session's inputs into the link; the untouched example needs none.

    After a link to the page one is on it is written anyhow: Streamlit does not put that one into
    the address.
    """
    session.sent = link = here.encode(session.state)
    followed = session.followed
    del session.followed
    _remember(here, link)
    if link == here.example and not session.link:
        return
    session.link = link
    if followed or link != st.query_params.to_dict():
        st.query_params.from_dict(link)


def address(here: PageLink) -> str:
    """The whole address of the page as it stands."""
    query = urlencode(here.encode(session.state))
    base = (st.context.url or "").partition("?")[0]
    return f"{base}{'' if urlsplit(base).path else '/'}?{query}"


def params_of(page: str) -> Params:
    """The link under which the menu opens a page: its own inputs as they were left, and the
    settings as they are now. Empty where nothing was changed."""
    left = session.links.get(page, {})
    if page not in PRICED:
        return left
    # With settings the example's inputs are said too: a link that lacks them would be completed on
    # arrival, as one step more for Back.
    return onward(left or _unasked(page)) if session.settings is not None else left


def _unasked(page: str) -> Params:
    """A page's own inputs where nothing was asked of it: its example; a visit is empty where the
    browser remembers its clinic."""
    if page == VISIT.page and device.remembers():
        return {"do": ""}
    return _own(EXAMPLES[page])


def onward(own: Params) -> Params:
    """A link to a page with settings: its own inputs, and the settings as they were left.

    A link without inputs says the payer even where it is the default, for an example has its own.
    """
    if session.settings is None:
        return own
    payer = {} if own else {"payer": SETTINGS["payer"].default}
    return payer | session.settings | own


def _remember(here: PageLink, link: Params) -> None:
    """Keep a page's inputs for the menu of the others, unless they are its untouched example."""
    links = session.links
    if link != here.example or here.page in links:
        session.links = links | {here.page: _own(link)}
        if here.page in PRICED:
            session.settings = {name: text for name, text in link.items() if name in SETTINGS}


def _own(link: Params) -> Params:
    return {name: text for name, text in link.items() if name not in SETTINGS}


def _fill(here: PageLink, url: Params) -> None:
    session.senders_own = url.get("own") == "yes"
    url = _completed(here, url)
    session.is_example = here is VISIT and _own(url) == _own(VISIT.example)
    inputs, problems = here.decode(url)
    session.begin_anew(inputs, here.repeats)
    session.link_problems = [*problems, *_twice(url)]


def _read_again(here: PageLink, link: Params) -> Params:
    """The inputs after tables have changed under them: what these do not have any more, such as a
    day whose rates went away, is left out and said."""
    inputs, problems = here.decode(link)
    if not problems:
        return link
    session.begin_anew(inputs, here.repeats)
    session.link_problems = problems
    return here.encode(session.state)


def _twice(url: Params) -> list[str]:
    """What is said of inputs that an address has several times."""
    several = [name for name in url if len(st.query_params.get_all(name)) > 1]
    if not several:
        return []
    more = f" and {len(several) - 3} more" if len(several) > 3 else ""
    names = ", ".join(f"'{short(name)}'" for name in several[:3])
    return [f"The link has {names}{more} more than once: the last one was read."]


def _completed(here: PageLink, url: Params) -> Params:
    """An address with the inputs that it lacks: a bare one shows the example, or begins with the
    clinic's settings where they are remembered; a visit with settings alone is an empty one."""
    if here.page not in PRICED or here.names() & url.keys():
        return url
    if url:
        return ({"do": ""} if here is VISIT else _own(here.example)) | url
    if not device.remembers():
        return here.example
    payer = session.clinic.get("payer", SETTINGS["payer"].default)
    return session.clinic | device.of_payer(payer) | {"payer": payer} | _unasked(here.page)
