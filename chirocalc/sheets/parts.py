"""What all printed sheets share: the style of the page and the footer."""

from __future__ import annotations

STYLE = """
@page { size: letter; margin: 12mm }
body { font-family: system-ui, sans-serif; line-height: 1.25; color: #111; margin: 0 auto;
  max-width: 190mm }
h1 { font-size: 1.6em; margin: 0 0 1mm }
h2 { font-size: 1.15em; margin: 2mm 0 0 }
p { margin: 0.5em 0 }
table { border-collapse: collapse; width: 100%; margin: 2mm 0 }
th, td { border-bottom: 0.3mm solid #bbb; padding: 0.3em 0.4em; text-align: left }
td { vertical-align: top }
th { border-bottom-color: #111 }
.n { text-align: right; white-space: nowrap }
tfoot td { font-weight: 600; border-bottom: 0 }
ul { margin: 1mm 0; padding-left: 5mm }
small { color: #444; overflow-wrap: anywhere }
"""


FOOTER = (
    "CPT is a trademark of the American Medical Association; the names and descriptions here are "
    "our own. This is an estimate, not billing or legal advice. Nothing you enter is stored, and "
    "no patient data belongs here."
)
