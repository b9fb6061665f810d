"""The exception tree: everything that can go wrong, said with id, place, rule and next step.

    AllocateError                 exit code 2
    |-- InputError                a case that cannot be read or has findings of severity error (carries them all)
    |-- UsageError                a request that cannot be answered (unknown scenario, solver, id ...; exit code 1
    |                             where the reason is that the scenario has no feasible plan)
    |-- SolverMissing             a solver whose extra is not installed
    `-- CertificateError          a plan that failed the independent check and is therefore not shown (exit code 3)

An error holds an id and the values of its sentence; the sentence itself stands in ``errors.csv``, in German and
English, so that the same error can be said in the reader's language.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from allocate.language import Texts, in_language

if TYPE_CHECKING:
    import pandas as pd

_TEXTS = Texts("allocate", "errors.csv")

# Questions about a plan that the rules do not allow: nothing is wrong with the input, there is only no plan.
_NO_PLAN = {"no-feasible-plan", "explain-no-plan"}
_SHOWN = 3  # findings that an error tells by itself
_LONGEST = 60  # letters of a wrong value that are shown


class AllocateError(Exception):
    """A failure with an id, a place, and a sentence with its next step in German and English.

    ``id`` is the stable key of the sentence in ``errors.csv``; ``place`` says where (file, sheet, row, column,
    command option), blank where there is none; ``values`` fill the sentence, numbers with a fraction as the reader
    writes them, texts by language in the reader's.
    """

    @property
    def exit_code(self) -> int:
        """What a command that ends with this error returns."""
        return 2

    def __init__(self, id: str, *, place: str = "", **values: object) -> None:
        self.id = id
        self.place = place
        self.values = values
        super().__init__(self.text("en"))

    def sentence(self, lang: str = "en") -> str:
        """What is wrong and what to do next, without id and place."""
        return _TEXTS.say(self.id, lang, **{key: in_language(value, lang) for key, value in self.values.items()})

    def text(self, lang: str = "en") -> str:
        """The one-line message: id, place, what is wrong, what to do next."""
        place = f"{self.place}: " if self.place else ""
        return f"[{self.id}] {place}{self.sentence(lang)}"

    def __reduce__(self) -> tuple[object, ...]:
        """How the error is copied and sent to another process: made anew from its id, place and values."""
        return _made, (type(self), self.id, self.place, dict(self.values)), dict(vars(self))


class InputError(AllocateError):
    """A case that cannot be used; ``findings`` is the table of all findings (columns of ``inputs.findings``)."""

    def __init__(self, id: str, *, place: str = "", findings: pd.DataFrame | None = None, **values: object) -> None:
        super().__init__(id, place=place, **values)
        self.findings = findings

    def __str__(self) -> str:
        """The message and, line by line, the first findings that are errors; ``findings`` has them all."""
        if self.findings is None:
            return self.text("en")
        wrong = self.findings[self.findings["severity"] == "error"]
        lines = [_line(row) for row in wrong.head(_SHOWN).to_dict("records")]
        rest = len(wrong) - len(lines)
        return "\n".join([self.text("en"), *lines, *([f"  ... (+{rest})"] if rest else [])])


class UsageError(AllocateError):
    """A request that cannot be answered as it was put (exit code 1: because no plan meets all rules)."""

    @property
    def exit_code(self) -> int:
        """1 where the scenario asked about has no feasible plan, else 2."""
        return 1 if self.id in _NO_PLAN else 2


class SolverMissing(AllocateError):
    """A solver that is not installed; the message names the extra to install."""


class CertificateError(AllocateError):
    """A plan that the arrays (feasibility, objective, bound) or the tables (the judge) do not confirm; never shown."""

    @property
    def exit_code(self) -> int:
        """3: stopped before anything could be proven."""
        return 3


def expect(value: object, kinds: type | tuple[type, ...], what: str) -> None:
    """Refuse a value of another type than a function takes. Raises ``UsageError`` ``type-unexpected``.

    ``what`` names the argument. Yes and no are no numbers, though Python counts them as whole ones.
    """
    wanted = kinds if isinstance(kinds, tuple) else (kinds,)
    if isinstance(value, wanted) and (bool in wanted or not isinstance(value, bool)):
        return
    names = " / ".join(kind.__name__ for kind in wanted)
    said = repr(value) if isinstance(value, str | int | float | bool | None) else ""
    given = f"{type(value).__name__} {said[:_LONGEST]}".strip()
    raise UsageError("type-unexpected", place=what, expected=names, given=given)


def _made[Error: AllocateError](kind: type[Error], id: str, place: str, values: Mapping[str, object]) -> Error:
    return kind(id, place=place, **values)


def _line(finding: Mapping[object, object]) -> str:
    """One finding as a line: where, what is wrong, what to do next."""
    words = {word: str(finding[word]) for word in ("sheet", "row", "column")}
    place = [str(finding["file"]), *(f"{word} {at}" for word, at in words.items() if at not in ("", "<NA>"))]
    return f"  {' '.join(place)}: {finding['message']} {finding['fix']}"
