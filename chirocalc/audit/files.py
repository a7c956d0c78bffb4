"""Files of visits: CSV, workbooks, Parquet and claims as rows of text, a bounded number at a time.

A file is taken for what it holds, not for what its name says. Columns that look like patient data
are never read: a file that has some is refused until the caller leaves them out (`leave_out`).
"""

from __future__ import annotations

import io
import re
from pathlib import Path
from typing import BinaryIO

from chirocalc.checked import checked

from .claim_file import is_x12, open_claims
from .csv_begin import SAMPLE, encoding_of
from .csv_file import open_csv, read_bytes
from .excel_file import WORD, open_excel
from .parquet_file import open_parquet
from .visit_file import VisitFile, cannot_read, sentence_for

# How a file begins that is no text.
EXCEL = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0")
PARQUET = b"PAR1"

WEB = "is a web page, not a workbook: open it in Excel and save it as .xlsx or CSV"

# How a text begins that is no table, and what is said of it.
NO_TABLES = {
    r"%PDF": "is a PDF: export the visits as CSV or Excel",
    r"\{\\rtf": WORD,
    r"(?i)<(!doctype html|html|head|body|meta|style|table|div|!--)|mime-version:": WEB,
    r"<\?xml(?s:.*)(<html|urn:schemas-microsoft-com:office:spreadsheet)": WEB,
    r"<\?xml": "is an XML file, not a table: export the visits as CSV or Excel",
}

ENDINGS = ("csv", "xlsx", "xls", "xlsb", "ods", "parquet")


@checked
def open_file(source: Path | bytes | BinaryIO, name: str, sheet: str | None = None) -> VisitFile:
    """Open a file of visits, of a workbook the sheet of that name or the one most like visits.

    Raises `InputError` for a file that cannot be one.
    """
    stream = _stream(source, name)
    with sentence_for(name, "a file"):
        start = stream.tell() if stream.seekable() else None
        head = read_bytes(stream, SAMPLE)
    if not head:
        raise cannot_read(name, "is empty")
    if head.startswith(EXCEL):
        with sentence_for(name, "Excel"):
            opened = open_excel(_whole(head, stream, start), name, sheet)
    elif head.startswith(PARQUET):
        with sentence_for(name, "Parquet"):
            opened = open_parquet(_whole(head, stream, start), name)
    else:
        opened = _open_text(head, stream, name, start)
    ending = Path(name).suffix.lower().lstrip(".")
    if ending in ENDINGS and ending != opened.kind:
        said = f"{name} is not what its name says: read as {opened.kind}."
        opened.note = f"{said} {opened.note}".strip()
    return opened


def _stream(source: Path | bytes | BinaryIO, name: str) -> BinaryIO:
    if not isinstance(source, Path):
        return io.BytesIO(source) if isinstance(source, bytes) else source
    try:
        return source.open("rb")
    except OSError as error:
        raise cannot_read(name, f"cannot be opened: {error.strerror}") from None


def _whole(head: bytes, stream: BinaryIO, start: int | None) -> BinaryIO:
    """The stream at its start; of a pipe all that comes, for such files are read from their end."""
    if start is None:
        return io.BytesIO(head + stream.read())
    stream.seek(start)
    return stream


def _open_text(head: bytes, stream: BinaryIO, name: str, start: int | None) -> VisitFile:
    """A CSV, or claims. Raises `InputError` for a text that is no table."""
    if is_x12(head):
        with sentence_for(name, "claims"):
            return open_claims(_whole(head, stream, start).read(), name)
    text = head.decode(encoding_of(head), "ignore").lstrip("\ufeff \t\r\n")
    for begin, said in NO_TABLES.items():
        if re.match(begin, text):
            raise cannot_read(name, said)
    return open_csv(head, stream, name, start)
