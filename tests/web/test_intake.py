"""Uploads: workbooks and archives become cases; anything else is a sentence."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

import pytest

from allocate.errors import UsageError
from allocate.web.intake import take_in
from tests.web.conftest import TestClient


def archive(files: dict[str, bytes]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as packed:
        for name, content in files.items():
            packed.writestr(name, content)
    return buffer.getvalue()


def test_a_zipped_folder_is_one_flat_case(tmp_path: Path) -> None:
    content = archive({"town/pots.csv": b"pot_id", "__MACOSX/town/._pots.csv": b"x", "town/notes.txt": b"x"})
    case = take_in(tmp_path, "town.zip", io.BytesIO(content))
    assert [file.name for file in case.iterdir()] == ["pots.csv"]


def test_nothing_is_written_outside_the_case(tmp_path: Path) -> None:
    case = take_in(tmp_path, "..\\..\\a.zip", io.BytesIO(archive({"../../../pots.csv": b"pot_id"})))
    assert (case / "pots.csv").is_file()
    assert case.resolve().is_relative_to(tmp_path.resolve())


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("town.zip", b"no archive"),
        ("town.zip", archive({"notes.txt": b"x"})),
        ("town.zip", archive({f"{number}.csv": b"" for number in range(201)})),
        ("town.zip", archive({"pots.csv": b"0" * 3_000_000})),
        ("town.exe", b"MZ"),
        ("", b""),
    ],
)
def test_what_is_no_case_is_refused_and_leaves_nothing(tmp_path: Path, name: str, content: bytes) -> None:
    with pytest.raises(UsageError):
        take_in(tmp_path, name, io.BytesIO(content))
    assert list((tmp_path / "cases").glob("*")) == [] if (tmp_path / "cases").exists() else True


def test_an_upload_that_is_no_case_is_a_sentence_on_the_page(client: TestClient) -> None:
    answer = client.post("/upload", files={"file": ("town.xlsx", b"not a workbook")})
    assert answer.status_code == 422
    assert "town.xlsx" in answer.text
