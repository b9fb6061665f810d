"""Whoever writes a sentence or a number for people says in which language: what is left out would be English for all.

What the program itself writes with must be told the language, so that mypy finds a call without one. What
others call (``session.run(...).message()``) answers in English unless asked otherwise; the program always asks.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parents[1] / "src" / "allocate"
# What speaks one room's sentences, names or numbers, whoever asked.
SPOKEN_WITH = ("language.py", "inputs/names.py", "inputs/speaker.py")
# What pandas calls so as well, for something that has no language.
OF_PANDAS = ("map",)
Function = ast.FunctionDef | ast.AsyncFunctionDef
Trees = dict[str, ast.Module]


@pytest.fixture(scope="module")
def trees() -> Trees:
    return {
        path.relative_to(PACKAGE).as_posix(): ast.parse(path.read_text(encoding="utf-8"))
        for path in sorted(PACKAGE.rglob("*.py"))
    }


def place_of_language(function: Function) -> tuple[int | None, bool]:
    """At which place a call gives the language (None: by name alone, or never), and whether it may be left out."""
    inside = function.args
    places = [one.arg for one in (*inside.posonlyargs, *inside.args)]
    if "lang" in places:
        at = places.index("lang")
        return at - (places[0] in ("self", "cls")), at >= len(places) - len(inside.defaults)
    named = dict(zip((one.arg for one in inside.kwonlyargs), inside.kw_defaults, strict=True))
    return None, named.get("lang") is not None


def functions(trees: Trees) -> Iterator[tuple[str, Function]]:
    for file, tree in trees.items():
        yield from ((file, one) for one in ast.walk(tree) if isinstance(one, Function))


def unspoken(trees: Trees) -> list[str]:
    """Calls that leave out a language that all functions of that name take and none of them needs."""
    known: dict[str, set[tuple[int | None, bool]]] = {}
    for _, function in functions(trees):
        known.setdefault(function.name, set()).add(place_of_language(function))
    optional = {
        name: max(99 if at is None else at for at, _ in ways)
        for name, ways in known.items()
        if all(may for _, may in ways) and name not in OF_PANDAS
    }
    found = []
    for file, tree in trees.items():
        for call in (one for one in ast.walk(tree) if isinstance(one, ast.Call)):
            name = getattr(call.func, "attr", getattr(call.func, "id", ""))
            told = any(one.arg in ("lang", None) for one in call.keywords) or len(call.args) > optional.get(name, -1)
            if name in optional and not told:
                found.append(f"{file}:{call.lineno} {ast.unparse(call)}")
    return found


def test_what_sentences_and_numbers_are_written_with_has_no_language_of_its_own(trees: Trees) -> None:
    here = {file: tree for file, tree in trees.items() if file in SPOKEN_WITH}
    ways = [(file, one.name, place_of_language(one)) for file, one in functions(here)]
    assert {file for file, _, (at, _) in ways if at is not None} == set(SPOKEN_WITH)
    assert [(file, name) for file, name, (_, may) in ways if may] == []


def test_no_call_leaves_the_language_out(trees: Trees) -> None:
    assert unspoken(trees) == []


def test_a_call_that_leaves_it_out_is_found() -> None:
    text = """
class Answer:
    def message(self, lang: str = "en") -> str: ...
    def report(self, path, *, lang: str = "en") -> str: ...
    def told(self, lang: str) -> list[str]:
        return [self.message(), self.message(lang), self.report("x"), self.report("x", lang=lang)]
"""
    assert unspoken({"a.py": ast.parse(text)}) == ["a.py:6 self.message()", "a.py:6 self.report('x')"]
