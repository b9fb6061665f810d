"""Keeping: working copies in a file, so that a reload, a restart or a killed process loses none.

Every change is one transaction of SQLite. The journal is a file that is deleted (not a shared memory), so that the
folder may lie on a network drive.
"""

from __future__ import annotations

import os
import secrets
import sqlite3
import threading
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from allocate.web.desk import Desk

_FILE = "desks.sqlite"


def home() -> Path:
    """The folder in which the page keeps working copies and uploaded cases, made where it does not exist."""
    chosen = os.environ.get("ALLOCATE_HOME")
    if chosen:
        folder = Path(chosen)
    elif os.name == "nt":
        folder = Path(os.environ.get("LOCALAPPDATA", Path.home())) / "allocate"
    else:
        folder = Path(os.environ.get("XDG_DATA_HOME", Path.home() / ".local" / "share")) / "allocate"
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    return folder


class Keeper:
    """All desks of one folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.file = folder / _FILE
        self._lock = threading.Lock()
        with self._open() as base:
            base.execute("CREATE TABLE IF NOT EXISTS desks (id TEXT PRIMARY KEY, desk TEXT NOT NULL, touched REAL)")

    @contextmanager
    def _open(self) -> Iterator[sqlite3.Connection]:
        with self._lock, closing(sqlite3.connect(self.file, timeout=30)) as base:
            base.execute("PRAGMA journal_mode=DELETE")
            with base:
                yield base

    def begin(self, path: Path, name: str, base: str) -> Desk:
        """A new desk on a case."""
        return self.keep(Desk(secrets.token_urlsafe(9), str(path), name, base))

    def branch(self, desk: Desk) -> Desk:
        """A second working copy beside the first."""
        return self.keep(desk.branched(secrets.token_urlsafe(9)))

    def beside(self, desk: Desk) -> list[Desk]:
        """The other working copies of the same case that were branched from the same one, in an order that stays."""
        with self._open() as base:
            rows = base.execute(
                "SELECT desk FROM desks WHERE desk LIKE ? ORDER BY id", (f"%{desk.family}%",)
            ).fetchall()
        known = [one for row in rows if (one := _read(row[0])) is not None]
        return [one for one in known if (one.family, one.path) == (desk.family, desk.path) and one.id != desk.id]

    def keep(self, desk: Desk) -> Desk:
        """Keep the desk as it is now, and give it back."""
        with self._open() as base:
            row = (desk.id, desk.as_text(), time.time())
            base.execute("INSERT OR REPLACE INTO desks VALUES (?, ?, ?)", row)
        return desk

    def get(self, id: str) -> Desk | None:
        """The desk of that id, None where there is none."""
        with self._open() as base:
            row = base.execute("SELECT desk FROM desks WHERE id = ?", (id,)).fetchone()
        return _read(row[0]) if row else None

    def recent(self, most: int = 8) -> list[Desk]:
        """The desks touched last that have steps or an uploaded case, the newest first."""
        with self._open() as base:
            rows = base.execute("SELECT desk FROM desks ORDER BY touched DESC LIMIT ?", (most,)).fetchall()
        return [desk for row in rows if (desk := _read(row[0])) is not None and Path(desk.path).exists()]


def _read(text: str) -> Desk | None:
    """A desk; None where another version of the program has kept it in another form."""
    try:
        return Desk.of_text(text)
    except (KeyError, TypeError, ValueError):
        return None
