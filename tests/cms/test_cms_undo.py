"""Going back one update, and what an update makes of a few visits before it is written."""

import io
import os
import shutil
import zipfile
from decimal import Decimal
from pathlib import Path

import cms_layouts as made
import pytest
from oracles import fees as oracle
from test_cms_update import (
    TODAY,
    contents,
    folder,
    our_gpcis,
    our_rvus,
    our_zips,
    releases,
    renewed,
    run,
    rvu_file,
    table,
)

from chirocalc import InputError, tables
from chirocalc import __main__ as command
from chirocalc.cms import undo
from chirocalc.cms.undo import ARCHIVE
from chirocalc.cms.update import plan
from chirocalc.tables import journal

__all__ = ["folder", "rvu_file"]

ROOT = Path(__file__).parents[2]
CODES = {row["code"]: row for row in oracle.rows(ROOT / "codes.csv") if not row["modifier"]}
ONE = Decimal(1)


def undone(folder, check=False, answer=True):
    """The exit code, what was printed, what was asked."""
    out, asked = io.StringIO(), []

    def ask(question):
        asked.append(question)
        return answer

    return undo(check, ask, out, folder), out.getvalue().splitlines(), asked


def test_undo_gives_the_tables_of_before(folder, rvu_file):
    """Byte by byte, and shows the visits in dollars first; once more there is nothing."""
    before = contents(folder)
    run(folder, [rvu_file])
    assert contents(folder).keys() - before.keys() == {ARCHIVE}
    code, said, asked = undone(folder)
    assert (code, asked) == (0, ["Go back to these tables?"])
    day = table_day(said[0])
    assert said == [
        f"The update of {day} (RVU26C) is undone: codes.csv, earlier_rvus.csv and releases.csv.",
        "Visits at the rates of 2026 from July 1, then of 2026, nationally:",
        "                              before     after    change",
        "  97110 15 min                $30.73    $29.06    −$1.67",
        "  97110 30 min                $54.61    $51.27    −$3.34",
        "Undone. An app that is running uses these tables from its next click on.",
    ]
    assert contents(folder) == before
    assert undone(folder) == (2, ["There is nothing to undo."], [])


def table_day(line):
    return line.split()[3]


@pytest.mark.parametrize(("check", "answer"), [(True, True), (False, False)])
def test_undo_writes_nothing_unasked(folder, rvu_file, check, answer):
    run(folder, [rvu_file])
    before = contents(folder)
    code, said, asked = undone(folder, check, answer)
    assert (code, len(asked), said[-1]) == (0, 0 if check else 1, "Nothing was written.")
    assert contents(folder) == before


def test_undo_goes_one_update_back(folder, rvu_file):
    """Of several the last one, and not one more."""
    renewed(folder, made.gpci_csv(our_gpcis(**{"01112-05": "0.500"})))
    between = contents(folder)
    run(folder, [rvu_file])
    assert undone(folder)[0] == 0
    del between[ARCHIVE]
    assert contents(folder) == between
    assert undone(folder)[1] == ["There is nothing to undo."]


def test_an_update_without_a_change_leaves_what_can_be_undone(folder, rvu_file):
    before = contents(folder)
    run(folder, [rvu_file])
    after = contents(folder)
    run(folder, [rvu_file])
    assert contents(folder) == after
    undone(folder)
    assert contents(folder) == before


def test_the_archive_is_small(folder):
    """Of 43,000 ZIP codes a few hundred KB, packed; and it is no table to the app."""
    zips = our_zips()
    zips[0] = (*zips[0][:5], "1")
    renewed(folder, made.zip_text(zips, "20261"))
    assert (folder / ARCHIVE).stat().st_size < 250_000
    with zipfile.ZipFile(folder / ARCHIVE) as archive:
        assert set(archive.namelist()) == {"index.json", "zips.csv", "releases.csv"}
    assert undone(folder)[0] == 0


def test_what_was_edited_since_is_not_lost(folder, rvu_file):
    """A clinic's own change of a table that the update changed, which is named."""
    run(folder, [rvu_file])
    path = folder / "codes.csv"
    path.write_bytes(path.read_bytes().replace(b"Therapeutic exercise", b"Exercise"))
    before = contents(folder)
    code, said, asked = undone(folder)
    assert (code, asked, said[-1]) == (2, [], "Nothing was written.")
    assert said[0].startswith("update, file: 'codes.csv' was edited after the update")
    assert contents(folder) == before
    path.unlink()
    assert undone(folder)[0] == 2


def test_other_tables_may_be_edited(folder, rvu_file):
    before = contents(folder)
    run(folder, [rvu_file])
    (folder / "pairs.csv").write_bytes(before["pairs.csv"] + b"\n")
    assert undone(folder)[0] == 0
    assert contents(folder) == before | {"pairs.csv": before["pairs.csv"] + b"\n"}


@pytest.mark.parametrize("damage", [lambda c: c[:-30], lambda c: b"", lambda c: b"PK" + c[9:]])
def test_an_archive_that_is_damaged(folder, rvu_file, damage):
    run(folder, [rvu_file])
    path = folder / ARCHIVE
    path.write_bytes(damage(path.read_bytes()))
    before = contents(folder)
    code, said, _ = undone(folder)
    assert code == 2
    assert f"'{ARCHIVE}' is damaged: nothing can be undone" in said[0]
    assert contents(folder) == before


def test_two_updates_at_once(folder, rvu_file):
    """What was planned from tables that another update has changed since is not written."""
    first = plan(releases(made.rvu_csv(our_rvus(T97110={"work_rvu": "0.50"}), month="July")),
                 folder, today=TODAY)  # fmt: skip
    second = plan(releases(made.gpci_csv(our_gpcis(**{"01112-05": "0.500"}))), folder)
    first.write()
    before = contents(folder)
    with pytest.raises(InputError, match="was changed by something else meanwhile"):
        second.write()
    assert contents(folder) == before


def test_an_undo_that_cannot_be_written(folder, rvu_file, monkeypatch):
    run(folder, [rvu_file])
    before = contents(folder)

    def full(handle):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    code, said, _ = undone(folder)
    monkeypatch.undo()
    assert (code, said[-1]) == (2, "Nothing was written.")
    assert contents(folder) == before
    assert undone(folder)[0] == 0


def dies(folder, at):
    """Undo in a child that dies before step `at` of those that touch the disk; whether it did."""
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
        undo(False, lambda _: True, io.StringIO(), folder)
        os._exit(0)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 9


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
def test_an_undo_that_is_killed_at_any_step(folder, rvu_file, tmp_path_factory):
    """All tables are those of before or all those of after, and the next undo is right."""
    before = contents(folder)
    run(folder, [rvu_file])
    after = contents(folder)
    whole = tmp_path_factory.mktemp("whole") / "tables"
    shutil.copytree(folder, whole)
    seen, at, died = set(), 0, True
    while died:
        shutil.rmtree(folder)
        shutil.copytree(whole, folder)
        died = dies(folder, at)
        journal.finish_renewal(folder)
        found = {name: content for name, content in contents(folder).items()
                 if name != ARCHIVE and not name.endswith(".new")}  # fmt: skip
        is_undone = found == before
        assert is_undone or found == {n: c for n, c in after.items() if n != ARCHIVE}
        assert undone(folder)[0] == (2 if is_undone else 0)
        seen.add(is_undone)
        at += 1
    assert seen == {True, False}
    assert at > 12


def test_the_command_undoes(own_tables, monkeypatch, capsys):
    """Asked on the command line, with its exit codes."""
    calls = []
    monkeypatch.setattr(
        command, "undo", lambda check, ask, out: calls.append((check, ask("?"))) or 0
    )
    assert command.main(["update", "--undo", "--yes"]) == 0
    assert command.main(["update", "--undo", "--check", "--yes"]) == 0
    assert calls == [(False, True), (True, True)]
    for said in (["--undo", "x.zip"], ["--undo", "--verify"], ["--undo", "--quarter", "2026Q1"]):
        assert command.main(["update", *said]) == 2
        assert "update, arguments: '--undo'" in capsys.readouterr().err


# Visits in dollars


def fee(code, cf, gpcis=(ONE, ONE, ONE), share=ONE, **values):
    row = CODES[code] | values
    rvus = (Decimal(row[name]) for name in ("work_rvu", "pe_rvu_office", "mp_rvu"))
    return oracle.fee(*rvus, *gpcis, Decimal(cf), share)


def line(name, before, after):
    sign = "+" if after > before else "−"
    change = f"{sign}${abs(after - before)}"
    return f"  {name:<24}{f'${before}':>10}{f'${after}':>10}{change:>10}"


def shown(said, heading):
    """The lines of visits below a heading."""
    lines = said.splitlines()
    at = lines.index(heading)
    found = []
    for each in lines[at + 2 :]:
        if not each.startswith("  "):
            break
        found.append(each)
    return found


@pytest.fixture
def next_year(tmp_path_factory):
    """RVU27A with a factor of its own and another value of 98941, and the indices of 2027."""
    path = tmp_path_factory.mktemp("downloads") / "rvu27a.zip"
    rvus = our_rvus(T98941={"work_rvu": "0.80"})
    files = {
        "PPRRVU2027_Jan_nonQPP.csv": made.rvu_csv(rvus, 2027, "January", "32.9000"),
        "PPRRVU2027_Jan_QPP.csv": made.rvu_csv(rvus, 2027, "January", "33.2000"),
        "GPCI2027.csv": made.gpci_csv(our_gpcis(**{"01112-05": "0.625"}), 2027),
    }
    path.write_bytes(made.as_zip(files))
    return path


def test_a_new_year_beside_this_one(folder, next_year):
    """Each visit as this year pays it and as the next will, before anything is written."""
    _, said, asked = run(folder, [next_year], check=True)
    assert not asked
    lines = shown(said, "Visits at the rates of 2026, then of 2027, nationally:")
    expected = [
        line(code, fee(code, "33.4009"), fee(code, "32.9000", work_rvu=work))
        for code, work in [("98940", CODES["98940"]["work_rvu"]), ("98941", "0.80"),
                           ("98942", CODES["98942"]["work_rvu"])]
    ]  # fmt: skip
    for code in ("97110", "97112", "97530", "97140"):
        one = [fee(code, cf) for cf in ("33.4009", "32.9000")]
        half = [fee(code, cf, share=oracle.HALF) for cf in ("33.4009", "32.9000")]
        expected += [line(f"{code} 15 min", *one),
                     line(f"{code} 30 min", one[0] + half[0], one[1] + half[1])]  # fmt: skip
    assert sorted(lines) == sorted(expected)


def test_the_areas_that_change_the_most(folder):
    """Of other indices: where the visits gain and where they lose the most, by name."""
    changed = {"01112-05": "0.925", "10112-00": "0.066"}
    path = folder.parent / "GPCI2026.csv"
    path.write_bytes(made.gpci_csv(our_gpcis(**changed)))
    _, said, _ = run(folder, [path], check=True)
    assert "nationally" not in said
    places = {(row["mac"], row["locality"]): row for row in table(folder, "localities")[:109]}
    for area, mp in changed.items():
        place = places[tuple(area.split("-"))]
        lines = shown(said, f"Visits at the rates of 2026, in {place['name']}:")
        old = [Decimal(place[name]) for name in ("work_gpci", "pe_gpci", "mp_gpci")]
        new = [*old[:2], Decimal(mp)]
        want = line("98941", fee("98941", "33.4009", old), fee("98941", "33.4009", new))
        assert want in lines


def test_what_moves_no_dollar_shows_no_visit(folder):
    renewed_zips = made.zip_text(our_zips(), "20261")
    path = folder.parent / "zips.txt"
    path.write_bytes(renewed_zips)
    _, said, _ = run(folder, [path], check=True)
    assert "Visits" not in said


def test_a_year_that_goes_with_an_undo(folder, next_year):
    run(folder, [next_year])
    code, said, _ = undone(folder)
    assert code == 0
    assert said[1] == "2027 is no longer loaded: its visits are refused."


def test_visits_with_codes_that_a_clinic_took_out_are_left_out(folder, next_year):
    path = folder / "codes.csv"
    kept = [row for row in path.read_text(encoding="utf-8").splitlines(keepends=True)
            if not row.startswith(("97530,", "98942,"))]  # fmt: skip
    path.write_text("".join(kept), encoding="utf-8")
    _, said, _ = run(folder, [next_year], check=True)
    lines = shown(said, "Visits at the rates of 2026, then of 2027, nationally:")
    assert len(lines) == 8
    assert not any("97530" in each or "98942" in each for each in lines)


def test_the_app_reads_its_own_tables_while_visits_are_shown(folder, next_year):
    """The book in use is not that of the plan."""
    before = tables.book()
    run(folder, [next_year], check=True)
    assert tables.book() is before
