"""Files are there whole or not at all, links are followed, pipes are written into, and no input is ever replaced."""

from __future__ import annotations

import os
import stat
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from allocate.errors import UsageError
from allocate.files import clear_leftovers, draft, folder_aside, is_stream, make_folder, protecting, refuse, write_whole


def test_writing_replaces_the_old_file_and_leaves_nothing_beside_it(tmp_path: Path) -> None:
    target = tmp_path / "answer.json"
    target.write_text("old")
    write_whole(target, b"new")
    assert target.read_bytes() == b"new"
    assert list(tmp_path.iterdir()) == [target]


def test_an_answer_has_the_rights_of_every_other_new_file_and_keeps_those_it_had(tmp_path: Path) -> None:
    ordinary, answer = tmp_path / "ordinary", tmp_path / "answer"
    ordinary.touch()
    write_whole(answer, b"")
    assert stat.S_IMODE(answer.stat().st_mode) == stat.S_IMODE(ordinary.stat().st_mode)
    answer.chmod(0o640)
    write_whole(answer, b"new")
    assert stat.S_IMODE(answer.stat().st_mode) == 0o640


def test_a_failure_leaves_the_old_file_and_nothing_half_written(tmp_path: Path) -> None:
    target = tmp_path / "answer.json"
    target.write_text("old")
    with pytest.raises(ZeroDivisionError), draft(target) as aside:
        aside.write_text("half")
        raise ZeroDivisionError
    assert target.read_text() == "old"
    assert list(tmp_path.iterdir()) == [target]


@pytest.mark.parametrize("write", [refuse, lambda path: write_whole(path, b"")])
def test_places_that_cannot_be_written(tmp_path: Path, write: object) -> None:
    (tmp_path / "file").touch()
    for path, id in {
        tmp_path: "out-is-folder",
        tmp_path / "no" / "answer": "out-folder-missing",
        tmp_path / "file" / "answer": "out-folder-missing",
    }.items():
        with pytest.raises(UsageError) as refused:
            write(path)  # type: ignore[operator]
        assert refused.value.id == id
    assert [path.name for path in tmp_path.iterdir()] == ["file"]


def test_a_folder_is_made_inside_one_that_exists(tmp_path: Path) -> None:
    make_folder(tmp_path / "new")
    make_folder(tmp_path / "new")
    (tmp_path / "file").touch()
    for path in (tmp_path / "file", tmp_path / "no" / "new"):
        with pytest.raises(UsageError):
            make_folder(path)


def test_a_link_is_followed_and_stays_a_link(tmp_path: Path) -> None:
    (tmp_path / "far").mkdir()
    real, link, dangling = tmp_path / "far" / "real.json", tmp_path / "link.json", tmp_path / "new.json"
    real.write_text("old")
    link.symlink_to(Path("far") / "real.json")
    dangling.symlink_to(tmp_path / "far" / "made.json")
    write_whole(link, b"1")
    write_whole(dangling, b"2")
    assert link.is_symlink()
    assert dangling.is_symlink()
    assert real.read_bytes() == b"1"
    assert (tmp_path / "far" / "made.json").read_bytes() == b"2"
    assert sorted(path.name for path in (tmp_path / "far").iterdir()) == ["made.json", "real.json"]


def test_a_named_pipe_is_written_into(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe.json"
    os.mkfifo(pipe)
    heard: list[bytes] = []
    reader = threading.Thread(target=lambda: heard.append(pipe.read_bytes()))
    reader.start()
    write_whole(pipe, b"answer")
    reader.join(30)
    assert heard == [b"answer"]
    assert is_stream(pipe)


def test_a_device_is_written_into() -> None:
    write_whole(Path(os.devnull), b"answer")
    assert is_stream(Path(os.devnull))


def test_what_a_killed_run_has_left_is_cleared_and_what_another_writes_is_not(tmp_path: Path) -> None:
    left = "import os; from pathlib import Path; from allocate.files import draft, folder_aside\n"
    left += "with draft(Path('a.csv')) as a, folder_aside(Path('.')): os._exit(0)"
    subprocess.run([sys.executable, "-c", left], cwd=tmp_path, check=True, timeout=60)
    assert len(list(tmp_path.iterdir())) == 2
    with folder_aside(tmp_path) as own:
        clear_leftovers(tmp_path)
        assert list(tmp_path.iterdir()) == [own]
    assert list(tmp_path.iterdir()) == []


@pytest.fixture
def case(tmp_path: Path) -> Path:
    folder = tmp_path / "town"
    folder.mkdir()
    (folder / "offers.csv").write_text("x")
    (folder / "spaces.geojson").write_text("{}")
    return folder


@pytest.mark.parametrize(
    "name",
    [
        "town", "town/offers.csv", "town/OFFERS.csv", "town/spaces.geojson", "town/pot_years.csv",
        "town/../town/offers.csv", "link.csv", "hard.csv", "folder/offers.csv", "folder", "Town/offers.csv",
    ],
)  # fmt: skip
def test_nothing_is_written_over_an_input_or_among_its_tables(case: Path, name: str) -> None:
    (case.parent / "link.csv").symlink_to(case / "offers.csv")
    (case.parent / "hard.csv").hardlink_to(case / "offers.csv")
    (case.parent / "folder").symlink_to(case)
    for source in (case, case.parent / "folder"):
        with protecting([source]):
            for write in (refuse, lambda path: write_whole(path, b"new")):
                with pytest.raises(UsageError) as refused:
                    write(case.parent / name)
                assert refused.value.id == "output-is-input"
    assert (case / "offers.csv").read_text() == "x"


def test_results_beside_the_tables_of_a_case_and_outside_are_fine(case: Path) -> None:
    with protecting([case]):
        write_whole(case / "run.json", b"{}")
        write_whole(case.parent / "offers.csv", b"")
    with protecting([case.parent / "t.xlsx"]):
        write_whole(case.parent / "other.xlsx", b"")
        with pytest.raises(UsageError, match="output-is-input"):
            write_whole(case.parent / "T.xlsx", b"")


def test_two_outputs_may_not_be_one_file(tmp_path: Path) -> None:
    (tmp_path / "link.csv").symlink_to(tmp_path / "a.csv")
    with pytest.raises(UsageError, match="outputs-same"):
        refuse(tmp_path / "a.csv", tmp_path / "link.csv")
    refuse(Path(os.devnull), Path(os.devnull))
