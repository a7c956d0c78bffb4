"""Whether what is drawn is Vega-Lite."""

import json
from functools import cache

import altair as alt


def check_vega_lite(spec):
    """Valid by Altair's schema, with the rows to be named later; each distinct spec once."""
    _check_text(json.dumps(spec | {"data": {"name": "rows"}}, sort_keys=True))


@cache
def _check_text(text):
    spec = json.loads(text)
    kind = alt.LayerChart if "layer" in spec else alt.Chart
    kind.validate(spec)  # `from_dict` does the same, and takes ten times as long
