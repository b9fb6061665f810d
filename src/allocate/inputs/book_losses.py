"""What a workbook loses when it is opened and saved by openpyxl, read from its parts before that happens.

openpyxl keeps cells, formulas, formats, comments, drop-downs, named ranges, filters and conditional formats. It drops
what has no counterpart in it, and it does so silently; here it is named, so that nobody misses it later.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path
from zipfile import ZipFile

# Key of the sentence -> names of parts that betray it.
_PARTS = {
    "shapes": r"xl/drawings/vmlDrawingHF|xl/diagrams/|xl/ink/",
    "charts": r"xl/charts/chart[^/]*\.xml|xl/chartsheets/",
    "controls": r"xl/(?:ctrlProps|activeX)/",
    "slicers": r"xl/(?:slicers|timelines)/",
    "threads": r"xl/threadedComments/",
    "objects": r"xl/embeddings/",
    "queries": r"xl/(?:queryTables/|connections\.xml|model/)",
    "signature": r"_xmlsignatures/",
}
_PICTURES = r"xl/media/.*\.(?:png|jpe?g|gif|bmp)"
_OTHER_PICTURES = r"xl/media/.*\.(?:emf|wmf|svg|tiff?)"
# Key of the sentence -> a piece of a sheet's or drawing's own text that betrays it.
_SHEET = r"xl/worksheets/[^/]+\.xml"
_MARKUP = {
    "sparklines": (_SHEET, re.compile(rb"sparklineGroup")),
    "newer-rules": (_SHEET, re.compile(rb"x14:conditionalFormatting ")),
    "newer-lists": (_SHEET, re.compile(rb"x14:dataValidation ")),
    "formulas": (_SHEET, re.compile(rb"<f[ >]")),
    "shapes": (r"xl/drawings/drawing[^/]*\.xml", re.compile(rb":(?:sp|cxnSp|grpSp)[ >]")),
}
_PIECE, _OVERLAP = 1 << 20, 64


def losses(path: Path, *, macros_kept: bool) -> list[str]:
    """Keys of what a copy of the workbook at ``path`` will lack, in a fixed order (``lost-<key>`` says it).

    ``macros_kept``: whether the copy may hold macros (its name ends in .xlsm).
    """
    with ZipFile(path) as archive:
        names = archive.namelist()
        found = {key for key, pattern in _PARTS.items() if _any(names, pattern)}
        found |= {key for key, (part, mark) in _MARKUP.items() if _holds(archive, part, mark)}
    without_pillow = find_spec("PIL") is None
    if _any(names, _OTHER_PICTURES) or (without_pillow and _any(names, _PICTURES)):
        found.add("pictures")
    if not macros_kept and "xl/vbaProject.bin" in names:
        found.add("macros")
    order = [*_PARTS, "pictures", "macros", *_MARKUP]
    return [key for key in dict.fromkeys(order) if key in found]


def _any(names: list[str], pattern: str) -> bool:
    return any(re.match(pattern, name, re.IGNORECASE) for name in names)


def _holds(archive: ZipFile, part: str, mark: re.Pattern[bytes]) -> bool:
    """Whether some part of that name has the mark in its text."""
    return any(
        mark.search(piece)
        for name in archive.namelist()
        if re.fullmatch(part, name, re.IGNORECASE)
        for piece in _pieces(archive, name)
    )


def _pieces(archive: ZipFile, name: str) -> Iterator[bytes]:
    """A part piece by piece, each beginning with the end of the one before, so that no mark is cut in two."""
    end = b""
    with archive.open(name) as stream:
        while piece := stream.read(_PIECE):
            yield end + piece
            end = piece[-_OVERLAP:]
