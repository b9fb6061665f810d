"""The council paper on the town's own letterhead, which is uploaded with the question for it."""

from __future__ import annotations

import io
import time
import zipfile

import pytest

from tests.web.conftest import Visitor

docx = pytest.importorskip("docx")


def begun(visitor: Visitor, content: bytes) -> tuple[int, dict[str, object]]:
    found = visitor.client.post(
        f"/api/t/{visitor.desk}/files/paper", files={"letterhead": ("kopf.docx", content, "application/octet-stream")}
    )
    return found.status_code, found.json()


def test_a_paper_is_written_on_the_letterhead(visitor: Visitor) -> None:
    own = docx.Document()
    own.sections[0].header.paragraphs[0].text = "Town of Hand"
    stream = io.BytesIO()
    own.save(stream)
    visitor.step("pots", "P1", "amount", 1500)
    status, found = begun(visitor, stream.getvalue())
    assert status == 200
    ends = time.monotonic() + 60
    while not visitor.client.get(f"/api/files/{found['job']}").json()["over"]:
        assert time.monotonic() < ends
        time.sleep(0.1)
    paper = docx.Document(io.BytesIO(visitor.client.get(f"/api/files/{found['job']}/content").content))
    assert paper.sections[0].header.paragraphs[0].text == "Town of Hand"


def test_what_is_no_letterhead_is_a_sentence(visitor: Visitor, monkeypatch: pytest.MonkeyPatch) -> None:
    status, found = begun(visitor, b"no Word document")
    assert status == 422 and "letterhead" in str(found["error"])
    bomb = io.BytesIO()
    with zipfile.ZipFile(bomb, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("word/document.xml", b"0" * 5000)
    monkeypatch.setattr("allocate.web.taking.MOST_BYTES", 4000)
    assert begun(visitor, bomb.getvalue())[0] == 422
