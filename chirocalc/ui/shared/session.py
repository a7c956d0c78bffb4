"""A page as a link: its inputs to and from the query string.

Streamlit's own `bind="query-params"` puts display labels into the URL, turns 7.5 minutes into 7 in
silence and drops what it does not know; here the URL holds ids, and what cannot be used is said.
The settings (payer, area, who treats) go along from page to page; each page has its own inputs
beside them.
"""

from __future__ import annotations

from urllib.parse import urlencode, urlsplit

import streamlit as st

from chirocalc.links import PRICED, SETTINGS, PageLink, Params


def sync(here: PageLink) -> None:
    """Read the link into the session on the page's first run, and when Back or Forward changed it.

    A click can come with an old address, when it left the browser before the last run's answer
    was there. Then an input changed, or a button's callback said so (`touch`).
    """
    url = st.query_params.to_dict()
    touched = st.session_state.pop("touched", False)
    changed = here.encode(st.session_state) != st.session_state.get("sent")
    # The payer is asked on every page with settings: without it Streamlit has lost the inputs.
    lost = here.page in PRICED and SETTINGS["payer"].key not in st.session_state
    first = lost or st.session_state.get("page") != here.page
    if first or (url != st.session_state["link"] and not touched and not changed):
        _fill(here, url)
        st.session_state.update(page=here.page, link=url, followed=not first)


def touch() -> None:
    """Say in a callback that an input was changed by a button."""
    st.session_state["touched"] = True


def save(here: PageLink) -> None:
    """Write the session's inputs into the link; the untouched example needs none.

    After a link to the page one is on it is written anyhow: Streamlit does not put that one into
    the address.
    """
    link = here.encode(st.session_state)
    st.session_state["sent"] = link
    followed = st.session_state.pop("followed", False)
    _remember(here, link)
    if link == here.example and not st.session_state["link"]:
        return
    st.session_state["link"] = link
    if followed or link != st.query_params.to_dict():
        st.query_params.from_dict(link)


def address(here: PageLink) -> str:
    """The whole address of the page as it stands."""
    query = urlencode(here.encode(st.session_state))
    base = (st.context.url or "").partition("?")[0]
    return f"{base}{'' if urlsplit(base).path else '/'}?{query}"


def params_of(page: str, here: PageLink | None) -> Params:
    """The link under which the menu of one page opens another: its own inputs as they were left,
    and the settings as they are now. Empty where nothing was changed."""
    if here is not None and st.session_state.get("page") == here.page:
        _remember(here, here.encode(st.session_state))
    left: Params = st.session_state.get("links", {}).get(page, {})
    return onward(left) if page in PRICED else left


def onward(own: Params) -> Params:
    """A link to a page with settings: its own inputs, and the settings as they were left.

    The payer is said even where it is the default, for an example has its own.
    """
    settings: Params | None = st.session_state.get("settings")
    if settings is None:
        return own
    return {"payer": SETTINGS["payer"].default} | settings | own


def _remember(here: PageLink, link: Params) -> None:
    """Keep a page's inputs for the menu of the others, unless they are its untouched example."""
    links = st.session_state.setdefault("links", {})
    if link != here.example or here.page in links:
        links[here.page] = _own(link)
        if here.page in PRICED:
            st.session_state["settings"] = {k: v for k, v in link.items() if k in SETTINGS}


def _own(link: Params) -> Params:
    return {name: text for name, text in link.items() if name not in SETTINGS}


def _fill(here: PageLink, url: Params) -> None:
    if not here.names() & url.keys():  # the page's own inputs were not given
        url = _own(here.example) | url if url else here.example
    state, problems = here.decode(url)
    here.clear(st.session_state)
    st.session_state.update(state)
    st.session_state["link_problems"] = problems
