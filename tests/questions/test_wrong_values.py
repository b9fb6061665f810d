"""Wrong values: whatever a public method is given, it answers, or refuses with an error of our own."""

from __future__ import annotations

import inspect
import math
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import allocate
from allocate import arguments
from allocate.inputs.handed import OneLine
from tests.questions.conftest import TINY

ODD: tuple[object, ...] = (
    object(), 3.5, -1, 10**9, float("nan"), float("inf"), b"x", True, None, {}, 1 + 2j, "", "☃", "1;2", [], [None],
    [object()],    ["☃"], ["☃", 3], [float("nan")], pd.DataFrame({"a": [1]}), pd.DataFrame(), np.array([np.nan]),
)  # fmt: skip
# What a method is given beside the wrong value.
GIVEN: dict[str, object] = {
    "scenario": "pooled", "scenario_id": "pooled", "against": "moved", "change": "pots:*:amount*{x}", "over": (1.0,),
    "parent": "pooled", "reason": "r", "place": "pots.amount", "value": 1, "factor": 1, "amount": 1, "table": "offers",
    "row": {"offer_id": "Z"}, "name": "offers", "path": "x.html", "folder": "f", "kind": "coverage",
    "dimension": "payer",
}  # fmt: skip
# Methods that only our own rooms call, which check nothing twice.
INSIDE = {"with_notes", "compiled", "loaded", "optimum", "variant", "place", "number", "parameter", "under", "frames"}
# What takes long and is refused before: nothing odd that fits is really asked.
LONG = {"robust", "report", "land", "batch", "solve_many", "participation", "alternatives", "duplication", "fairness"}


@cache
def held() -> dict[str, object]:
    """What an analyst holds in hand."""
    session = allocate.Session(allocate.read_case(TINY))
    program = session.program("pooled")
    GIVEN.update({"x": np.zeros(program.arrays.column_count), "cases": [session.case], "case": session.case})
    return {
        "Session": session,
        "Case": session.case,
        "NewScenario": session.case.scenario("C", parent="pooled", reason="r"),
        "Allocation": session.run("pooled"),
        "Runs": session.runs("pooled"),
        "Program": program,
        "Comparison": session.compare("pooled"),
        "Frontier": session.frontier("pooled", against="moved"),
        "Ladder": session.ladder("pooled", step=90),
        "Grants": session.money(),
        "Scenarios": session.scenarios("pooled"),
        "Explanation": session.explain("pooled", pot="P1"),
        "Conflict": session.conflicts("pooled"),
        "Picture": session.run("pooled").map(),
        "Report": session.report("today"),
        "Checked": allocate.check(TINY),
        "allocate": allocate,
    }


KINDS = (
    "Session", "Case", "NewScenario", "Allocation", "Runs", "Program", "Comparison", "Frontier", "Ladder", "Grants",
    "Scenarios", "Explanation", "Conflict", "Picture", "Report", "Checked", "allocate",
)  # fmt: skip


def methods(owner: object) -> Iterator[tuple[str, Callable[..., object]]]:
    for name, method in inspect.getmembers(owner, callable):
        if not name.startswith("_") and name not in INSIDE | {"import_module"} and not isinstance(method, type):
            yield name, method


def wrong_for(method: Callable[..., object], parameter: inspect.Parameter, *, is_long: bool) -> Iterator[object]:
    """The odd values that are no default; of those that fit only ids that do not exist, and nothing that takes long."""
    kinds = arguments.kinds_of(method).get(parameter.name, [])
    for value in ODD:
        chosen = next((kind for kind in kinds if kind.fits(value)), None)
        fits = chosen is not None and all(
            not math.isnan(one) and (bounds == arguments.Within() or bounds.holds(one))
            for bounds, one in chosen.numbers(value)
        )
        asks = isinstance(value, str) and value == "☃" and not (is_long and parameter.name == "audience")
        if not fits or (asks and not is_long):
            yield value


def call(method: Callable[..., Any], parameter: inspect.Parameter, value: object) -> object:
    given = {
        one.name: GIVEN[one.name]
        for one in inspect.signature(method).parameters.values()
        if one.name in GIVEN and one.default is one.empty and one.kind is not one.VAR_POSITIONAL
    }
    if method.__name__ == "explain":
        given["pot"] = "P1"
    given.pop(parameter.name, None)
    if parameter.kind is parameter.VAR_POSITIONAL:
        return method(*given.values(), value)
    if parameter.kind is parameter.VAR_KEYWORD:
        return method("n", **{"odd": value}) if method.__name__ == "from_frames" else method(**{**given, "odd": value})
    return method(value) if parameter.kind is parameter.POSITIONAL_ONLY else method(**given, **{parameter.name: value})


@pytest.mark.parametrize("kind", KINDS)
def test_whatever_a_public_method_is_given_no_foreign_error_comes_out(
    kind: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    tried, foreign = 0, []
    for name, method in methods(held()[kind]):
        for parameter in inspect.signature(method).parameters.values():
            for value in wrong_for(method, parameter, is_long=name in LONG):
                tried += 1
                try:
                    call(method, parameter, value)
                except allocate.AllocateError as error:
                    assert "{" not in (error.text("de") + error.text("en")).replace("{x}", "")
                except Exception as error:
                    foreign.append(f"{name}({parameter.name}={value!r:.40}): {error!r:.90}")
    assert not foreign, "\n".join(foreign)
    assert tried or not any(inspect.signature(one).parameters for _, one in methods(held()[kind]))


def test_what_was_known_to_go_wrong_is_told() -> None:
    session = held()["Session"]
    assert isinstance(session, allocate.Session)
    for ask, id, place in (
        (lambda: session.robust("pooled", runs=-1), "value-outside", "runs"),
        (lambda: session.runs("pooled").table("xx"), "table-unknown", "name"),
        (lambda: session.fairness("pooled", target=float("nan")), "type-unexpected", "target"),
        (lambda: session.ladder("pooled", step=[90, "many"]), "type-unexpected", "step"),
        (lambda: session.frontier("pooled", against="money"), "type-unexpected", "against"),
        (lambda: session.marginal("pooled", phases=3), "type-unexpected", "phases"),
        (lambda: session.explain("pooled", offer=7), "type-unexpected", "offer"),
        (lambda: session.program("pooled").objective([1.0, 2.0]), "point-odd", "x"),
        (lambda: session.run("pooled").message("fr"), "type-unexpected", "lang"),
    ):
        with pytest.raises(allocate.UsageError) as told:
            ask()
        assert (told.value.id, told.value.place) == (id, place)


def test_numbers_of_numpy_are_numbers() -> None:
    session = held()["Session"]
    assert isinstance(session, allocate.Session)
    found = session.ladder("pooled", step=np.array([90.0, 100.0]))
    assert found.steps["budget_share"].tolist() == [0.9, 1.0]
    assert session.robust("pooled", runs=np.int64(0), inputs=np.int64(0)).scenario_id == "pooled"


def test_every_answer_checks_what_its_methods_are_given() -> None:
    """By its base: a new answer gets it without a word."""

    class Answer(OneLine):
        def shown(self, count: int) -> int:
            """A number."""
            return count

    with pytest.raises(allocate.UsageError, match="type-unexpected"):
        Answer().shown("many")  # type: ignore[arg-type]
