"""What the text of one cell means: codes, modifiers, days, minutes, units, places, payers.

Each function looks at one text and at nothing else. What cannot be read is said to be so and never
guessed; words and their meanings are rows of tables.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Mapping
from datetime import date, timedelta
from typing import NamedTuple

from chirocalc import tables

from .headers import field_of

EARLIEST, LATEST = date(1990, 1, 1), date(2099, 12, 31)

MOST_HOURS = 24  # of a service

SEVERAL = "holds several codes: one row a service is needed"

NOT_LISTED = "code not in our tables"

# The day that Excel counts from.
_DAY_ZERO = date(1899, 12, 30)

_MONTHS = (
    "january", "february", "march", "april", "may", "june", "july", "august", "september",
    "october", "november", "december",
)  # fmt: skip


def plain(text: str) -> str:
    """Without blanks around it, of those inside one each, and without Excel's ="..."."""
    bare = " ".join(text.split())
    formula = re.fullmatch(r'="([^"]*)"', bare)
    return " ".join(formula[1].split()) if formula else bare


def named_empty(text: str) -> bool:
    """Whether a cell is empty, or says that it is: N/A, None, -."""
    said = plain(text).lower()
    return not said or said in _empty_words()


@tables.kept
def _empty_words() -> frozenset[str]:
    words = tables.row_kinds()
    return frozenset(words.loc[words["kind"] == "blank", "word"])


def _words(text: str) -> str:
    """The words of a text as they are compared: lower case, no apostrophes, single spaces."""
    return " ".join(re.findall(r"[a-z0-9]+", re.sub("['\u2019]", "", text.lower())))


def _has(words: str, word: str) -> bool:
    return f" {word} " in f" {words} "


# Codes


class Coded(NamedTuple):
    """A code, the modifiers written beside it, and what the row is: "" for a service."""

    code: str
    modifiers: str
    kind: str


# Levels I and II of HCPCS: five digits, or a letter at the end, or one at the begin.
_CODE = "[0-9]{5}|[0-9]{4}[AFMTU]|[A-V][0-9]{4}"

_LABEL = r"(?:HC|CPT-?4?|HCPCS|(?:PROC(?:EDURE)?|SERVICE|BILLING)? ?CODE)\W*"

_BEGINS = re.compile(rf"'?(?:{_LABEL})?\(?(?P<code>{_CODE})(?:\.0+)?\)?(?P<rest>.*)", re.DOTALL)

_ANY_CODE = re.compile(rf"(?<![A-Z0-9.])(?:{_CODE})(?![A-Z0-9])")

_BETWEEN = r"\s:;,/|+.&_()\[\]{}'\"-"

# ICD-10 with its dot; without one where it is no HCPCS and of a chapter that such practices see; of
# ICD-9 the chapters of symptoms, muscles and injuries, for others may be amounts.
_DIAGNOSIS = re.compile(
    r"(?:(?:ICD-?(?:9|10)?(?:-?CM)?|DX|DIAGNOSIS)\W*)?"
    r"(?:[A-Z][0-9][0-9A-Z]\.[0-9A-Z]{1,4}(?: .*)?|[GMRSZ][0-9][0-9A-Z][0-9]?|[W-Z][0-9]{4}"
    r"|[A-Z][0-9][0-9A-Z][0-9X]{2}[0-9A-Z]{1,2}|7[0-9]{2}\.[0-9]{1,2}|8[34][0-9]\.[0-9]{1,2})"
)


def code_of(text: str, row_kind: str = "") -> Coded:
    """The code of a cell with its modifiers, and what its row is.

    `row_kind` is the text of a column of kinds: it decides where it says that the row is no
    service. A text that is neither a code nor a known word stands as it is, with kind "".
    """
    said = plain(text).upper()
    read = _read_code(said) or Coded(said, "", "")
    told = kind_of(row_kind)
    if told not in ("", "service", "blank"):
        return read._replace(kind=told)
    return read


def kind_of(row_kind: str) -> str:
    """What a column of kinds says of a row: "service", "payment", ..., "" where it is not known."""
    return _kind("kind", row_kind)


def reason_of(text: str) -> str:
    """Why a cell cannot be one code, where that is known."""
    return SEVERAL if len(_ANY_CODE.findall(plain(text).upper())) > 1 else ""


def _read_code(said: str) -> Coded | None:
    """What a text in capitals is, if it is anything known."""
    if named_empty(said):
        return Coded("", "", "blank")
    if reason_of(said):
        return None
    if begins := _BEGINS.fullmatch(said):
        return _with_rest(begins["code"], begins["rest"])
    kind = _kind("code", said) or _form(said)
    return Coded(said, "", kind) if kind else _at_end(said)


def _form(said: str) -> str:
    """What a text is by its form, where that is no service."""
    if _DIAGNOSIS.fullmatch(said):
        return "diagnosis"
    return "repeated header" if field_of(said) == "code" else ""


def _with_rest(code: str, rest: str) -> Coded | None:
    """A code and what stands after it: modifiers, words, both or neither."""
    parted = _parted(rest)
    if parted is None:
        return None
    modifiers, words = parted
    listed = "" if code in tables.code_arrays().names else NOT_LISTED
    return Coded(code, modifiers, _kind("code", words, ("is",)) or listed)


def _at_end(said: str) -> Coded | None:
    """A code of ours after its description: "Therapeutic exercise (97110)"."""
    hit = _ANY_CODE.search(said)
    if not hit or hit[0] not in tables.code_arrays().names:
        return None
    if not re.search("[A-Z]{3}", said[: hit.start()]):
        return None
    coded = _with_rest(hit[0], said[hit.end() :])
    return coded if coded and _parted(said[hit.end() :]) == (coded.modifiers, "") else None


def _parted(rest: str) -> tuple[str, str] | None:
    """What stands after a code as modifiers and words; None where it is neither, as units are."""
    if rest[:1].isalnum():
        glued = re.findall("..", rest) if rest[0].isalpha() and len(rest) % 2 == 0 else []
        return (" ".join(dict.fromkeys(glued)), "") if _all_listed(glued) else None
    if re.search(r"\bX ?[0-9]|\b[0-9]X\b|[0-9] ?UNITS?\b", rest):
        return None
    pieces = [piece for piece in re.split(f"[{_BETWEEN}]+", rest) if piece]
    if all(map(_is_modifier, pieces)) and (_all_listed(pieces) or not _described(rest)):
        return " ".join(dict.fromkeys(pieces)), ""
    count = next(at for at, piece in enumerate([*pieces, ""]) if not _all_listed([piece]))
    words = " ".join(pieces[count:])
    return (" ".join(dict.fromkeys(pieces[:count])), words) if _says(words) else None


def _says(words: str) -> bool:
    return re.search("[A-Z]{2}", words) is not None


def _described(rest: str) -> bool:
    """Whether words follow, as in "97035 - US", or perhaps minutes, as in "97110 15"."""
    return re.match(r" [-\u2013\u2014:] |[:-] | [0-9]", rest) is not None


def _is_modifier(piece: str) -> bool:
    return re.fullmatch("[A-Z0-9]{2}", piece) is not None


def _all_listed(pieces: list[str]) -> bool:
    listed = tables.modifiers().index
    return bool(pieces) and all(piece in listed for piece in pieces)


def _kind(field: str, text: str, hows: tuple[str, ...] = ("is", "begins", "contains")) -> str:
    """What the table of kinds says of a text: the first of its rows that fits."""
    bare, words = plain(text).lower(), _words(text)
    for word, how, kind in _kinds(field) if bare else ():
        fits = {
            "is": word in (bare, words),
            "begins": f"{words} ".startswith(f"{word} "),
            "contains": _has(words, word),
        }
        if how in hows and fits[how]:
            return kind
    return ""


@tables.kept
def _kinds(field: str) -> list[tuple[str, str, str]]:
    rows = tables.row_kinds()
    rows = rows[rows["field"] == field]
    return list(zip(rows["word"], rows["how"], rows["kind"], strict=True))


# Modifiers


def modifiers_of(text: str) -> str | None:
    """Modifiers with a space between, in their order and each once; None for other text."""
    said = plain(text).upper()
    if named_empty(said) or not said.strip("0"):
        return ""
    said = re.sub(r"\b([0-9]{2})\.0+\b", r"\1", said)
    found: list[str] = []
    for piece in filter(None, re.split(f"[{_BETWEEN}]+", said)):
        glued = re.findall("..", piece) if len(piece) % 2 == 0 else []
        if not _is_modifier(piece) and not _all_listed(glued):
            return None
        found += glued
    return " ".join(dict.fromkeys(found))


# Days and clocks

_MONTH = r"(?P<name>[a-z]{3,9})\.?"

_DAYS = (
    re.compile(r"(?P<y>[0-9]{4})([-/.])(?P<m>[0-9]{1,2})\2(?P<d>[0-9]{1,2})"),
    re.compile(r"(?P<m>[0-9]{1,2})/(?P<d>[0-9]{1,2})/(?P<y>[0-9]{4}|[0-9]{2})"),
    re.compile(r"(?P<y>[0-9]{4})(?P<m>[0-9]{2})(?P<d>[0-9]{2})"),
    re.compile(r"(?P<m>[0-9]{1,2})-(?P<d>[0-9]{1,2})-(?P<y>[0-9]{4})"),
    re.compile(rf"(?P<d>[0-9]{{1,2}})([-/ ]?){_MONTH}\2(?P<y>[0-9]{{4}}|[0-9]{{2}})"),
    re.compile(rf"{_MONTH}[-/ ]?(?P<d>[0-9]{{1,2}})(st|nd|rd|th)?(, ?| |-|/)(?P<y>[0-9]{{4}})"),
    re.compile(rf"(?P<y>[0-9]{{4}})-{_MONTH}-(?P<d>[0-9]{{1,2}})"),
)

_WEEKDAY = re.compile(r"(?:mon|tue|wed|thu|fri|sat|sun)[a-z]*\.?,? ")

_HALF = r"(?P<half>[ap]\.?m?\.?)"
_TIME = r"(?P<h>[01]?[0-9]|2[0-3]):(?P<min>[0-5][0-9])(:[0-5][0-9](\.[0-9]+)?)?"
_ZONE = r"(z|utc|[+-][0-9]{2}:?[0-9]{2})"
_TIMED = re.compile(rf"(?:(?P<day>.*[^ t])[ t] ?)?{_TIME} ?{_HALF}?( ?{_ZONE})?")
_FULL_HOUR = re.compile(r"(?P<h>[0-9]{1,2}) ?(?P<half>[ap]\.?m\.?)")


def day_of(text: str) -> str:
    """The day as "2026-01-31", months before days as in the US; "" where it is none."""
    said = plain(text).lower()
    timed = _TIMED.fullmatch(said)
    if timed and timed["day"] and _minute(timed) is not None:
        said = timed["day"]
    day = _day(said)
    return day.isoformat() if day and EARLIEST <= day <= LATEST else ""


def clock_of(text: str) -> int | None:
    """Minutes since midnight of a time of day, alone or after a day."""
    said = plain(text).lower()
    timed = _TIMED.fullmatch(said)
    if timed and timed["day"] and not _day(timed["day"]):
        return None
    found = timed or _FULL_HOUR.fullmatch(said)
    return _minute(found) if found else None


def _day(said: str) -> date | None:
    said = _WEEKDAY.sub("", said, count=1) if _WEEKDAY.match(said) else said
    if re.fullmatch(r"[0-9]{5}(\.[0-9]+)?", said):
        return _DAY_ZERO + timedelta(int(said[:5]))
    read = next((read for form in _DAYS if (read := form.fullmatch(said))), None)
    if not read:
        return None
    try:
        return date(_year(read["y"]), _month(read.groupdict()), int(read["d"]))
    except ValueError:  # February 30
        return None


def _year(digits: str) -> int:
    """A year of two digits as POSIX reads it."""
    year = int(digits)
    return year if len(digits) > 2 else year + (2000 if year < 69 else 1900)


def _month(read: dict[str, str | None]) -> int:
    """The month's number; 0, which is none, for a word that is no month."""
    if name := read.get("name"):
        return next((at for at, full in enumerate(_MONTHS, start=1) if full.startswith(name)), 0)
    return int(read["m"] or 0)


def _minute(read: re.Match[str]) -> int | None:
    """Minutes since midnight; none where the hour does not go with its a.m. or p.m."""
    hour, half = int(read["h"]), (read["half"] or "")[:1]
    minute = int(read.groupdict().get("min") or 0)
    if not half:
        return hour * 60 + minute
    return (hour % 12 + 12 * (half == "p")) * 60 + minute if 1 <= hour <= 12 else None


# Numbers

_NUMBER = re.compile(r"[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)(e[+-]?[0-9]+)?", re.IGNORECASE)
_SPAN = re.compile(
    r"(?P<h>[0-9]{1,2}):(?P<m>[0-5][0-9])(?::(?P<s>[0-5][0-9])(\.0+)?)?( ?h(ou)?rs?)?"
)
_HOURS = r"(?P<h>[0-9]+\.?[0-9]*) ?(?:h|hrs?|hours?)\.?"
_MINUTES = r"(?P<m>[0-9]+\.?[0-9]*) ?(?:m|mins?|minutes?|minute\(s\))\.?"
_SPANS = (
    _SPAN,
    re.compile(_MINUTES),
    re.compile(rf"{_HOURS}(?:,? ?(?:and )?{_MINUTES})?"),
)


def minutes_of(text: str) -> float:
    """Minutes as a number; not a number where none are said, infinite where they cannot be read."""
    said = plain(text).lower()
    if named_empty(said):
        return math.nan
    span = next((span for form in _SPANS if (span := form.fullmatch(said))), None)
    if not span:
        return _number(said)
    part = {name: float(value) for name, value in span.groupdict().items() if value}
    if part.get("h", 0) > MOST_HOURS:
        return math.inf
    return part.get("h", 0) * 60 + part.get("m", 0) + part.get("s", 0) / 60


def units_of(text: str) -> float:
    """Units as a number, in parentheses less than nothing; as `minutes_of` where there are none."""
    said = plain(text).lower()
    if named_empty(said):
        return math.nan
    return _number(re.sub(r"(?<=[0-9)]) ?(?:units?|unit\(s\)|u|ea)\.?$", "", said))


def _number(said: str) -> float:
    """A number as offices write it; infinite for other text."""
    less = re.fullmatch(r"\(([^()+-]+)\)|([^()+-]+)-", said)
    if less:
        return -_number(less[1] or less[2])
    if re.fullmatch(r"[+-]?[0-9]{1,3}(,[0-9]{3})+(\.[0-9]*)?", said):
        said = said.replace(",", "")
    said = re.sub(r"(?<=[0-9]),0{1,2}$", "", said)  # 2,00 of another country
    return float(said) if _NUMBER.fullmatch(said) else math.inf


# Places, regions


def place_of(text: str) -> str:
    """ "office" or "facility" by a word or CMS's place of service code; "" where not known."""
    said = plain(text).lower()
    if known := _meanings("place").get(said):
        return known
    rates = tables.service_places()["rate"]
    return str(rates.get(_place_code(said), ""))


def _place_code(said: str) -> str:
    """The code in "11", "POS 11", "11 - Office", "Office (11)"; an address is none."""
    if alone := re.fullmatch(r"(?:pos|place of service)?\W*([0-9]{1,2})(?:\.0+)?", said):
        return alone[1].zfill(2)
    ends = re.fullmatch(r"[^0-9]*(?:\(|\s[-\u2013:]\s?)([0-9]{2})\)?", said)
    begins = re.fullmatch(r"(?:pos )?\(?([0-9]{2})\)?(\s?[-\u2013:)/]\s?|\s)([^0-9]+)", said)
    if ends:
        return ends[1]
    if begins and (begins[2].strip() or _names_place(begins[1], begins[3])):
        return begins[1]
    return ""


def _names_place(code: str, words: str) -> bool:
    name = _words(str(tables.service_places()["name"].get(code, "")))
    return any(_has(name, word) for word in _words(words).split())


_LEVELS = r"\s*[a-z] ?[0-9]{1,2}(?:\s*[-\u2013/]\s*[a-z]? ?[0-9]{1,2})+(?![a-z0-9])"


def regions_of(text: str) -> str | None:
    """Region ids with | between; None where a word is not known."""
    if named_empty(text):
        return ""
    said = plain(text).lower()
    found: list[str] = []
    for part in _region_parts(said):
        ids = _meanings("region").get(part) or _levels(part)
        if not ids:
            return None
        found += ids.split("|")
    return "|".join(dict.fromkeys(found))


def _region_parts(said: str) -> list[str]:
    """The words between separators; vertebrae with a dash, and words with a slash, are whole."""
    if said in _meanings("region"):
        return [said]
    parts = [part for hit in _region_words().findall(said) for part in re.split(r"\band\b", hit)]
    return [part for part in map(str.strip, parts) if part]


@tables.kept
def _region_words() -> re.Pattern[str]:
    slashed = "|".join(re.escape(word) for word in _meanings("region") if "/" in word)
    return re.compile(rf"\s*(?:{slashed})(?![a-z])|{_LEVELS}|[^|;,/+&\n]+")


def _levels(part: str) -> str:
    """The regions of vertebrae, and of those between: "c5-7", "l5/s1", "c1 c2"; "" for others."""
    if not re.search("[0-9]", part):
        return ""
    known, letter, ids = _meanings("region"), "", []
    for token in re.findall("[a-z]+|[0-9]+", part):
        if len(token) == 1 and token.isalpha():
            letter = token
        else:
            ids.append(known.get(letter + token if token.isdigit() else token, ""))
    return _span(ids) if re.search("[-\u2013]", part) and all(ids) else _joined(ids)


def _span(ids: list[str]) -> str:
    """The regions from the first of these to the last, in the table's order."""
    order = list(tables.region_names())
    places = [order.index(each) for each in ids]
    return "|".join(order[min(places) : max(places) + 1])


def _joined(ids: list[str]) -> str:
    return "|".join(ids) if all(ids) else ""


# Payers and disciplines


@tables.kept
def _meanings(field: str) -> dict[str, str]:
    """What each word of a field means, as an id or several."""
    words = tables.file_words()
    words = words[words["field"] == field]
    known = dict(zip(words["word"], words["means"], strict=True))
    names = {"payer": tables.payers()["name"], "region": tables.regions()["name"]}
    if field in names:
        known |= {str(name).lower(): str(key) for key, name in names[field].items()}
        known |= {str(key): str(key) for key in names[field].index}
    if field == "place":
        places = tables.service_places()
        known |= dict(zip(places["name"].str.lower(), places["rate"], strict=True))
    return known


@tables.kept
def _contained(field: str, how: str) -> dict[str, str]:
    """Words that a longer text may have in it, and what they mean."""
    words = tables.file_words()
    words = words[(words["field"] == field) & (words["how"] == how)]
    return {_words(word): means for word, means in zip(words["word"], words["means"], strict=True)}


@tables.kept
def _all_contained(field: str) -> dict[str, str]:
    """All of these words, and with "" those of payers that have no profile."""
    others = dict.fromkeys(tables.other_payers().index, "") if field == "payer" else {}
    return _contained(field, "has") | _contained(field, "beside") | others


def payer_of(text: str) -> str:
    """The payer by its name; "" for one that is not known, or has no profile of its own."""
    said = _words(text)
    known = _meanings("payer")
    return (
        known.get(plain(text).lower())
        or known.get(said)
        or known.get(_without_state(said))
        or _decided(said)
        or _meant_by(said, "payer")
    )


def _decided(said: str) -> str:
    """The payer that some words name whatever stands beside them: a plan in place of Medicare's own
    is that, whoever sells it."""
    ids = {means for word, means in _contained("payer", "decides").items() if _has(said, word)}
    return ids.pop() if len(ids) == 1 else ""


def _meant_by(said: str, field: str) -> str:
    """What the words in a text mean if they agree; one within a longer one does not count, nor one
    that says something only beside another."""
    means = _all_contained(field)
    hits = _within(said, _by_first_word(field))
    longest = [word for word in hits if not any(word != each and _has(each, word) for each in hits)]
    ids = {means[word] for word in longest}
    alone = set(longest) <= _contained(field, "beside").keys()
    return ids.pop() if len(ids) == 1 and not alone else ""


def _within(said: str, by_first: Mapping[str, list[str]]) -> list[str]:
    """Which of the known words, by the first of each, stand in a text; looked at are only those of
    which it has the first."""
    mine = dict.fromkeys(said.split())
    return [word for first in mine for word in by_first.get(first, ()) if _has(said, word)]


@tables.kept
def _by_first_word(field: str) -> dict[str, list[str]]:
    return _firsts(_all_contained(field))


def _firsts(words: Iterable[str]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for word in words:
        found.setdefault(word.partition(" ")[0], []).append(word)
    return found


def _without_state(said: str) -> str:
    """A name without the state at its begin or end: Medicare of Texas. VA says a payer, too."""
    states = [each for each in _within(said, _states()) if each not in _meanings("payer")]
    if not states:
        return said
    state = min(states, key=_state_words().index)
    return re.sub(rf" (?:of )?{state}$|^{state} ", "", said)


@tables.kept
def _states() -> dict[str, list[str]]:
    return _firsts(_state_words())


@tables.kept
def _state_words() -> list[str]:
    """Names of states, those within others after them, and their two letters."""
    states = tables.states().reset_index()
    names = [*map(_words, states["name"]), *map(str.lower, states["state"])]
    return sorted(names, key=len, reverse=True)


def discipline_of(text: str) -> str:
    """ "chiropractor", "pt" or "ot" by a word or credentials; "" where not known or several."""
    known = _meanings("discipline")
    said = plain(text).lower().replace(".", "")
    parts = [said, *map(str.strip, re.split(r"[,;|&()]| - ", said))]
    ids = {known[part] for part in parts if part in known} or {
        _meant_by(_words(said), "discipline")
    }
    return ids.pop() if len(ids) == 1 else ""
