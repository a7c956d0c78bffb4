"""What the session keeps: each name once, by its owner, and no callback that forgets to say so."""

import ast
from pathlib import Path

import pytest
import streamlit as st

from chirocalc.links.base import SETTINGS
from chirocalc.links.codes import COMPARE, GUIDE
from chirocalc.links.visit import VISIT
from chirocalc.ui.shared.session import Kept, KeptByName, Session, input_callback, session

ROOT = Path(__file__).parents[2]
OWNER = ROOT / "chirocalc" / "ui" / "shared" / "session.py"
PAGES = [ROOT / "app.py", *sorted((ROOT / "pages").glob("*.py"))]
SCREEN = [*PAGES, *sorted((ROOT / "chirocalc" / "ui").rglob("*.py"))]
# What a widget can be told to do instead of calling back.
WITHOUT_CALLBACK = {"ignore", "rerun"}


@pytest.fixture
def state(monkeypatch):
    """A session of its own."""
    kept = {}
    monkeypatch.setattr(st, "session_state", kept)
    return kept


def keywords(source):
    """Every call's arguments by name, wherever in a script they stand; but of containers, whose key
    is no name in the session: the style sheet knows them by it."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Call) and getattr(node.func, "attr", "") != "container":
            yield from node.keywords


def names_of_its_own(source):
    """Where a script addresses the session without its owner: by line, what stands there."""
    said = [
        (node.lineno, "session_state")
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.Attribute) and node.attr == "session_state"
    ]
    for word in keywords(source):
        text = isinstance(word.value, ast.JoinedStr) or (
            isinstance(word.value, ast.Constant) and isinstance(word.value.value, str)
        )
        if word.arg == "key" and text:
            said.append((word.value.lineno, ast.unparse(word.value)))
    return said


def undecorated(source):
    """The callbacks of widgets that do not say that an input changed."""
    decorated = {
        node.name
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.FunctionDef)
        and "input_callback" in map(ast.unparse, node.decorator_list)
    }
    return [
        ast.unparse(word.value)
        for word in keywords(source)
        if word.arg in ("on_click", "on_change", "on_select")
        and getattr(word.value, "value", None) not in WITHOUT_CALLBACK
        and ast.unparse(word.value) not in decorated
    ]


@pytest.mark.parametrize("path", SCREEN, ids=lambda path: str(path.relative_to(ROOT)))
def test_the_session_is_addressed_through_its_owner(path):
    """Neither `st.session_state` nor a widget's name of its own stands outside session.py."""
    found = names_of_its_own(path.read_text(encoding="utf-8"))
    assert (found != []) is (path == OWNER), found


def test_each_widgets_callback_says_that_an_input_changed():
    """Without `input_callback` a click may be lost to the address from before it."""
    sources = [path.read_text(encoding="utf-8") for path in SCREEN]
    assert [name for source in sources for name in undecorated(source)] == []
    assert sum("on_click=" in source or "on_change=" in source for source in sources) > 5


def whole_runs_of_callbacks(source):
    """Callbacks that ask for a run of the whole page. Asked for in a callback of a part, Streamlit
    1.67 takes the inputs of all other parts for gone; a part asks for it in its body."""
    return [
        node.name
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.FunctionDef)
        and "input_callback" in map(ast.unparse, node.decorator_list)
        and "st.rerun()" in ast.unparse(node)
    ]


def test_no_callback_asks_for_a_whole_run():
    sources = [path.read_text(encoding="utf-8") for path in SCREEN]
    assert [name for source in sources for name in whole_runs_of_callbacks(source)] == []
    assert whole_runs_of_callbacks("@input_callback\ndef _take():\n    st.rerun()") == ["_take"]
    assert whole_runs_of_callbacks("@input_callback\ndef _take():\n    st.rerun(MORE)") == []


def test_a_callback_that_forgets_and_a_name_of_its_own_are_found():
    """What the two tests above look for, they see."""
    forgets = "def _take(): ...\nst.button('x', on_click=_take)\nst.pills('x', on_change=lambda: 0)"
    assert undecorated(forgets) == ["_take", "lambda: 0"]
    assert undecorated("@input_callback\n" + forgets) == ["lambda: 0"]
    assert undecorated("st.tabs([], on_change='rerun')\nst.button('x', on_click='ignore')") == []
    assert names_of_its_own("st.pills('x', key='chips')\nst.pills('x', key=f'quick {x}')") == [
        (1, "'chips'"),
        (2, "f'quick {x}'"),
    ]
    assert names_of_its_own("a\nst.session_state['x']") == [(2, "session_state")]
    assert names_of_its_own("st.pills('x', key=Session.chips.key)") == []


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.name)
def test_no_page_imports_another(path):
    """Each page is a script of its own, and short."""
    text = path.read_text(encoding="utf-8")
    nodes = list(ast.walk(ast.parse(text)))
    modules = {node.module for node in nodes if isinstance(node, ast.ImportFrom)}
    modules |= {a.name for node in nodes if isinstance(node, ast.Import) for a in node.names}
    assert not {name.split(".")[0] for name in modules} & {"app", "pages"}
    body = next(node for node in ast.parse(text).body if isinstance(node, ast.With))
    assert body.end_lineno - body.lineno < 40


def test_each_thing_has_a_name_of_its_own():
    """No two things share a name in the state, and none has the name of a setting."""
    kept = [each for each in vars(Session).values() if isinstance(each, (Kept, KeptByName))]
    names = [each.key if isinstance(each, Kept) else each.key("") for each in kept]
    assert len(names) > 35
    assert sorted({*names}) == sorted(names)
    assert not {field.key for field in SETTINGS.values()} & {*names}


def set_twice(source):
    """The names that the class Session sets more than once: Python keeps the last in silence."""
    classes = (node for node in ast.parse(source).body if isinstance(node, ast.ClassDef))
    body = next(node for node in classes if node.name == "Session").body
    names = [
        name.id
        for node in body
        if isinstance(node, ast.Assign)
        for target in node.targets
        for name in ast.walk(target)
        if isinstance(name, ast.Name)
    ]
    return sorted({name for name in names if names.count(name) > 1})


def test_nothing_is_kept_under_a_name_that_is_taken():
    assert set_twice(OWNER.read_text(encoding="utf-8")) == []
    assert set_twice("class Session:\n    a, b = 1, 2\n    b = 3") == ["b"]


def test_the_inputs_of_links_are_kept_under_the_links_names():
    """What a page keeps is what its link writes."""
    assert Session.adjusted.key == VISIT.own["adj"].key
    assert Session.tie.key == VISIT.own["tie"].key
    assert Session.modifiers.key("spinal") == VISIT.own["cmt"].key
    assert Session.modifiers.key("extraspinal") == VISIT.own["extra"].key
    assert Session.compared.key == COMPARE.own["codes"].key
    assert Session.code.key == GUIDE.own["code"].key


def test_what_is_kept_is_read_and_forgotten(state):
    """By name and by service; what was never set is what stands for it."""
    assert (session.tie, session.services, session.amount["97110"]) == (None, [], None)
    session.tie, session.services, session.amount["97110"] = "97110", ["97110"], 20.0
    assert state == {"tie": "97110", "codes": ["97110"], "amount 97110": 20.0}
    assert (session.tie, session.services, session.amount["97110"]) == ("97110", ["97110"], 20.0)
    del session.tie
    del session.tie  # what is not there can be forgotten too
    assert session.tie is None
    session.amount.begin("97110")
    session.modifiers.begin("97110")
    assert (state["amount 97110"], state["modifiers 97110"]) == (20.0, [])


def test_no_two_sessions_share_what_stands_for_nothing(state):
    """A list that was never set is a new one each time."""
    session.services.append("97110")
    session.modifiers.begin("97110")
    state["modifiers 97110"].append("59")
    assert session.services == []
    assert session.modifiers["97112"] == []


def test_a_new_address_leaves_nothing_of_the_inputs_before(state):
    """Of the visit's services, their taps, and what Compare could not take; the rest stays."""
    link = {"do": "97110.20~head~XS~yes", "adj": "lumbar", "cmt": "AT"}
    state |= VISIT.decode(link)[0]
    state |= {"tapped 97110": (20.0, None, 1.0), "compare_problem": "fits no code", "chips": []}
    session.links = {"app.py": link}
    inputs, _ = VISIT.decode({"do": "97112.8"})
    session.begin_anew(inputs, VISIT.repeats)
    assert state == inputs | {"chips": [], "links": {"app.py": link}}


def test_a_callback_says_that_an_input_changed(state):
    """Before it changes anything, with its own arguments and under its own name."""
    said = []

    @input_callback
    def take(key, minutes=0):
        """Take it."""
        said.append((session.touched, key, minutes))

    assert not session.touched
    take("97110", minutes=8)
    assert said == [(True, "97110", 8)]
    assert session.touched
    assert (take.__name__, take.__doc__) == ("take", "Take it.")
