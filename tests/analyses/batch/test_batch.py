"""Batch: rows are the plans that single runs give; interrupted, it goes on; what fails is recorded."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import pytest

from allocate.analyses.batch import piece
from allocate.analyses.batch.grid import Grid, Question, grid_of
from allocate.analyses.batch.many_questions import Batch, Town, batch
from allocate.analyses.batch.results_file import results_file
from allocate.analyses.batch.towns import places_of, towns_at
from allocate.analyses.figures import FIGURES, figures
from allocate.analyses.workers.executors import Done, Executor, Serial, executor_named
from allocate.checking.opening import read_case
from allocate.errors import InputError, UsageError
from allocate.inputs.case import Case
from allocate.inputs.scenario.changes import parse_changes
from allocate.inputs.scenario.variant import apply
from allocate.session import Session
from tests.conftest import TINY

MONEY = grid_of(["pots:P2:amount*{x}", "demand:*:demand*{y}"], ["0.5:1.5:0.5", "y=1;1.2"])


@pytest.fixture(autouse=True, scope="module")
def small_pieces() -> Iterator[None]:
    """Pieces of four, so that six questions are two pieces."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(piece, "SIZE", 4)
        yield


@pytest.fixture(scope="module")
def tiny() -> Case:
    return read_case(TINY)


def run(case: Case, grid: Grid = MONEY, path: Path | None = None, executor: Executor | None = None) -> Batch:
    with results_file(path, "1") as results:
        towns = [Town("tiny", case)]
        return batch(towns, ["silo"], grid, executor=executor or Serial(), results=results, with_offers=True)


@pytest.fixture(scope="module")
def whole(tiny: Case) -> Batch:
    """6 questions, two pieces."""
    return run(tiny)


def test_a_row_is_the_plan_that_a_run_of_its_own_gives(tiny: Case, whole: Batch) -> None:
    assert len(whole.runs) == 6
    for at in (0, 3, 5):
        row = whole.runs.iloc[at]
        lines = row["varied"].split("; ")
        session = Session(tiny)
        plan = session.run(session.add(apply(tiny, "silo", parse_changes(lines, "test", tiny))))
        assert {name: row[name] for name in FIGURES} == pytest.approx(figures(plan), abs=1e-9, nan_ok=True)
        own = whole.offers[whole.offers["run"] == row["run"]]
        assert dict(zip(own["offer_id"], own["capacity"], strict=True)) == pytest.approx(
            dict(zip(plan.offers["offer_id"], plan.offers["capacity"], strict=True)), abs=1e-7
        )


def test_the_grid_is_every_combination_in_order(whole: Batch) -> None:
    assert whole.runs[["x", "y"]].head(3).to_numpy().tolist() == [[0.5, 1.0], [0.5, 1.2], [1.0, 1.0]]
    assert whole.runs["varied"].iloc[1] == "pots:P2:amount*0.5; demand:*:demand*1.2"
    assert whole.summary[["questions", "with_plan", "without_plan", "failed"]].to_numpy().tolist() == [[6, 6, 0, 0]]


@pytest.mark.parametrize("name", ["threads:2", "processes:2"])
def test_results_depend_on_no_executor(tiny: Case, whole: Batch, name: str) -> None:
    with closing(executor_named(name)) as executor:
        other = run(tiny, executor=executor)
    assert other.runs.equals(whole.runs)
    assert other.offers.equals(whole.offers)


@dataclass(frozen=True)
class Interrupted:
    """Somebody presses Ctrl-C after the first piece."""

    name: str = "interrupted"

    def run[Job, Answer](self, work: Callable[[Job], Answer], jobs: Sequence[Job]) -> Iterator[Done[Answer]]:
        yield from Serial().run(work, jobs[:1])
        raise KeyboardInterrupt

    def close(self) -> None:
        """Nothing is held."""


def test_an_interrupted_batch_goes_on_where_it_stopped(tiny: Case, whole: Batch, tmp_path: Path) -> None:
    path = tmp_path / "r.sqlite"
    with pytest.raises(KeyboardInterrupt):
        run(tiny, path=path, executor=Interrupted())
    again = run(tiny, path=path)
    assert (again.answered, again.kept) == (2, 4)
    assert again.runs.equals(whole.runs) and again.offers.equals(whole.offers)
    nothing = run(tiny, path=path)
    assert (nothing.answered, nothing.kept) == (0, 6)
    assert nothing.runs.equals(whole.runs)


def test_another_town_or_change_is_another_question() -> None:
    question = Question("silo", ("pots:P1:amount*1",))
    keys = {question.key("a", "f"), question.key("b", "f"), question.key("a", "g"), Question("silo").key("a", "f")}
    assert len(keys) == 4


def test_what_fails_is_recorded_and_ends_nothing(tiny: Case) -> None:
    towns = [Town("gone", InputError("case-missing", path="gone")), Town("tiny", tiny)]
    grid = grid_of(["offers:A:max_capacity={x}"], ["-5;3"])
    with results_file(None, "1") as results:
        found = batch(towns, ["silo", "nope", "strict"], grid, executor=Serial(), results=results)
    assert found.runs["status"].tolist() == [
        "failed", "failed", "failed", "failed", "optimal", "failed", "failed", "failed", "infeasible",
    ]  # fmt: skip
    said = found.runs["message_en"]
    assert said[0].startswith("[case-missing]") and "max_capacity" in said[3] and "[scenario-unknown]" in said[5]
    assert found.summary["failed"].tolist() == [1, 1, 1, 1, 2, 1]


def test_failures_are_asked_again_and_infeasible_ones_are_not(tiny: Case, tmp_path: Path) -> None:
    path, grid = tmp_path / "r.sqlite", grid_of(["offers:A:max_capacity={x}"], ["-5;3"])
    for expected in ((4, 0), (2, 2)):
        with results_file(path, "1") as results:
            found = batch([Town("t", tiny)], ["silo", "strict"], grid, executor=Serial(), results=results)
        assert (found.answered, found.kept) == expected


def test_no_file_of_somebody_else_is_touched(tmp_path: Path) -> None:
    text, base, old = tmp_path / "notes.txt", tmp_path / "base.sqlite", tmp_path / "old.sqlite"
    text.write_text("not a database " * 100)
    with sqlite3.connect(base) as other:
        other.execute("CREATE TABLE mine (x)")
    other.close()
    with results_file(old, "0.9"):
        pass
    for path, id in ((text, "foreign"), (base, "foreign"), (old, "version"), (tmp_path / "none" / "x", "unwritable")):
        before = path.read_bytes() if path.exists() else None
        with pytest.raises(UsageError) as refused, results_file(path, "1"):
            pass
        assert refused.value.id == f"batch-file-{id}"
        assert (path.read_bytes() if path.exists() else None) == before


@pytest.mark.parametrize(
    ("lines", "over", "id"),
    [
        (["pots:P1:amount*{x}"], [], "batch-axis"),
        (["pots:P1:amount*{x}"], ["y=1;2"], "batch-axis"),
        (["pots:P1:amount*{x}"], ["1;2", "x=3"], "batch-axis"),
        (["pots:P1:amount*{x}"], ["x=2:1:1"], "sweep-over"),
        (
            ["pots:P1:amount*{x}*{y}{z}{u}"],
            ["x=1:100:1", "y=1:100:1", "z=1:100:1", "u=1:100:1"],
            "batch-large",
        ),
    ],
)
def test_a_grid_that_does_not_fit_is_refused(lines: list[str], over: list[str], id: str) -> None:
    with pytest.raises(UsageError) as refused:
        grid_of(lines, over)
    assert refused.value.id == id


def test_a_folder_of_towns_is_its_towns(tmp_path: Path) -> None:
    for name in ("b", "a"):
        (tmp_path / "land" / name).mkdir(parents=True)
        (tmp_path / "land" / name / "spaces.csv").write_text("space_id,name\n")
    (tmp_path / "a").mkdir()
    (tmp_path / "a" / "spaces.csv").write_text("space_id,name\n")
    places = places_of([tmp_path / "land", TINY, tmp_path / "a", TINY])
    assert [one.name for one in places] == [
        str(tmp_path / "land" / "a"), "b", "tiny", str(tmp_path / "a"),
    ]  # fmt: skip
    assert isinstance(next(iter(towns_at([tmp_path / "land"]))).case, InputError)
