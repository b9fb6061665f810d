"""Batch: many scenarios, values and towns, answered by any executor, kept as they come, continued where it stopped."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import pandas as pd

from allocate.analyses.batch.grid import Grid, Question
from allocate.analyses.batch.piece import FAILED, Answer, Piece, answered, failed, pieces_of
from allocate.analyses.batch.results_file import Asked, ResultsFile
from allocate.analyses.workers.executors import Executor, Failure
from allocate.errors import AllocateError
from allocate.inputs.case import Case
from allocate.inputs.scenario.variant import scenario, scenario_ids
from allocate.language import LANGUAGES, Texts, number
from allocate.results.columns import Columns
from allocate.results.told import Told
from allocate.solve.solution import Status

TEXTS = Texts("allocate.analyses.batch")
# What a file of results holds but a batch asks again: a fault or a limit may not come back.
AGAIN = (FAILED, str(Status.LIMIT))
SUMMARY_COLUMNS = Columns(
    "town", "scenario_id", "questions", "with_plan", "without_plan", "failed", "lowest_coverage", "median_coverage",
    "highest_coverage", "lowest_objective", "highest_objective",
)  # fmt: skip


@dataclass(frozen=True)
class Town:
    """A town of a batch: its name in the results, and the case or why there is none."""

    name: str
    case: Case | AllocateError


@dataclass(frozen=True, eq=False, repr=False)
class Batch(Told):
    """The answers of a batch.

    ``runs``: a row per question (columns of the file, the letters of the grid instead of ``values_json``); ``summary``:
    by town and scenario; ``offers``: of every run, where asked for. ``answered`` now, ``kept`` from before.
    ``letters``: the placeholders that were varied, each a column of ``runs``.
    """

    JSON: ClassVar = ("answered", "kept", "summary", "runs=runs_in", "offers", "messages")

    runs: pd.DataFrame
    summary: pd.DataFrame
    offers: pd.DataFrame
    answered: int
    kept: int
    letters: tuple[str, ...] = ()

    def runs_in(self, lang: str = "en") -> pd.DataFrame:
        """``runs`` with one ``message``, in the reader's language."""
        others = [f"message_{other}" for other in LANGUAGES if other != lang]
        return self.runs.rename(columns={f"message_{lang}": "message"}).drop(columns=others)

    def messages(self, lang: str = "en") -> list[str]:
        """How the batch ended, in sentences."""
        said = [TEXTS.say("answered", lang, count=number(self.answered, lang))]
        if self.kept:
            said.append(TEXTS.say("kept", lang, count=number(self.kept, lang)))
        return [*said, *self.without_plan(lang)]

    def without_plan(self, lang: str = "en") -> list[str]:
        """How many questions have no plan or an unfinished one, a sentence for each cause."""
        counts = self.runs["status"].value_counts()
        return [
            self._said(status, int(counts[status]), lang)
            for status in (str(Status.INFEASIBLE), *AGAIN)
            if status in counts.index
        ]

    def _said(self, status: str, count: int, lang: str) -> str:
        """How often it ended so; the reason itself, where all that failed have one."""
        failed = self.runs.loc[self.runs["status"].eq(status), f"message_{lang}"].dropna().unique()
        if status == FAILED and len(failed) == 1 and str(failed[0]):
            return TEXTS.say("failed.same", lang, count=number(count, lang), reason=str(failed[0]))
        return TEXTS.say(status, lang, count=number(count, lang))


def batch(
    towns: Iterable[Town],
    scenarios: Sequence[str],
    grid: Grid,
    *,
    executor: Executor,
    results: ResultsFile,
    seconds: float = float("inf"),
    with_offers: bool = False,
    begin: Callable[[int], None] = lambda _: None,
    step: Callable[[str], None] = lambda _: None,
) -> Batch:
    """Ask every scenario of every town (none named: all of each) with every combination of the grid's values.

    What ``results`` holds already is not asked again, unless it failed or met a limit. ``begin`` hears how many
    questions are left, ``step`` each one answered. Nothing that goes wrong with one question or town ends the others;
    raises ``UsageError`` where ``results`` cannot be written or the executor is gone.
    """
    known = results.statuses()
    before = {key for key, status in known.items() if status not in AGAIN}
    asked, pieces = _asked(towns, scenarios, grid, results, known, seconds, with_offers)
    begin(sum(len(piece.questions) for piece in pieces))
    by_key = {one.key: one for one in asked}
    kept = (before & by_key.keys()) - {key for piece in pieces for key, _ in piece.questions}
    for at, found in executor.run(answered, pieces):
        answers = _lost(pieces[at], found.reason) if isinstance(found, Failure) else found
        results.keep([(by_key[answer.key], answer) for answer in answers])
        for answer in answers:
            one = by_key[answer.key]
            step(f"{one.town} {one.question.scenario_id}")
    keys = [one.key for one in asked]
    runs = _with_letters(results.runs(keys), grid)
    offers = results.offers(keys) if with_offers else results.offers([])
    return Batch(runs, summary_of(runs), offers, len(by_key) - len(kept), len(kept), tuple(grid.axes))


def _asked(
    towns: Iterable[Town],
    scenarios: Sequence[str],
    grid: Grid,
    results: ResultsFile,
    known: Mapping[str, str],
    seconds: float,
    with_offers: bool,
) -> tuple[list[Asked], list[Piece]]:
    """All questions in order, and the pieces of those that are still open; what cannot be asked is answered here."""
    complete = results.with_offers() if with_offers else set()
    asked: list[Asked] = []
    pieces: list[Piece] = []
    for town in towns:
        if isinstance(town.case, AllocateError):
            refused = [Asked.about(Question(id), town.name, "") for id in scenarios or [""]]
            results.keep([(one, failed(one.key, town.case)) for one in refused])
            asked += refused
            continue
        own = [Asked.about(one, town.name, town.case.fingerprint) for one in _of(town.case, scenarios, grid)]
        asked += own
        opened = []
        for one in dict.fromkeys(own):
            status = known.get(one.key, FAILED)
            bare = with_offers and one.key not in complete and status != str(Status.INFEASIBLE)
            if status in AGAIN or bare:
                opened.append((one.key, one.question))
        if opened:
            pieces += pieces_of(town.case, opened, seconds=seconds, with_offers=with_offers)
    return asked, pieces


def _of(case: Case, scenarios: Sequence[str], grid: Grid) -> list[Question]:
    return grid.questions(list(scenarios) or _runnable(case, grid))


def _runnable(case: Case, grid: Grid) -> list[str]:
    """All scenarios; those that only judge today are left out where values are varied, for nothing is planned there."""
    ids = scenario_ids(case)
    return [one for one in ids if not (grid.lines and scenario(case, one).evaluate)]


def _lost(piece: Piece, reason: str) -> list[Answer]:
    messages = {lang: TEXTS.say("lost", lang, reason=reason) for lang in LANGUAGES}
    return [Answer(key, FAILED, messages=messages) for key, _ in piece.questions]


def _with_letters(runs: pd.DataFrame, grid: Grid) -> pd.DataFrame:
    """The rows with a column for every placeholder in place of the JSON of all of them."""
    found = [json.loads(text) for text in runs["values_json"]]
    columns = list(runs.columns)
    at = columns.index("values_json")
    values = {letter: pd.Series([one.get(letter) for one in found], runs.index, dtype=float) for letter in grid.axes}
    return runs.assign(**values)[[*columns[:at], *values, *columns[at + 1 :]]]


def summary_of(runs: pd.DataFrame) -> pd.DataFrame:
    """One row per town and scenario: how many questions ended how, and between what the plans lie."""
    rows = []
    for (town, scenario_id), own in runs.groupby(["town", "scenario_id"], sort=False):
        planned = own["objective"].notna()
        coverage = own.loc[planned, "weighted_coverage"]
        broken = own["status"].eq(FAILED)
        rows.append(
            {
                "town": town,
                "scenario_id": scenario_id,
                "questions": len(own),
                "with_plan": int(planned.sum()),
                "without_plan": int((~planned & ~broken).sum()),
                "failed": int(broken.sum()),
                "lowest_coverage": coverage.min() if len(coverage) else np.nan,
                "median_coverage": coverage.median() if len(coverage) else np.nan,
                "highest_coverage": coverage.max() if len(coverage) else np.nan,
                "lowest_objective": own["objective"].min(),
                "highest_objective": own["objective"].max(),
            }
        )
    return SUMMARY_COLUMNS.of(rows)
