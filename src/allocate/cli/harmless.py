"""Harmless: text of a town as it may reach a terminal, whatever its author put into a name.

A name can hold escape sequences, which a terminal obeys (it changes colours, titles, the clipboard), and signs that
turn the direction of reading. Every sentence, table and document of the command line passes here.
"""

from __future__ import annotations

import re

_REPLACEMENT = "\N{REPLACEMENT CHARACTER}"
# Control characters but tab and line feed, marks and overrides of direction, separators of lines and paragraphs.
_CONTROLS = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff]")


def harmless(text: str) -> str:
    """The text with a visible sign in the place of every sign that a terminal would obey."""
    return _CONTROLS.sub(_REPLACEMENT, text)


def harmless_json(text: str) -> str:
    """JSON text in which such signs are written as ``\\u...``, so that it still says the same."""
    return _CONTROLS.sub(lambda sign: f"\\u{ord(sign[0]):04x}", text)
