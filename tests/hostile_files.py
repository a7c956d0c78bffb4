"""Files made to cost much, each by a number that its size grows with."""

import io
import zipfile

import pandas as pd
from reading import SHEET, excel, with_part

HEADER = "Visit,Date,CPT,Units,Minutes,Mod"


def csv_of(rows, more=""):
    return "\n".join([HEADER + more, *rows, ""]).encode()


def unknown_codes(n):
    return csv_of(f"A{at},2026-03-02,9{at:06}Q,1,15,GP" for at in range(n))


def long_codes(n):
    return csv_of(f"A{at},2026-03-02,{'97110X' * 600}{at},1,15,GP" for at in range(n))


def one_visit(n):
    return csv_of("A1,2026-03-02,97110,1,15,GP" for _ in range(n))


def taken_back(n):
    return csv_of(f"A1,2026-03-02,97110,{1 if at % 2 else -1},0,GP" for at in range(n))


def refused(n):
    return csv_of(f"A{at},2026-13-{at},97110,1,15,GP" for at in range(n))


def other_years(n):
    return csv_of(f"A{at},2019-03-02,97110,1,15,GP" for at in range(n))


def payers(n):
    rows = (f"A{at},2026-03-02,97110,1,15,GP,Payer {at} of Texas" for at in range(n))
    return csv_of(rows, ",Payer")


def regions(n):
    rows = (f"A{at},2026-03-02,98941,1,,AT,c{at}-l{at} and x{at}/y" for at in range(n))
    return csv_of(rows, ",Region")


def unclosed_quote(n):
    rows = [f"A{at},2026-03-02,97110,1,15,GP" for at in range(n)]
    return csv_of([*rows, '"A,2026-03-02,97110,1,15,GP', *rows])


def too_long(n):
    return csv_of(f"A{at},2026-03-02,97110,1,15,GP,x" for at in range(n))


def blank(n):
    return csv_of([""] * n)


VISITS = excel(["Visit", "Date", "CPT", "Units"], ["A1", "2026-03-02", 97110, 1])


def sheet_with(rows):
    return with_part(
        VISITS, SHEET, lambda xml: xml.replace(b"</sheetData>", rows + b"</sheetData>")
    )


def far_cell(_):
    return sheet_with(b'<row r="1048576"><c r="XFD1048576"><v>1</v></c></row>')


def far_row(_):
    return sheet_with(b'<row r="2000000000"><c r="A2000000000"><v>1</v></c></row>')


def stray_space(_):
    space = b'<c r="A1048576" t="inlineStr"><is><t> </t></is></c>'
    return sheet_with(b'<row r="1048576">' + space + b"</row>")


def empty_rows(n):
    return sheet_with(b"<row/>" * n)


def wide(n):
    return sheet_with((b"<row>" + b"<c><v>1</v></c>" * 999 + b"</row>") * n)


def shared_strings(n):
    text = b"<si><t>" + b"x" * 1000 + b"</t></si>"
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(VISITS)) as old, zipfile.ZipFile(out, "w", 8) as new:
        for name in old.namelist():
            if name != "xl/sharedStrings.xml":
                new.writestr(name, old.read(name))
        with new.open("xl/sharedStrings.xml", "w") as part:
            part.write(b"<sst>")
            for _ in range(n // 1000):
                part.write(text * 1000)
            part.write(b"</sst>")
    return out.getvalue()


def parquet_of_one_value(n):
    frame = pd.DataFrame({"Visit": ["A1"] * n, "CPT": ["97110"] * n, "Minutes": [0] * n})
    out = io.BytesIO()
    frame.to_parquet(out, index=False)
    return out.getvalue()
