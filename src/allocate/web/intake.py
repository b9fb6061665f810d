"""Intake: an uploaded workbook or zipped folder becomes a case on this machine, within bounds."""

from __future__ import annotations

import re
import secrets
import shutil
import zipfile
from pathlib import Path, PurePosixPath
from typing import BinaryIO

from allocate.errors import UsageError
from allocate.files import draft

WORKBOOKS = (".xlsx", ".xlsm", ".ods")
_TABLES = (".csv", ".geojson")
# Bounds of an archive: bytes in all, files, and how much smaller than its content it may be.
MOST_BYTES, MOST_FILES, MOST_RATIO = 300 * 1024 * 1024, 200, 200
_ODD = re.compile(r"[^\w .()\-]+")


def take_in(folder: Path, filename: str, content: BinaryIO) -> Path:
    """Put an uploaded file into a folder of its own under ``folder``; the path of the case.

    Raises ``UsageError`` (upload-kind, upload-archive) where it is neither a workbook nor a zipped folder of tables.
    """
    name = _ODD.sub("_", PurePosixPath(filename.replace("\\", "/")).name).strip(". ") or "case"
    suffix = Path(name).suffix.lower()
    if suffix not in (*WORKBOOKS, ".zip"):
        raise UsageError("upload-kind", file=name)
    home = folder / "cases" / secrets.token_hex(6)
    home.mkdir(parents=True, mode=0o700)
    try:
        if suffix in WORKBOOKS:
            with draft(home / name) as aside, aside.open("wb") as sink:
                shutil.copyfileobj(content, sink)
            return home / name
        return _unpacked(content, home / Path(name).stem, name)
    except BaseException:
        shutil.rmtree(home, ignore_errors=True)
        raise


def _unpacked(archive: BinaryIO, target: Path, name: str) -> Path:
    """The tables of an archive in one flat folder; everything else in it is passed over."""
    try:
        with zipfile.ZipFile(archive) as packed:
            members = [one for one in packed.infolist() if not one.is_dir() and _is_table(one.filename)]
            size, held = sum(one.file_size for one in members), sum(one.compress_size for one in members)
            if not members or len(members) > MOST_FILES or size > MOST_BYTES or size > MOST_RATIO * max(held, 1024):
                raise UsageError("upload-archive", file=name)
            target.mkdir()
            for one in members:
                with packed.open(one) as source, (target / PurePosixPath(one.filename).name).open("wb") as sink:
                    shutil.copyfileobj(source, sink)
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, EOFError, OSError) as broken:
        raise UsageError("upload-archive", file=name) from broken
    return target


def _is_table(member: str) -> bool:
    """A table of a case; what a system puts into archives of its own accord is none."""
    path = PurePosixPath(member)
    return path.suffix.lower() in _TABLES and not path.name.startswith(".") and "__MACOSX" not in path.parts
