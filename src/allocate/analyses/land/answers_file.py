"""Answers file: what towns have answered, kept as the answers come, so that a killed run goes on from there.

An answer is known by the question and by the content of the town's files: a town that was edited is asked anew. The
file holds numbers and names as JSON and no code, so that one that comes from somebody else can do nothing but be wrong.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from allocate.analyses.land.town_facts import Amounts, TownFacts, TownJob, Use, facts_of, use_of, worth_at
from allocate.analyses.land.worth import Curve, Cut, Point
from allocate.analyses.workers.executors import Done, Executor, Failure
from allocate.analyses.workers.growing import Growing, Kind, growing

_SCHEMA = """
CREATE TABLE answers (question TEXT PRIMARY KEY, town TEXT NOT NULL, asked TEXT NOT NULL, answer TEXT NOT NULL)
    WITHOUT ROWID;
"""
# "alla" in the header of the file.
KIND = Kind("land", 0x616C6C61, 1, _SCHEMA)


@dataclass(frozen=True)
class _Asked:
    """A question in the file: its name there, and the way back from what is written."""

    name: str
    read: Callable[[Any], Any]


class Kept:
    """An executor that hands on only what the file does not hold, and writes every answer as it comes.

    What failed is not written, so that it is asked again. ``answered`` now, ``kept`` from before.
    """

    def __init__(self, worker: Executor, file: Growing) -> None:
        self.name = worker.name
        self._worker = worker
        self._file = file
        self._contents: dict[str, str] = {}
        self.answered = 0
        self.kept = 0

    def run[Job, Answer](self, work: Callable[[Job], Answer], jobs: Sequence[Job]) -> Iterator[Done[Answer]]:
        """What is known first, then what the workers say. Raises ``UsageError`` where the file cannot be written."""
        asked = _ASKED.get(work)
        if asked is None:
            yield from self._worker.run(work, jobs)
            return
        keys = [self._key(asked.name, job) for job in jobs]
        known = self._known(keys)
        for at, key in enumerate(keys):
            if key in known:
                self.kept += 1
                yield at, asked.read(json.loads(known[key]))
        left = [at for at, key in enumerate(keys) if key not in known]
        for number, answer in self._worker.run(work, [jobs[at] for at in left]):
            at = left[number]
            self.answered += 1
            if not _failed(answer):
                self._keep(keys[at], jobs[at], asked.name, answer)
            yield at, answer

    def close(self) -> None:
        """Let go of the workers; the file is closed by whoever opened it."""
        self._worker.close()

    def _known(self, keys: Sequence[str]) -> dict[str, str]:
        wanted = set(keys)
        with self._file.said() as connection:
            rows = connection.execute("SELECT question, answer FROM answers")
            return {question: answer for question, answer in rows if question in wanted}

    def _keep(self, key: str, job: object, asked: str, answer: object) -> None:
        row = (key, getattr(job, "name", ""), asked, _written(answer))
        with self._file.said() as connection, connection:
            connection.execute("INSERT OR REPLACE INTO answers VALUES (?, ?, ?, ?)", row)

    def _key(self, asked: str, job: object) -> str:
        if not isinstance(job, TownJob | Amounts):
            raise TypeError("a question about a town")
        words = [asked, job.name, self._content(job), job.scenario_id, *job.pots]
        words += [repr(amount) for amount in job.amounts] if isinstance(job, Amounts) else []
        return hashlib.sha256("\x1f".join(words).encode()).hexdigest()[:32]

    def _content(self, job: TownJob | Amounts) -> str:
        """What a town holds, looked at once in a run."""
        if not job.path:
            return hashlib.sha256(job.packed).hexdigest()
        if job.path not in self._contents:
            self._contents[job.path] = _files(job.path, Path(self._file.place).resolve())
        return self._contents[job.path]


@contextmanager
def kept_in(path: Path | None, version: str, worker: Executor) -> Iterator[Kept]:
    """An executor whose answers are kept in a file (none: only while it lives). Raises as ``growing`` does."""
    with growing(path, version, KIND) as file:
        yield Kept(worker, file)


def _files(path: str, kept: Path) -> str:
    """What a town's files hold, by name, but for the file in which answers are kept, if somebody put it there.

    Blank for a place that cannot be read, which is said where it is read.
    """
    place, content = Path(path), hashlib.sha256()
    try:
        files = sorted(one for one in place.iterdir() if one.is_file()) if place.is_dir() else [place]
        for one in files:
            if one.resolve().name.startswith(kept.name) and one.resolve().parent == kept.parent:
                continue
            content.update(f"\x1e{one.name}\x1f".encode() + one.read_bytes())
    except OSError:
        return ""
    return content.hexdigest()


def _failed(answer: object) -> bool:
    """Whether an answer is none: nobody could give it, or the town has no worth or no run that is known."""
    return (
        isinstance(answer, Failure)
        or (isinstance(answer, TownFacts) and not answer.is_usable)
        or (isinstance(answer, Use) and answer.failed)
    )


def _written(answer: object) -> str:
    if not isinstance(answer, TownFacts | Curve | Use):
        raise TypeError("an answer of a town")
    plain = asdict(answer)
    # The town itself is read again where it is asked something more.
    plain.pop("packed", None)
    return json.dumps(plain)


def _curve(plain: dict[str, Any]) -> Curve:
    points = tuple(Point(tuple(one["amounts"]), one["value"], _cut(one["cut"])) for one in plain["points"])
    return Curve(points, tuple(map(_cut, plain["needed"])))


def _cut(plain: dict[str, Any]) -> Cut:
    return Cut(plain["height"], tuple(plain["slopes"]))


def _facts(plain: dict[str, Any]) -> TownFacts:
    tuples = {name: tuple(plain[name]) for name in ("key", "most")}
    needs = tuple((str(id), str(de), str(en), *numbers) for id, de, en, *numbers in plain["needs"])
    return TownFacts(**plain | tuples | {"needs": needs, "curve": _curve(plain["curve"])})


def _use(plain: dict[str, Any]) -> Use:
    return Use(plain["figures"], tuple(map(tuple, plain["offers"])), plain["failed"])


_ASKED: dict[object, _Asked] = {
    facts_of: _Asked("facts", _facts),
    worth_at: _Asked("worth", _curve),
    use_of: _Asked("use", _use),
}
