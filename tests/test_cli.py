"""The command line, called as a function and as a process: `audit` and `update`."""

import csv
import io
import os
import re
import signal
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import pandas as pd
import pytest
from csv_files import change
from oracles import audit as oracle

import chirocalc
import chirocalc.__main__ as command
from chirocalc import Settings, tables
from chirocalc.audit import parts as audit_files
from chirocalc.audit.audit import FINDINGS
from chirocalc.audit.csv_file import BLOCK
from chirocalc.audit.sample import sample
from chirocalc.errors import InputError, Problem
from chirocalc.exports import csv_bytes

ROOT = Path(__file__).parent.parent
HEADER = "Visit,CPT,Minutes,Units"
CONTENT = f"{HEADER}\n1,97110,15,3\n2,98941,,1\n3,9711O,,1\n"
TOTAL_TIME = ("--payer", "commercial-total-time")
TOTAL_TIME_SETTINGS = Settings(payer="commercial-total-time")
MADE = ["version", "release"]  # by what, the last columns
OLD = "what was there before\n"
POSIX = pytest.mark.skipif(os.name != "posix", reason="signals and pipes of a POSIX system")


def write(folder, content=CONTENT, name="visits.csv"):
    """A file of visits."""
    path = folder / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


def main(*arguments):
    """The exit code of `audit` with these arguments."""
    return command.main(["audit", *map(str, arguments)])


def run(*arguments, content=b"", timeout=120):
    """The same in a process of its own."""
    return subprocess.run(
        [sys.executable, "-m", "chirocalc", "audit", *map(str, arguments)],
        input=content,
        capture_output=True,
        cwd=ROOT,
        timeout=timeout,
        check=False,
    )


def records(path_or_bytes):
    """The rows of a CSV as dicts of text."""
    content = path_or_bytes if isinstance(path_or_bytes, bytes) else path_or_bytes.read_bytes()
    return list(csv.DictReader(io.StringIO(content.decode("utf-8-sig"), newline="")))


def names(folder):
    """All files of a folder, hidden ones too."""
    return sorted(path.name for path in folder.iterdir())


def expected(*contents, settings=TOTAL_TIME_SETTINGS, called=("v.csv",)):
    """The audit that the command should write, in memory."""
    named = zip(contents, called, strict=True)
    files = audit_files.open_files([(each.encode(), name) for each, name in named])
    answer = audit_files.audit_in_memory(files, audit_files.columns_of(files), settings)
    made = dict(zip(MADE, [chirocalc.__version__, "RVU26B"], strict=True))
    findings, lines = answer.findings.assign(**made), answer.lines.assign(**made)
    return replace(answer, findings=findings, lines=lines)


def as_written(table):
    """A table as rows of text, as a CSV has them: numbers as plain as can be."""
    text = table.to_csv(index=False).encode()
    return [{name: plain(value) for name, value in row.items()} for row in records(text)]


def plain(value):
    """A number without zeros at its end, `True` as a CSV of another writer has it."""
    try:
        return f"{float(value):g}" if value else value
    except ValueError:
        return value.lower() if value in ("True", "False") else value


def same_rows(path, table):
    """Whether a written CSV holds a table, in any order."""
    got = [{name: plain(value) for name, value in row.items()} for row in records(path)]
    return sorted(map(str, got)) == sorted(map(str, as_written(table)))


# What is written, and where


def test_findings_lines_and_refused_rows_go_to_files(tmp_path, capsys):
    """Three files as in memory; standard output stays empty, the summary goes to the error one."""
    path = write(tmp_path)
    outputs = {name: tmp_path / f"{name}.csv" for name in ("findings", "lines", "refused")}
    said = ("-o", outputs["findings"], "--lines", outputs["lines"], "--refused", outputs["refused"])
    assert main(path, *TOTAL_TIME, *said) == 0
    answer = expected(CONTENT)
    for name, output in outputs.items():
        assert same_rows(output, getattr(answer, name)), name
    assert list(records(outputs["findings"])[0]) == FINDINGS + MADE
    assert [row["row"] for row in records(outputs["refused"])] == ["4"]
    out, err = capsys.readouterr()
    assert out == ""
    assert "3 rows read: 2 used, 1 refused; 2 visits." in err
    assert "Billed above what the minutes support: $58.12." in err
    assert names(tmp_path) == ["findings.csv", "lines.csv", "refused.csv", "visits.csv"]


def test_findings_go_to_standard_output(tmp_path, capsysbinary):
    """Without -o: the same bytes as in the file."""
    path = write(tmp_path)
    assert main(path, *TOTAL_TIME) == 0
    assert main(path, *TOTAL_TIME, "-o", tmp_path / "f.csv") == 0
    assert capsysbinary.readouterr().out == (tmp_path / "f.csv").read_bytes() != b""


def test_as_a_process(tmp_path):
    """`python -m chirocalc audit visits.csv -o findings.csv`, and the same from standard input."""
    path, output = write(tmp_path), tmp_path / "findings.csv"
    done = run(path, "-o", output, *TOTAL_TIME)
    assert (done.returncode, done.stdout) == (0, b"")
    assert b"3 rows read" in done.stderr
    assert same_rows(output, expected(CONTENT).findings)
    piped = run("-", *TOTAL_TIME, content=CONTENT.encode())
    assert piped.returncode == 0
    assert piped.stdout == output.read_bytes()


def test_a_file_without_findings_has_a_header(tmp_path):
    """Nothing found is an empty table, not an empty file."""
    path, output = write(tmp_path, f"{HEADER}\n1,97110,15,1\n"), tmp_path / "f.csv"
    assert main(path, *TOTAL_TIME, "-o", output) == 0
    assert output.read_text().replace('"', "").split() == [",".join(FINDINGS + MADE)]


def test_parquet_output(tmp_path):
    """The ending says so; the same rows as in the CSV."""
    path = write(tmp_path)
    said = [("-o", "f"), ("--lines", "l"), ("--refused", "r")]
    for ending in ("csv", "parquet"):
        given = [part for option, name in said for part in (option, tmp_path / f"{name}.{ending}")]
        assert main(path, *TOTAL_TIME, *given) == 0
    for _, name in said:
        table = pd.read_parquet(tmp_path / f"{name}.parquet")
        assert same_rows(tmp_path / f"{name}.csv", table)
    assert pd.read_parquet(tmp_path / "f.parquet")["dollars"].tolist() == [58.12]
    nothing = write(tmp_path, f"{HEADER}\n1,97110,15,1\n", "nothing.csv")
    assert main(nothing, *TOTAL_TIME, *given) == 0
    for _, name in said:
        numbers = pd.read_parquet(tmp_path / f"{name}.parquet")["row"]
        assert numbers.dtype == "int64", name


def test_several_files(tmp_path):
    """One after the other, their rows by file and the number each has in its own."""
    one, two = f"{HEADER}\n1,97110,15,3\n", f"{HEADER}\n2,97110,7,1\n3,abc,,\n"
    paths = [write(tmp_path, one, "a.csv"), write(tmp_path, two, "b.csv")]
    output, refused = tmp_path / "f.csv", tmp_path / "r.csv"
    assert main(*paths, *TOTAL_TIME, "-o", output, "--refused", refused) == 0
    assert same_rows(output, expected(one, two, called=("a.csv", "b.csv")).findings)
    assert [(row["file"], row["row"], row["rule"]) for row in records(output)] == [
        ("a.csv", "2", "units-over"),
        ("b.csv", "2", "units-zero"),
    ]
    assert [(row["file"], row["row"]) for row in records(refused)] == [("b.csv", "3")]
    folder = tmp_path / "more"
    folder.mkdir()
    same_name = write(folder, two, "a.csv")
    assert main(paths[0], same_name, *TOTAL_TIME, "-o", tmp_path / "f.parquet") == 0
    assert pd.read_parquet(tmp_path / "f.parquet")["file"].tolist() == [
        str(paths[0]),
        str(same_name),
    ]


@pytest.mark.parametrize("lines_at_once", [1, 3, 1000])
def test_lines_at_once_change_nothing(tmp_path, lines_at_once):
    """The sample in parts of any size."""
    path, output = tmp_path / "sample.csv", tmp_path / "f.csv"
    sample().to_csv(path, index=False)
    assert main(path, "--lines-at-once", lines_at_once, "-o", output) == 0
    assert same_rows(output, expected(path.read_text(), settings=Settings()).findings)


def test_column_names_a_field(tmp_path):
    """A header of another language is told once; the option may be given several times."""
    text = CONTENT.replace(HEADER, "Besuch,Leistung,Dauer,Menge")
    path, output = write(tmp_path, text), tmp_path / "f.csv"
    said = ["visit=Besuch", "code=Leistung", "minutes=Dauer", "units=Menge"]
    options = [part for word in said for part in ("--column", word)]
    assert main(path, *TOTAL_TIME, *options, "-o", output) == 0
    assert same_rows(output, expected(CONTENT).findings)
    assert main(path, *TOTAL_TIME, *options[2:], "-o", output) == command.CANNOT


def test_column_goes_before_what_was_recognized(tmp_path):
    """Two columns of minutes: the one that is named."""
    path, output = (
        write(tmp_path, "Visit,CPT,Minutes,Units,Real\n1,97110,15,3,45\n"),
        tmp_path / "f",
    )
    assert main(path, *TOTAL_TIME, "-o", output) == 0
    assert len(records(output)) == 1
    assert main(path, *TOTAL_TIME, "--column", "minutes=Real", "-o", output) == 0
    assert records(output) == []


def test_options_are_the_settings(tmp_path):
    """Who pays, where, who treats, by which rule and at what percent."""
    text = f"{HEADER},Modifiers\n1,97110,20,1,\n1,97112,20,1,\n"
    path, lines = write(tmp_path, text), tmp_path / "l.csv"
    said = ("--payer", "va", "--who", "pt", "--place", "facility", "--rule", "cpt")
    assert main(path, *said, "--percent", "80", "--lines", lines, "-o", tmp_path / "f.csv") == 0
    rows = records(lines)
    assert [(row["payer"], row["supported"], row["units_cms"]) for row in rows] == [
        ("va", "1", "2"),
        ("va", "1", "1"),
    ]
    setting = oracle.Setting(payer="va", provider="pt", place="facility", percent="80")
    reduced, full = oracle.price("97110", setting).reduced, oracle.price("97112", setting).full
    assert [float(row["allowed"]) for row in rows] == [float(reduced), float(full)]
    asked = [row["modifier"] for row in records(tmp_path / "f.csv") if row["rule"] == "gp"]
    assert asked == ["GP", "GP"]


@pytest.mark.parametrize("said", ["90210", "36310"])
def test_locality_may_be_a_zip_code(tmp_path, said):
    """The same amounts as with the locality that the ZIP code is in."""
    path, lines = write(tmp_path, f"{HEADER}\n1,99213,,1\n"), tmp_path / "l.csv"
    locality = tables.locality_of_zip(said).locality
    amount = oracle.price("99213", oracle.Setting("uhc", locality=locality)).full
    assert amount != oracle.price("99213", oracle.Setting("uhc")).full
    options = ("--payer", "uhc", "-o", tmp_path / "f.csv", "--lines", lines)
    for each in (said, locality):
        assert main(path, *options, "--locality", each) == 0
        assert float(records(lines)[0]["allowed"]) == float(amount)


def test_cells_that_begin_like_a_formula_are_harmless(tmp_path):
    """What a spreadsheet would run has an apostrophe before it, in all three files."""
    content = f"{HEADER},Provider\n=1+1,97110,15,3,@me\n-2,97112,-5,1,B\n"
    path = write(tmp_path, content)
    outputs = [tmp_path / name for name in ("f.csv", "l.csv", "r.csv")]
    said = ("-o", outputs[0], "--lines", outputs[1], "--refused", outputs[2])
    assert main(path, *TOTAL_TIME, *said) == 0
    assert records(outputs[0])[0]["visit"] == "'=1+1"
    assert records(outputs[1])[0]["provider"] == "'@me"
    assert (records(outputs[2])[0]["visit"], records(outputs[2])[0]["value"]) == ("'-2", "'-5")


# No patient data


PRIVATE = (
    "Visit,CPT,Minutes,Units,Patient name,DOB,Remark\n"
    "1,97110,15,3,Ada Lovelace,1815-12-10,ada@example.org\n"
    "2,98941,,1,Ada Lovelace,1815-12-10,ada@example.org\n"
)
PUBLIC = f"{HEADER}\n1,97110,15,3\n2,98941,,1\n"


def test_private_columns_are_refused(tmp_path, capsys):
    """Each by name and why; the exit code is 2, nothing is written, no value is shown."""
    path = write(tmp_path, PRIVATE)
    outputs = ("-o", tmp_path / "f.csv", "--lines", tmp_path / "l.csv")
    assert main(path, *outputs) == 2
    out, err = capsys.readouterr()
    assert out == ""
    for column in ("'Patient name'", "'DOB'", "'Remark'"):
        assert column in err
    assert "--leave-out-private" in err
    assert "Ada" not in err
    assert "ada@example.org" not in err
    assert names(tmp_path) == ["visits.csv"]


def test_private_columns_can_be_left_out(tmp_path, capsys):
    """They are dropped: the same files as of a file that never had them."""
    said = ("--leave-out-private", *TOTAL_TIME)
    for name, content in {"private": PRIVATE, "public": PUBLIC}.items():
        path, folder = write(tmp_path, content, f"{name}.csv"), tmp_path / name
        folder.mkdir()
        outputs = ("-o", folder / "f.csv", "--lines", folder / "l.csv", "--refused", folder / "r")
        assert main(path, *said, *outputs) == 0
    for name in ("f.csv", "l.csv", "r"):
        content = (tmp_path / "private" / name).read_bytes()
        assert content == (tmp_path / "public" / name).read_bytes()
        assert b"Ada" not in content
    assert "Ada" not in "".join(capsys.readouterr())


def test_a_private_column_in_any_file_is_refused(tmp_path):
    """The second file is looked at as the first is: its header is the same, its values are not."""
    header = f"{HEADER},Remark"
    paths = [
        write(tmp_path, f"{header}\n1,97110,15,1,fine\n", "a.csv"),
        write(tmp_path, f"{header}\n2,97110,15,1,078-05-1120\n", "b.csv"),
    ]
    assert main(*paths, "-o", tmp_path / "f.csv") == 2
    assert names(tmp_path) == ["a.csv", "b.csv"]


def test_private_columns_in_use_are_refused_by_their_values(tmp_path):
    """An e-mail address as the provider's name: dropped too, and the provider is not known."""
    path = write(tmp_path, f"{HEADER},Provider\n1,97110,15,3,dr@example.org\n")
    lines = tmp_path / "l.csv"
    assert main(path, "-o", tmp_path / "f.csv", "--lines", lines) == 2
    assert main(path, "-o", tmp_path / "f.csv", "--lines", lines, "--leave-out-private") == 0
    assert records(lines)[0]["provider"] == ""


# What cannot be done is said in words


@pytest.mark.parametrize(
    ("arguments", "word"),
    [
        ([], "required: files"),
        (["--payer", "nobody"], "invalid choice: 'nobody'"),
        (["--place", "moon"], "invalid choice"),
        (["--who", "witch"], "invalid choice"),
        (["--rule", "8-minute"], "invalid choice"),
        (["--percent", "many"], "invalid float"),
        (["--lines-at-once", "few"], "invalid int"),
        (["--engine", "steam"], "invalid choice"),
        (["--workers", "two"], "invalid int"),
        (["--no-such-option"], "unrecognized arguments"),
    ],
)
def test_arguments_that_the_parser_refuses(tmp_path, capsys, arguments, word):
    """Usage and a sentence, exit code 2."""
    files = [write(tmp_path)] if arguments else []
    with pytest.raises(SystemExit) as stop:
        main(*files, *arguments)
    assert stop.value.code == 2
    assert word in capsys.readouterr().err


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--percent", "-5"], ["percent", "-5", "above 0"]),
        (["--percent", "nan"], ["percent", "above 0"]),
        (["--percent", "100.001"], ["percent", "two decimals"]),
        (["--locality", "nowhere"], ["locality", "nowhere"]),
        (["--locality", "99999"], ["ZIP code", "99999"]),
        (["--locality", "123"], ["ZIP code", "five digits"]),
        (["--column", "units"], ["--column units", "Visit, CPT, Minutes, Units"]),
        (["--column", "units=Nothing"], ["units=Nothing", "Visit, CPT, Minutes, Units"]),
        (["--column", "colour=Units"], ["colour=Units", "minutes, units"]),
        (["--column", "=Units"], ["=Units"]),
    ],
)
def test_values_that_cannot_be_used(tmp_path, capsys, arguments, words):
    """A sentence with the value and what is allowed, exit code 2, nothing written."""
    assert main(write(tmp_path), *arguments, "-o", tmp_path / "f.csv") == 2
    err = capsys.readouterr().err
    assert err.startswith("Cannot go on:\n")
    assert [word for word in words if word not in err] == []
    assert names(tmp_path) == ["visits.csv"]


@pytest.mark.parametrize(
    ("name", "content", "word"),
    [
        ("empty.csv", b"", "is empty"),
        ("blank.csv", b"\n \n\n", "is empty"),
        ("paper.csv", b"%PDF-1.7 and more", "is a PDF"),
        ("old.xls", b"\xd0\xcf\x11\xe0 and more", "cannot be read as Excel"),
        ("zip.xlsx", b"PK\x03\x04 and more", "cannot be read as Excel"),
        ("cut.parquet", b"PAR1 and more", "cannot be read as Parquet"),
        ("picture.csv", b"\x89PNG\r\n\x1a\n\0\0\0", "holds binary data"),
        ("no-code.csv", b"Visit,Minutes\n1,15\n", "header: 'Code' column is needed"),
        ("no-visit.csv", b"CPT,Minutes\n97110,15\n", "is needed to tell visits apart"),
        ("words.txt", b"Dear Sir or Madam\nplease find\n", "column is needed"),
    ],
)
def test_files_that_cannot_be_used(tmp_path, capsys, name, content, word):
    """A sentence with the file's name, exit code 2, nothing written."""
    path = write(tmp_path, content, name)
    assert main(path, "-o", tmp_path / "f.csv") == 2
    err = capsys.readouterr().err
    assert name in err
    assert word in err
    assert names(tmp_path) == [name]


def test_files_that_are_not_there(tmp_path, capsys):
    """A missing file and a folder; a good file before them is not audited alone."""
    for path in (tmp_path / "gone.csv", tmp_path):
        assert main(write(tmp_path), path, "-o", tmp_path / "f.csv") == 2
        assert "cannot be opened" in capsys.readouterr().err
    assert names(tmp_path) == ["visits.csv"]


def test_a_process_says_a_sentence_and_no_traceback(tmp_path):
    """As the user sees it: on the error stream, with exit code 2."""
    done = run(write(tmp_path, PRIVATE), "-o", tmp_path / "f.csv")
    assert (done.returncode, done.stdout) == (2, b"")
    assert done.stderr.startswith(b"Cannot go on:")
    assert b"Traceback" not in done.stderr
    assert names(tmp_path) == ["visits.csv"]


def test_standard_input_that_is_empty(tmp_path, monkeypatch, capsys):
    """A sentence says so, with exit code 2."""
    monkeypatch.setattr(sys, "stdin", SimpleNamespace(buffer=io.BufferedReader(io.BytesIO())))
    assert main("-", "-o", tmp_path / "f.csv") == 2
    said = capsys.readouterr()
    assert said.out == ""
    assert said.err.startswith("Cannot go on:")
    assert "standard input" in said.err
    assert "is empty" in said.err
    assert names(tmp_path) == []


@pytest.mark.parametrize("output", ["no-such-folder/f.csv", ""])
def test_outputs_that_cannot_be_written(tmp_path, capsys, output):
    """A folder that is not there, or a folder as the output: a sentence before the audit."""
    lines = tmp_path / "l.csv"
    assert main(write(tmp_path), "--lines", lines, "-o", tmp_path / output) == 2
    word = "cannot be written: No such file or directory" if output else "is a folder"
    assert f"{tmp_path / output}, output: " in (err := capsys.readouterr().err)
    assert word in err
    assert names(tmp_path) == ["visits.csv"]


def test_one_name_for_two_outputs(tmp_path, capsys):
    """Findings and lines into the same file: a sentence."""
    output = tmp_path / "f.csv"
    assert main(write(tmp_path), "-o", output, "--lines", output) == 2
    assert "output: 'f.csv' is given for two outputs" in capsys.readouterr().err
    assert names(tmp_path) == ["visits.csv"]


@pytest.mark.parametrize(
    ("arguments", "word"),
    [
        (["visits.csv"], "is given twice"),
        (["--lines-at-once", "0"], "--lines-at-once: '0' must be 1 or more"),
        (["--workers", "2"], "--workers: '2' needs --engine dask"),
        (["--scheduler", "tcp://a:1"], "--scheduler: 'tcp://a:1' needs --engine dask"),
    ],
)
def test_arguments_that_do_not_go_together(tmp_path, monkeypatch, capsys, arguments, word):
    """Said, not passed over."""
    monkeypatch.chdir(tmp_path)
    assert main(write(tmp_path), *arguments, "-o", tmp_path / "f.csv") == 2
    assert word in capsys.readouterr().err
    assert names(tmp_path) == ["visits.csv"]


@POSIX
def test_the_input_is_never_written_over(tmp_path, capsys):
    """The same name for both, or another name of it: a sentence, and the visits stay as they
    are."""
    path = write(tmp_path)
    (tmp_path / "link.csv").symlink_to(path)
    (tmp_path / "hard.csv").hardlink_to(path)
    for name in ("visits.csv", "link.csv", "hard.csv", f"../{tmp_path.name}/visits.csv"):
        for option in ("-o", "--refused"):
            assert main(path, option, tmp_path / name) == 2
            assert "is a file to be audited" in capsys.readouterr().err
    assert path.read_text() == CONTENT


def test_an_output_of_another_kind(tmp_path, capsys):
    """Excel is not written in parts: a sentence, not a CSV by that name."""
    assert main(write(tmp_path), "-o", tmp_path / "f.xlsx") == 2
    assert "output: 'f.xlsx' must end with .csv or .parquet" in capsys.readouterr().err
    assert names(tmp_path) == ["visits.csv"]


def test_a_file_of_300_columns(tmp_path):
    """A header of 9 KB is read to its end."""
    more = "".join(f",A further column of the export {n:03}" for n in range(296))
    path = write(tmp_path, f"{HEADER}{more}\n1,97110,15,3{',' * 296}\n")
    assert main(path, *TOTAL_TIME, "-o", tmp_path / "f.csv") == 0
    assert len(records(tmp_path / "f.csv")) == 1


class Drops(io.RawIOBase):
    """A stream that gives ten bytes at a time, as a pipe may."""

    def __init__(self, content):
        self.content = content

    def readable(self):
        return True

    def readinto(self, into):
        part, self.content = self.content[:10], self.content[10:]
        into[: len(part)] = part
        return len(part)


def test_standard_input_that_comes_in_drops(tmp_path, monkeypatch):
    """A slow pipe: the header is read to its end, and patient data is seen."""
    stdin = SimpleNamespace(buffer=io.BufferedReader(Drops(CONTENT.encode())))
    monkeypatch.setattr(sys, "stdin", stdin)
    assert main("-", *TOTAL_TIME, "-o", tmp_path / "f.csv") == 0
    assert same_rows(tmp_path / "f.csv", expected(CONTENT).findings)


# A run that does not end well


@pytest.mark.parametrize(
    "error", [KeyboardInterrupt(), MemoryError(), InputError([Problem("v", 7, "visit", "1", "")])]
)
@pytest.mark.parametrize("before", [None, OLD])
def test_a_run_that_fails_leaves_what_was_there(tmp_path, monkeypatch, error, before):
    """After the first part: no partial output, and files of an earlier run stay as they were."""
    whole = audit_files.audit_parts

    def fails(*given):
        yield from whole(*given)
        raise error

    monkeypatch.setattr(command, "audit_parts", fails)
    path = write(tmp_path)
    outputs = [tmp_path / name for name in ("f.csv", "l.parquet", "r.csv")]
    for output in outputs if before else []:
        output.write_text(before)
    kept = names(tmp_path)
    said = ("-o", outputs[0], "--lines", outputs[1], "--refused", outputs[2])
    if isinstance(error, InputError):
        assert main(path, *said) == 2
    else:
        with pytest.raises(type(error)):
            main(path, *said)
    assert names(tmp_path) == kept
    assert {output.read_text() for output in outputs if before} == ({OLD} if before else set())


def test_visits_apart_are_refused_and_leave_nothing(tmp_path, monkeypatch, capsys):
    """A visit goes on after others in a later part: the sentence, and no half of the findings."""
    monkeypatch.setattr("chirocalc.audit.csv_file.BLOCK", 100)
    rows = [f"{n},97110,15,3" for n in [*range(1, 30), 1]]
    path = write(tmp_path, "\n".join([HEADER, *rows]))
    output = tmp_path / "f.csv"
    output.write_text(OLD)
    assert main(path, "--lines-at-once", "2", "-o", output) == 2
    err = capsys.readouterr().err
    assert "row 31, visit: 'this one' goes on here after other visits" in err
    assert (output.read_text(), names(tmp_path)) == (OLD, ["f.csv", "visits.csv"])


def begin(*arguments):
    """A process that goes on for some seconds."""
    return subprocess.Popen(
        [sys.executable, "-m", "chirocalc", "audit", *map(str, arguments)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        cwd=ROOT,
    )


def end(process):
    """End a process, whatever it does, and close its pipes."""
    process.kill()
    process.wait()
    for stream in (process.stdin, process.stdout, process.stderr):
        stream.close()


def many_rows(blocks):
    """So many blocks of visits of one line."""
    return [f"{n},97110,15,3\n" for n in range(blocks * BLOCK // 14)]


def interrupted(folder, with_signal):
    """Exit code and words of a process that is told to stop after it has begun to write."""
    path = write(folder, f"{HEADER}\n{''.join(many_rows(5))}")
    process = begin(path, "--lines-at-once", "1000", "-o", folder / "f.csv")
    try:
        limit = time.monotonic() + 60
        while not (folder / ".f.csv.part").exists() and time.monotonic() < limit:
            time.sleep(0.02)
        process.send_signal(with_signal)
        code = process.wait(60)
        return code, process.stderr.read()
    finally:
        end(process)


@POSIX
@pytest.mark.parametrize(("name", "expects"), [("SIGINT", 130), ("SIGTERM", 143), ("SIGHUP", 129)])
def test_an_interrupted_run_leaves_nothing(tmp_path, name, expects):
    """Ctrl-C, a system that shuts down, a terminal that closes: no partial file, the old findings,
    no traceback."""
    (tmp_path / "f.csv").write_text(OLD)
    code, said = interrupted(tmp_path, getattr(signal, name))
    assert code == expects
    assert b"Traceback" not in said
    assert names(tmp_path) == ["f.csv", "visits.csv"]
    assert (tmp_path / "f.csv").read_text() == OLD


@POSIX
def test_standard_input_that_is_interrupted(tmp_path):
    """Ctrl-C while the pipe has more to come: nothing is left, and no traceback."""
    process = begin("-", "-o", tmp_path / "f.csv")
    try:
        # More than a pipe holds: written once it reads, and then it waits for more.
        process.stdin.write(f"{CONTENT}{''.join(many_rows(1)[:20_000])}".encode())
        process.stdin.flush()
        time.sleep(1)
        assert process.poll() is None
        process.send_signal(signal.SIGINT)
        assert process.wait(60) == 130
        assert process.stderr.read() == b"Stopped.\n"
    finally:
        end(process)
    assert names(tmp_path) == []


@POSIX
def test_standard_streams_that_are_closed(tmp_path):
    """As by `<&-` and `>&-` in a shell: a sentence."""
    path = write(tmp_path)
    for redirect, arguments, word in (("<&-", "-", "input"), (">&-", f"'{path}'", "output")):
        done = subprocess.run(
            f"'{sys.executable}' -m chirocalc audit {arguments} {redirect}",
            shell=True,
            capture_output=True,
            cwd=ROOT,
            check=False,
        )
        assert done.returncode == 2
        assert f"standard {word}: '-' is closed".encode() in done.stderr
        assert b"Traceback" not in done.stderr


@POSIX
@pytest.mark.skipif(not Path("/dev/full").exists(), reason="a device of Linux")
def test_devices_as_outputs(tmp_path, capsys):
    """/dev/null takes everything and stays a device, two outputs too; a full disk is said."""
    path = write(tmp_path)
    assert main(path, "-o", "/dev/null", "--lines", "/dev/null") == 0
    assert not Path("/dev/null").is_file()
    assert main(path, *TOTAL_TIME, "-o", "/dev/full") == 2
    assert "/dev/full, output: 'full' cannot be written: No space left" in capsys.readouterr().err


@POSIX
def test_an_output_that_is_a_link(tmp_path):
    """The file behind it is written, and the link stays."""
    folder = tmp_path / "real"
    folder.mkdir()
    link = tmp_path / "f.csv"
    link.symlink_to(folder / "f.csv")
    assert main(write(tmp_path), *TOTAL_TIME, "-o", link) == 0
    assert link.is_symlink()
    assert same_rows(folder / "f.csv", expected(CONTENT).findings)


@POSIX
def test_a_reader_that_goes_away(tmp_path):
    """`... | head -1`: the process ends without a traceback."""
    rows = "".join(f"{n},97110,15,3\n" for n in range(5000))
    path = write(tmp_path, f"{HEADER}\n{rows}")
    process = subprocess.Popen(
        [sys.executable, "-m", "chirocalc", "audit", str(path), "--lines-at-once", "100"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        cwd=ROOT,
    )
    assert process.stdout.readline().startswith(b'"row"')
    process.stdout.close()
    with process.stderr:
        said = process.stderr.read()
    assert process.wait(60) == 2
    assert said == b""


# Dask


@pytest.mark.dask
def test_dask_is_as_pandas(tmp_path, capsys):
    """Two worker processes on this machine: the same three files but for the order of rows."""
    path = tmp_path / "sample.csv"
    table = sample()
    table.loc[5, "CPT"], table.loc[7, "Minutes"] = "99999", "abc"
    path.write_bytes(csv_bytes(table))
    written = {}
    for engine in ("pandas", "dask"):
        folder = tmp_path / engine
        folder.mkdir()
        outputs = (
            "-o",
            folder / "f.csv",
            "--lines",
            folder / "l.csv",
            "--refused",
            folder / "r.csv",
        )
        if engine == "dask":
            done = run(path, *outputs, "--engine", engine, "--workers", "2")
            assert done.returncode == 0, done.stderr
            summary = done.stderr.decode()
        else:
            assert main(path, *outputs) == 0
            summary = capsys.readouterr().err
        summary = summary[summary.index("Medicare Part B, ") :]
        written[engine] = [summary]
        for name in ("f.csv", "l.csv", "r.csv"):
            rows = [{k: plain(v) for k, v in row.items()} for row in records(folder / name)]
            written[engine].append(sorted(map(str, rows)))
    assert written["pandas"] == written["dask"]
    assert [len(rows) for rows in written["dask"][2:]] == [998, 2]


class Started(Exception):
    """A cluster was asked for before the arguments were found to be no good."""


@pytest.mark.parametrize(
    ("name", "more"),
    [
        ("-", []),
        ("v.xlsx", []),
        ("visits.csv", ["--workers", "0"]),
        ("visits.csv", ["--workers", "-1"]),
    ],
)
def test_what_dask_cannot_do_is_said_before_it_starts(tmp_path, monkeypatch, name, more):
    """Standard input and Excel cannot be cut into tasks; no workers do no work, for ever."""

    def start(*given):
        raise Started

    monkeypatch.setattr(command, "dask_client", start)
    stdin = SimpleNamespace(buffer=io.BufferedReader(io.BytesIO(CONTENT.encode())))
    monkeypatch.setattr(sys, "stdin", stdin)
    pd.read_csv(write(tmp_path), dtype=str).to_excel(tmp_path / "v.xlsx", index=False)
    source = name if name == "-" else tmp_path / name
    assert main(source, "--engine", "dask", *more, "-o", tmp_path / "f.csv") == 2


@pytest.mark.parametrize("address", ["nonsense", "tcp://127.0.0.1:1", "", "tcp://", "tcp://:x"])
def test_a_scheduler_that_is_no_address(tmp_path, monkeypatch, capsys, address):
    """A sentence says what an address looks like."""
    monkeypatch.setattr("chirocalc.audit.on_dask.WAIT", 1)
    said = ("--engine", "dask", "--scheduler", address)
    assert main(write(tmp_path), *said, "-o", tmp_path / "f.csv") == 2
    assert "is such as tcp://10.0.0.1:8786" in capsys.readouterr().err
    assert names(tmp_path) == ["visits.csv"]


def test_a_signal_whose_exception_gets_lost(monkeypatch, tmp_path):
    """As in a destructor: after the part it ends all the same, and nothing is written."""
    whole = audit_files.audit_parts

    def swallows(*given):
        for part in whole(*given):
            with pytest.raises(SystemExit):
                command._stop(15, None)
            yield part

    monkeypatch.setattr(command, "_signals", [])
    monkeypatch.setattr(command, "audit_parts", swallows)
    with pytest.raises(SystemExit) as stop:
        main(write(tmp_path), "-o", tmp_path / "f.csv")
    assert stop.value.code == 143
    assert names(tmp_path) == ["visits.csv"]


def test_a_cluster_without_workers(tmp_path, monkeypatch, capsys):
    """It would wait for ever: a sentence after some seconds."""
    distributed = pytest.importorskip("distributed")
    monkeypatch.setattr("chirocalc.audit.on_dask.WAIT", 1)
    with distributed.LocalCluster(
        n_workers=0, processes=False, protocol="tcp://", dashboard_address=None
    ) as cluster:
        said = ("--engine", "dask", "--scheduler", cluster.scheduler_address)
        assert main(write(tmp_path), *said, "-o", tmp_path / "f.csv") == 2
    assert "has no worker after 1 seconds" in capsys.readouterr().err
    assert names(tmp_path) == ["visits.csv"]


@POSIX
@pytest.mark.dask
def test_an_interrupted_run_on_dask_leaves_nothing(tmp_path):
    """Neither files nor worker processes, and no traceback."""
    psutil = pytest.importorskip("psutil")
    path = write(tmp_path, f"{HEADER}\n{''.join(many_rows(30))}")  # longer than the pause below
    process = begin(path, "--engine", "dask", "--workers", "1", "-o", tmp_path / "f.csv")
    try:
        children = []
        limit = time.monotonic() + 60
        while len(children) < 2 and time.monotonic() < limit:  # a worker, and what watches it
            time.sleep(0.1)
            children = psutil.Process(process.pid).children(recursive=True)
        time.sleep(3)
        process.send_signal(signal.SIGTERM)
        assert process.wait(60) == 143
        said = process.stderr.read()
    finally:
        end(process)
    assert b"Traceback" not in said
    assert psutil.wait_procs(children, timeout=20)[1] == []
    assert names(tmp_path) == ["visits.csv"]


# update


@pytest.fixture
def called(monkeypatch):
    """What the command hands to `cms.update`."""
    calls = []

    def update(paths, check_only, ask, out, quarter):
        calls.append((paths, check_only, ask("Write?"), quarter))
        return 0

    monkeypatch.setattr(command, "update", update)
    return calls


@pytest.mark.parametrize(
    ("said", "typed", "expected"),
    [
        (["a.zip", "b.csv"], "y\n", ([Path("a.zip"), Path("b.csv")], False, True, None)),
        (["a.zip"], "YES\n", ([Path("a.zip")], False, True, None)),
        (["a.zip"], "\n", ([Path("a.zip")], False, False, None)),
        (["a.zip"], "no\n", ([Path("a.zip")], False, False, None)),
        (["a.zip"], "", ([Path("a.zip")], False, False, None)),
        (["a.zip", "--check"], "", ([Path("a.zip")], True, False, None)),
        (["a.zip", "--yes"], "", ([Path("a.zip")], False, True, None)),
        (["a.zip", "--quarter", "2027Q1"], "", ([Path("a.zip")], False, False, "2027Q1")),
    ],
)
def test_update_asks_before_it_writes(called, monkeypatch, said, typed, expected):
    """Nobody there is a no."""
    monkeypatch.setattr(sys, "stdin", io.StringIO(typed))
    assert command.main(["update", *said]) == 0
    assert called == [expected]


def test_update_of_a_file_that_is_none_of_cms(tmp_path, capsys):
    """A sentence, exit code 2, and the tables as they were."""
    before = {path: path.read_bytes() for path in tables.FOLDER.glob("*")}
    assert command.main(["update", str(write(tmp_path)), "--yes"]) == 2
    assert "Nothing was written." in capsys.readouterr().out
    assert {path: path.read_bytes() for path in tables.FOLDER.glob("*")} == before


# check


def test_check_says_a_line_for_each_table(capsys):
    """The shipped tables have no fault."""
    assert command.main(["check"]) == 0
    said = capsys.readouterr().out.splitlines()
    assert len(said) == len(tables.ALL)
    assert "payers.csv: 11 rows, no fault" in said
    assert "zips.csv: 42,956 rows, no fault" in said


def test_check_says_what_is_wrong_and_where(own_tables, capsys):
    """In any table, even the one whose names are choices of another command."""
    change(own_tables / "payers.csv", lambda row: row | {"mppr": "half"})
    change(own_tables / "then.csv", lambda row: row | {"source": "nowhere"})
    change(own_tables / "hints.csv", lambda row: row | {"lacks": row["lacks"].replace("GP", "PG")})
    assert command.main(["check"]) == 2
    said = capsys.readouterr().out.splitlines()
    at = said.index("payers.csv: 0 rows:")
    assert said[at + 1].startswith("  payers.csv, row 2, mppr: 'half' must be one of pe, line")
    assert said[at + 7].startswith("  payers.csv, row 8, mppr: ")
    at = said.index("then.csv: 3 rows:")
    assert said[at + 1] == "  then.csv, source: 'nowhere' is not in sources.csv"
    at = next(at for at, line in enumerate(said) if line.startswith("hints.csv: "))
    assert re.search(r"hints\.csv, row \d+, lacks: 'PG' is not in modifiers\.csv$", said[at + 1])
    assert f"sources.csv: {len(tables.sources())} rows, no fault" in said


def test_check_goes_on_when_the_modifiers_cannot_be_read(own_tables, capsys):
    """The hints name modifiers: what is wrong is said once, of the table it stands in."""
    change(own_tables / "modifiers.csv", lambda row: {"nothing": row["modifier"]})
    assert command.main(["check"]) == 2
    said = capsys.readouterr().out.splitlines()
    assert "modifiers.csv: 0 rows:" in said
    assert "hints.csv: 121 rows, no fault" in said


def test_audit_says_it_when_the_payers_cannot_be_read(own_tables, tmp_path, capsys):
    change(own_tables / "payers.csv", lambda row: row | {"mppr": "half"})
    assert command.main(["audit", str(write(tmp_path)), "-o", str(tmp_path / "out.csv")]) == 2
    assert "payers.csv, row 2, mppr: 'half'" in capsys.readouterr().err
