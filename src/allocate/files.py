"""Files as they are written: whole or not at all, never in place of an input.

A file is written aside, under a name that tells whose it is, and renamed when it is complete. A link is followed: what
it points to is replaced, the link stays. What is no plain file (a pipe, a terminal, ``/dev/stdout``) is written into.
"""

from __future__ import annotations

import os
import platform
import re
import shutil
import stat
import tempfile
import time
import unicodedata
import zlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from pathlib import Path
from typing import BinaryIO

from allocate.errors import UsageError

# A file of one of these endings in the folder of a case is read as a table or a map, or reported by ``check``.
READ_ENDINGS = (".csv", ".geojson", ".xlsx", ".xlsm", ".xls", ".ods", ".tsv", ".tab", ".gpkg", ".shp")
_ASIDE = ".allocate-"
_HOST = f"{zlib.crc32(platform.node().encode()):08x}"
_LEFTOVER = re.compile(re.escape(_ASIDE) + r"(?P<host>[0-9a-f]{8})-(?P<pid>\d+)-.*", re.DOTALL)
_FOREIGN_SECONDS = 24 * 3600.0  # whether a process of another machine still runs cannot be seen from here
_MOST_LINKS = 40
_protected: ContextVar[tuple[Path, ...]] = ContextVar("protected", default=())
_moved: dict[int, int] = {}


@contextmanager
def protecting(inputs: Sequence[Path]) -> Iterator[None]:
    """Inside the block no file can be written that is one of ``inputs`` or a table in a folder among them."""
    before = _protected.set((*_protected.get(), *inputs))
    try:
        yield
    finally:
        _protected.reset(before)


@contextmanager
def descriptor_moved(old: int, new: int) -> Iterator[None]:
    """Inside the block what is written to the descriptor ``old`` by its name (``/dev/stdout``) goes to ``new``."""
    _moved[old] = new
    try:
        yield
    finally:
        del _moved[old]


def refuse(*targets: Path) -> None:
    """Refuse what could not be written, or must not be, before any work is spent on it.

    Raises ``UsageError``: ``output-is-input``, ``outputs-same``, ``out-is-folder``, ``out-folder-missing``,
    ``out-unwritable``.
    """
    seen: set[Path] = set()
    for target in targets:
        if is_stream(target):
            continue
        refuse_input(target)
        whole = _followed(target)
        if whole.is_dir():
            raise UsageError("out-is-folder", place=str(target))
        if whole in seen:
            raise UsageError("outputs-same", place=str(target))
        seen.add(whole)
        with said(target):
            if whole.exists() and not os.access(whole, os.W_OK):
                raise PermissionError(13, os.strerror(13))


def refuse_input(target: Path) -> None:
    """Refuse a file or folder that is an input, or a table of one. Raises ``UsageError`` ``output-is-input``."""
    for source in _protected.get():
        if _touches(_followed(target), Path(os.path.realpath(source))):
            raise UsageError("output-is-input", place=str(target), source=str(source))


def write_whole(path: Path, content: bytes) -> None:
    """Write a file so that it is there completely or not at all. Raises ``UsageError`` as ``draft`` does."""
    with draft(path) as aside:
        aside.write_bytes(content)


@contextmanager
def draft(path: Path) -> Iterator[Path]:
    """An empty file to fill in place of ``path``; it takes its place when the block ends well, else it vanishes.

    A file that was there keeps its permissions. Raises ``UsageError``: ``output-is-input``, ``out-is-folder``,
    ``out-folder-missing``, ``out-unwritable``.
    """
    if is_stream(path):
        with tempfile.TemporaryDirectory(prefix="allocate-") as folder:
            aside = Path(folder) / f"draft{path.suffix}"
            aside.touch()
            yield aside
            with said(path), _opened(path) as stream, aside.open("rb") as content:
                shutil.copyfileobj(content, stream)
        return
    refuse(path)
    whole = _followed(path)
    with said(path):
        clear_leftovers(whole.parent)
        handle, name = tempfile.mkstemp(prefix=_prefix(), suffix=whole.suffix, dir=whole.parent)
        os.close(handle)
    aside = Path(name)
    try:
        aside.chmod(_mode(whole))
        yield aside
        with said(path):
            aside.replace(whole)
    finally:
        aside.unlink(missing_ok=True)


@contextmanager
def folder_aside(folder: Path) -> Iterator[Path]:
    """A new folder inside ``folder`` for files in the making; it vanishes at the end of the block."""
    clear_leftovers(folder)
    with tempfile.TemporaryDirectory(prefix=_prefix(), dir=folder, ignore_cleanup_errors=True) as name:
        yield Path(name)


def make_folder(path: Path) -> None:
    """Make a folder inside one that exists; one that is already there is fine. Raises ``UsageError``."""
    refuse_input(path)
    with said(path):
        path.mkdir(exist_ok=True)


def clear_leftovers(folder: Path) -> None:
    """Remove what a killed run of this program has left in a folder; what cannot be removed stays."""
    for path in _listed(folder):
        found = _LEFTOVER.fullmatch(path.name)
        if found and _abandoned(path, found["host"], int(found["pid"])):
            try:
                shutil.rmtree(path) if path.is_dir() else path.unlink()
            except OSError:
                continue


@contextmanager
def said(path: Path) -> Iterator[None]:
    """Whatever keeps ``path`` from being written inside the block is said as ``UsageError``."""
    if not path.parent.is_dir():
        raise UsageError("out-folder-missing", place=str(path), folder=str(path.parent))
    try:
        yield
    except BrokenPipeError:
        raise
    except OSError as error:
        raise UsageError("out-unwritable", place=str(path), reason=error.strerror or str(error)) from error


def is_stream(path: Path) -> bool:
    """Whether ``path`` is there and is neither a plain file nor a folder: a pipe, a terminal, ``/dev/stdout``."""
    if _descriptor(path) is not None:
        return True
    try:
        mode = path.stat().st_mode
    except OSError:
        return False
    return not stat.S_ISREG(mode) and not stat.S_ISDIR(mode)


@contextmanager
def _opened(path: Path) -> Iterator[BinaryIO]:
    """What is no plain file, open for writing; a descriptor of this process by its number."""
    descriptor = _descriptor(path)
    kept = None if descriptor is None else _moved.get(descriptor, descriptor)
    handle = os.open(path, os.O_WRONLY) if kept is None else os.dup(kept)
    with os.fdopen(handle, "wb") as stream:
        yield stream


def _descriptor(path: Path) -> int | None:
    """The number of the descriptor that a path such as ``/dev/stdout`` stands for."""
    own = {"/dev/fd", f"/proc/{os.getpid()}/fd"}
    for _ in range(_MOST_LINKS):
        if path.name.isdecimal() and os.path.realpath(path.parent) in own:
            return int(path.name)
        try:
            path = path.parent / path.readlink()
        except (OSError, ValueError):
            return None
    return None


def _followed(path: Path) -> Path:
    """The file at the end of all links; it need not exist."""
    return Path(os.path.realpath(path))


def _mode(whole: Path) -> int:
    """The permissions of the file that is there, else those of every other new file."""
    try:
        return whole.stat().st_mode & 0o777
    except OSError:
        mask = os.umask(0o022)
        os.umask(mask)
        return 0o666 & ~mask


def _touches(target: Path, source: Path) -> bool:
    """Whether writing ``target`` would change the input ``source``: a file, or a folder of tables."""
    if _alike(target) == _alike(source) or _same(target, source):
        return True
    if not source.is_dir():
        return False
    inside = _alike(target.parent) == _alike(source) or _same(target.parent, source)
    if inside and target.suffix.casefold() in READ_ENDINGS:
        return True
    return any(_same(target, path) for path in _listed(source) if path.suffix.casefold() in READ_ENDINGS)


def _alike(path: Path) -> str:
    """A path as a file system sees it that does not tell upper from lower case or composed from decomposed letters."""
    return unicodedata.normalize("NFC", str(path)).casefold()


def _same(one: Path, other: Path) -> bool:
    try:
        return one.samefile(other)
    except OSError:
        return False


def _listed(folder: Path) -> list[Path]:
    try:
        return list(folder.iterdir())
    except OSError:
        return []


def _prefix() -> str:
    return f"{_ASIDE}{_HOST}-{os.getpid()}-"


def _abandoned(path: Path, host: str, pid: int) -> bool:
    """Whether the process that was writing is gone."""
    try:
        if host != _HOST or os.name != "posix":
            return time.time() - path.stat().st_mtime > _FOREIGN_SECONDS
        os.kill(pid, 0)
    except ProcessLookupError:
        return True
    except (OSError, OverflowError):
        return False
    return False
