"""The colors of all charts: seen on light and on dark, and told apart by people who are color
blind."""

import tomllib
from itertools import combinations
from pathlib import Path

import pytest
from oracles.colors import BLINDNESS, apart, contrast, seen

from chirocalc.ui.shared import COLORS, GRAY, PARTS

ALL = [*COLORS, GRAY]  # of codes, of parts, of levels: any two of them may stand together
THEME = tomllib.loads((Path(__file__).parents[2] / ".streamlit/config.toml").read_text("utf-8"))
BACKGROUNDS = {
    "light": THEME["theme"]["light"]["backgroundColor"],
    "dark": THEME["theme"]["dark"]["backgroundColor"],
    "Streamlit's dark": "#0E1117",  # where the theme of the configuration is not taken
}
VISIBLE = 3  # to 1: WCAG 2.2, 1.4.11
TOLD_APART = 10  # Delta E: four times what is just noticeable (2.3)


def test_the_parts_have_colors_of_the_codes():
    assert set(PARTS.values()) <= set(COLORS)


@pytest.mark.parametrize("background", BACKGROUNDS)
def test_every_color_is_seen(background):
    found = {color: contrast(color, BACKGROUNDS[background]) for color in ALL}
    assert {color: to_one for color, to_one in found.items() if to_one < VISIBLE} == {}


@pytest.mark.parametrize("blindness", BLINDNESS)
def test_every_two_colors_are_told_apart(blindness):
    found = {pair: apart(*pair, blindness) for pair in combinations(ALL, 2)}
    assert {pair: delta for pair, delta in found.items() if delta < TOLD_APART} == {}


def test_the_measures_are_those_of_the_standards():
    """WCAG's ends, Lab of white and red as published, and what each blindness confuses."""
    assert contrast("#FFFFFF", "#000000") == 21
    assert seen_as("#FFFFFF", "none") == (100, 0, 0)
    assert seen_as("#FF0000", "none") == (53, 80, 67)
    assert apart("#E8000B", "#6B6300", "protanopia") < apart("#E8000B", "#6B6300", "none") / 2
    assert apart("#0000FF", "#007A5C", "tritanopia") < apart("#0000FF", "#007A5C", "none") / 2


def seen_as(color, blindness):
    return tuple(abs(round(part)) for part in seen(color, blindness))
