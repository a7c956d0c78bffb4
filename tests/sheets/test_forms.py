"""Forms on paper: in both languages, complete, harmless, and true to the visit or plan."""

import re
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from string import Formatter

import pytest
from made_plans import CLINIC, FEES, MADE, PHASES, adjusted, plan, words_of
from oracles.visits import answer

from chirocalc import sheets, tables
from chirocalc.plan import Phase, Terms, options, price_plan, side_by_side
from chirocalc.rules import Settings
from chirocalc.sheets import (
    Clinic,
    abn_copy,
    abn_has_no_place,
    abn_sheet,
    bill_of_planned,
    bill_of_visit,
    care_plan,
    claim_sheet,
    claimed,
    claims_of,
    item_notes,
    prepaid_rule,
    superbill,
)
from chirocalc.sheets.said import Said
from chirocalc.tables import rates
from chirocalc.visit import OwnPrices, desk

TEMPLATES = Path(sheets.__file__).parent / "templates"
FORMS = ("form", "superbill", "claim", "abn", "good_faith", "care_plan")
DAY = date(2026, 6, 1)
MAINTENANCE = "payer=medicare phase=maintenance abn=yes"
LANGUAGES = ("en", "es")


def texts():
    """What the sheets say, by id: English and Spanish."""
    held = [*tables.sheet_words().itertuples(), *tables.sheet_texts().itertuples()]
    return {row.Index: (row.english, row.spanish) for row in held}


# The words


def test_both_languages_have_the_same_blanks():
    """Whatever is filled in in English is filled in in Spanish."""
    faults = {
        name
        for name, both in texts().items()
        if len(
            {frozenset(each for _, each, *_ in Formatter().parse(text) if each) for text in both}
        )
        != 1
    }
    assert faults == set()


def test_each_word_is_used_and_each_that_is_used_is_there():
    """No id of the templates and modules is missing, none of the tables is left over."""
    code = "\n".join(path.read_text("utf-8") for path in Path(sheets.__file__).parent.glob("*.py"))
    pages = "\n".join((TEMPLATES / f"{name}.html").read_text("utf-8") for name in FORMS)
    used = set(re.findall(r"(?:say|self)\([\"']([\w.]+)[\"'][,)]", pages + code))
    used |= set(re.findall(r'"(care\.check\.\w+)"', pages))
    made = {"superbill", "claim", "abn", "gfe", "care", "reading", "films"}  # titles, parts
    made |= {name for name in texts() if name.startswith(("phase.", "care.way.", "abn."))}
    assert used <= set(texts())
    assert set(texts()) - used - made == set()


def test_every_code_has_its_name_in_spanish():
    """Of those that are shipped; none is the English one."""
    names = tables.spanish_names()["name"]
    codes = tables.codes()
    assert set(codes["code"]) == set(names.index)
    same = [code for code in names.index if names[code] in set(codes["name"])]
    assert same == []


def test_parts_of_a_service_are_told_in_spanish():
    say = Said("es")
    assert say.name(tables.records()["72100-26"]).endswith(", solo la lectura")
    assert say.name(tables.records()["72100-TC"]).endswith(", solo las placas")


def test_days_are_written_out():
    assert Said("en").day(date(2026, 3, 2)) == "March 2, 2026"
    assert Said("es").day(date(2026, 12, 31)) == "31 de diciembre de 2026"


# The sheets of a visit


def told(text, settings):
    visit = answer(text, settings)
    return desk(visit, OwnPrices(FEES))


def a_superbill(text="98941+AT; 97110:23", settings="payer=self-pay", fees=FEES, **also):
    bill = bill_of_visit(told(text, settings), fees, DAY)
    return superbill([bill], CLINIC, printed=DAY, made_by="Chirocalc", **also)


def test_the_superbill_of_a_visit():
    text = words_of(a_superbill(paid=10000))
    for part in (
        "Loop Spine & Sport 12 Main St, Chicago, IL 60601 312-555-0100",
        "Provider: Ana Ruiz, DC", "NPI: 1234567893", "NPI of the practice: 1993999998",
        "Tax ID (TIN): 12-3456789", "June 1, 2026 11 98941 AT Spinal manipulation",
        "97110 Therapeutic exercise 2 $90.00", "Total of charges: $155.00",
        "Paid by the patient: $100.00", "Balance: $55.00",
    ):  # fmt: skip
        assert part in text


def test_blanks_are_for_the_hand():
    """Patient, insurance and diagnoses always; the practice and charges where not known."""
    blank = "<span class=blank>&nbsp;</span>"
    names = {
        name for name, _ in re.findall(rf"<span class=w>([^<]*):</span> ({blank})", a_superbill())
    }
    assert names == {
        "Patient", "Date of birth", "Address", "Account", "Insurance company", "Member ID",
        "Insured person", "Group", "Diagnosis codes (ICD-10-CM)", "Paid by the patient", "Balance",
        "Signature",
    }  # fmt: skip
    empty = superbill([bill_of_visit(told("97140:15", "payer=self-pay"), {}, DAY)], Clinic(),
                      printed=DAY, made_by="Chirocalc")  # fmt: skip
    assert re.findall(rf"<span class=w>([^<]*):</span> {blank}", empty)[:4] == [
        "Provider", "NPI", "Tax ID (TIN)", "NPI of the practice",
    ]  # fmt: skip
    assert "$" not in words_of(empty)


def test_typed_diagnoses_stand_in_their_line():
    assert "Diagnosis codes (ICD-10-CM): M99.03, M54.50" in words_of(
        a_superbill(diagnoses="M99.03, M54.50")
    )


def test_the_superbill_in_spanish_stands_behind_its_original():
    html = a_superbill(lang="es")
    english, spanish = html.split("<section lang=es>")
    assert "<h1>Superbill</h1>" in english
    assert "<h1>Comprobante de servicios (superbill)</h1>" in spanish
    assert "Traducción hecha por el consultorio como ayuda" in spanish
    assert "Vale el original" in spanish
    assert "Ejercicio terapéutico" in spanish
    assert "Therapeutic exercise" not in spanish
    assert "Traducción" not in a_superbill()


@pytest.mark.parametrize("lang", LANGUAGES)
def test_what_is_typed_is_text_and_not_markup(lang):
    evil = "<script>alert(1)</script>"
    clinic = Clinic(**dict.fromkeys(("practice", "provider", "street", "phone"), evil))
    html = superbill([], clinic, printed=DAY, lang=lang, diagnoses=evil, made_by=evil)
    assert "<script" not in html
    assert html.count("&lt;script&gt;") >= 5
    for page in (html, a_superbill(lang=lang)):
        assert not re.search(r"<(script|img|link|iframe)|url\(|src=|@import", page)


def claim_text(text, settings, **also):
    at_desk = told(text, settings)
    bill = claimed(bill_of_visit(at_desk, FEES, DAY), at_desk.answer)
    return words_of(
        claim_sheet(claims_of([bill]), CLINIC, at_desk.answer.settings, denied=at_desk.denied,
                    made_by="Chirocalc", **also)
    )  # fmt: skip


def test_claim_lines_as_on_item_24():
    text = claim_text("98941+AT; 97110:23+GP+GY", "payer=medicare phase=active",
                      regions=["lumbar", "head"])  # fmt: skip
    for part in (
        "Claim 1 of 1", "06/01/2026 06/01/2026 11 98941 AT $65.00 1",
        "06/01/2026 06/01/2026 11 97110 GP GY $90.00 2", "28 total charge $155.00",
        "24J, NPI of who treats: 1234567893", "33a, NPI of the practice: 1993999998",
        "Adjusted here: Lumbar M99.03, Head M99.00, each only as the note shows it.",
    ):  # fmt: skip
        assert part in text


def test_what_is_left_out_of_the_claim_is_said():
    text = claim_text("98941@lumbar|cervical|thoracic; 97140:15@lumbar", "payer=medicare")
    assert "Left out, for it would be denied as it stands: 97140." in text


@pytest.mark.parametrize(
    ("payer", "fourteen", "fifteen"),
    [
        ("medicare", "No qualifier", "Leave it blank."),
        ("medicare-advantage", "No qualifier", "Leave it blank."),
        ("commercial-midpoint", "qualifier 431", "qualifier 454"),
    ],
)
def test_items_14_and_15_are_medicares_or_the_others(payer, fourteen, fifteen):
    """cpm-12-220, item-14."""
    notes = {note.item: note for note in item_notes(Settings(payer=payer))}
    assert fourteen in notes["14"].text
    assert fifteen in notes["15"].text
    assert {"19", "21", "24"} <= set(notes)
    assert all(note.source and note.sure in "PS?" for note in notes.values())


# The ABN


def abn_text(text, settings, **also):
    visit = answer(text, settings)
    also = {"day": DAY, "made_by": "Chirocalc"} | also
    return words_of(abn_sheet(visit.lines, visit.settings, FEES, CLINIC, **also))


def test_the_words_for_maintenance_with_amounts_and_the_modifier_that_follows():
    text = abn_text("98941+GA", MAINTENANCE, visits=12)
    assert "CMS-R-131, the edition that expires 3/31/2029 (to be used since May 12, 2026)" in text
    assert "https://www.cms.gov/" in text
    assert "Chiropractic adjustment of the spine (98941)" in text
    assert "$65.00 a visit; 12 visits: $780.00" in text
    assert re.search(r"Option 1 [^–]*appeal\. GA Option 2 .* – Option 3 .* –", text)
    assert "Tick nothing" in text
    assert "courtesy" not in text


def test_what_is_never_paid_is_a_courtesy_and_what_is_bundled_is_not_there():
    """97010 may not be charged at all (pfs-formula)."""
    text = abn_text("97110:23; 97010", MAINTENANCE)
    assert "the ABN is a courtesy" in text
    assert "Therapeutic exercise (97110)" in text
    assert "$90.00 a visit" in text
    assert "GX GY" in text
    assert "97010" not in text
    assert "the ABN is needed" not in text


def test_without_a_fee_the_amount_is_a_blank():
    assert "$ ______ a visit" in abn_text("97140:15", MAINTENANCE)


def test_active_treatment_takes_no_abn():
    assert "takes AT and no ABN" in abn_text("98941+AT", "payer=medicare phase=active")
    assert "takes AT" not in abn_text("98941", MAINTENANCE)


def test_the_patients_words_are_there_in_spanish_too():
    text = abn_text("98941; 97110:15", MAINTENANCE, lang="es")
    for part in ("Ajuste quiropráctico de la columna (98941)", "$65.00 por visita",
                 "Ejercicio terapéutico (97110)", "Therapeutic exercise (97110)"):  # fmt: skip
        assert part in text


def test_what_is_copied_is_in_the_language_of_the_form():
    lines = answer("98941; 97110:15; 97010", MAINTENANCE).lines
    english, spanish = (abn_copy(lines, FEES, 1, lang).splitlines() for lang in LANGUAGES)
    assert [len(row.split("\t")) for row in english + spanish] == [3] * 4
    assert english[0].startswith("Chiropractic adjustment of the spine (98941)\tMedicare does not")
    assert spanish[1].split("\t")[2] == "$45.00 por visita"


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        (Settings(), ""),
        (Settings(provider="pt"), "what a chiropractor does"),
        (Settings(payer="medicare-advantage"), "does not serve Medicare Advantage"),
        (Settings(payer="uhc"), "for Original Medicare only"),
        (Settings(payer="self-pay"), "for Original Medicare only"),
    ],
)
def test_where_an_abn_has_no_place(settings, words):
    found = abn_has_no_place(settings)
    assert words in found
    assert bool(found) == bool(words)


# The sheets of a plan


MAINTAINED = (replace(PHASES[2], visits=1),)


def test_superbills_of_a_plan_add_up():
    """Charges at full, the discount below; no line of a later visit."""
    visits = side_by_side(plan())["self-pay"].visits[:2]
    text = words_of(
        superbill([bill_of_planned(each) for each in visits], CLINIC, printed=visits[1].day,
                  made_by="Chirocalc")
    )  # fmt: skip
    assert "Total of charges: $330.00" in text  # 65 + 25 + 150, 65 + 25
    assert "Discount: $33.00" in text
    assert "After the discount: $297.00" in text
    assert "planned, not yet done" not in text
    assert "December 11, 2026" not in text


def test_visits_to_come_are_no_receipt():
    visits = side_by_side(plan())["self-pay"].visits[:2]
    bills = [bill_of_planned(each) for each in visits]
    text = words_of(superbill(bills, CLINIC, printed=MADE, made_by="Chirocalc"))
    assert "planned, not yet done: not a receipt for them" in text


def test_an_insured_visit_has_no_discount_on_its_superbill():
    visits = price_plan(plan()).visits[:1]
    assert bill_of_planned(visits[0]).discount == 0


def test_what_may_not_be_charged_is_on_no_superbill():
    """An adjustment as maintenance at Medicare without a signed ABN: the patient may not be charged
    (bp-15-240)."""
    also = {"payer": "medicare", "first": (), "reexamine_every": None}
    [without] = price_plan(plan(MAINTAINED, abn=False, **also)).visits
    assert [(line.units, line.by) for line in without.lines] == [(1, "nobody")]
    assert bill_of_planned(without).lines == ()
    [signed] = price_plan(plan(MAINTAINED, abn=True, **also)).visits
    assert [each.cents for each in bill_of_planned(signed).lines] == [5500]


@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_care_plan_says_what_the_patient_pays(lang):
    schedule = price_plan(plan())
    ways = options(schedule, Terms(months=6))
    text = words_of(care_plan(schedule, CLINIC, made=MADE, lang=lang, ways=ways[:2]))
    total = sum(visit.patient for visit in schedule.visits) / 100
    payer = sum(visit.payer for visit in schedule.visits) / 100
    assert text.count(f"${total:,.2f}") >= 3  # the total, and each way
    assert f"Insurance is expected to pay ${payer:,.2f}" in text
    assert "12 visits: 1–12" in text
    assert "Your progress is checked at visits 12 and 24." in text
    for name in ("Relief", "Corrective", "Wellness", "3 visits a week for 4 weeks",
                 "10 visits, one every 4 weeks", "not a promise of a result"):  # fmt: skip
        assert name in text
    if lang == "es":
        for name in ("Alivio", "3 visitas por semana durante 4 semanas", "las visitas 12 y 24",
                     f"Se espera que pague el seguro ${payer:,.2f}"):  # fmt: skip
            assert name in text


def test_without_insurance_nothing_is_said_of_it():
    text = words_of(care_plan(side_by_side(plan())["self-pay"], CLINIC, made=MADE))
    assert "Insurance is expected" not in text
    assert "Your plan decides" not in text


def cash_plan(**also):
    """4 visits of $100 at the practice's own fee, a week apart from December 7."""
    phases = (Phase("Relief", (adjusted("98941"),), per_week=1, visits=4),)
    return plan(phases, {"98941": 10000}, **{"first": (), "reexamine_every": None} | also)


def test_the_care_plan_says_each_payment():
    """$360 after 10%: $100, then 2 payments of $130; in 7 months 6 of $51.43, one of $51.42."""
    schedule = side_by_side(cash_plan())["self-pay"]
    ways = options(schedule, Terms(months=3, down=10000))
    text = words_of(care_plan(schedule, CLINIC, made=MADE, lang="es", ways=ways))
    assert "3 payments: $100.00 on December 7, 2026, then $130.00 each $360.00" in text
    assert "3 pagos: $100.00 el 7 de diciembre de 2026, luego $130.00 cada uno $360.00" in text
    ways = options(schedule, Terms(months=7))
    text = words_of(care_plan(schedule, CLINIC, made=MADE, ways=ways[1:2]))
    assert "7 payments: $51.43 on December 7, 2026, then $51.42 to $51.43 each $360.00" in text


def test_a_patient_who_pays_nothing_has_no_way_to_pay_it():
    schedule = price_plan(cash_plan(payer="va"))
    assert schedule.total.patient == 0
    ways = options(schedule, Terms(months=3, down=10000, prepaid_percent=5.0))
    text = words_of(care_plan(schedule, CLINIC, made=MADE, ways=ways))
    assert "Ways to pay" not in text
    assert "Total 4 visits $0.00" in text


def test_the_care_plan_says_by_whose_rates_it_is_counted():
    """Where a visit's own year is not loaded and an amount follows the rates."""
    newest = rates.periods()[-1]
    start = date.fromisoformat(newest.last) - timedelta(10)
    schedule = price_plan(replace(cash_plan(), start=start))
    late = next(visit for visit in schedule.visits if visit.day.year > start.year)
    said = f"on are counted at the rates of {newest.name}. Those of {late.day.year} may differ."
    assert said in words_of(care_plan(schedule, CLINIC, made=MADE))
    # A patient who pays the practice's own fees pays them whatever the rates are.
    alone = side_by_side(replace(cash_plan(), start=start))["self-pay"]
    assert "counted at the rates" not in words_of(care_plan(alone, CLINIC, made=MADE))
    soon = price_plan(replace(cash_plan(), start=date(2026, 3, 2)))
    assert "counted at the rates" not in words_of(care_plan(soon, CLINIC, made=MADE))


# Prepaid care


@pytest.mark.parametrize("state", ["WY", "ND", "MN", "MT", "OH", "OR", "CA"])
def test_states_that_were_read_have_their_rule_and_are_not_called_sure(state):
    rule = prepaid_rule(state)
    assert rule.rule
    assert rule.asks
    assert rule.sure == ("?" if state == "CA" else "S")


def test_a_state_that_was_not_read_has_none():
    assert prepaid_rule("IL") is None
