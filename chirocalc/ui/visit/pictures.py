"""The picture of a visit, one of three at a time. The one shown first is HTML: it changes with
every minute, and a chart would take longer than all else on the page."""

from __future__ import annotations

import streamlit as st

from chirocalc.rules import Answer, Line
from chirocalc.ui.shared import Session, html, input_callback, session
from chirocalc.visit import payment_chain
from chirocalc.words import count

from .told import ANSWER, Told

BLOCKS = {"full": "full 15", "earns": "left over, earns a unit", "lost": "left over, no unit"}

PICTURES = ("Time to units", "RVUs", "Dollars")


def choose() -> None:
    """Draw the choice among the pictures, with the one that is shown marked."""
    session.picture = session.picture
    st.segmented_control(
        "Picture",
        PICTURES,
        key=Session.picture.key,
        on_change=_take_picture,
        label_visibility="collapsed",
        required=True,
    )


@input_callback
def _take_picture() -> None:
    st.rerun(ANSWER)


def picture(told: Told) -> None:
    """The one picture that is chosen; the others are neither made nor sent."""
    if session.picture == PICTURES[0]:
        minute_blocks(told.answer)
        return
    from . import charts  # noqa: PLC0415 - Altair takes 27 MB, and many visits never need it

    if session.picture == "RVUs":
        charts.rvus_by_line(told.answer)
    elif told.desk.basis == "schedule":
        charts.payment_steps(payment_chain(told.answer, told.deductible_left))
    else:
        html.block('<p class="cc-quiet">Your own prices apply: no schedule has a part in it.</p>')


def minute_blocks(told: Answer) -> None:
    """Each timed line's minutes filling 15-minute blocks: full ones, and what is left over."""
    timed = [line for line in told.timed if line.minutes]
    if not timed:
        html.block('<p class="cc-quiet">No timed minutes yet.</p>')
        return
    # By the half hour, so that the scale stands still while minutes change.
    last = -(-max(line.minutes or 0 for line in timed) // 30) * 30
    rows = "".join(_blocks(line, last) for line in timed)
    every = 15 if last <= 120 else 60 if last <= 480 else 240
    marks = "".join(
        f'<span style="left:{100 * at / last:.2f}%">{at}</span>' for at in range(0, last + 1, every)
    )
    legend = "".join(
        f'<span class="cc-block-{name}"></span>{words} ' for name, words in BLOCKS.items()
    )
    html.block(
        f'<div class="cc-blocks" role="figure" aria-label="Minutes in 15-minute blocks">{rows}'
        f'<div class="cc-axis" aria-hidden="true"><b></b><div>{marks}</div></div>'
        f'<div class="cc-legend cc-small">{legend}</div></div>'
    )


def _blocks(line: Line, last: int) -> str:
    minutes = line.minutes or 0
    full = minutes - line.leftover
    ends = [(15, "full")] * (full // 15)
    if line.leftover:
        ends.append((line.leftover, "earns" if line.extra_unit else "lost"))
    blocks = "".join(
        f'<i class="cc-block-{kind}" style="width:{100 * size / last:.2f}%"></i>'
        for size, kind in ends
    )
    units = count(line.units, "unit")
    said = (
        f"{line.code}: {minutes} minutes, {full} in full blocks, {line.leftover} left over, {units}"
    )
    return (
        f'<div class="cc-line"><b>{html.text(line.code)}</b>'
        f'<div role="img" aria-label="{html.text(said)}">{blocks}</div><span>{units}</span></div>'
    )
