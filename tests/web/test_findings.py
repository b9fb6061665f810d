"""A case with errors: it can be opened and browsed, not run, and a mended file takes its place."""

from __future__ import annotations

import io
import re
import zipfile
from pathlib import Path

from tests.web.conftest import TestClient


def zipped(auenfurt: Path, **instead: str) -> bytes:
    """The example as an archive, with other text for some tables."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as packed:
        for file in auenfurt.glob("*.csv"):
            packed.writestr(file.name, instead.get(file.stem, file.read_text(encoding="utf-8")))
    return buffer.getvalue()


def test_a_case_with_errors_is_browsed_not_run_until_it_is_mended(client: TestClient, auenfurt: Path) -> None:
    pots = (auenfurt / "pots.csv").read_text(encoding="utf-8").replace("1055000", "viel")
    opened = client.post("/upload", files={"file": ("town.zip", zipped(auenfurt, pots=pots))})
    found = re.search(r"/t/([^/]+)/check", str(opened.url))
    assert opened.status_code == 200 and found
    assert "viel" in opened.text and "pots.csv" in opened.text
    # A finding leads to its cell.
    cell = "data?table=pots&amp;row=3&amp;column=amount"
    assert f'href="{cell}#marked"' in opened.text
    desk = found[1]
    assert 'class="marked" id="marked"' in client.get(f"/t/{desk}/{cell.replace('&amp;', '&')}").text
    assert "viel" in client.get(f"/t/{desk}/data?table=pots").text
    assert str(client.get(f"/t/{desk}/play").url).endswith("/check")
    assert str(client.get(f"/t/{desk}/compare").url).endswith("/check")
    assert client.get(f"/t/{desk}/take").status_code == 200
    assert client.get(f"/api/t/{desk}/answer").status_code == 422
    mended = client.post("/upload", files={"file": ("town.zip", zipped(auenfurt))}, data={"desk": desk})
    assert str(mended.url).endswith(f"/t/{desk}/play")
    assert client.get(f"/api/t/{desk}/answer").json()["plan"] is True
