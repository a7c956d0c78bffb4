"""Visits in short: "98941@cervical|lumbar; 97140:15@lumbar+59" as a frame for `estimate`.

A line is a code, then in this order what is known of it: `:minutes`, `xcount`, `@region|region`,
`+modifier+modifier`, and `?yes` or `?no` for whether it was separate from the other services.
"""

import re

import pandas as pd

import chirocalc

LINE = re.compile(
    r"(?P<code>[0-9A-Z]{5})(:(?P<minutes>\d+))?(x(?P<count>\d+))?(@(?P<region>[a-z |]+))?"
    r"(\+(?P<modifiers>[A-Z0-9+]+))?(\?(?P<separate>yes|no))?"
)
ANSWERS = {"yes": True, "no": False, None: None}
NUMBERS = ("kx_used", "percent")


def lines_of(text):
    """The lines of one visit as dicts."""
    lines = []
    for part in filter(None, (word.strip() for word in text.split(";"))):
        match = LINE.fullmatch(part)
        assert match, f"not a line: {part!r}"
        said = match.groupdict()
        lines.append(
            {
                "code": said["code"],
                "minutes": float(said["minutes"]) if said["minutes"] else None,
                "count": int(said["count"] or 1),
                "region": (said["region"] or "").strip(),
                "modifiers": (said["modifiers"] or "").replace("+", " "),
                "separate": ANSWERS[said["separate"]],
            }
        )
    return lines


def frame(*visits, labels=None):
    """One or more visits as a frame; visits are numbered unless they are named."""
    names = labels or range(1, len(visits) + 1)
    rows = [
        {"visit": name, **line}
        for name, text in zip(names, visits, strict=True)
        for line in (lines_of(text) if isinstance(text, str) else text)
    ]
    table = pd.DataFrame(
        rows, columns=["visit", "code", "minutes", "count", "region", "modifiers", "separate"]
    )
    table["minutes"] = table["minutes"].astype(float)
    table["separate"] = table["separate"].astype(object)
    return table


def settings_of(text):
    """Settings from "payer=medicare phase=active abn=yes kx_used=2900"."""
    values = {}
    for word in text.split():
        name, _, value = word.partition("=")
        known = float(value) if name in NUMBERS else value
        values[name] = ANSWERS.get(value, known) if value in ANSWERS else known
    return chirocalc.Settings(**values)


def estimate(text, settings=""):
    """One visit under settings, both in short."""
    return chirocalc.estimate(frame(text), settings_of(settings))


def answer(text, settings=""):
    """The record of one visit under settings, both in short."""
    return estimate(text, settings).answer()


def records(findings):
    """Findings as sorted tuples, without the visit."""
    rows = findings.drop(columns="visit").itertuples(index=False, name=None)
    return sorted(tuple(map(str, row)) for row in rows)
