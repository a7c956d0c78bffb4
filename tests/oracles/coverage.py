"""Who is paid for what, by hand: the codes that Medicare pays a therapist for (the therapy code
list, as the review of 2026-11-26 has it, A4 and A11), and what a payer's page leaves out
(UnitedHealthcare: no office visit to a therapist)."""

ALWAYS = [
    *("97012", "97016", "97018", "97022", "97024", "97026", "97028", "97032", "97033", "97034"),
    *("97035", "97036", "97039", "97110", "97112", "97113", "97116", "97124", "97129", "97130"),
    *("97139", "97140", "97150", "97161", "97162", "97163", "97164", "97165", "97166", "97167"),
    *("97168", "97530", "97533", "97535", "97537", "97542", "97750", "97755", "97760", "97761"),
    *("97763", "97799", "92526", "96125", "G0281", "G0283", "G0329"),
]
SOMETIMES = [
    *("98975", "98976", "98977", "98978", "98979", "98980", "98981", "98984", "98985", "98986"),
    *("97550", "97551", "97552", "97597", "97598", "97602", "97605", "97606", "97607", "97608"),
    *("97610", "95992", "G0541", "G0542", "G0543", "90901", "90912", "90913"),
]
ASKS_ACTIVE = ("medicare", "medicare-advantage")


def pays_therapist(code: str, payer: str) -> bool:
    """Whether a payer pays a physical or occupational therapist for a code at all, by its kind."""
    if payer in ASKS_ACTIVE:
        return code in ALWAYS or code in SOMETIMES
    return payer != "uhc" or not "99202" <= code <= "99215"
