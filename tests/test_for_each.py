"""A test for many values fails if one of them does, and names all that do."""

import pytest
from for_each import for_each


def test_each_value_that_fails_is_named_with_its_reason():
    """Whatever was raised; the values between them are not named."""

    @for_each("code", ["97110", "97112", "97140", "S9117"])
    def test(code):
        assert code != "97112", "a sentence of its own"
        if code == "S9117":
            raise KeyError(code)

    with pytest.raises(pytest.fail.Exception) as caught:
        test()
    told = str(caught.value).splitlines()
    assert told[0] == "code, 2 of 4:"
    assert told[1].startswith("97112: line ")
    assert "AssertionError: a sentence of its own" in told[1]
    assert "S9117: line " in str(caught.value)
    assert "KeyError: 'S9117'" in told[-1]
    assert "97110" not in str(caught.value)


def test_all_values_are_run_and_fixtures_reach_the_test():
    seen = []

    @for_each("code", "abc")
    def test(code, place):
        place.append(code)

    test(place=seen)
    assert seen == ["a", "b", "c"]


def test_no_value_is_no_test():
    """A list that has become empty must not pass."""
    with pytest.raises(AssertionError, match="no code to test"):
        for_each("code", [])


@for_each("number", [1, 2])
def test_it_takes_fixtures(number, tmp_path):
    """As pytest gives them, here a folder."""
    assert tmp_path.is_dir()
    assert number in (1, 2)
