"""The visit page asks, takes the answer, and lets the link carry it."""

import re
from urllib.parse import parse_qsl

import driving
import pandas as pd
import pytest
from driving import enter, question, read, run, totals

import chirocalc
from chirocalc import tables
from chirocalc.visit import OwnPrices
from chirocalc.visit.payers import side_by_side as compare
from chirocalc.words import LEVEL_NAMES


def opened(query, **session):
    """The page at an address, as a person would type it."""
    return driving.opened(link=dict(parse_qsl(query, keep_blank_values=True)), **session)


def hints(at):
    """What is to settle or to know, each with its level in front, but what is settled."""
    asked = [each.label for each in at.get("button_group") if "-badge[" in each.label[:16]]
    told = [read(each.value) for each in at.markdown if "cc-level" in each.value]
    lines = [line for block in told for line in re.split(LEVEL, block)[1:]]
    pairs = [f"[{level}] {text}" for level, text in zip(lines[::2], lines[1::2], strict=True)]
    return [*pairs, *(label for label in asked if "green-badge" not in label)]


def claim_lines(at):
    """The claim's lines by code: modifiers on it, still to decide, units."""
    [table] = [each.value for each in at.markdown if 'aria-label="Claim lines"' in each.value]
    rows = [re.findall("<td>(.*?)</td>", row) for row in re.findall("<tr>(<td>.*?)</tr>", table)]
    return {code: tuple(cells) for code, *cells in rows}


LEVEL = f"({'|'.join(LEVEL_NAMES.values())})(?= )"
COMMERCIAL = "payer=commercial-total-time&adj=lumbar"


def test_a_region_is_asked_answered_and_carried():
    """domain 4 cmt-region: a different region takes 59 or XS, the same one is not reportable."""
    at = opened(f"{COMMERCIAL}&do=97140.15")
    assert any("Where was 97140 done?" in hint for hint in hints(at))
    at = enter(at, "settled region 97140", "lumbar")
    assert any("[Would be denied]" in hint and "adjusted region" in hint for hint in hints(at))
    at = enter(at, "settled region 97140", "head")
    assert any("59 or XS" in hint for hint in hints(at))
    assert at.query_params["do"] == "97140.15~head"
    at = enter(at, "settled modifiers 97140 59 XS", "XS")
    assert at.query_params["do"] == "97140.15~head~XS"
    assert not hints(at)
    assert question(at, "modifiers", "97140", "59", "XS").value == "XS", "it can be taken back"
    again = opened(f"{COMMERCIAL}&do=97140.15~head~XS")
    assert not hints(again)
    assert question(again, "region", "97140").value == "head"
    at = enter(again, "settled modifiers 97140 XS", None)
    assert at.query_params["do"] == "97140.15~head"
    assert any("59 or XS" in hint for hint in hints(at))


def test_nothing_is_confirmed_by_itself():
    """A hint suggests; the claim preview keeps it apart until the user confirms it."""
    at = opened(f"{COMMERCIAL}&do=97140.15~head", panel="Claim lines")
    assert claim_lines(at)["97140"] == ("–", "59 or XS", "1")
    at = enter(at, "settled modifiers 97140 59 XS", "59")
    assert claim_lines(at)["97140"] == ("59", "–", "1")


@pytest.mark.parametrize(("said", "level"), [("yes", "Missing"), ("no", "Would be denied")])
def test_separate_is_asked_and_enter(said, level):
    """domain 4 pair-1: only different 15-minute intervals are paid."""
    at = opened("payer=commercial-total-time&do=97760.20_97110.20")
    assert any("different 15-minute intervals?" in hint for hint in hints(at))
    at = enter(at, "settled separate 97110", said)
    about = [hint for hint in hints(at) if "97760" in hint and "equal minutes" not in hint]
    assert len(about) == 1
    assert f"[{level}]" in about[0]
    assert f"97110.20~~~{said}" in at.query_params["do"]


def test_active_or_maintenance_is_asked_once_and_never_ticked():
    """domain 4 at-active, at-maintenance: the answer is AT's, GA's or GZ's too."""
    at = opened("adj=lumbar", panel="Claim lines")
    assert claim_lines(at)["98940"] == ("–", "–", "1")
    assert at.get_by_key("phase").value is None
    assert any("Active treatment or maintenance?" in hint for hint in hints(at))
    at = enter(at, "settled phase 98940", "active")
    assert at.get_by_key("phase").value == "active", "it stands among the settings too"
    assert not hints(at)
    assert claim_lines(at)["98940"] == ("AT", "–", "1")
    assert "cmt" not in at.query_params, "it follows from the answer"
    at = enter(at, "phase", "maintenance")
    assert totals(at)[3] == "$0.00"
    assert any("Is a signed ABN on file" in hint for hint in hints(at))
    at = enter(at, "settled abn 98940", "yes")
    assert claim_lines(at)["98940"] == ("GA", "–", "1")
    at = enter(at, "settled abn 98940", "no")
    assert claim_lines(at)["98940"] == ("GZ", "–", "1")


def test_a_modifier_that_an_answer_forbids_is_taken_off_by_a_tap():
    """domain 4 at-maintenance: AT says that the treatment was active."""
    at = opened("adj=lumbar&phase=maintenance&abn=yes&cmt=AT", panel="Claim lines")
    assert any("Remove AT" in hint for hint in hints(at))
    at = enter(at, "settled mend 98940 without", "without")
    assert claim_lines(at)["98940"] == ("GA", "–", "1")
    assert not hints(at)


def test_the_users_own_payer_settings_travel_in_the_link():
    at = opened("payer=commercial-midpoint&do=97110.30_97112.20")
    before = totals(at)[3]
    at = enter(at, "mppr", "line")
    assert at.query_params["mppr"] == "line"
    assert totals(at)[3] < before
    at = enter(at, "therapy_modifier", "yes")
    assert at.query_params["gp"] == "yes"
    asked = [hint for hint in hints(at) if "GP" in hint]
    assert len(asked) == 1, "what is said of two lines in the same words is said once"
    assert "97110 and 97112: " in asked[0]
    at = enter(at, "settled modifiers 97110 97112 GP", "GP")
    assert at.query_params["do"] == "97110.30~~GP_97112.20~~GP"


def test_the_year_so_far_decides_about_kx():
    """domain 3.3: KX above $2,480."""
    at = opened("who=pt&do=97110.15~~GP&kx=2400", panel="Who pays")
    assert "below the KX threshold" in at.get("progress")[0].proto.text
    assert not any("KX" in hint for hint in hints(at))
    at = opened("who=pt&do=97110.15~~GP&kx=2480", panel="Who pays")
    assert "above the KX threshold" in at.get("progress")[0].proto.text
    assert any("takes KX only if" in hint for hint in hints(at))


def test_every_payer_side_by_side():
    """domain 5: each profile's own unit rule and reduction on the same visit."""
    lines = pd.DataFrame(
        {"code": ["98940", "97110", "97112"], "minutes": pd.array([None, 20, 20], "Int64")}
    )
    here = chirocalc.Settings(payer="va", percent=150, unit_rule="cpt")
    answer = chirocalc.estimate(lines, here).answer()
    found = compare(answer, lambda payer: OwnPrices(), {})
    assert [each.payer for each in found] == list(tables.payers()["name"])
    assert [each.units for each in found] == [4, 4, 3, 4, 4, 3, 3, 3, 3, 3, 3]
    for payer, each in zip(tables.payers().index, found, strict=True):
        alone = chirocalc.estimate(lines, chirocalc.Settings(payer=payer)).visits["allowed"].item()
        assert each.amount == (None if pd.isna(alone) else alone)
    own = compare(answer, lambda payer: OwnPrices({"97110": 4500}), {"va": {"percent": 150.0}})
    assert own[-1].amount == 45.0
    percent = {each.payer: each.amount for each in own}
    whole = chirocalc.estimate(lines, chirocalc.Settings(payer="va", percent=150))
    assert percent["VA Community Care"] == whole.visits["allowed"].item()


def test_own_fees_are_used_and_bad_ones_named():
    at = opened("payer=self-pay&do=97110.15_97112.15", panel="Your clinic")
    assert totals(at)[3] == "–"
    at.file_uploader(key="fee file").upload("fees.csv", b"code,fee\n97110,45\n97112,$60.50\n")
    at = run(at)
    assert totals(at)[3] == "$105.50"
    at = opened("payer=self-pay&do=97110.15", panel="Your clinic")
    at.file_uploader(key="fee file").upload("fees.csv", b"code,fee\n97110,lots\n")
    at = run(at)
    assert "fees.csv, row 2, fee: 'lots'" in at.error[0].value
    assert totals(at)[0] == "1"
