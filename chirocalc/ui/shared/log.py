"""The log of services as this session has it, and what the browser is to write of it.

The browser has the log; the session has it while the tab is open, once a page wants it. Only what
was changed is sent to be written, and no more once the browser says that it is.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from datetime import date
from typing import Any, NamedTuple

from chirocalc.links import TRACK
from chirocalc.track import Log, OfFile, Row, Taken, read_rows, span_of, take, write_rows
from chirocalc.words import count

from .session import session


class Done(NamedTuple):
    """What was done last, in words, and how it is undone: rows as they were before by id, None for
    those that were not there; or the whole log that was forgotten."""

    words: str
    before: Mapping[str, Row | None]
    forgotten: Log | None = None


def log() -> Log:
    """The log of this session; rows that the browser has are in it once they are wanted."""
    if session.log is None:
        session.log = Log()
    held: Log = session.log
    return held


def follow(page: str, before: str | None) -> None:
    """A page is drawn, by its file: the page of the log has the browser say what it has of it; when
    another one was opened nothing is undone any more."""
    session.log_wanted = page == TRACK.page or session.log_waiting is not None
    if before not in (None, page):
        del session.log_done


def data() -> dict[str, Any]:
    """What the browser's part of it is given."""
    return {"wanted": session.log_wanted, "acts": session.log_acts}


def add(rows: Iterable[Row], words: str) -> list[Row]:
    """Put new rows, and have them written."""
    put = log().put(rows)
    _did(put, words, {row.id: None for row in put})
    return put


def change(rows: Sequence[Row], words: str) -> None:
    """Put rows in the place of those of the same ids."""
    before = {row.id: log().get(row.id) for row in rows}
    _did(log().put(rows), words, before)


def delete(ids: Sequence[str], words: str) -> None:
    """Delete rows."""
    before = {id_: log().get(id_) for id_ in ids}
    _did(log().delete(ids), words, before)


def took(rows: Sequence[Row], words: str) -> None:
    """Have rows written that were put into the log already."""
    _did(rows, words, {row.id: None for row in rows})


def merged(rows: Iterable[Row], words: str) -> int:
    """Merge the rows of a backup, which may be versions of rows that are here; how many changed."""
    rows = list(rows)
    before = {row.id: log().get(row.id) for row in rows}
    changed = log().take(rows)
    _did(changed, words, {row.id: before[row.id] for row in changed})
    return len(changed)


def put_file(file: OfFile) -> Taken:
    """Put the rows of a file that are not there yet."""
    found = take(log(), file.rows, file.refused, file.said, file.passed)
    words = f"{count(len(found.new), 'row')} of {file.name} added to the log."
    _did(found.new, words, {row.id: None for row in found.new})
    session.track_taken = found
    shown = span_of("month", date.today())
    if found.new and not any(shown.first.isoformat() <= row.date for row in found.new):
        session.track_period = "all"  # the month would show none of them
    return found


def put_later(file: OfFile) -> None:
    """Put the rows of a file once the browser has said which there are: some may be known."""
    if session.log_known or session.keep_trouble:
        put_file(file)
    else:
        session.log_waiting = file


def _put_waiting() -> bool:
    waiting, session.log_waiting = session.log_waiting, None
    if waiting is not None:
        put_file(waiting)
    return waiting is not None


def undo() -> None:
    """Undo what was done last."""
    done = session.log_done
    if done is None:
        return
    del session.log_done
    if done.forgotten is not None:
        log().take(done.forgotten.everything)
        _ask(rows=write_rows(done.forgotten.everything))
    else:
        _ask(rows=write_rows(log().undo(done.before)))


def forget() -> None:
    """Forget all rows, here and in the browser; undone while the page was not left."""
    gone = log()
    session.log, session.log_aside = Log(), ""
    _ask(forget=True)
    session.log_done = Done("The log was forgotten.", {}, gone)


def _did(rows: Sequence[Row], words: str, before: Mapping[str, Row | None]) -> None:
    if rows:
        _ask(rows=write_rows(rows))
        session.log_done = Done(words, before)


def _ask(**what: Any) -> None:
    session.log_number += 1
    session.log_acts = [*session.log_acts, {"number": session.log_number, **what}]


def take_told() -> bool:
    """Take what the browser has said of the log; whether anything is new here."""
    said = getattr(session.device, "log", None)
    if not said:
        return False
    was_known, session.log_known = session.log_known, True
    told: dict[str, Any] = {}
    with suppress(ValueError, RecursionError):
        told = json.loads(said)
    before = log().version
    if told.get("forgot"):
        session.log, session.log_aside = Log(), ""
        del session.log_done
    rows, odd = read_rows(str(told.get("rows") or ""))
    log().take(rows)
    aside = [str(told.get("aside") or ""), *odd]
    session.log_aside = "\n".join(filter(None, aside)) or session.log_aside
    if odd:
        _ask(aside=odd)
    put = _put_waiting()
    return bool(put or not was_known or odd or told.get("forgot") or log().version != before)


def take_written() -> None:
    """The browser has written so much: that is not sent again."""
    done = int(getattr(session.device, "logged", 0) or 0)
    session.log_acts = [each for each in session.log_acts if each["number"] > done]


def is_unwritten() -> bool:
    """Whether rows are in this session only."""
    return bool(session.log_acts)
