"""Arguments of public functions, each read as what it is annotated as.

`@checked` refuses an argument of another type with a sentence that names function, argument and
what is allowed, before anything is computed. What plainly is such a value is made one: a list a
tuple, a number of NumPy Python's own. `Annotated[str, read]` says more than a type can: `read` gets
function, argument and value, and returns what is meant or raises `InputError`.
"""

from __future__ import annotations

import collections.abc
import inspect
import math
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence, Set
from datetime import date, datetime
from functools import cache, partial, wraps
from itertools import chain, repeat
from types import NoneType, UnionType
from typing import (
    Annotated,
    Any,
    BinaryIO,
    Literal,
    NamedTuple,
    ParamSpec,
    TextIO,
    TypeVar,
    Union,
    get_args,
    get_origin,
    get_type_hints,
)

import numpy as np
import pandas as pd

from chirocalc.errors import InputError, Problem, is_missing, nearest
from chirocalc.given import is_flag, is_number, is_whole, plain

P = ParamSpec("P")
R = TypeVar("R")
Read = Callable[[str, str, Any], Any]


class Kind(NamedTuple):
    """What an argument may be, in words, and how one is read."""

    says: str
    read: Read


def checked(function: Callable[P, R]) -> Callable[P, R]:
    """The function with its arguments read first. Raises `InputError` for one of another type."""
    kinds: dict[str, Kind] = {}
    where = function.__name__
    parameters = inspect.signature(function).parameters
    in_order = [each.name for each in parameters.values() if each.kind <= each.VAR_POSITIONAL]
    several = [each.name for each in parameters.values() if each.kind is each.VAR_POSITIONAL]

    @wraps(function)
    def call(*args: P.args, **named: P.kwargs) -> R:
        if not kinds:  # now, for annotations may name what is defined after the function
            kinds.update(_kinds_of(function, parameters))
        names = chain(in_order, repeat(several[0])) if several else in_order
        read = [
            kinds[name].read(where, name, value) for name, value in zip(names, args, strict=False)
        ]
        if not named and len(read) == len(args):
            return function(*read)  # type: ignore[call-arg]
        by_name = {
            name: kinds[name].read(where, name, value) if name in kinds else value
            for name, value in named.items()
        }
        # Arguments that are too many, or have no such name, are for Python to tell.
        return function(*read, *args[len(read) :], **by_name)  # type: ignore[arg-type]

    return call


def check_fields(record: object) -> None:
    """Read the fields of a dataclass of the caller's own. Raises `InputError`."""
    made: Any = type(record)
    where = made.__name__
    for name, kind in _fields_of(made).items():
        object.__setattr__(record, name, kind.read(where, name, getattr(record, name)))


def each_field(kind: Any) -> Read:
    """How a record of named fields is read: each as it is annotated."""

    def read(where: str, name: str, value: Any) -> Any:
        if not isinstance(value, kind):
            raise _odd(where, name, value, f"a {kind.__name__}")
        for field, of in _fields_of(kind).items():
            of.read(kind.__name__, field, getattr(value, field))
        return value

    return read


def known(column: str, names: Callable[[], Collection[str]]) -> Read:
    """How a name is read that stands among others. Raises `InputError` with the nearest."""

    def read(where: str, name: str, value: Any) -> str:
        word = str(value) if isinstance(value, str) or is_whole(value) else value
        there = names()
        if not isinstance(word, str) or word not in there:
            near = nearest(str(word), map(str, there))
            raise InputError([Problem(where, None, name, value, f"is no {column}; {near}")])
        return word

    return read


def some(kind: type[Any]) -> Read:
    """How a list is read that has one at least of a kind."""
    listed = _items(Sequence, kind_of(kind))

    def read(where: str, name: str, value: Any) -> Any:
        if not (given := listed.read(where, name, value)):
            raise _odd(where, name, value, f"{listed.says}, and one at least")
        return given

    return read


def having(*names: str) -> Read:
    """How a frame is read that has these columns, or a row of one that has these values."""

    def read(where: str, name: str, value: Any) -> Any:
        if not isinstance(value, (pd.DataFrame, pd.Series)) or not {*names} <= {*value.axes[-1]}:
            raise _odd(where, name, value, f"a table that has {', '.join(names)}")
        return value

    return read


def _state(where: str, name: str, value: Any) -> Any:
    if not hasattr(value, "get"):
        raise _odd(where, name, value, "a mapping")
    return value


def choice(*choices: str) -> Read:
    """How one of a few words is read."""
    return _one_of(choices).read


def between(least: float, most: float = math.inf) -> Read:
    """How a number is read that lies between two."""
    span = f"from {least:,} to {most:,}" if most < math.inf else f"of at least {least:,}"

    def read(where: str, name: str, value: Any) -> Any:
        if not (is_number(value) and least <= value <= most and value != math.inf):
            raise _odd(where, name, value, f"a number {span}")
        return plain(value)

    return read


def whole(least: int, most: float = math.inf) -> Read:
    """How a whole number is read that lies between two."""
    read = between(least, most)

    def read_whole(where: str, name: str, value: Any) -> Any:
        return read(where, name, PLAIN[int].read(where, name, value))

    return read_whole


def days_between(first: date, last: date) -> Read:
    """How a day is read that lies between two."""

    def read(where: str, name: str, value: Any) -> Any:
        day = PLAIN[date].read(where, name, value)
        if not first <= day <= last:
            raise _odd(where, name, value, f"a date from {first} to {last}")
        return day

    return read


def _texts(where: str, name: str, value: Any) -> Any:
    if not isinstance(value, pd.Series) or not pd.api.types.is_string_dtype(value):
        raise _odd(where, name, value, "a column of text")
    return value


# One or more, a place counted from 0 or how many with none, and dollars.
Count = Annotated[int, whole(1)]
Place = Annotated[int, whole(0)]
Dollars = Annotated[float, between(0)]

# A day around which periods can be counted, and a column of words.
CalendarDay = Annotated[date, days_between(date(1900, 1, 1), date(2099, 12, 31))]
Texts = Annotated[pd.Series, _texts]

# What is looked up by name: a mapping, or the state of a session, which need not be one.
State = Annotated[Mapping[Any, Any], _state]


def _odd(where: str, name: str, value: object, says: str) -> InputError:
    return InputError([Problem(where, None, name, value, f"must be {says}")])


@cache
def _fields_of(record: Any) -> dict[str, Kind]:
    hints = get_type_hints(record, include_extras=True)
    return {name: kind_of(hint) for name, hint in hints.items()}


def _kinds_of(function: Callable[..., Any], names: Iterable[str]) -> dict[str, Kind]:
    hints = get_type_hints(function, include_extras=True)
    return {name: kind_of(hints.get(name, Any)) for name in names}


def kind_of(hint: Any) -> Kind:
    """What an annotation allows; anything where it says nothing that can be told of a value."""
    if hint in PLAIN:
        return PLAIN[hint]
    origin, of = get_origin(hint), get_args(hint)
    if origin in MADE_OF:
        return MADE_OF[origin](of)
    if isinstance(origin, type) and issubclass(origin, Iterable):
        return _several(origin, of)
    return _instance(hint) if isinstance(hint, type) else ANY


def _several(kind: type, of: tuple[Any, ...]) -> Kind:
    """A list, a mapping; a Counter is one to whole numbers."""
    if issubclass(kind, Mapping):
        return _mapping(kind, kind_of(of[0]), kind_of(of[1] if len(of) > 1 else int))
    return _items(kind, kind_of(of[0]))


def _kind(says: str, fits: Callable[[Any], bool]) -> Kind:
    def read(where: str, name: str, value: Any) -> Any:
        if not fits(value):
            raise _odd(where, name, value, says)
        return value

    return Kind(says, read)


def _number(says: str, fits: Callable[[Any], bool]) -> Kind:
    read = _kind(says, fits).read
    return Kind(says, lambda where, name, value: plain(read(where, name, value)))


def _instance(kind: type) -> Kind:
    said = "an" if kind.__name__[0] in "AEIO" else "a"
    return _of_type(f"{said} {kind.__name__}", kind)


def _of_type(says: str, kind: type) -> Kind:
    """As `_kind`, and faster: nearly all arguments are told by their type alone."""

    def read(where: str, name: str, value: Any) -> Any:
        if not isinstance(value, kind):
            raise _odd(where, name, value, says)
        return value

    return Kind(says, read)


def _read_date(where: str, name: str, value: Any) -> Any:
    """A day of the calendar; of a moment, its day."""
    if not isinstance(value, date) or is_missing(value):
        raise _odd(where, name, value, "a date")
    return value.date() if isinstance(value, datetime) else value


def _any_of(kinds: Sequence[Kind]) -> Kind:
    """The first kind that takes the value; the only one besides None says what it wants."""
    says = " or ".join(kind.says for kind in kinds)
    some = [kind for kind in kinds if kind is not NONE]

    def read(where: str, name: str, value: Any) -> Any:
        if value is None and len(some) < len(kinds):
            return None
        for kind in some:
            try:
                return kind.read(where, name, value)
            except InputError:
                if len(some) == 1:
                    raise
        raise _odd(where, name, value, says)

    return Kind(says, read)


def _one_of(choices: tuple[Any, ...]) -> Kind:
    says = " or ".join(map(str, choices))
    return _kind(says, lambda value: isinstance(value, str) and value in choices)


def _array(of: tuple[Any, ...]) -> Kind:
    """An array of NumPy of numbers that can stand for the annotated ones."""
    (item,) = get_args(of[1]) or (Any,)
    if item in (Any, np.object_):
        return _kind("an array", lambda value: isinstance(value, np.ndarray))
    kind = np.dtype(item)
    kinds = ARRAYS.get(kind.kind, kind.kind)
    return _kind(
        f"an array of {kind.name}",
        lambda value: isinstance(value, np.ndarray) and value.dtype.kind in kinds,
    )


def _tuple(of: tuple[Any, ...]) -> Kind:
    if len(of) == 2 and of[1] is Ellipsis:
        item = kind_of(of[0])
        read = _items(Collection, item).read
        return Kind(f"a list, each {item.says}", lambda *given: tuple(read(*given)))
    kinds = [kind_of(each) for each in of]
    says = f"{len(of)} values: {', '.join(kind.says for kind in kinds)}"

    def read_each(where: str, name: str, value: Any) -> Any:
        if not isinstance(value, (tuple, list)) or len(value) != len(kinds):
            raise _odd(where, name, value, says)
        return tuple(kind.read(where, name, each) for kind, each in zip(kinds, value, strict=True))

    return Kind(says, read_each)


def _items(kind: type, item: Kind) -> Kind:
    """What holds several, each of a kind; of what comes one by one, each when it comes. Text and
    bytes are one value, not many."""
    wanted = Iterable if kind is Iterable else Collection
    says = f"a list, each {item.says}"

    def read(where: str, name: str, value: Any) -> Any:
        if isinstance(value, (str, bytes)) or not isinstance(value, wanted):
            raise _odd(where, name, value, says)
        each = partial(item.read, where, name)
        if isinstance(value, Iterator) and not issubclass(kind, Sequence):
            return map(each, value)
        return frozenset(map(each, value)) if issubclass(kind, Set) else list(map(each, value))

    return Kind(says, read)


def _mapping(kind: type, key: Kind, item: Kind) -> Kind:
    says = f"a mapping of {key.says} to {item.says}"

    def read(where: str, name: str, value: Any) -> Any:
        if not isinstance(value, Mapping) or not isinstance(value, kind):
            raise _odd(where, name, value, says)
        for each, of in () if key is item is ANY else value.items():
            key.read(where, name, each)
            item.read(where, name, of)
        return value

    return Kind(says, read)


ANY = Kind("anything", lambda where, name, value: value)

NONE = _kind("None", lambda value: value is None)

# The kinds of NumPy's arrays that can stand for others: none of another kind is ever turned.
ARRAYS = {"i": "iu", "f": "fiu"}

# How a kind is made of what stands in the brackets of its annotation.
MADE_OF: dict[Any, Callable[[tuple[Any, ...]], Kind]] = {
    Annotated: lambda of: Kind(kind_of(of[0]).says, of[1]),
    Union: lambda of: _any_of([kind_of(each) for each in of]),
    UnionType: lambda of: _any_of([kind_of(each) for each in of]),
    Literal: _one_of,
    np.ndarray: _array,
    tuple: _tuple,
    collections.abc.Callable: lambda _: _kind("a function", callable),
}

PLAIN: dict[Any, Kind] = {
    Any: ANY,
    object: ANY,
    inspect.Parameter.empty: ANY,
    NoneType: NONE,
    str: _of_type("text", str),
    bytes: _of_type("bytes", bytes),
    bool: _number("True or False", is_flag),
    int: _number("a whole number", is_whole),
    float: _number("a number", is_number),
    date: Kind("a date", _read_date),
    BinaryIO: _kind("an open file of bytes", lambda value: hasattr(value, "read")),
    TextIO: _kind("an open file of text", lambda value: hasattr(value, "write")),
}
