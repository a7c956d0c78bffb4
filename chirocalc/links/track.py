"""The link of the log's page: which days are summed up, and how; of the log itself nothing."""

from __future__ import annotations

from datetime import date

from chirocalc import tables

from .base import Field, PageLink, one_of

PERIODS = ("day", "week", "month", "last month", "quarter", "year", "all", "range")

ANY_PAYER = "all"


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise ValueError("it is no day such as 2026-03-02") from None


def _payer(text: str) -> str:
    if text != ANY_PAYER:
        tables.check_known("link", "of", text, tables.payers().index)
    return text


TRACK = PageLink(
    "pages/track.py",
    {
        "period": Field("track period", "month", one_of(*PERIODS)),
        "by": Field("track by", None, one_of("day", "week", "month")),
        "of": Field("track payer", ANY_PAYER, _payer),
        "from": Field("track from", None, _day),
        "to": Field("track to", None, _day),
    },
    {},
)
