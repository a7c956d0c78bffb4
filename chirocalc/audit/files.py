"""Files of visits: CSV, Excel and Parquet as rows of text, a bounded number at a time.

A file is taken for what it holds, not for what its name says. Columns that look like patient data
are never read: a file that has some is refused until the caller leaves them out (`leave_out`).
"""

from __future__ import annotations

import io
from pathlib import Path
from typing import BinaryIO

from .csv_begin import SAMPLE
from .csv_file import open_csv, read_bytes
from .excel_file import open_excel
from .parquet_file import open_parquet
from .visit_file import VisitFile, cannot_read, sentence_for

MARKS = {
    b"PK\x03\x04": "xlsx",
    b"\xd0\xcf\x11\xe0": "xls",
    b"PAR1": "parquet",
    b"%PDF": "pdf",
}


def open_file(source: Path | bytes | BinaryIO, name: str) -> VisitFile:
    """Open a file of visits. Raises `InputError` for a file that cannot be one."""
    if isinstance(source, Path):
        try:
            stream: BinaryIO = source.open("rb")
        except OSError as error:
            raise cannot_read(name, f"cannot be opened: {error.strerror}") from None
    else:
        stream = io.BytesIO(source) if isinstance(source, bytes) else source
    with sentence_for(name, "a file"):
        start = stream.tell() if stream.seekable() else None
        head = read_bytes(stream, SAMPLE)
    kind = next((kind for mark, kind in MARKS.items() if head.startswith(mark)), "csv")
    if not head:
        raise cannot_read(name, "is empty")
    if kind == "pdf":
        raise cannot_read(name, "is a PDF: export the visits as CSV or Excel")
    if kind == "xls":
        raise cannot_read(name, "is an Excel file of the old kind: save it as .xlsx or CSV")
    if kind == "csv":
        opened = open_csv(head, stream, name, start)
    else:
        with sentence_for(name, {"xlsx": "Excel", "parquet": "Parquet"}[kind]):
            if start is None:  # a pipe: both kinds are read from their end
                stream = io.BytesIO(head + stream.read())
            else:
                stream.seek(start)
            opened = (open_excel if kind == "xlsx" else open_parquet)(stream, name)
    ending = Path(name).suffix.lower().lstrip(".")
    if ending in ("csv", "xlsx", "parquet") and ending != kind:
        opened.note = f"{name} is not what its name says: read as {kind}. {opened.note}".strip()
    return opened
