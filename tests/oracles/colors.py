"""Colors as people with color blindness see them, and how far apart they are."""

import math
import tomllib
from itertools import combinations
from pathlib import Path

THEME = tomllib.loads((Path(__file__).parents[2] / ".streamlit/config.toml").read_text("utf-8"))
BACKGROUNDS = {
    "light": THEME["theme"]["light"]["backgroundColor"],
    "dark": THEME["theme"]["dark"]["backgroundColor"],
    "Streamlit's dark": "#0E1117",  # where the theme of the configuration is not taken
}
VISIBLE = 3  # to 1: WCAG 2.2, 1.4.11
TOLD_APART = 10  # Delta E: four times what is just noticeable (2.3)

# Machado, Oliveira and Fernandes 2009, severity 1.0, of linear RGB.
BLINDNESS = {
    "none": ((1, 0, 0), (0, 1, 0), (0, 0, 1)),
    "protanopia": (
        (0.152286, 1.052583, -0.204868),
        (0.114503, 0.786281, 0.099216),
        (-0.003882, -0.048116, 1.051998),
    ),
    "deuteranopia": (
        (0.367322, 0.860646, -0.227968),
        (0.280085, 0.672501, 0.047413),
        (-0.011820, 0.042940, 0.968881),
    ),
    "tritanopia": (
        (1.255528, -0.076749, -0.178779),
        (-0.078411, 0.930809, 0.147602),
        (0.004733, 0.691367, 0.303900),
    ),
}
# IEC 61966-2-1: linear sRGB to XYZ of D65, each row by its white.
XYZ = (
    (0.4124564, 0.3575761, 0.1804375, 0.95047),
    (0.2126729, 0.7151522, 0.0721750, 1.0),
    (0.0193339, 0.1191920, 0.9503041, 1.08883),
)


def linear(color: str) -> list[float]:
    """Linear red, green and blue of a color such as #0A82C8."""
    parts = [int(color[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    return [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in parts]


def contrast(one: str, two: str) -> float:
    """To one, as WCAG 2.2 computes it."""
    low, high = sorted(
        sum(weight * c for weight, c in zip((0.2126, 0.7152, 0.0722), linear(each), strict=True))
        for each in (one, two)
    )
    return (high + 0.05) / (low + 0.05)


def seen(color: str, blindness: str) -> tuple[float, float, float]:
    """CIE L*a*b* of a color as it is seen."""
    rgb = linear(color)
    shown = [
        min(1.0, max(0.0, sum(m * c for m, c in zip(row, rgb, strict=True))))
        for row in BLINDNESS[blindness]
    ]
    x, y, z = (
        _root(sum(m * c for m, c in zip(row, shown, strict=True)) / white) for *row, white in XYZ
    )
    return 116 * y - 16, 500 * (x - y), 200 * (y - z)


def _root(part: float) -> float:
    return part ** (1 / 3) if part > 216 / 24389 else (24389 / 27 * part + 16) / 116


def apart(one: str, two: str, blindness: str) -> float:
    """CIE76 Delta E of two colors as they are seen."""
    return math.dist(seen(one, blindness), seen(two, blindness))


def not_seen(colors, background):
    """Those with too little contrast on a background, and how much they have."""
    found = {color: contrast(color, BACKGROUNDS[background]) for color in colors}
    return {color: to_one for color, to_one in found.items() if to_one < VISIBLE}


def not_told_apart(colors, blindness):
    """Pairs that are too close to each other, and how close."""
    found = {pair: apart(*pair, blindness) for pair in combinations(sorted(colors), 2)}
    return {pair: delta for pair, delta in found.items() if delta < TOLD_APART}


def check_seen_by_everyone(colors):
    assert not any(not_seen(colors, background) for background in BACKGROUNDS)
    assert not any(not_told_apart(colors, blindness) for blindness in BLINDNESS)
