"""How much the fuzzers try: `CHIROCALC_FUZZ=20` is twenty times what a usual run does."""

import os

TIMES = int(os.environ.get("CHIROCALC_FUZZ", "1"))
