"""The colors of all charts: seen on light and on dark, and told apart by people who are color
blind."""

import pytest
from oracles.colors import (
    BACKGROUNDS,
    BLINDNESS,
    apart,
    contrast,
    not_seen,
    not_told_apart,
    seen,
)

from chirocalc.ui.charts import COLORS, GRAY, PARTS

ALL = [*COLORS, GRAY]  # of codes, of parts, of levels: any two of them may stand together


def test_the_parts_have_colors_of_the_codes():
    assert set(PARTS.values()) <= set(COLORS)


@pytest.mark.parametrize("background", BACKGROUNDS)
def test_every_color_is_seen(background):
    assert not_seen(ALL, background) == {}


@pytest.mark.parametrize("blindness", BLINDNESS)
def test_every_two_colors_are_told_apart(blindness):
    assert not_told_apart(ALL, blindness) == {}


def test_the_measures_are_those_of_the_standards():
    """WCAG's ends, Lab of white and red as published, and what each blindness confuses."""
    assert contrast("#FFFFFF", "#000000") == 21
    assert seen_as("#FFFFFF", "none") == (100, 0, 0)
    assert seen_as("#FF0000", "none") == (53, 80, 67)
    assert apart("#E8000B", "#6B6300", "protanopia") < apart("#E8000B", "#6B6300", "none") / 2
    assert apart("#0000FF", "#007A5C", "tritanopia") < apart("#0000FF", "#007A5C", "none") / 2


def seen_as(color, blindness):
    return tuple(abs(round(part)) for part in seen(color, blindness))
