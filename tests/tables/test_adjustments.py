"""Regions adjusted to manipulation codes: every subset of the ten."""

import itertools

import pytest

from chirocalc import InputError
from chirocalc.tables.adjustments import manipulation_codes

SPINAL = ("cervical", "thoracic", "lumbar", "sacral", "pelvic")
EXTRASPINAL = ("head", "upper extremities", "lower extremities", "rib cage", "abdomen")
SUBSETS = [
    subset
    for count in range(11)
    for subset in itertools.combinations(SPINAL + EXTRASPINAL, count)
]  # fmt: skip


def codes_for(adjusted):
    """domain 2 in words: 1-2, 3-4 and 5 spinal regions; any extraspinal one, counted once."""
    spine = [region for region in adjusted if region in SPINAL]
    codes = []
    if spine:
        codes.append("98942" if len(spine) == 5 else "98941" if len(spine) > 2 else "98940")
    if len(spine) < len(adjusted):
        codes.append("98943")
    return codes


def test_every_subset():
    """1,024 of them (cms-chiro)."""
    assert len(SUBSETS) == 1024
    assert [(s, manipulation_codes(s)) for s in SUBSETS] == [(s, codes_for(s)) for s in SUBSETS]


@pytest.mark.parametrize("count", [1, 2, 3, 4, 5])
def test_order_and_repetition_change_nothing(count):
    """Regions count, not thrusts; any iterable will do."""
    regions = [*SPINAL[:count], *EXTRASPINAL[:2]]
    expected = codes_for(regions)
    for given in (regions[::-1], regions * 3, set(regions), iter(regions), tuple(regions)):
        assert manipulation_codes(given) == expected


@pytest.mark.parametrize(
    ("unknown", "words"),
    [
        ("cervicl", "nearest: cervical"),
        ("Lumbar", "nearest: lumbar"),
        ("lumbar ", "nearest: lumbar"),
        ("upper extremity", "nearest: upper extremities"),
        ("98940", "is not known"),
        ("", "is not known"),
    ],
)
def test_unknown_region(unknown, words):
    """The value, and the nearest that are known; beside good ones too."""
    shown = f"'{unknown}'" if unknown else "the empty value"
    for adjusted in ([unknown], ["lumbar", unknown, "head"]):
        with pytest.raises(InputError) as caught:
            manipulation_codes(adjusted)
        assert str(caught.value).startswith(f"regions, region: {shown} is not known; ")
        assert words in str(caught.value)


def test_every_unknown_region_is_told():
    """Not the first alone."""
    with pytest.raises(InputError) as caught:
        manipulation_codes(["knee", "lumbar", "neck"])
    assert [problem.value for problem in caught.value.problems] == ["knee", "neck"]
