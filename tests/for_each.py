"""One test of many values that names every value that fails, and why.

For the hundred and more codes of the table: as many tests of their own would cost more than what
they look at, pytest's subtests nearly as much when tests run in parallel.
"""

import functools
import inspect
import traceback
from pathlib import Path

import pytest


def for_each(name, values):
    """Run a test once for each value of its argument `name`; all that fail are listed at the end.

    Fixtures of the test are made once for all values.
    """
    values = list(values)
    assert values, f"no {name} to test"

    def of_all(test):
        @functools.wraps(test)
        def runs(**fixtures):
            faults = {
                value: why for value in values if (why := _fault(test, name, value, fixtures))
            }
            if faults:
                told = "\n".join(f"{value}: {why}" for value, why in faults.items())
                pytest.fail(f"{name}, {len(faults)} of {len(values)}:\n{told}", pytrace=False)

        signature = inspect.signature(test)
        rest = [each for each in signature.parameters.values() if each.name != name]
        runs.__signature__ = signature.replace(parameters=rest)
        return runs

    return of_all


def _fault(test, name, value, fixtures):
    """What is wrong with a value, with its place in the test; empty if nothing is."""
    try:
        test(**fixtures, **{name: value})
    except Exception as error:  # whatever it is, the other values are looked at too
        here = Path(test.__code__.co_filename)
        lines = [each.lineno for each in traceback.extract_tb(error.__traceback__)
                 if Path(each.filename) == here]  # fmt: skip
        return f"line {lines[-1] if lines else '?'}: {type(error).__name__}: {error}"
    return ""
