"""Small files in CMS's own layouts, written by hand from what CMS documents; no CMS data.

Each writer takes plain rows and returns bytes; none shares code with the reader.
"""

import csv
import io
import zipfile

import openpyxl

TEXT = "Our own words, not a descriptor"
COPYRIGHT = "CPT codes and descriptions only are copyright of their owner."
# A row of a relative value file: code, modifier, status, work, PE office, PE facility, MP,
# NA of the office and of the facility, PC/TC, global days, multiple procedure.
RVUS = [
    ("0552T", "", "C", "0.00", "0.00", "0.00", "0.00", "", "", "0", "YYY", "0"),
    ("27000", "", "A", "19.11", "11.58", "11.58", "4.02", "NA", "", "0", "090", "2"),
    ("72100", "", "A", "0.21", "0.98", "0.98", "0.02", "", "NA", "1", "XXX", "0"),
    ("72100", "26", "A", "0.21", "0.10", "0.10", "0.01", "", "", "1", "XXX", "0"),
    ("72100", "TC", "A", "0.00", "0.88", "0.88", "0.01", "", "NA", "1", "XXX", "0"),
    ("97110", "", "A", "0.45", "0.41", "0.41", "0.01", "", "NA", "7", "XXX", "5"),
    ("98940", "", "A", "0.45", "0.34", "0.09", "0.01", "", "", "0", "000", "0"),
    ("G0283", "", "A", "0.18", "0.19", "0.19", "0.01", "", "NA", "7", "XXX", "5"),
    ("V5364", "", "N", "0.00", "0.00", "0.00", "0.00", "", "", "9", "XXX", "9"),
]
GPCIS = [
    ("10112", "AL", "00", "ALABAMA", "1.000", "0.988", "0.875", "0.566"),
    ("02102", "AK", "01", "ALASKA*", "1.500", "1.500", "1.065", "0.551"),
    ("01112", "CA", "05", "SAN FRANCISCO (MARIN, NAPA CNTY)", "1.095", "1.095", "1.410", "0.425"),
    ("03602", "WY", "21", "WYOMING**", "1.000", "0.991", "1.000", "0.740"),
]
ZIPS = [
    ("AK", "99501", "02102", "01", "", "0"),
    ("AL", "35004", "10112", "00", "R", "0"),
    ("CA", "94303", "01112", "05", "B", "1"),
    ("WY", "82001", "03602", "21", "", "0"),
]
PAIRS = [
    ("97012", "97018", "", "20100101", "*", "1", "Misuse of column two code"),
    ("97110", "97150", "", "19960101", "*", "1", 'Said "otherwise"'),
    ("98940", "97110", "*", "19960101", "20051231", "0", "Ended long ago"),
    ("98940", "97140", "", "20000101", "", "1", "Standards of practice"),
    ("98941", "98940", "*", "19960101", "*", "0", "More extensive procedure"),
    ("99213", "36415", "", "20260401", "*", "9", "Not an edit"),
]
LIMITS = [
    ("97110", "6", "3 Date of Service Edit: Clinical", "Clinical: Data"),
    ("98940", "1", "2 Date of Service Edit: Policy", "Code Descriptor / CPT Instruction"),
    ("G0283", "1", "1 Line Edit", "Nature of Service, or Procedure"),
]

# The header of a relative value file, over five rows, by column.
RVU_HEADER = [
    ("", "", "", "", "HCPCS"),
    ("", "", "", "", "MOD"),
    ("", "", "", "", "DESCRIPTION"),
    ("", "", "", "STATUS", "CODE"),
    ("", "NOT USED", "FOR", "MEDICARE ", "PAYMENT"),
    ("", "", "", "WORK", "RVU"),
    ("", "", "", "NON-FAC", "PE RVU"),
    ("", "", "NON-FAC", "NA", "INDICATOR"),
    ("", "", "", "FACILITY", "PE RVU"),
    ("", "", "FACILITY ", "NA", "INDICATOR"),
    ("", "", "", "MP", "RVU"),
    ("", "", "", "NON-FACILITY", "TOTAL"),
    ("", "", "", "FACILITY", "TOTAL"),
    ("", "", "", "PCTC", "IND"),
    ("", "", "", "GLOB", "DAYS"),
    ("", "", "", "MULT", "PROC"),
    ("", "", "", "CONV", "FACTOR"),
    ("NON-FACILITY", "PE USED", "FOR OPPS", "PAYMENT", "AMOUNT"),
    ("FACILITY", "PE USED", "FOR OPPS", "PAYMENT", "AMOUNT"),
]


def total(*parts):
    """The sum of RVUs, as CMS prints it."""
    return f"{sum(round(float(part) * 100) for part in parts) / 100:.2f}"


def as_csv(rows, delimiter=",", ends="\r\n"):
    out = io.StringIO(newline="")
    csv.writer(out, delimiter=delimiter, lineterminator=ends).writerows(rows)
    return out.getvalue().encode("cp1252")


def as_xlsx(rows, before=()):
    """A workbook; numbers stand in it as numbers, and zeros in front of codes are lost."""
    book = openpyxl.Workbook()
    sheet = book.active
    for row in rows:
        sheet.append([_number(value) for value in row])
    for title in before:
        book.create_sheet(title, 0).append(["Read this first"])
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def _number(value):
    try:
        number = float(value)
    except ValueError:
        return value or None
    return int(number) if number.is_integer() else number


def as_zip(files, compression=zipfile.ZIP_DEFLATED):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", compression) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return out.getvalue()


# Relative value files


def rvu_rows(rows=RVUS, year=2026, month="April", factor="33.4009", swap=False):
    """Title lines, the split header, data; `swap` moves columns as from one year to the next."""
    title = f"{year} National Physician Fee Schedule Relative Value File {month} Release"
    width = len(RVU_HEADER)
    out = [["", "", line, *[""] * (width - 3)] for line in (title, COPYRIGHT, " ", "RELEASED", " ")]
    out += [[words[line] for words in RVU_HEADER] for line in range(5)]
    for code, part, status, work, office, facility, mp, na, na_facility, pctc, days, mult in rows:
        out.append(
            [code, part, TEXT, status, "", work, office, na, facility, na_facility, mp,
             total(work, office, mp), total(work, facility, mp), pctc, days, mult, factor,
             "0.00", "0.00"]
        )  # fmt: skip
    if swap:
        out = [[*row[:3], *reversed(row[3:])] for row in out]
    return out


def rvu_csv(*args, **kwargs):
    return as_csv(rvu_rows(*args, **kwargs))


def rvu_xlsx(*args, **kwargs):
    return as_xlsx(rvu_rows(*args, **kwargs))


def rvu_text(rows=RVUS, factor="33.4009", year=2026, plus=()):
    """CMS's lines of 171 characters below HDR lines; + in column 59: not used for payment."""
    lines = [f"HDR {line:<46}" for line in ("COPYRIGHT", f"{year} OF ITS OWNER", "")]
    for code, part, status, work, office, facility, mp, na, na_facility, pctc, days, mult in rows:
        mark = "+" if code in plus else " "
        lines.append(
            f"{code:<5}{part:<2}{TEXT:<50}{status}{mark}{work:>6}{office:>7}{na:<2}{facility:>7}"
            f"{na_facility:<2}{mp:>6}{total(work, office, mp):>7}{total(work, facility, mp):>6}"
            f"{pctc}{days}.00.00.00{mult}00009{'':12}{factor}{'':1}090 99{'':6}"
            f"{'0.00':>4}{'0.00':>7}{'0.00':>7}{'':6}"
        )
    return ("\r\n".join(lines) + "\r\n").encode()


# Localities and ZIP codes


def gpci_rows(rows=GPCIS, year=2026, floor="both"):
    """Addendum E; `floor` is both, with or without."""
    columns = {
        "both": [f"{year} PW GPCI (without 1.0 Floor)", f"{year} PW GPCI (with 1.0 Floor)"],
        "with": [f"{year} PW GPCI (with 1.0 Floor)"],
        "without": [f"{year} PW GPCI (without 1.0 Floor)"],
    }[floor]
    header = [
        "Medicare Administrative Contractor (MAC)", "State", "Locality Number", "Locality Name",
        *columns, f"{year} PE GPCI", f"{year} MP GPCI",
    ]  # fmt: skip
    empty = [""] * (len(header) - 1)
    title = f"ADDENDUM E. FINAL CY {year} GEOGRAPHIC PRACTICE COST INDICES (GPCIs) BY STATE"
    out = [[title, *empty], ["", *empty], header]
    for mac, state, locality, name, work, without, pe, mp in rows:
        works = {"both": [without, work], "with": [work], "without": [without]}[floor]
        out.append([mac, state, locality, name, *works, pe, mp])
    notes = ["MAC Assignments as of November 22, 2023", "", "*Work GPCI reflects a 1.5 floor."]
    return out + [[note, *empty] for note in notes]


def gpci_csv(*args, **kwargs):
    return as_csv(gpci_rows(*args, **kwargs))


def gpci_xlsx(*args, **kwargs):
    return as_xlsx(gpci_rows(*args, **kwargs))


def gpci_text(rows=GPCIS, year=2026, floor="both", at=(16, 24, 29, 120)):
    """Addendum E in columns, its header cut off to their width; `at`: where they begin."""
    state_at, locality_at, name_at, index_at = at
    indices = {"both": 4, "with": 3, "without": 3}[floor]
    header = f"{'Medicare Admi':<{state_at}}{'State':<{locality_at - state_at}}Locality"
    header = f"{header:<{name_at}}Locality Name"
    words = [f"{year} PW GPCI"] * (indices - 2) + [f"{year} PE GPCI", f"{year} MP GPCI"]
    title = f"ADDENDUM E. FINAL CY {year} GEOGRAPHIC PRACTICE COST INDICES (GPCIs) BY STATE"
    lines = [title, "", f"{header:<{index_at}}{''.join(words)}"]
    for mac, state, locality, name, work, without, pe, mp in rows:
        works = {"both": [without, work], "with": [work], "without": [without]}[floor]
        line = f"{f'{mac:<{state_at}}{state}':<{locality_at}}{locality}"
        line = f"{f'{line:<{name_at}}{name}':<{index_at}}"
        lines.append(line + "".join(f"{index:<12}" for index in [*works, pe, mp]))
    lines += ["", "MAC Assignments as of November 22, 2023", "*Work GPCI reflects a 1.5 floor."]
    return ("\r\n".join(lines) + "\r\n").encode()


def zip_rows(rows=ZIPS, when="20254"):
    header = [
        "STATE", "ZIP CODE", "CARRIER", "LOCALITY", "RURAL IND", "LAB CB LOCALITY", "RURAL IND2",
        "PLUS 4 FLAG", "PART B DRUG INDICATOR", "YEAR/QTR",
    ]  # fmt: skip
    out = [
        [state, code, mac, locality, rural, "Z9", rural, plus4, "A", when]
        for state, code, mac, locality, rural, plus4 in rows
    ]
    return [header, *out]


def zip_xlsx(*args, **kwargs):
    return as_xlsx(zip_rows(*args, **kwargs))


def zip_text(rows=ZIPS, when="20254", ends="\r\n"):
    """Lines of 80 characters, the year and quarter last."""
    lines = [
        f"{state}{code}{mac}{locality}{rural:<1}Z9{rural:<1}  {plus4} A{'':52}{when}"
        for state, code, mac, locality, rural, plus4 in rows
    ]
    return (ends.join(lines) + ends).encode()


# Payment amounts


def payment_text(records, year=2026, ends="\r\n"):
    """Lines of 130 characters, each value in quotes, by CMS's record description PF26PA; below them
    its notices. A record: carrier, locality, code, part, dollars of the office and of the facility,
    PC/TC, status, multiple procedure, dollars of a later therapy unit in an office and in an
    institution, OPPS indicator, dollars of its cap for the office and for the facility."""
    lines = []
    for record in records:
        mac, locality, code, part, office, facility, pctc, status, mult, *later = record
        half, institution, opps, cap, facility_cap = later
        values = [
            str(year), mac, locality, code, f"{part:<2}", pay(office), pay(facility), " ", pctc,
            status, mult, pay(half), pay(institution), opps, pay(cap), pay(facility_cap),
        ]  # fmt: skip
        lines.append(",".join(f'"{value}"' for value in values))
        assert len(lines[-1]) == 130
    notices = ["CODES ARE COPYRIGHT, OF THEIR OWNER. ", "ALL RIGHTS RESERVED."]
    lines += [f'"TRL- {notice}"' for notice in notices]
    return (ends.join(lines) + ends).encode()


def pay(dollars):
    return f"{dollars:010.2f}"


# Code pairs and maximum units


def pair_rows(rows=PAIRS):
    """The header goes over four rows."""
    out = [
        ["CPT only copyright of its owner.", *[""] * 6],
        ["Column1/Column2 Edits", *[""] * 6],
        ["Column 1", "Column 2", "*=in existence", "Effective", "Deletion", "Modifier",
         "PTP Edit Rationale"],
        ["", "", "prior to 1996", "Date", "Date", "0=not allowed", ""],
        ["", "", "", "", "*=no data", "1=allowed", ""],
        ["", "", "", "", "", "9=not applicable", ""],
    ]  # fmt: skip
    return out + [list(row) for row in rows]


def pair_text(rows=PAIRS):
    return "".join("\t".join(row) + "\r\n" for row in pair_rows(rows)).encode()


def pair_xlsx(rows=PAIRS):
    return as_xlsx(pair_rows(rows))


def limit_rows(rows=LIMITS, title=COPYRIGHT, column="Practitioner Services MUE Values"):
    """A notice of several lines in the first cell, and a line break in the header."""
    notice = [f"{title}\n\nAll rights reserved.", "", "", ""]
    header = ["HCPCS/\nCPT Code", column, "MUE Adjudication Indicator", "MUE Rationale"]
    return [notice, header, *map(list, rows)]


def limit_csv(*args, **kwargs):
    return as_csv(limit_rows(*args, **kwargs))


def limit_xlsx(*args, **kwargs):
    return as_xlsx(limit_rows(*args, **kwargs))
