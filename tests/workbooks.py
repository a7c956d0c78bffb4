"""Workbooks that no library of ours writes, from rows of texts and numbers, to the formats'
specifications: .ods (OpenDocument 1.2), .xls (MS-CFB and MS-XLS) and .xlsb (MS-XLSB)."""

import io
import struct
import zipfile
from xml.sax.saxutils import escape

OPEN = "application/vnd.oasis.opendocument."
NAMES = " ".join(
    f'xmlns:{name}="urn:oasis:names:tc:opendocument:xmlns:{name}:1.0"'
    for name in ("office", "table", "text")
)
SECTOR = 512  # bytes
END, FREE, IS_FAT = 0xFFFFFFFE, 0xFFFFFFFF, 0xFFFFFFFD


def zipped(parts):
    """A ZIP of parts by name."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as packed:
        for name, content in parts.items():
            packed.writestr(name, content)
    return out.getvalue()


def ods_cell(value):
    """A cell of text or a number; one that is XML already is left as it is."""
    if isinstance(value, str) and value.startswith("<"):
        return value
    if isinstance(value, str):
        return (
            f'<table:table-cell office:value-type="string"><text:p>{escape(value)}</text:p>'
            "</table:table-cell>"
        )
    return f'<table:table-cell office:value-type="float" office:value="{value}"/>'


def ods(sheets, kind="spreadsheet"):
    """An .ods, with the empty rows and cells below and beside that LibreOffice writes."""
    empty = '<table:table-cell table:number-columns-repeated="1000"/>'
    body = ""
    for name, rows in sheets.items():
        lines = "".join(
            f"<table:table-row>{''.join(map(ods_cell, row))}{empty}</table:table-row>"
            for row in rows
        )
        more = f'<table:table-row table:number-rows-repeated="1000000">{empty}</table:table-row>'
        body += f'<table:table table:name="{name}">{lines}{more}</table:table>'
    content = (
        f'<?xml version="1.0" encoding="UTF-8"?><office:document-content {NAMES} '
        f'office:version="1.2"><office:body><office:spreadsheet>{body}</office:spreadsheet>'
        "</office:body></office:document-content>"
    )
    manifest = (
        '<manifest:manifest xmlns:manifest="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0"/>'
    )
    parts = {"mimetype": OPEN + kind, "META-INF/manifest.xml": manifest, "content.xml": content}
    return zipped(parts)


def _record(number, data):
    return struct.pack("<HH", number, len(data)) + data


def _biff_cell(row, column, value):
    if isinstance(value, str):
        text = value.encode("utf-16-le")
        data = struct.pack("<HHHHB", row, column, 0, len(value), 1) + text
        return _record(0x0204, data)
    return _record(0x0203, struct.pack("<HHHd", row, column, 0, value))


def xls(sheets):
    """An .xls of Excel 97, in a file of old Office."""
    begin = lambda kind: _record(0x0809, struct.pack("<HHHHII", 0x0600, kind, 0, 1997, 0, 6))  # noqa: E731
    end = _record(0x000A, b"")
    bodies = [
        begin(0x0010)
        + b"".join(
            _biff_cell(at, place, value)
            for at, row in enumerate(rows)
            for place, value in enumerate(row)
        )
        + end
        for rows in sheets.values()
    ]
    size = len(begin(5) + end) + sum(12 + len(name) for name in sheets)
    book, place = begin(5), size
    for name, body in zip(sheets, bodies, strict=True):
        data = struct.pack("<IBBBB", place, 0, 0, len(name), 0) + name.encode("ascii")
        book += _record(0x0085, data)
        place += len(body)
    return old_office({"Workbook": book + end + b"".join(bodies)})


def old_office(streams):
    """A file of old Office with some streams."""
    sectors, chains, entries = [], [], []
    for name, content in streams.items():
        padded = content.ljust(4096, b"\0")  # smaller ones would stand elsewhere
        count = -(-len(padded) // SECTOR)
        first = len(sectors)
        sectors += [padded[at * SECTOR :][:SECTOR].ljust(SECTOR, b"\0") for at in range(count)]
        chains += [*range(first + 1, first + count), END]
        entries.append(_entry(name, 2, first, len(padded)))
    folder = len(sectors)
    root = _entry("Root Entry", 5, END, 0, child=1)
    listed = b"".join([root, *entries]).ljust(SECTOR, b"\0")
    fat = [*chains, END, IS_FAT]
    table = struct.pack(f"<{len(fat)}I", *fat).ljust(SECTOR, b"\xff")
    header = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(16)
    header += struct.pack("<HHHHH6xIIIIIIIIII", 0x3E, 3, 0xFFFE, 9, 6, 0, 1, folder, 0, 4096,
                          END, 0, END, 0, folder + 1)  # fmt: skip
    return header.ljust(SECTOR, b"\xff") + b"".join(sectors) + listed + table


def _entry(name, kind, first, size, child=FREE):
    text = name.encode("utf-16-le") + b"\0\0"
    head = text.ljust(64, b"\0") + struct.pack("<HBBIII", len(text), kind, 1, FREE, FREE, child)
    return head + bytes(36) + struct.pack("<IQ", first, size)


def _binary(number, data=b""):
    kind = bytes([number]) if number < 128 else bytes([number & 127 | 128, number >> 7])
    return kind + bytes([len(data)]) + data


def _wide(text):
    return struct.pack("<I", len(text)) + text.encode("utf-16-le")


def _binary_row(at, row):
    out = _binary(0, struct.pack("<IIHBBB", at, 0, 300, 0, 0, 0) + struct.pack("<I", 0))
    for place, value in enumerate(row):
        if isinstance(value, str):
            out += _binary(6, struct.pack("<II", place, 0) + _wide(value))
        else:
            out += _binary(5, struct.pack("<IId", place, 0, value))
    return out


def xlsb(rows, name="Visits"):
    """An .xlsb of one sheet."""
    kinds = "http://schemas.openxmlformats.org"
    office = f"{kinds}/officeDocument/2006/relationships"
    links = f'<Relationships xmlns="{kinds}/package/2006/relationships">{{}}</Relationships>'
    link = '<Relationship Id="rId1" Type="{}" Target="{}"/>'
    sheet = _binary(129) + _binary(148, struct.pack("<IIII", 0, len(rows) - 1, 0, len(rows[0]) - 1))
    sheet += _binary(145) + b"".join(_binary_row(at, row) for at, row in enumerate(rows))
    sheet += _binary(146) + _binary(130)
    listed = struct.pack("<II", 0, 1) + _wide("rId1") + _wide(name)
    book = _binary(131) + _binary(143) + _binary(156, listed) + _binary(144) + _binary(132)
    return zipped(
        {
            "[Content_Types].xml": f'<Types xmlns="{kinds}/package/2006/content-types"/>',
            "_rels/.rels": links.format(link.format(f"{office}/officeDocument", "xl/workbook.bin")),
            "xl/workbook.bin": book,
            "xl/_rels/workbook.bin.rels": links.format(
                link.format(f"{office}/worksheet", "worksheets/sheet1.bin")
            ),
            "xl/worksheets/sheet1.bin": sheet,
        }
    )
