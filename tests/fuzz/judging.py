"""Judging how a command ended: what must never happen, whatever the input."""

from __future__ import annotations

import csv
import io
import json
import re
import sqlite3
import zipfile
from contextlib import closing
from hashlib import sha256
from pathlib import Path

from tests.fuzz.workers import Ended

CODES = {0, 1, 2, 3}
_FRAME = re.compile(r'File "[^"]*?/(allocate/[^"]+)", line (\d+), in (\S+)')
_DATABASE = b"SQLite format 3\0"
_BESIDE_DATABASE = ("-journal", "-wal", "-shm")
_SAVED = re.compile(r"(scenarios|changes)(\.csv)?(\.bak-\d+)?", re.IGNORECASE)


def snapshot(folder: Path) -> dict[str, str]:
    """The files below a folder by their path, with what tells whether they have changed."""
    return {
        str(path.relative_to(folder)): sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def faults(words: list[str], ended: Ended, before: dict[str, str], inputs: Path, outputs: Path) -> list[str]:
    """What is wrong with how the command ended, each as ``kind: where``; empty where nothing is."""
    found = []
    command = words[0]
    if ended.hung:
        return [f"hang: {command}"]
    if ended.code == 70:
        found.append(f"unexpected: {_cause(ended)}")
    elif ended.code < 0:
        found.append(f"killed by signal {-ended.code}: {command}")
    elif ended.code not in CODES:
        found.append(f"exit code {ended.code}: {command}")
    if "Traceback (most recent" in ended.err and ended.code != 70:
        found.append(f"traceback: {_cause(ended)}")
    found += [f"{kind} shown: {command}" for kind in sorted(set(re.findall(r"\b(\w*Warning): ", ended.err)))]
    if "[memory]" in ended.err:
        found.append(f"memory: {command}")
    if ended.code == 2 and not ended.err.strip() and not ended.out.strip():
        found.append(f"nothing said: {command}")
    if "\x1b" in ended.err or b"\x1b" in ended.out:
        found.append(f"escape sequence shown: {command}")
    found += _inputs_changed(words, before, inputs)
    found += _bad_json(words, ended)
    found += _bad_outputs(command, outputs)
    return found


def _cause(ended: Ended) -> str:
    """The exception and the last place of ours it went through."""
    text = ended.logs[-1] if ended.logs else ended.err
    last = text.strip().splitlines()[-1] if text.strip() else "?"
    frames = _FRAME.findall(text)
    where = f"{frames[-1][0]} {frames[-1][2]}" if frames else "?"
    return f"{last.split(':')[0]} in {where}"


def _inputs_changed(words: list[str], before: dict[str, str], inputs: Path) -> list[str]:
    after = snapshot(inputs)
    changed = [name for name in sorted(before.keys() | after.keys()) if before.get(name) != after.get(name)]
    if "--save-as" in words:
        changed = [name for name in changed if not _SAVED.fullmatch(Path(name).name) and not _is_book(name)]
    return [f"input changed: {words[0]} {Path(name).suffix}" for name in changed[:1]]


def _is_book(name: str) -> bool:
    return ".xlsx" in name.lower() or ".xlsm" in name.lower()


def _bad_json(words: list[str], ended: Ended) -> list[str]:
    """JSON asked for on standard output must be JSON, whole, and nothing beside it."""
    asked = "json" in [word for at, word in enumerate(words) if at and words[at - 1] == "--format"][-1:]
    elsewhere = {"-o", "--out"} & set(words)
    if not asked or elsewhere or not ended.out.strip() or words[0] in ("export", "demo"):
        return []
    try:
        json.loads(ended.out.decode("utf-8"), parse_constant=_no_constant)
    except ValueError:
        return [f"no JSON: {words[0]}"]
    return []


def _no_constant(name: str) -> None:
    raise ValueError(name)


def _bad_outputs(command: str, outputs: Path) -> list[str]:
    """Every file written is whole, and nothing is left beside it."""
    found = []
    for path in sorted(outputs.rglob("*")):
        if path.name.startswith(".") or path.suffix == ".tmp" or path.name.endswith(_BESIDE_DATABASE):
            found.append(f"left behind: {command}")
        elif path.is_file() and not _whole(path):
            found.append(f"half written: {command} {path.suffix}")
    return found


def _is_sound_database(path: Path) -> bool:
    with closing(sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True)) as database:
        return bool(database.execute("PRAGMA integrity_check").fetchall() == [("ok",)])


def _whole(path: Path) -> bool:
    content = path.read_bytes()
    endings = {".html": b"</html>", ".lp": b"End", ".mps": b"ENDATA"}
    try:
        if path.suffix == ".json":
            json.loads(content.decode("utf-8"), parse_constant=_no_constant)
        elif path.suffix == ".csv":
            list(csv.reader(io.StringIO(content.decode("utf-8-sig"), newline=""), strict=True))
        elif path.suffix in (".xlsx", ".xlsm", ".docx"):
            with zipfile.ZipFile(path) as book:
                return book.testzip() is None
        elif path.suffix in (".sqlite", ".db") or (not path.suffix and content.startswith(_DATABASE)):
            return content.startswith(_DATABASE) and _is_sound_database(path)
    except (ValueError, zipfile.BadZipFile, csv.Error, sqlite3.Error):
        return False
    return content.rstrip().endswith(endings.get(path.suffix, b""))
