"""The check of specs sees what is no Vega-Lite, in one picture and in layers."""

import pytest
from jsonschema import ValidationError
from specs import check_vega_lite

X = {"field": "minutes", "type": "quantitative"}
BAR = {"mark": "bar", "encoding": {"x": X}}


@pytest.mark.parametrize("spec", [BAR, {"layer": [BAR, BAR], "height": 300}], ids=["one", "layers"])
def test_vega_lite_is_valid(spec):
    check_vega_lite(spec)


@pytest.mark.parametrize(
    "wrong",
    [
        BAR | {"mark": "bra"},
        BAR | {"encoding": {"x": X | {"type": "number"}}},
        BAR | {"encoding": {"across": X}},
        BAR | {"encoding": {"x": X | {"scale": {"domain": "0 to 5"}}}},
        BAR | {"heigth": 300},
    ],
    ids=["mark", "type", "channel", "domain", "name"],
)
@pytest.mark.parametrize("layers", [False, True])
def test_a_slip_in_a_spec_is_seen(wrong, layers):
    with pytest.raises(ValidationError):
        check_vega_lite({"layer": [BAR, wrong]} if layers else wrong)
