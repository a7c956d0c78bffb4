"""Whether colors are told apart: from both backgrounds, and from each other by everyone."""

import tomllib
from itertools import combinations
from pathlib import Path

import numpy as np

THEME = tomllib.loads(
    (Path(__file__).parents[1] / ".streamlit" / "config.toml").read_text(encoding="utf-8")
)["theme"]
BACKGROUNDS = [THEME[mode]["backgroundColor"] for mode in ("light", "dark")]
# Machado, Oliveira and Fernandes 2009: linear RGB as it is seen without a kind of cones.
SEEN = {
    "all": np.eye(3),
    "no red": np.array([
        [0.152286, 1.052583, -0.204868],
        [0.114503, 0.786281, 0.099216],
        [-0.003882, -0.048116, 1.051998],
    ]),
    "no green": np.array([
        [0.367322, 0.860646, -0.227968],
        [0.280085, 0.672501, 0.047413],
        [-0.011820, 0.042940, 0.968881],
    ]),
    "no blue": np.array([
        [1.255528, -0.076749, -0.178779],
        [-0.078411, 0.930809, 0.147602],
        [0.004733, 0.691367, 0.303900],
    ]),
}  # fmt: skip
TO_XYZ = np.array([
    [0.4124564, 0.3575761, 0.1804375],
    [0.2126729, 0.7151522, 0.0721750],
    [0.0193339, 0.1191920, 0.9503041],
])  # fmt: skip
WHITE = TO_XYZ.sum(axis=1)
LEAST = {"all": 20, "no red": 15, "no green": 15, "no blue": 10}  # just seen is 2.3


def linear(color):
    """Of a color such as #0A82C8."""
    parts = np.array([int(color[at : at + 2], 16) for at in (1, 3, 5)]) / 255
    return np.where(parts <= 0.04045, parts / 12.92, ((parts + 0.055) / 1.055) ** 2.4)


def contrast(one, two):
    """Of two colors by WCAG, 1 to 21."""
    low, high = sorted((TO_XYZ @ linear(color))[1] for color in (one, two))
    return (high + 0.05) / (low + 0.05)


def lab(rgb):
    """Linear RGB as CIELAB, where distances are those that are seen."""
    part = TO_XYZ @ rgb / WHITE
    root = np.where(part > 216 / 24389, np.cbrt(part), part * 841 / 108 + 16 / 116)
    return np.array([116 * root[1] - 16, 500 * (root[0] - root[1]), 200 * (root[1] - root[2])])


def check_seen_by_everyone(colors):
    """Each has three to one on both backgrounds, and any two are told apart in all ways to see."""
    for color in colors:
        for background in BACKGROUNDS:
            assert contrast(color, background) >= 3, (color, background)
    for one, two in combinations(colors, 2):
        for way, matrix in SEEN.items():
            both = [lab(np.clip(matrix @ linear(color), 0, 1)) for color in (one, two)]
            assert np.linalg.norm(both[0] - both[1]) >= LEAST[way], (one, two, way)
