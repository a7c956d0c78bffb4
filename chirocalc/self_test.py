"""The engine against worked examples: printed by CMS, or derived from its rules, case by case."""

from __future__ import annotations

import pandas as pd

from chirocalc import tables
from chirocalc.rules import Settings, estimate, who_pays
from chirocalc.tables import code_arrays, rates


def run() -> pd.DataFrame:
    """Every example of `tables.worked_examples` through the engine: id, kind, rule, date, services,
    expected, computed, agrees, origin (printed, or derived from the rule), source. Examples with
    codes that are not in the table of codes are left out."""
    table = tables.worked_examples()
    codes = table["services"].str.findall(r"\b[0-9A-Z]{5}(?=:)")
    table = table[[code_arrays().names.issuperset(found) for found in codes]]
    computed = pd.concat(
        [
            _estimated(group, str(kind), str(rule), str(day))
            if kind != "who pays"
            else _paid(group)
            for (kind, rule, day), group in table.groupby(["kind", "rule", "date"])
        ]
    )
    table = table.assign(computed=computed)
    expected = table["expected"].str.split(" or ")
    agrees = [one in valid for one, valid in zip(table["computed"], expected, strict=True)]
    return table.assign(agrees=agrees).reset_index()


def _estimated(examples: pd.DataFrame, kind: str, rule: str, day: str) -> pd.Series:
    """The units ("97110:2 97140:1"), or the dollars allowed, of examples, each a visit."""
    services = examples["services"].str.split().explode().str.split(":", expand=True)
    minutes = services[1].str.rstrip("u").astype(int)  # "u" marks minutes of an untimed service
    lines = pd.DataFrame({"visit": services.index, "code": services[0], "minutes": minutes})
    answer = estimate(lines, Settings(provider="pt", unit_rule=rule, date=day or None))
    if kind == "allowed":
        return answer.visits["allowed"].map("{:.2f}".format)
    words = answer.lines["code"] + ":" + answer.lines["units"].astype(str)
    return words.groupby(answer.lines["visit"].to_numpy(), sort=False).agg(" ".join)


def _paid(examples: pd.DataFrame) -> pd.Series:
    """ "100.00 allowed, 50.00 of it deductible": who pays what of one line."""
    out = {}
    for name, row in examples.iterrows():
        cents = [round(float(part.split()[0]) * 100) for part in row["services"].split(", ")]
        [paid] = who_pays([(cents[0], False)], cents[1], rates.period(row["date"]))
        out[name] = f"Medicare {paid.medicare / 100:.2f}, patient {paid.patient / 100:.2f}"
    return pd.Series(out)
