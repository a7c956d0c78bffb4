"""Claim files, ASC X12N 837P (005010X222A1): their service lines as rows of text.

Only what an audit needs is looked at. Patients and subscribers (names, birth dates, addresses,
numbers) stand in segments and elements that are passed over and never kept.

Of a secondary claim (SBR01 is S) the payer is the one the claim goes to, as of a primary one; what
other payers did (loops 2320, 2330 and 2430) is passed over.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import NamedTuple

import pandas as pd

from chirocalc.words import listed

from .visit_file import VALUES_LOOKED_AT, Batch, Layout, Refused, VisitFile, cannot_read

# CLM01 is the provider's own number of the account, which may come again on other days: a visit is
# one day of it, for a claim may hold many days.
COLUMNS = (
    "Account number", "Date of service", "CPT code", "Modifiers", "Units", "Minutes",
    "Place of service", "Payer name", "Rendering provider", "Discipline",
)  # fmt: skip

IF_ANY = ("Minutes", "Discipline")  # left out where no line says any: unknown is not empty

BLANKS = " \t\r\n"

LONGEST_HEADER = 200  # characters of an ISA segment, which has 106

MOST_ELEMENTS = 10  # looked at in any segment

BRING = "bring the 837P (005010X222A1) or a CSV of charges"

CUT_OFF = "is cut off: the file ends in the middle of this claim"

OTHERS = {
    "270": "a 270 (eligibility inquiry)",
    "271": "a 271 (eligibility answer)",
    "276": "a 276 (claim status inquiry)",
    "277": "a 277 (claim status answer)",
    "278": "a 278 (request for review)",
    "835": "an 835 (remittance)",
    "997": "a 997 (acknowledgment)",
    "999": "a 999 (acknowledgment)",
}

OTHER_CLAIMS = {
    "X223": "an 837I (institutional claims)",
    "X224": "an 837D (dental claims)",
}

TAXONOMIES = {"111N": "chiropractor", "2251": "pt", "225X": "ot"}

INSTEAD = {"09": "self pay", "VA": "VA Community Care"}

BESIDE = {
    "16": "Medicare Advantage",
    "AM": "auto",
    "CH": "Tricare",
    "MA": "Part A",
    "MC": "Medicaid",
    "WC": "workers comp",
}


def is_x12(head: bytes) -> bool:
    """Whether a file begins as an X12 interchange: ISA, and ISA01 of two digits."""
    return bool(re.match(rb"(?i)(\xef\xbb\xbf)?\s*ISA([^0-9a-z])[0-9]{2}\2", head))


def open_claims(content: bytes, name: str) -> VisitFile:
    """The service lines of a claim file, each by the number of its segment (SV1) in the file.

    Raises `InputError` for what is not X12, is damaged at its begin, or has no professional claims.
    """
    if not is_x12(content):
        raise cannot_read(name, "is not an X12 file, or its first segment (ISA) is cut off")
    reader = _Reader()
    _read(_text(content).lstrip(f"\ufeff\f\v{BLANKS}"), reader, name)
    _check_any(reader, name)
    frame = _frame(reader)

    def batches(wanted: list[str]) -> Iterator[Batch]:
        yield Batch(frame[wanted], list(reader.refused))

    layout = Layout("837", tuple(frame.columns))
    return VisitFile(name, layout, _note(reader), frame.head(VALUES_LOOKED_AT), _batches=batches)


def _text(content: bytes) -> str:
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError:
        return content.decode("latin-1")


def _read(text: str, reader: _Reader, name: str) -> None:
    """Each interchange by its own delimiters."""
    begin = 0
    while begin < len(text):
        marks = _delimiters(text[begin : begin + LONGEST_HEADER])
        if not marks:
            if not begin:
                raise cannot_read(name, "has a first segment (ISA) that is cut off or damaged")
            reader.not_read_from = reader.number + 1
            return
        end = _end(text, begin, marks)
        reader.read(text[begin:end], marks)
        begin = end


class _Delimiters(NamedTuple):
    element: str
    component: str
    segment: str


def _delimiters(head: str) -> _Delimiters | None:
    """Those an ISA tells; counted by its elements, for some writers do not pad them."""
    parts = head.split(head[3], 16)
    if len(parts) != 17 or len(parts[16]) < 2:
        return None
    marks = _Delimiters(head[3], parts[16][0], parts[16][1])
    odd = len(set(marks)) < 3 or any(map(str.isalnum, marks)) or {*marks[:2]} & {*BLANKS}
    return None if odd else marks


def _end(text: str, begin: int, marks: _Delimiters) -> int:
    """Where the next interchange begins, or the text ends."""
    for found in re.compile("(?ai)ISA(?=[^0-9a-z])").finditer(text, begin + 1):
        at = found.start()
        while text[at - 1] in BLANKS and text[at - 1] != marks.segment:
            at -= 1
        if text[at - 1] == marks.segment:  # else it is someone's name
            return found.start()
    return len(text)


def _check_any(reader: _Reader, name: str) -> None:
    if reader.numbers or reader.refused:
        return
    if reader.claims:
        raise cannot_read(name, "has claims, but no whole service line (SV1) in them")
    if reader.others:
        raise cannot_read(name, f"is {listed(reader.others)}, not professional claims: {BRING}")
    raise cannot_read(name, f"has no claims (CLM) in it: {BRING}")


def _frame(reader: _Reader) -> pd.DataFrame:
    values = list(zip(*reader.rows, strict=True)) or [()] * len(COLUMNS)
    columns = dict(zip(COLUMNS, values, strict=True))
    kept = {name: said for name, said in columns.items() if name not in IF_ANY or any(said)}
    return pd.DataFrame(kept, pd.Index(reader.numbers, dtype="int64", name="row"), dtype=str)


def _note(reader: _Reader) -> str:
    said = []
    if reader.others:
        said.append(f"Also in the file and not read: {listed(reader.others)}.")
    if reader.is_cut:
        said.append("It ends in the middle of a claim: what is whole was read.")
    if reader.not_read_from:
        said.append(f"Not read from segment {reader.not_read_from} on: its header is damaged.")
    if voids := reader.frequencies["8"]:
        said.append(f"Void claims, whose units are below zero: {voids:,}.")
    if replacing := reader.frequencies["7"]:
        said.append(f"Claims that replace earlier ones: {replacing:,}.")
    return " ".join(said)


@dataclass
class _Provider:
    label: str = ""
    discipline: str = ""


@dataclass
class _Claim:
    account: str
    place: str
    payer: str
    is_void: bool
    date: str = ""
    provider: _Provider | None = None


@dataclass
class _Line:
    number: int
    code: str
    modifiers: str
    units: str
    minutes: str
    place: str
    date: str = ""
    provider: _Provider | None = None


@dataclass
class _Reader:
    """Takes the segments of interchanges in their order and keeps the service lines: `rows` by
    `COLUMNS`, the `numbers` of their segments, and those `refused`; `others` are the kinds of
    transactions that were not read, `frequencies` the claims by their frequency code (CLM05-3), of
    which 7 replaces and 8 voids an earlier claim."""

    rows: list[tuple[str, ...]] = field(default_factory=list)
    numbers: list[int] = field(default_factory=list)
    refused: list[Refused] = field(default_factory=list)
    others: dict[str, None] = field(default_factory=dict)
    frequencies: Counter[str] = field(default_factory=Counter)
    claims: int = 0
    is_cut: bool = False
    not_read_from: int = 0
    number: int = 0

    def __post_init__(self) -> None:
        self._component, self._version = "", ""
        self._codes: dict[str, tuple[str, str]] = {}
        self._envelope: dict[str, Callable[[list[str]], None]] = {
            "GS": self._group,
            "ST": self._begin,
            "SE": self._finish,
            "GE": self._finish,
            "IEA": self._finish,
        }
        self._everything = self._envelope | {
            "HL": self._level,
            "SBR": self._subscriber,
            "NM1": self._name,
            "PRV": self._specialty,
            "CLM": self._begin_claim,
            "LX": self._begin_line,
            "SV1": self._service,
            "DTP": self._date,
        }
        for each in (self._envelope, self._everything):
            each |= {tag.lower(): take for tag, take in each.items()}
        self._close()

    def _close(self) -> None:
        """Between transactions: nothing is known of a provider, a payer or a claim."""
        self._takes, self._is_open = self._envelope, False
        self._loop, self._payer, self._filing = "", "", ""
        self._billing, self._named = _Provider(), _Provider()
        self._claim: _Claim | None = None
        self._line: _Line | None = None

    def read(self, text: str, marks: _Delimiters) -> None:
        """The segments of an interchange; one that its delimiter does not end is not whole."""
        self._component, self._version = marks.component, ""
        self._codes.clear()  # the same text means another code with another separator
        *whole, rest = text.split(marks.segment)
        self._take(whole, marks.element)
        if rest.strip(BLANKS)[:3].rstrip(marks.element).upper() in ("SE", "GE", "IEA"):
            self._take([rest], marks.element)
        self._cut_off()

    def _take(self, segments: list[str], element: str) -> None:
        pad = element * MOST_ELEMENTS  # so that the elements looked at are always there
        whole = [segment for each in segments if (segment := each.strip(BLANKS))]
        before = self.number
        for number, segment in enumerate(whole, start=before + 1):
            tag, _, rest = segment.partition(element)
            if take := self._takes.get(tag):
                self.number = number
                take((rest + pad).split(element))
        self.number = before + len(whole)

    def _group(self, elements: list[str]) -> None:
        self._cut_off()
        self._version = elements[7].strip()

    def _begin(self, elements: list[str]) -> None:
        self._cut_off()
        kind, version = elements[0].strip(), elements[2].strip() or self._version
        if kind == "837" and "X222" in version.upper():
            self._takes, self._is_open = self._everything, True
        else:
            self.others[_kind(kind, version)] = None

    def _cut_off(self) -> None:
        """End a transaction that has no end; a line without its date may lack more than that."""
        if self._is_open:
            self.is_cut = True
            if self._line and not self._line.date:
                self.refused.append((self._line.number, CUT_OFF))
                self._line = None
            self._end_line()
        self._close()

    def _finish(self, elements: list[str]) -> None:
        self._end_line()
        self._close()

    def _level(self, elements: list[str]) -> None:
        """HL: a billing provider (20), a subscriber (22) or a patient (23) begins."""
        self._end_claim()
        level = elements[2].strip()
        if level == "20":
            self._billing = _Provider()
        if level in ("20", "22"):
            self._payer, self._filing = "", ""

    def _subscriber(self, elements: list[str]) -> None:
        """SBR: what kind of payer the claim goes to; within a claim, another payer begins."""
        if self._claim:
            self._loop = "other payer"
        else:
            self._filing = elements[8].strip().upper()

    def _name(self, elements: list[str]) -> None:
        """NM1: of a provider or a payer; all others are persons who are not looked at."""
        who = elements[0].strip().upper()
        self._named = _Provider()
        if who == "82":
            self._rendering(_label(elements))
        elif who == "85" and not self._claim:
            self._billing.label = _label(elements)
        elif who == "PR" and not self._claim and elements[1].strip() != "1":
            self._payer = elements[2].strip()

    def _rendering(self, label: str) -> None:
        """Who renders a line, or all lines of a claim; a specialty (PRV) may follow."""
        self._named = _Provider(label)
        if about := self._about():
            about.provider = self._named

    def _specialty(self, elements: list[str]) -> None:
        """PRV: the taxonomy of who bills (BI, before the name) or renders (PE, after it)."""
        about, taxonomy = elements[0].strip().upper(), elements[2].strip().upper()
        discipline = TAXONOMIES.get(taxonomy[:4], "")
        if about == "BI" and not self._claim:
            self._billing.discipline = discipline
        if about == "PE":
            self._named.discipline = discipline

    def _begin_claim(self, elements: list[str]) -> None:
        self._end_claim()
        place, _, frequency = self._parts(elements[4])[:3]
        payer = _payer_text(self._payer, self._filing)
        self._claim = _Claim(elements[0].strip(), place, payer, frequency == "8")
        self._loop = "claim"
        self.claims += 1
        self.frequencies[frequency] += 1

    def _begin_line(self, elements: list[str]) -> None:
        self._end_line()
        self._loop = "line"

    def _service(self, elements: list[str]) -> None:
        """SV1: the code with its modifiers, and units (UN) or minutes (MJ)."""
        self._end_line()
        if not self._claim:
            return
        basis, quantity = elements[2].strip().upper(), elements[3].strip()
        if self._claim.is_void and quantity:  # it takes back what another claimed
            quantity = f"-{quantity}"
        units, minutes = quantity if basis == "UN" else "", quantity if basis == "MJ" else ""
        place = elements[4].strip() or self._claim.place
        self._line = _Line(self.number, *self._code(elements[0]), units, minutes, place)
        self._loop = "line"

    def _code(self, composite: str) -> tuple[str, str]:
        """The code and the modifiers of SV101; few differ among many lines."""
        if composite not in self._codes:
            kind, code, *modifiers = self._parts(composite)[:6]
            if kind.upper() != "HC":  # not of CPT or HCPCS: to be refused as unknown
                code = f"{kind}:{code}"
            self._codes[composite] = code, " ".join(filter(None, modifiers))
        return self._codes[composite]

    def _parts(self, composite: str) -> list[str]:
        padded = composite + self._component * MOST_ELEMENTS
        return [part.strip() for part in padded.split(self._component)]

    def _date(self, elements: list[str]) -> None:
        """DTP: a service date (472), of a line or of all lines of a claim."""
        about = self._about()
        if about and elements[0].strip() == "472":
            about.date = _day(elements[1].strip().upper(), elements[2].strip())

    def _about(self) -> _Line | _Claim | None:
        """What a name or a date is about: nothing in the loops of other payers."""
        if self._loop == "line":
            return self._line
        return self._claim if self._loop == "claim" else None

    def _end_line(self) -> None:
        """Keep a line with what its claim says of all its lines."""
        line, claim, self._line = self._line, self._claim, None
        if not line or not claim:
            return
        provider = line.provider or claim.provider or self._billing
        self.numbers.append(line.number)
        self.rows.append(
            (
                claim.account,
                line.date or claim.date,
                line.code,
                line.modifiers,
                line.units,
                line.minutes,
                line.place,
                claim.payer,
                provider.label,
                provider.discipline,
            )
        )

    def _end_claim(self) -> None:
        self._end_line()
        self._claim, self._loop = None, ""


def _kind(transaction: str, version: str) -> str:
    """What a transaction that is not read is, in words; of the file itself only short codes."""
    if transaction == "837":
        guide = next((guide for guide in OTHER_CLAIMS if guide in version.upper()), "")
        shown = version if re.fullmatch("[0-9]{6}X[0-9]{3}(A[0-9])?", version) else "not given"
        return OTHER_CLAIMS.get(guide, f"an 837 of another kind (version {shown})")
    shown = f" ({transaction})" if re.fullmatch("[0-9]{3}", transaction) else ""
    return OTHERS.get(transaction, f"another X12 transaction{shown}")


def _label(elements: list[str]) -> str:
    """ "Last, First" of a person (NM102 is 1), or an organization's name."""
    names = elements[2:4] if elements[1].strip() == "1" else elements[2:3]
    return ", ".join(filter(None, (name.strip() for name in names)))


def _day(form: str, text: str) -> str:
    """A day; of a day with a time the day, and of a range of one day that day."""
    if form == "DT":
        return text[:8]
    first, _, last = text.partition("-")
    return first if form == "RD8" and first == last else text


def _payer_text(name: str, filing: str) -> str:
    """A payer's name (NM103) with what kind of payer it is where the name alone would mislead.

    By the claim filing indicator SBR09 (X12 data element 1032), whose codes are listed in
    ChiroFusion's help center, "How Do I Correct Segment SBR09 On My Eclaims?": 09 self-pay, 16 HMO
    Medicare risk, AM automobile medical, CH Champus, HM HMO, MA Medicare Part A, MB Medicare Part
    B, MC Medicaid, VA Veterans Affairs plan, WC workers' compensation. Others say no more than the
    name. The "payer" of who pays himself may be a patient: that name is never given.
    """
    is_medicare = "MEDICARE" in name.upper()
    if filing == "MB":
        return name if is_medicare else "Medicare Part B"
    kind = BESIDE["16"] if filing == "HM" and is_medicare else BESIDE.get(filing, "")
    if f" {kind} ".upper() in f" {name} ".upper():
        kind = ""
    return INSTEAD.get(filing) or f"{name} {kind}".strip()
