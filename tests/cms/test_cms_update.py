"""Renewing the tables from CMS's files: what changes, what is refused, and all of it or nothing."""

import io
import os
import shutil
from functools import cache
from pathlib import Path

import cms_layouts as made
import pytest
from oracles.fees import rows

from chirocalc import InputError, tables
from chirocalc.cms.edits import kind_of
from chirocalc.cms.files import read_cms
from chirocalc.cms.update import RENEWED, plan, update
from chirocalc.tables import journal

ROOT = Path(__file__).parents[2]
TODAY = "2026-12-01"
CODES = rows(ROOT / "codes.csv")
EARLIER = rows(tables.FOLDER / "earlier_rvus.csv")
KEYS = {(row["code"], row["modifier"]): row for row in CODES}
PAIRS = rows(tables.FOLDER / "pairs.csv")
REAL = Path(os.environ.get("CHIROCALC_CMS_FILES", "/nonexistent"))


@pytest.fixture
def folder(tmp_path):
    """A copy of the tables that an update may write."""
    for name in RENEWED:
        source = ROOT / "codes.csv" if name == "codes" else tables.FOLDER / f"{name}.csv"
        shutil.copy(source, tmp_path)
    return tmp_path


def table(folder, name):
    return rows(folder / f"{name}.csv")


def contents(folder):
    return {path.name: path.read_bytes() for path in sorted(folder.iterdir())}


def releases(*files, quarter=None):
    """Releases of files, each bytes or name and bytes."""
    named = [file if isinstance(file, tuple) else ("file", file) for file in files]
    return [r for name, content in named for r in read_cms(content, name, quarter).releases]


def renewed(folder, *files, quarter=None, today=TODAY):
    """Plan and write; return the plan."""
    planned = plan(releases(*files, quarter=quarter), folder, today=today)
    planned.write()
    return planned


def refused(folder, *files, quarter=None):
    """The words with which a plan is refused; nothing is written."""
    before = contents(folder)
    with pytest.raises(InputError) as caught:
        renewed(folder, *files, quarter=quarter)
    assert contents(folder) == before
    return str(caught.value)


def changed(planned):
    return {(r.table, r.key, r.column): (r.old, r.new) for r in planned.diff.itertuples()}


LISTED = [row for row in CODES if row["status"]]  # the others no schedule of CMS has


def our_rvus(without=(), **values):
    """The rows of codes.csv as CMS would print them, some changed: T97110={"work_rvu": "0.50"}."""
    out = []
    for own in LISTED:
        if own["code"] in without:
            continue
        row = own | values.get(f"T{own['code']}{own['modifier']}", {})
        rvus = [
            row[c] or "0.00" for c in ("work_rvu", "pe_rvu_office", "pe_rvu_facility", "mp_rvu")
        ]
        out.append(
            (row["code"], row["modifier"], row["status"], *rvus, "", row["facility_na"],
             row["pctc"], row["global_days"], row["multiple_procedure"])
        )  # fmt: skip
    return [*out, made.RVUS[-1]]


def our_gpcis(year=2026, **values):
    """The localities of the table as CMS would print them."""
    return [
        (r["mac"], r["state"], r["locality"], values.get("name", r["name"]).upper(),
         r["work_gpci"], r["work_gpci_without_floor"], r["pe_gpci"],
         values.get(f"{r['mac']}-{r['locality']}", r["mp_gpci"]))
        for r in rows(tables.FOLDER / "localities.csv")
        if r["effective_from"] == "2026-01-01"
    ]  # fmt: skip


def our_zips():
    """The ZIP codes of the table as CMS would print them, in a list of the test's own."""
    return list(zips_of_the_table())


@cache
def zips_of_the_table():
    states = {
        f"{r['mac']}-{r['locality']}": r["state"] for r in rows(tables.FOLDER / "localities.csv")
    }
    return [
        (states[r["locality_id"]], r["zip"], *r["locality_id"].split("-"), "", r["needs_plus4"])
        for r in rows(tables.FOLDER / "zips.csv")
    ]


def our_pairs(without=(), more=()):
    """Every pair of the table, between two that are not of ours, as one file of CMS's."""
    lines = [
        (r["column1"], r["column2"], "", "20200101", "*", r["modifier_indicator"], r["rationale"])
        for r in PAIRS
        if (r["column1"], r["column2"]) not in without
    ]
    ends = [(code, "99999", "", "20261001", "*", "1", "Not of ours") for code in ("00100", "V2020")]
    return [ends[0], *sorted([*lines, *more]), ends[1]]


def our_limits(**values):
    found = {r["code"]: (r["mue"], r["mai"]) for r in CODES if r["mue"]}
    found |= {code[1:]: value for code, value in values.items()}
    return [(code, mue, f"{mai} Words", "Why") for code, (mue, mai) in sorted(found.items()) if mue]


# Relative values


def test_the_same_release_changes_nothing(folder):
    before = contents(folder)
    planned = renewed(folder, made.rvu_csv(our_rvus()))
    assert planned.diff.empty
    assert not planned.files
    assert contents(folder) == before


def test_a_later_quarter_splits_the_year_where_values_differ(folder):
    """Equal values get the label; others begin with the quarter, and the old ones end before it."""
    work = {"T97110": {"work_rvu": "0.50"}}
    planned = renewed(folder, made.rvu_csv(our_rvus(**work), month="October"))
    assert changed(planned) == {
        ("codes", "97110", "work_rvu"): ("0.45", "0.50"),
        ("codes", "97110", "fee_office"): ("29.06", "30.73"),
        ("codes", "97110", "fee_facility"): ("29.06", "30.73"),
    }
    for row in table(folder, "codes"):
        old = KEYS[row["code"], row["modifier"]]
        if not old["status"]:  # no schedule of CMS lists it
            assert row == old
            continue
        begin = "2026-10-01" if row["code"] == "97110" else "2026-01-01"
        assert (row["release"], row["effective_from"], row["effective_to"], row["confirmed"]) == (
            "RVU26D", begin, "2026-12-31", "",
        )  # fmt: skip
        own = ("release", "effective_from", "confirmed", "work_rvu")
        assert {k: v for k, v in row.items() if k not in own} == {
            k: v for k, v in old.items() if k not in own
        }
        assert row["work_rvu"] == ("0.50" if row["code"] == "97110" else old["work_rvu"])
    added = [row for row in table(folder, "earlier_rvus") if row not in EARLIER]
    shown = ("code", "work_rvu", "effective_from", "effective_to", "release")
    assert [tuple(row[column] for column in shown) for row in added] == [
        ("97110", "0.45", "2026-01-01", "2026-09-30", "RVU26B")
    ]
    noted = {r["release"]: r for r in table(folder, "releases") if r["table"] == "rvus"}
    assert noted["RVU26B"]["effective_to"] == "2026-09-30"
    assert (noted["RVU26D"]["effective_from"], noted["RVU26D"]["read"]) == ("2026-10-01", TODAY)
    assert "RVU26D" in refused(folder, made.rvu_csv(our_rvus(), month="July"))  # older


def test_what_a_later_quarter_confirms(folder):
    """Of the releases that agree, those after the one read stay."""
    renewed(folder, made.rvu_csv(our_rvus(), month="July"))
    for row in table(folder, "codes"):
        seen = KEYS[row["code"], row["modifier"]]["confirmed"].split("|")
        assert row["confirmed"] == ("RVU26D" if "RVU26D" in seen else "")


def test_a_later_year_moves_the_values_of_this_one(folder):
    """Old values to earlier_rvus, new ones with the year's dates, the factor in force."""
    rvus = our_rvus(without=["97545"], T98940={"pe_rvu_office": "0.36", "status": "R"})
    planned = renewed(
        folder,
        ("a_nonQPP.csv", made.rvu_csv(rvus, 2027, "January", "32.9000")),
        ("a_QPP.csv", made.rvu_csv(rvus, 2027, "January", "33.2000")),
    )
    found = changed(planned)
    assert found["codes", "98940", "status"] == ("A", "R")
    assert found["codes", "98940", "fee_office"] == ("26.72", "26.98")
    assert found["codes", "97110", "fee_office"] == ("29.06", "28.62")  # by the factor alone
    assert ("codes", "97110", "work_rvu") not in found
    assert found["conversion_factors", "2027 APM", "conversion_factor"] == (
        "33.1693 (proposed)", "33.2000",
    )  # fmt: skip
    assert planned.notes == ["RVU27A has no row for 97545"]
    codes = {(r["code"], r["modifier"]): r for r in table(folder, "codes")}
    assert codes["98940", ""]["effective_from"] == "2027-01-01"
    assert codes["97545", ""] == KEYS["97545", ""]  # gone: its dates end with 2026
    moved = [row for row in table(folder, "earlier_rvus") if row not in EARLIER]
    assert len(moved) == len(LISTED) - 1
    for row in moved:
        old = KEYS[row["code"], row["modifier"]]
        assert {column: old[column] for column in row} == row
    factors = [r for r in table(folder, "conversion_factors") if r["effective_from"] > "2026"]
    assert [(r["conversion_factor"], r["basis"], r["status"]) for r in factors] == [
        ("33.4009", "non-APM", "in force"),
        ("33.5675", "APM", "in force"),
        ("32.9000", "non-APM", "in force"),
        ("33.2000", "APM", "in force"),
    ]
    again = made.rvu_csv(rvus, 2027, "January", "32.9000")
    assert not renewed(folder, again).files


def test_a_year_that_is_past_is_historical(folder):
    rvus = our_rvus()
    planned = renewed(
        folder, ("x_nonQPP", made.rvu_csv(rvus, 2027, "January", "32.9000")), today="2027-01-02"
    )
    status = {r["conversion_factor"]: r["status"] for r in table(folder, "conversion_factors")}
    assert planned.notes == ["the APM factor of 2027 is not final: give that file too"]
    assert (status["33.4009"], status["32.9000"], status["33.1693"]) == (
        "historical", "in force", "proposed",
    )  # fmt: skip


def test_an_earlier_year_stands_beside_this_one(folder):
    """For its own year only; codes.csv stays."""
    before = (folder / "codes.csv").read_bytes()
    rvus = our_rvus(without=["98979", "98984"])
    planned = renewed(folder, made.rvu_csv(rvus, 2024, "October", "33.2875"))
    assert (folder / "codes.csv").read_bytes() == before
    added = [row for row in table(folder, "earlier_rvus") if row not in EARLIER]
    assert {(r["effective_from"], r["effective_to"], r["release"]) for r in added} == {
        ("2024-01-01", "2024-12-31", "RVU24D")
    }
    assert len(added) == len(LISTED) - 2 == len(planned.diff)
    assert [r for r in table(folder, "earlier_rvus") if r in EARLIER] == EARLIER
    assert "RVU24D" in refused(folder, made.rvu_csv(rvus, 2024, "April", "33.2875"))


def test_an_earlier_year_that_is_there_is_compared(folder):
    """RVU25D against the table that came of it: one code read with another value is corrected."""
    by_key = {(r["code"], r["modifier"]): r for r in EARLIER}
    old = {f"T{c}{m}": dict(row) for (c, m), row in by_key.items()}
    old["T97110"] = old["T97110"] | {"work_rvu": "0.46"}
    missing = {r["code"] for r in CODES} - {r["code"] for r in EARLIER}
    content = made.rvu_csv(our_rvus(without=missing, **old), 2025, "October", "32.3465")
    planned = renewed(folder, content)
    assert set(changed(planned)) == {
        ("earlier_rvus", "97110", column) for column in ("work_rvu", "fee_office", "fee_facility")
    }
    assert len(table(folder, "earlier_rvus")) == len(EARLIER)
    assert not renewed(folder, content).files


def test_codes_without_relative_values_have_none(folder):
    """All zero is none: empty, never 0.00."""
    zero = dict.fromkeys(["work_rvu", "pe_rvu_office", "pe_rvu_facility", "mp_rvu"], "")
    planned = renewed(folder, made.rvu_csv(our_rvus(T97110=zero | {"status": "N"}), month="July"))
    row = next(r for r in table(folder, "codes") if r["code"] == "97110")
    assert {row[column] for column in zero} == {""}
    assert changed(planned)["codes", "97110", "fee_office"] == ("29.06", "")


def test_a_clinics_own_file_stays_as_it_is_written(folder):
    """Own codes, own columns, the mark and line ends of a spreadsheet; 000 as 0 is no change."""
    text = (folder / "codes.csv").read_text(encoding="utf-8").replace(",000,", ",0,")
    lines = text.splitlines()
    own = f"Z9001{lines[-1][5:]}"
    lines = [f"{line},{'mine' if at == 0 else at}" for at, line in enumerate([*lines, own])]
    (folder / "codes.csv").write_bytes("\r\n".join([*lines, ""]).encode("utf-8-sig"))
    planned = renewed(folder, made.rvu_csv(our_rvus(), month="July"))
    assert planned.diff.empty
    assert planned.notes == ["RVU26C has no row for Z9001"]
    after = (folder / "codes.csv").read_bytes()
    assert after.startswith(b"\xef\xbb\xbf")
    assert after.count(b"\r\n") == after.count(b"\n") == len(lines)
    assert [line.rsplit(b",", 1)[1] for line in after.split(b"\r\n")[1:3]] == [b"1", b"2"]


def test_a_code_that_a_clinic_took_out_keeps_its_past(folder):
    """Its rows of earlier years stay, and nothing new is read for it."""
    lines = (folder / "codes.csv").read_text(encoding="utf-8").splitlines(keepends=True)
    kept = "".join(line for line in lines if not line.startswith("20561,"))
    (folder / "codes.csv").write_text(kept, encoding="utf-8")
    renewed(folder, made.rvu_csv(our_rvus(), month="July"))
    assert table(folder, "earlier_rvus") == EARLIER


@pytest.mark.parametrize(
    ("files", "words"),
    [
        ([made.rvu_csv(our_rvus(T97110={"status": "Q"}), month="July")], "'Q' must be one of"),
        ([made.rvu_csv(month="July")], "has no row for"),
        ([made.rvu_csv(our_rvus(), 2028, "January", "33.0001")], "QPP or nonQPP"),
        ([("a_nonQPP", made.rvu_csv(our_rvus(), 2027, "January", "32.9000")),
          ("b_nonQPP", made.rvu_csv(our_rvus(), 2027, "January", "32.9500"))], "non-APM one"),
        ([made.rvu_csv(our_rvus()), made.rvu_csv(made.RVUS)], "has other values"),
        ([made.rvu_csv(our_rvus(), month="January")], "is RVU26A, and the tables hold RVU26B"),
    ],
)  # fmt: skip
def test_relative_values_that_are_refused(folder, files, words):
    assert words in refused(folder, *files)


# Localities and ZIP codes


def test_indices_of_another_year(folder):
    """Beside those of 2026 with the names of this table; of a later year what changes is shown."""
    values = our_gpcis(**{"01112-05": "0.500"})
    planned = renewed(folder, made.gpci_csv(values, 2027, "without"))
    found = changed(planned)
    assert found["localities", "01112-05", "mp_gpci"] == ("0.425", "0.500")
    assert found["localities", "10112-00", "work_gpci"] == ("1.000", "0.988")
    of_year = [r for r in table(folder, "localities") if r["release"] == "GPCI2027"]
    assert len(of_year) == 109
    assert table(folder, "localities")[:109] == of_year
    names = {(r["mac"], r["locality"]): r["name"] for r in rows(tables.FOLDER / "localities.csv")}
    assert all(names[r["mac"], r["locality"]] == r["name"] for r in of_year)
    assert len(table(folder, "localities")) == 3 * 109
    noted = [r for r in table(folder, "releases") if r["release"] == "GPCI2027"]
    assert [(r["effective_from"], r["rows"], r["read"]) for r in noted] == [
        ("2027-01-01", "109", TODAY)
    ]


def test_indices_of_the_same_year_again(folder):
    """The year's rows are replaced, and are still one for each locality."""
    assert not renewed(folder, made.gpci_csv(our_gpcis())).files
    planned = renewed(folder, made.gpci_csv(our_gpcis(**{"01112-05": "0.500"})))
    assert list(changed(planned)) == [("localities", "01112-05", "mp_gpci")]
    assert len(table(folder, "localities")) == 2 * 109


@pytest.mark.parametrize("write", [made.gpci_csv, made.gpci_xlsx, made.gpci_text])
@pytest.mark.parametrize(("floor", "words"), [("with", "without"), ("without", "with")])
def test_an_index_that_a_file_lacks_stays(folder, write, floor, words):
    """That of the tables, which is said; what the file has is renewed all the same."""
    before = table(folder, "localities")
    planned = renewed(folder, write(our_gpcis(**{"01112-05": "0.500"}), floor=floor))
    assert planned.notes == [
        f"file has no work indices {words} the floor of 1.0: those that the tables hold stay"
    ]
    assert list(changed(planned)) == [("localities", "01112-05", "mp_gpci")]
    for row, old in zip(table(folder, "localities"), before, strict=True):
        assert {c: v for c, v in row.items() if c != "mp_gpci"} == {
            c: v for c, v in old.items() if c != "mp_gpci"
        }


def test_a_column_that_a_new_year_lacks(folder):
    """Of a year that the tables do not have there is nothing to keep, which is said too."""
    planned = renewed(folder, made.gpci_csv(our_gpcis(), 2027, "with"))
    assert planned.notes == ["file has no work indices without the floor of 1.0: 2027 has none"]
    planned = renewed(folder, made.gpci_csv(our_gpcis(), 2028, "without"))
    assert planned.notes == [
        "file has no work indices with the floor of 1.0: those without it are used"
    ]
    of = {r["release"]: r for r in table(folder, "localities") if r["state"] == "AL"}
    assert (of["GPCI2027"]["work_gpci"], of["GPCI2027"]["work_gpci_without_floor"]) == ("1.000", "")
    assert of["GPCI2028"]["work_gpci"] == of["GPCI2028"]["work_gpci_without_floor"] == "0.988"


def test_zip_codes_of_another_quarter(folder):
    zips = our_zips()
    code = zips[100][1]
    zips[100] = (*zips[100][:5], "1")
    planned = renewed(folder, made.zip_text([*zips[:5000], *zips[5001:]], "20261"))
    assert changed(planned) == {
        ("zips", code, "needs_plus4"): ("0", "1"),
        ("zips", zips[5000][1], "locality_id"): ("-".join(zips[5000][2:4]), ""),
        ("zips", zips[5000][1], "needs_plus4"): ("0", ""),
    }
    assert len(table(folder, "zips")) == 42_955
    assert [r["release"] for r in table(folder, "releases") if r["table"] == "zips"] == [
        "ZIP5 2026 Q1"
    ]
    assert "ZIP5 2026 Q1" in refused(folder, made.zip_text(our_zips(), "20254"))


def test_localities_and_zip_codes_go_together(folder):
    """A new locality without ZIP codes, or ZIP codes without theirs: both files, or neither."""
    moved = [(*z[:3], "77", *z[4:]) if "-".join(z[2:4]) == "01112-05" else z for z in our_zips()]
    zips = made.zip_text(moved, "20271")
    named = [
        (*g[:2], "77", "NEW CNTY OF NYC", *g[4:]) if (g[0], g[2]) == ("01112", "05") else g
        for g in our_gpcis()
    ]
    gpcis = made.gpci_csv(named, 2027)
    assert "01112-77" in refused(folder, zips)
    assert "01112-05" in refused(folder, gpcis)
    renewed(folder, gpcis, zips)
    new = next(r for r in table(folder, "localities") if r["locality"] == "77")
    assert new["name"] == "New County of NYC"


def test_places_that_are_cut_off(folder):
    assert "has no locality in" in refused(folder, made.gpci_csv(our_gpcis()[:100]))
    assert "lacks" in refused(folder, made.zip_text(our_zips()[:30_000], "20261"))
    some = [z for z in our_zips() if z[0] != "WY"]
    assert "without any ZIP code: 03602-21" in refused(folder, made.zip_text(some, "20261"))


# Code pairs and maximum units


def test_every_pair_has_the_kind_it_had():
    """The ordered rules of pair_kinds.csv give all 653 pairs their reason."""
    rules = tables.codes().drop_duplicates("code").set_index("code")["time_rule"]
    assert len(PAIRS) == 653
    for row in PAIRS:
        kind = kind_of(row["column1"], row["column2"], row["modifier_indicator"], rules)
        assert kind == {"kind": row["kind"], "on": row["on"]}, row


def test_every_rule_of_the_kinds_is_needed():
    """Each is the first that fits some pair, and the last fits any."""
    kinds = tables.pair_kinds()
    assert {(r["kind"], r["on"]) for r in PAIRS} == set(
        zip(kinds["kind"], kinds["on"], strict=True)
    )
    assert (
        kinds.iloc[-1][["one", "one_in", "other", "modifier_indicator", "time_rule"]] == ""
    ).all()


def test_pairs_of_a_quarter(folder):
    """New, gone, ended and deleted pairs; those of the quarter have its vintage."""
    more = [
        ("97110", "97535", "", "20270101", "*", "1", "New and timed"),
        ("97110", "97010", "", "20270101", "20270331", "0", "Ends with the quarter"),
        ("97110", "97012", "", "20200101", "20261231", "0", "Ended before"),
        ("97110", "97016", "", "20270101", "*", "9", "No edit"),
        ("97110", "12345", "", "20270101", "*", "1", "Not of ours"),
    ]
    there = {(r["column1"], r["column2"]) for r in PAIRS}
    more = [row for row in more if row[:2] not in there]
    dropped = PAIRS[300]
    gone = (dropped["column1"], dropped["column2"])
    planned = renewed(folder, made.pair_text(our_pairs([gone], more)), quarter="2027Q1")
    found = changed(planned)
    assert found["pairs", " ".join(gone), "modifier_indicator"] == (
        dropped["modifier_indicator"], "",
    )  # fmt: skip
    assert found["pairs", "97110 97010", "modifier_indicator"] == ("", "0")
    ours = {"97110 97535", "97110 97010"} - {" ".join(pair) for pair in there}
    assert {key for _, key, _ in found} == {" ".join(gone), *ours}
    after = {(r["column1"], r["column2"]): r for r in table(folder, "pairs")}
    assert {r["vintage"] for r in after.values()} == {"2027 Q1"}
    assert gone not in after
    assert after["97110", "97010"]["kind"] == "never"
    noted = [r for r in table(folder, "releases") if r["table"] == "pairs"]
    assert [(r["release"], r["rows"], r["effective_to"]) for r in noted] == [
        ("2027 Q1", str(len(after)), "2027-03-31")
    ]
    assert list(after) == sorted(after)


def test_a_part_of_the_pairs_replaces_what_it_covers(folder):
    """Pairs of other first codes stay, and so do those of its first and last code; said."""
    part = [row for row in our_pairs() if "97000" < row[0] < "97150"]
    inside = part[len(part) // 2]
    ends = {part[0][0], part[-1][0]}
    assert inside[0] not in ends
    kept_end = next(row for row in part[1:] if row[0] == part[0][0])
    part = [row for row in part if row not in (inside, kept_end)]
    planned = renewed(folder, made.pair_text(part), quarter="2027Q1")
    after = {(r["column1"], r["column2"]): r["vintage"] for r in table(folder, "pairs")}
    old = {(r["column1"], r["column2"]): r["vintage"] for r in PAIRS}
    assert set(old) - set(after) == {inside[:2]}
    assert after[kept_end[:2]] == old[kept_end[:2]]
    assert {pair for pair in after if after[pair] == "2027 Q1"} == {row[:2] for row in part}
    assert planned.notes == [
        f"{len(after) - len(part)} pairs that the files do not cover stay as they were"
    ]


def test_pairs_that_are_refused(folder):
    """An older quarter, parts of two quarters, a pair with two indicators."""
    pairs = our_pairs()
    assert "hold 2026 Q4" in refused(folder, made.pair_text(
        [(*row[:3], "20200101", *row[4:]) for row in pairs]), quarter="2026Q3")  # fmt: skip
    parts = [("v330r0", made.pair_text(pairs)), ("v331r0", made.pair_text(pairs))]
    assert "must be of one quarter" in refused(folder, *parts)
    twin = (*PAIRS[0].values(),)[:2]
    other = "0" if PAIRS[0]["modifier_indicator"] == "1" else "1"
    more = [(*twin, "", "20200101", "*", other, "Otherwise")]
    assert "another modifier indicator" in refused(
        folder, made.pair_text(our_pairs(more=more)), quarter="2027Q1"
    )


def test_maximum_units_of_a_quarter(folder):
    """Of every row of a code; empty for a code that the table does not have."""
    limits = our_limits(T97110=("5", "2"), T98940=("", ""), TG2211=("1", "2"), T72100=("3", "1"))
    planned = renewed(folder, made.limit_csv(limits), quarter="2026Q3")
    assert changed(planned) == {
        ("codes", "97110", "mue"): (KEYS["97110", ""]["mue"], "5"),
        ("codes", "97110", "mai"): (KEYS["97110", ""]["mai"], "2"),
        ("codes", "98940", "mue"): ("1", ""),
        ("codes", "98940", "mai"): ("2", ""),
        ("codes", "G2211", "mue"): ("", "1"),
        ("codes", "G2211", "mai"): ("", "2"),
        ("codes", "72100", "mue"): (KEYS["72100", ""]["mue"], "3"),
        ("codes", "72100", "mai"): (KEYS["72100", ""]["mai"], "1"),
    }
    after = {(r["code"], r["modifier"]): (r["mue"], r["mai"]) for r in table(folder, "codes")}
    assert {after["72100", part] for part in ("", "26", "TC")} == {("3", "1")}
    noted = [r for r in table(folder, "releases") if r["table"] == "limits"]
    assert [(r["release"], r["rows"]) for r in noted] == [("2026 Q3", "223")]
    assert "hold 2026 Q3" in refused(folder, made.limit_csv(our_limits()), quarter="2026Q2")


def test_maximum_units_that_are_cut_off(folder):
    assert "lacks" in refused(folder, made.limit_csv(our_limits()[:60]), quarter="2026Q3")


# The command


def run(folder, paths, check=False, answer=True, quarter=None):
    """The exit code, what was printed, what was asked."""
    out, asked = io.StringIO(), []

    def ask(question):
        asked.append(question)
        return answer

    return update(paths, check, ask, out, quarter, folder), out.getvalue(), asked


@pytest.fixture
def rvu_file(tmp_path_factory):
    path = tmp_path_factory.mktemp("downloads") / "rvu26c.zip"
    csv = made.rvu_csv(our_rvus(T97110={"work_rvu": "0.50"}), month="July")
    path.write_bytes(made.as_zip({"PPRRVU2026_Jul_nonQPP.csv": csv, "RVU26C.pdf": b"\0"}))
    return path


def test_the_command_shows_asks_and_writes(folder, rvu_file):
    code, said, asked = run(folder, [rvu_file])
    assert code == 0
    assert asked == ["Write these changes?"]
    assert said.splitlines() == [
        "PPRRVU2026_Jul_nonQPP.csv: a relative value file, RVU26C, 372 rows",
        "  not used: RVU26C.pdf",
        "codes.csv: 1 change",
        "  97110: work 0.45 → 0.50, office $29.06 → $30.73, facility $29.06 → $30.73",
        "Visits at the rates of 2026, then of 2026 from July 1, nationally:",
        "                              before     after    change",
        "  97110 15 min                $29.06    $30.73    +$1.67",
        "  97110 30 min                $51.27    $54.61    +$3.34",
        "Written: codes.csv, earlier_rvus.csv, releases.csv.",
        "An app that is running uses them from its next click on.",
        "python -m chirocalc update --undo goes back to the tables before this update.",
    ]
    assert run(folder, [rvu_file])[1].splitlines()[-1] == (
        "Nothing changed: the tables hold these values already."
    )


@pytest.mark.parametrize(("check", "answer"), [(True, True), (False, False)])
def test_the_command_writes_nothing_unasked(folder, rvu_file, check, answer):
    before = contents(folder)
    code, said, asked = run(folder, [str(rvu_file)], check, answer)
    assert (code, len(asked)) == (0, 0 if check else 1)
    assert said.endswith("Nothing was written.\n")
    assert contents(folder) == before


def test_the_command_says_what_is_wrong(folder, rvu_file, tmp_path_factory):
    """One file of several that cannot be used: nothing is written, and the code is 2."""
    bad = tmp_path_factory.mktemp("bad") / "GPCI2026.csv"
    bad.write_bytes(made.gpci_csv().replace(b"0.875", b"o.875"))
    before = contents(folder)
    code, said, asked = run(folder, [rvu_file, bad])
    assert (code, asked) == (2, [])
    assert "GPCI2026.csv, row 4, pe_gpci: 'o.875' must be" in said
    assert contents(folder) == before


def test_the_command_on_tables_that_are_broken(folder, rvu_file):
    (folder / "pairs.csv").write_text("column1\n")
    assert run(folder, [rvu_file])[0] == 2
    (folder / "pairs.csv").unlink()
    assert run(folder, [rvu_file])[0] == 2


@pytest.mark.skipif(not REAL.exists(), reason="CHIROCALC_CMS_FILES is not set")
def test_real_files_change_nothing(folder):
    """The tables are what came of CMS's own files."""
    before = contents(folder)
    code, said, _ = run(folder, sorted(REAL.glob("*.*")))
    assert code == 0
    assert said.endswith("Nothing changed: the tables hold these values already.\n")
    assert contents(folder) == before


# All or nothing


def interrupted(folder, files, at):
    """Write in a child that dies before step `at` of those that touch the disk; whether it did."""
    child = os.fork()
    if child == 0:
        count = 0

        def dying(function):
            def call(*args, **kwargs):
                nonlocal count
                if count == at:
                    os._exit(9)
                count += 1
                return function(*args, **kwargs)

            return call

        Path.open, Path.unlink = dying(Path.open), dying(Path.unlink)
        os.fsync, os.replace = dying(os.fsync), dying(os.replace)
        journal.write_all(files, folder)
        os._exit(0)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 9


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
def test_an_update_that_is_killed_at_any_step(tmp_path):
    """All old or all new after the next start, wherever it stopped; and both do occur."""
    other = tmp_path / "beside"
    folder = tmp_path / "tables"
    other.mkdir()
    folder.mkdir()
    paths = [folder / "a.csv", other / "codes.csv", folder / "b.csv"]
    seen, at = set(), 0
    while True:
        for path in paths:
            path.write_bytes(b"old")
        died = interrupted(folder, dict.fromkeys(paths, b"new"), at)
        unfinished = {path.read_bytes() for path in paths}
        journal.finish_renewal(folder)
        after = {path.read_bytes() for path in paths}
        assert len(after) == 1, at
        assert not (folder / journal.JOURNAL).exists()
        seen.add((len(unfinished), *after))
        if not died:
            break
        at += 1
    assert at > 12
    assert seen == {(1, b"old"), (1, b"new"), (2, b"new")}
    journal.write_all({paths[0]: b"next"}, folder)
    assert paths[0].read_bytes() == b"next"


def test_an_update_that_cannot_be_written(folder, rvu_file, monkeypatch):
    """A full disk, or a file that another program holds: said, and nothing is changed."""
    before = contents(folder)
    real = os.fsync
    calls = []

    def full(handle):
        calls.append(handle)
        if len(calls) == 2:
            raise OSError(28, "No space left on device")
        real(handle)

    monkeypatch.setattr(os, "fsync", full)
    code, said, _ = run(folder, [rvu_file])
    monkeypatch.undo()
    assert code == 2
    assert "No space left on device" in said
    assert contents(folder) == before
    assert run(folder, [rvu_file])[0] == 0


def test_an_update_that_is_stopped_is_finished_by_the_next(folder, rvu_file, monkeypatch):
    """A file held while the new ones are moved in: the journal stays, and the next run finishes."""
    real = os.replace

    def held(source, target):
        if Path(target).name == "releases.csv":
            raise PermissionError(13, "in use", str(target))
        real(source, target)

    monkeypatch.setattr(os, "replace", held)
    code, said, _ = run(folder, [rvu_file])
    monkeypatch.undo()
    assert code == 2
    assert "releases.csv' cannot be written (in use): close the program" in said
    code, said, _ = run(folder, [rvu_file])
    assert code == 0
    assert "Nothing changed" in said
    assert not list(folder.glob("*.new"))
    assert any(r["release"] == "RVU26C" for r in table(folder, "releases"))
