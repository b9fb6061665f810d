"""Results file: the answers of a batch in one file that grows as they come (``growing``), a piece in one transaction.

Tables: ``runs`` (one row a question, docs/batch.md) and ``offers`` (where they were asked for).
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from allocate.analyses.batch.grid import Question
from allocate.analyses.batch.piece import Answer
from allocate.analyses.figures import FIGURES
from allocate.analyses.workers.growing import Growing, Kind, growing

_HEAD = (
    "run", "town", "fingerprint", "scenario_id", "varied", "values_json", "status", "is_unique", "message_de",
    "message_en",
)  # fmt: skip
_SCHEMA = f"""
CREATE TABLE runs ({", ".join(f"{name} TEXT NOT NULL" for name in _HEAD)},
    {", ".join(f"{name} REAL" for name in FIGURES)}, PRIMARY KEY (run)) WITHOUT ROWID;
CREATE TABLE offers (run TEXT NOT NULL, offer_id TEXT NOT NULL, capacity REAL, cost_eur REAL, change_eur REAL,
    PRIMARY KEY (run, offer_id)) WITHOUT ROWID;
"""
# "allo" in the header of the file.
KIND = Kind("batch", 0x616C6C6F, 1, _SCHEMA)


@dataclass(frozen=True)
class Asked:
    """A question with the town it is about: what a row of results says beside the answer."""

    key: str
    town: str
    fingerprint: str
    question: Question

    @staticmethod
    def about(question: Question, town: str, fingerprint: str) -> Asked:
        """A question about a town by its name and fingerprint (blank where it could not be read)."""
        return Asked(question.key(town, fingerprint), town, fingerprint, question)


class ResultsFile:
    """The answers of one or several batches. Used by one thread of one process; others may read meanwhile."""

    def __init__(self, file: Growing) -> None:
        self._file = file

    def statuses(self) -> dict[str, str]:
        """Key -> status of every answer that is there."""
        with self._file.said() as connection:
            return dict(connection.execute("SELECT run, status FROM runs"))

    def with_offers(self) -> set[str]:
        """The keys of the answers whose offers are there."""
        with self._file.said() as connection:
            return {key for (key,) in connection.execute("SELECT DISTINCT run FROM offers")}

    def keep(self, answers: Sequence[tuple[Asked, Answer]]) -> None:
        """Write answers, all of them or none; earlier ones to the same questions are replaced."""
        rows = [_row(asked, answer) for asked, answer in answers]
        offers = [(answer.key, *offer) for _, answer in answers for offer in answer.offers]
        marks = ", ".join("?" * (len(_HEAD) + len(FIGURES)))
        with self._file.said() as connection, connection:
            connection.executemany(f"INSERT OR REPLACE INTO runs VALUES ({marks})", rows)
            connection.executemany("INSERT OR REPLACE INTO offers VALUES (?, ?, ?, ?, ?)", offers)

    def runs(self, keys: Sequence[str]) -> pd.DataFrame:
        """The answers to some questions in their order, as far as they are there."""
        with self._file.said() as connection:
            table = pd.read_sql_query("SELECT * FROM runs", connection)
        known = table.set_index("run")
        return known.loc[[key for key in dict.fromkeys(keys) if key in known.index]].reset_index()

    def offers(self, keys: Sequence[str]) -> pd.DataFrame:
        """The offers of some answers, in the order of the questions."""
        with self._file.said() as connection:
            table = pd.read_sql_query("SELECT * FROM offers", connection)
        order = {key: number for number, key in enumerate(dict.fromkeys(keys))}
        own = table[table["run"].isin(order)]
        at = own["run"].map(order)
        return own.assign(at=at).sort_values(["at", "offer_id"], ignore_index=True).drop(columns="at")


@contextmanager
def results_file(path: Path | None, version: str) -> Iterator[ResultsFile]:
    """Open the file of results, begin it where there is none; without a path the results are kept in memory only.

    Raises ``UsageError`` as ``growing`` does.
    """
    with growing(path, version, KIND) as file:
        yield ResultsFile(file)


def _row(asked: Asked, answer: Answer) -> tuple[object, ...]:
    question = asked.question
    return (
        answer.key,
        asked.town,
        asked.fingerprint,
        question.scenario_id,
        "; ".join(question.lines),
        json.dumps(dict(question.values)),
        answer.status,
        "yes" if answer.unique else "no",
        answer.messages.get("de", ""),
        answer.messages.get("en", ""),
        *(answer.figures.get(name) for name in FIGURES),
    )
