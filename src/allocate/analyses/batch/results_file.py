"""Results file: the answers of a batch in one SQLite file that grows as they come.

Every piece is written in one transaction, so that the file is whole at any moment, also when the program or the
machine is stopped; a batch that is begun again with the same file only asks what it does not hold yet. Tables:
``runs`` (one row a question, docs/batch.md) and ``offers`` (where they were asked for).
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from allocate.analyses.batch.grid import Question
from allocate.analyses.batch.piece import Answer
from allocate.analyses.figures import FIGURES
from allocate.errors import UsageError

# "allo" in the header of the file, so that no other program's file is taken for one of ours.
APPLICATION, LAYOUT = 0x616C6C6F, 1
MEMORY = ":memory:"
# Seconds to wait for somebody who is reading or writing the file.
_PATIENCE = 30.0
_HEAD = (
    "run", "town", "fingerprint", "scenario_id", "varied", "values_json", "status", "is_unique", "message_de",
    "message_en",
)  # fmt: skip
_SCHEMA = f"""
CREATE TABLE about (name TEXT PRIMARY KEY, value TEXT NOT NULL);
CREATE TABLE runs ({", ".join(f"{name} TEXT NOT NULL" for name in _HEAD)},
    {", ".join(f"{name} REAL" for name in FIGURES)}, PRIMARY KEY (run)) WITHOUT ROWID;
CREATE TABLE offers (run TEXT NOT NULL, offer_id TEXT NOT NULL, capacity REAL, cost_eur REAL, change_eur REAL,
    PRIMARY KEY (run, offer_id)) WITHOUT ROWID;
PRAGMA application_id = {APPLICATION};
PRAGMA user_version = {LAYOUT};
"""


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

    def __init__(self, connection: sqlite3.Connection, place: str) -> None:
        self._connection = connection
        self.place = place

    def statuses(self) -> dict[str, str]:
        """Key -> status of every answer that is there."""
        with _said(self.place):
            return dict(self._connection.execute("SELECT run, status FROM runs"))

    def with_offers(self) -> set[str]:
        """The keys of the answers whose offers are there."""
        with _said(self.place):
            return {key for (key,) in self._connection.execute("SELECT DISTINCT run FROM offers")}

    def keep(self, answers: Sequence[tuple[Asked, Answer]]) -> None:
        """Write answers, all of them or none; earlier ones to the same questions are replaced."""
        rows = [_row(asked, answer) for asked, answer in answers]
        offers = [(answer.key, *offer) for _, answer in answers for offer in answer.offers]
        marks = ", ".join("?" * (len(_HEAD) + len(FIGURES)))
        with _said(self.place), self._connection:
            self._connection.executemany(f"INSERT OR REPLACE INTO runs VALUES ({marks})", rows)
            self._connection.executemany("INSERT OR REPLACE INTO offers VALUES (?, ?, ?, ?, ?)", offers)

    def runs(self, keys: Sequence[str]) -> pd.DataFrame:
        """The answers to some questions in their order, as far as they are there."""
        with _said(self.place):
            table = pd.read_sql_query("SELECT * FROM runs", self._connection)
        known = table.set_index("run")
        return known.loc[[key for key in dict.fromkeys(keys) if key in known.index]].reset_index()

    def offers(self, keys: Sequence[str]) -> pd.DataFrame:
        """The offers of some answers, in the order of the questions."""
        with _said(self.place):
            table = pd.read_sql_query("SELECT * FROM offers", self._connection)
        order = {key: number for number, key in enumerate(dict.fromkeys(keys))}
        own = table[table["run"].isin(order)]
        at = own["run"].map(order)
        return own.assign(at=at).sort_values(["at", "offer_id"], ignore_index=True).drop(columns="at")


@contextmanager
def results_file(path: Path | None, version: str) -> Iterator[ResultsFile]:
    """Open the file of results, begin it where there is none; without a path the results are kept in memory only.

    Raises ``UsageError``: batch-file-foreign (another kind of file), batch-file-version (written by another version of
    the program, whose figures must not be mixed with these), batch-file-unwritable.
    """
    place = MEMORY if path is None else str(path)
    with _said(place), closing(sqlite3.connect(place, timeout=_PATIENCE)) as connection:
        empty = not connection.execute("SELECT count(*) FROM sqlite_master").fetchone()[0]
        if not empty and connection.execute("PRAGMA application_id").fetchone()[0] != APPLICATION:
            raise UsageError("batch-file-foreign", place=place)
        if empty:
            connection.executescript(f"BEGIN;{_SCHEMA}COMMIT;")
            with connection:
                connection.execute("INSERT INTO about VALUES ('allocate', ?)", (version,))
        by = connection.execute("SELECT value FROM about WHERE name = 'allocate'").fetchone()[0]
        layout = connection.execute("PRAGMA user_version").fetchone()[0]
        if (by, layout) != (version, LAYOUT):
            raise UsageError("batch-file-version", place=place, by=by, now=version)
        yield ResultsFile(connection, place)


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


@contextmanager
def _said(place: str) -> Iterator[None]:
    """Whatever keeps the file from being read or written is said as ``UsageError``."""
    try:
        yield
    except sqlite3.OperationalError as error:
        raise UsageError("batch-file-unwritable", place=place, reason=str(error)) from error
    except sqlite3.DatabaseError as error:
        raise UsageError("batch-file-foreign", place=place) from error
