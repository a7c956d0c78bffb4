"""The link of the log's page: which days are summed up, and how; of the log itself nothing."""

from __future__ import annotations

from chirocalc import tables

from .base import Field, PageLink, day, known_name, one_of

PERIODS = ("day", "week", "month", "last month", "quarter", "year", "all", "range")

ANY_PAYER = "all"


def _payer(text: str) -> str:
    return text if text == ANY_PAYER else known_name(text, tables.payers().index)


TRACK = PageLink(
    "pages/track.py",
    {
        "period": Field("track period", "month", one_of(*PERIODS)),
        "by": Field("track by", None, one_of("day", "week", "month")),
        "of": Field("track payer", ANY_PAYER, _payer),
        "from": Field("track from", None, day),
        "to": Field("track to", None, day),
    },
    {},
)
