"""Growing files: answers in one SQLite file that grows as they come.

Every write is one transaction, so that the file is whole at any moment, also when the program or the machine is
stopped. A command that is given the same file again only asks what it does not hold yet.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

from allocate.errors import UsageError

MEMORY = ":memory:"
# Seconds to wait for somebody who is reading or writing the file.
_PATIENCE = 30.0


@dataclass(frozen=True)
class Kind:
    """What a file of a command is known by, so that no other file is taken for one: header numbers and tables.

    A table ``about`` (name, value), which holds the version of the program, comes along.
    """

    command: str
    application: int
    layout: int
    schema: str


@dataclass(frozen=True)
class Growing:
    """An open file; used by one thread of one process, others may read meanwhile."""

    connection: sqlite3.Connection
    place: str
    kind: Kind

    @contextmanager
    def said(self) -> Iterator[sqlite3.Connection]:
        """The connection; whatever keeps the file from being read or written is said as ``UsageError``."""
        with _said(self.place, self.kind):
            yield self.connection


@contextmanager
def growing(path: Path | None, version: str, kind: Kind) -> Iterator[Growing]:
    """Open the file, begin it where there is none; without a path it is kept in memory only.

    Raises ``UsageError``: batch-file-foreign (another kind of file), batch-file-version (written by another version of
    the program, whose figures must not be mixed with these), batch-file-unwritable.
    """
    place = MEMORY if path is None else str(path)
    with _said(place, kind), closing(sqlite3.connect(place, timeout=_PATIENCE)) as connection:
        empty = not connection.execute("SELECT count(*) FROM sqlite_master").fetchone()[0]
        if not empty and connection.execute("PRAGMA application_id").fetchone()[0] != kind.application:
            raise UsageError("batch-file-foreign", place=place, command=kind.command)
        if empty:
            numbers = f"PRAGMA application_id = {kind.application}; PRAGMA user_version = {kind.layout};"
            about = "CREATE TABLE about (name TEXT PRIMARY KEY, value TEXT NOT NULL);"
            connection.executescript(f"BEGIN;{about}{kind.schema}{numbers}COMMIT;")
            with connection:
                connection.execute("INSERT INTO about VALUES ('allocate', ?)", (version,))
        by = connection.execute("SELECT value FROM about WHERE name = 'allocate'").fetchone()[0]
        layout = connection.execute("PRAGMA user_version").fetchone()[0]
        if (by, layout) != (version, kind.layout):
            raise UsageError("batch-file-version", place=place, by=by, now=version)
        yield Growing(connection, place, kind)


@contextmanager
def _said(place: str, kind: Kind) -> Iterator[None]:
    try:
        yield
    except sqlite3.OperationalError as error:
        raise UsageError("batch-file-unwritable", place=place, reason=str(error)) from error
    except sqlite3.DatabaseError as error:
        raise UsageError("batch-file-foreign", place=place, command=kind.command) from error
