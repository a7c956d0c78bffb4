"""The plan as files: every line is there, and its dollars add up to the plan."""

import io

import pandas as pd
import pytest
from plans_made import ADJUSTED, plan, services

from chirocalc.exports import csv_bytes, excel_bytes
from chirocalc.plan import Benefits, Prices, Terms, options, price_plan
from chirocalc.sheets import plan_lines, plan_sheets

AMOUNTS = ["charge", "allowed", "payer", "patient", "write_off"]


@pytest.fixture(scope="module")
def told():
    return price_plan(
        plan(
            ADJUSTED,
            "97110 15",
            visits=12,
            first=services("99203 +25"),
            prices=Prices({"98941": 6000}),
            benefits=Benefits(deductible_left=20000, coinsurance=20),
        )
    )


def test_csv_has_a_row_for_each_line(told):
    table = pd.read_csv(io.BytesIO(csv_bytes(plan_lines(told))), dtype={"code": str})
    assert len(table) == 25
    for name in AMOUNTS:
        assert round(table[name].sum() * 100) == getattr(told.total, name)
    first = table.iloc[0]
    assert (first["visit"], first["date"], first["phase"]) == (1, "2026-03-02", "Care")
    assert (first["code"], first["charge"], first["own_fee"]) == ("98941", 60.0, True)
    assert set(table["release"]) == {"RVU26B"}
    assert table.loc[table["code"] == "99203", "modifiers"].tolist() == [25]


def test_excel_has_its_sheets(told):
    terms = Terms(down=5000)
    content = excel_bytes(plan_sheets(told, options(told, terms)))
    sheets = pd.read_excel(io.BytesIO(content), sheet_name=None, engine="calamine")
    assert list(sheets) == ["Visits", "Services", "Lines", "Payments", "Findings", "About"]
    assert len(sheets["Visits"]) == 12
    for name in AMOUNTS:
        for sheet in ("Visits", "Services", "Lines"):
            assert round(sheets[sheet][name].sum() * 100) == getattr(told.total, name)
    paid = sheets["Payments"].groupby("way")["dollars"].sum()
    assert set((paid * 100).round()) == {told.total.patient}
    about = " ".join(sheets["About"]["about"])
    assert "Chirocalc" in about
    assert "By the fee schedule, not by own fees: 97110, 99203." in about
