"""The two kinds of path on a command line: what is read and what is written.

Every path of every command is one of the two, so that one place can see to it that nothing written names what is read.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click


class Reads(click.Path):
    """A file or folder that the command reads."""

    def __init__(self) -> None:
        super().__init__(path_type=Path)


class Writes(click.Path):
    """A file or folder that the command writes."""

    def __init__(self, **settings: Any) -> None:
        super().__init__(path_type=Path, **settings)
