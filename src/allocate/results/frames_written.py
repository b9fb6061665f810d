"""Frames written: tables as files of a folder, each whole or not at all."""

from __future__ import annotations

from collections.abc import Mapping
from importlib.util import find_spec
from io import BytesIO
from pathlib import Path

import pandas as pd

from allocate.errors import UsageError
from allocate.files import make_folder, write_whole


def write_parquet(frames: Mapping[str, pd.DataFrame], folder: Path) -> list[Path]:
    """Write frames as ``<name>.parquet``. Raises ``UsageError`` where that cannot be done."""
    if not any(find_spec(engine) for engine in ("pyarrow", "fastparquet")):
        raise UsageError("extra-missing", extra="parquet")
    make_folder(folder)
    for name, frame in frames.items():
        content = BytesIO()
        frame.to_parquet(content, index=False)
        write_whole(folder / f"{name}.parquet", content.getvalue())
    return [folder / f"{name}.parquet" for name in frames]
