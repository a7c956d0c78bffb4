"""Files cut into pieces that are read apart from each other, as Dask's workers do."""

from __future__ import annotations

import codecs
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from pyarrow import parquet

from .csv_blocks import blocks
from .csv_file import parts_of, read_block, read_bytes
from .parquet_file import parquet_batches, row_groups
from .visit_file import UTF_8, Batch, Layout, VisitFile, cannot_read, sentence_for


@dataclass(frozen=True)
class Piece:
    """A part of a file that can be read by itself: so many bytes of a CSV from a place on, which
    are whole records, or one row group of a Parquet file."""

    path: Path
    name: str
    layout: Layout
    begin: int
    size: int
    is_first: bool


def check_can_be_cut(file: VisitFile) -> None:
    """Raise `InputError` for a file that has no pieces."""
    if file.kind not in ("csv", "parquet"):
        what = "an Excel file" if file.sheets else f"a file of kind {file.kind}"
        raise cannot_read(file.name, f"is {what}, which Dask cannot read: save it as CSV")
    if file.layout.encoding != UTF_8:
        raise cannot_read(file.name, "is UTF-16, which Dask cannot read: save it as 'CSV UTF-8'")


def pieces_of(file: VisitFile, path: Path, size: int) -> list[Piece]:
    """The pieces of a CSV of about so many bytes, or of a Parquet file. Raises `InputError`."""
    check_can_be_cut(file)
    path = path.absolute()
    with sentence_for(file.name, {"csv": "CSV", "parquet": "Parquet"}[file.kind]):
        if file.kind == "parquet":
            ends = list(range(1, max(row_groups(path), 1) + 1))
        else:
            ends = list(_ends(file, path, size))
    begins = [_mark(path) if file.kind == "csv" else 0, *ends][: len(ends)]
    return [
        Piece(path, file.name, file.layout, begin, end - begin, at == 0)
        for at, (begin, end) in enumerate(zip(begins, ends, strict=True))
    ]


def _ends(file: VisitFile, path: Path, size: int) -> Iterator[int]:
    """Where the pieces of a CSV end: a line break may stand in quotes, so all of it is read."""
    end = _mark(path)
    with path.open("rb") as stream:
        texts = parts_of(stream, end, size)
        for block, odd_quote in blocks(texts, file.layout.delimiter, file.name, size):
            if odd_quote is not None:
                for _ in file.batches(file.header[:1]):  # says in which row
                    pass
            end += len(block)
            yield end


def _mark(path: Path) -> int:
    """How many bytes at the begin of a file only say that it is UTF-8."""
    with path.open("rb") as stream:
        return len(codecs.BOM_UTF8) * (stream.read(3) == codecs.BOM_UTF8)


def read_piece(piece: Piece, wanted: list[str]) -> Iterator[Batch]:
    """The rows of a piece, numbered from its first one on, a header counting as one."""
    if piece.layout.kind == "parquet":
        with sentence_for(piece.name, "Parquet"):
            file = parquet.ParquetFile(piece.path)
            yield from parquet_batches(file, wanted, 2 if piece.is_first else 1, piece.begin)
        return
    try:
        with piece.path.open("rb") as stream:
            stream.seek(piece.begin)
            data = read_bytes(stream, piece.size)
    except OSError as error:
        raise cannot_read(piece.name, f"cannot be opened by a worker: {error.strerror}") from None
    yield from read_block(data, piece.is_first, piece.layout, wanted, piece.name)
