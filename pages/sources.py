"""Where every number is from, what is not known, and a self-test before the user's eyes."""

from chirocalc.ui import frame
from chirocalc.ui import sources_view as view

with frame.page("Sources", view.SOURCES):
    view.in_force()
    view.examples()
    view.loaded()
    view.factors()
    view.not_known()
    view.every_source()
