"""Printing: the page of a report as PDF, by a browser that is installed on the computer.

A browser prints what its page looks like on paper; no library was found that does so as well. Nothing is fetched: the
page holds all it needs, and the browser starts with an empty profile that is thrown away.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from allocate.errors import UsageError

VARIABLE = "ALLOCATE_BROWSER"
_NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome", "microsoft-edge", "msedge")
_WINDOWS = ("Google/Chrome/Application/chrome.exe", "Microsoft/Edge/Application/msedge.exe")
_MAC = (
    "Google Chrome.app/Contents/MacOS/Google Chrome",
    "Microsoft Edge.app/Contents/MacOS/Microsoft Edge",
    "Chromium.app/Contents/MacOS/Chromium",
)
_SECONDS = 180


@dataclass(frozen=True)
class Printer:
    """A browser that prints without showing itself."""

    browser: Path

    @classmethod
    def found(cls) -> Printer:
        """The browser that ALLOCATE_BROWSER names, else the first that is installed.

        Raises ``UsageError`` ``pdf-no-browser``.
        """
        for place in _places():
            if place.is_file() and os.access(place, os.X_OK):
                return cls(place)
        raise UsageError("pdf-no-browser", variable=VARIABLE)

    def pdf(self, html: str) -> bytes:
        """A page as PDF. Raises ``UsageError`` ``pdf-failed`` where the browser does not print it."""
        with tempfile.TemporaryDirectory(prefix="allocate-", ignore_cleanup_errors=True) as folder:
            page, target = Path(folder) / "report.html", Path(folder) / "report.pdf"
            page.write_text(html, encoding="utf-8")
            try:
                ended = subprocess.run(
                    self._command(page, target, Path(folder) / "profile"),
                    stdin=subprocess.DEVNULL,
                    stdout=subprocess.DEVNULL,
                    stderr=subprocess.PIPE,
                    timeout=_SECONDS,
                    check=False,
                )
            except subprocess.TimeoutExpired as late:
                raise UsageError("pdf-failed", browser=str(self.browser), reason=f"> {_SECONDS} s") from late
            except OSError as failure:
                reason = failure.strerror or type(failure).__name__
                raise UsageError("pdf-failed", browser=str(self.browser), reason=reason) from failure
            if not target.is_file() or not target.read_bytes().startswith(b"%PDF"):
                lines = ended.stderr.decode("utf-8", "replace").strip().splitlines()
                reason = (lines or [f"exit {ended.returncode}"])[-1][:160]
                raise UsageError("pdf-failed", browser=str(self.browser), reason=reason)
            return target.read_bytes()

    def _command(self, page: Path, target: Path, profile: Path) -> list[str]:
        options = [
            "--headless",
            "--disable-gpu",
            "--disable-extensions",
            "--disable-background-networking",
            "--no-first-run",
            "--no-default-browser-check",
            "--no-pdf-header-footer",
            f"--user-data-dir={profile}",
            f"--print-to-pdf={target}",
        ]
        if sys.platform == "linux" and os.geteuid() == 0:
            options.append("--no-sandbox")  # Chromium refuses to start for root with it, as in most containers
        return [str(self.browser), *options, page.as_uri()]


def _places() -> Iterator[Path]:
    named = os.environ.get(VARIABLE, "")
    if named:
        # Whoever names a browser wants that one and no other.
        yield Path(shutil.which(named) or named)
        return
    yield from (Path(found) for name in _NAMES if (found := shutil.which(name)))
    if sys.platform == "win32":
        roots = [os.environ.get(key, "") for key in ("PROGRAMFILES", "PROGRAMFILES(X86)", "LOCALAPPDATA")]
        yield from (Path(root) / program for program in _WINDOWS for root in roots if root)
    if sys.platform == "darwin":
        yield from (Path("/Applications") / program for program in _MAC)
