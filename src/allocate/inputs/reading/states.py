"""States of a folder: several of its files replaced as one, whatever kills the program between two of its steps.

The new files are written aside, complete, in a folder of their own. Its renaming to ``.allocate-state`` is the moment
from which the new state holds: whoever reads the folder takes a file from there before the one in its place. What is
there is then moved to its places, by this run or, where it was killed, by the next one that reads the folder. A file
that is replaced stays beside it as ``NAME.bak-1``, ``.bak-2`` ... .
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path

from allocate.files import clear_leftovers, folder_aside

STATE = ".allocate-state"

type Write = Callable[[Path], object]


def replace_together(folder: Path, files: Mapping[str, Write]) -> None:
    """Let each function fill a new file of its name, and put all of them in their places, or none.

    Raises ``OSError``; then everything is as it was.
    """
    settle(folder)
    with folder_aside(folder) as aside:
        new = aside / "new"
        new.mkdir()
        for name, write in files.items():
            write(new / name)
            mode = (folder / name).stat().st_mode & 0o777 if (folder / name).is_file() else _new_mode()
            (new / name).chmod(mode)
        new.rename(folder / STATE)
    done: list[tuple[Path, Path | None]] = []
    try:
        _forward(folder, done)
    except OSError:
        _back(folder, done)
        raise


def settle(folder: Path) -> dict[str, Path]:
    """Finish what a killed run has begun and clear what it has left; gives the files that still stand aside, by name.

    There are such files only where the folder cannot be written; they are to be read in place of those of their names.
    """
    with suppress(OSError):
        clear_leftovers(folder)
    state = folder / STATE
    if not state.is_dir():
        return {}
    with suppress(OSError):
        _forward(folder, [])
    return {path.name: path for path in sorted(state.iterdir())} if state.is_dir() else {}


def _forward(folder: Path, done: list[tuple[Path, Path | None]]) -> None:
    """Move the files of the state to their places; ``done`` gets each with what is kept of the old one."""
    state = folder / STATE
    for new in sorted(state.iterdir()):
        place = folder / new.name
        kept = _kept(place) if place.is_file() else None
        with suppress(FileNotFoundError):  # another run that reads the folder is doing the same
            if place.is_symlink():
                _through(new, place)
            else:
                new.replace(place)
            done.append((place, kept))
    with suppress(FileNotFoundError):
        state.rmdir()


def _through(new: Path, link: Path) -> None:
    """Replace what a link points to, in the folder where it is."""
    real = Path(os.path.realpath(link))
    with folder_aside(real.parent) as aside:
        copy = aside / "copy"
        copy.write_bytes(new.read_bytes())
        copy.chmod(new.stat().st_mode & 0o777)
        copy.replace(real)
    new.unlink()


def _back(folder: Path, done: list[tuple[Path, Path | None]]) -> None:
    """Take the new state back; until its folder is renamed as the last step, it holds as a whole."""
    state = folder / STATE
    for place, kept in done:
        real = Path(os.path.realpath(place))
        (state / place.name).write_bytes(real.read_bytes())
        if kept is None:
            place.unlink()
        else:
            kept.rename(real)
    with folder_aside(folder) as aside:
        state.rename(aside / "dropped")


def _kept(path: Path) -> Path:
    """A copy of the file under the next free name ``NAME.bak-1``, ``.bak-2`` ...; one that is there already will do."""
    content, number = path.read_bytes(), 1
    while (kept := path.with_name(f"{path.name}.bak-{number}")).exists():
        number += 1
    last = path.with_name(f"{path.name}.bak-{number - 1}")
    if number > 1 and last.read_bytes() == content:
        return last
    with folder_aside(path.parent) as aside:
        (aside / "copy").write_bytes(content)
        (aside / "copy").rename(kept)
    return kept


def _new_mode() -> int:
    mask = os.umask(0o022)
    os.umask(mask)
    return 0o666 & ~mask
