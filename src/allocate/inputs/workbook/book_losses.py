"""What a workbook loses when it is opened and saved by openpyxl, read from its parts before that happens.

openpyxl keeps cells, formulas, formats, comments, drop-downs, named ranges, filters and conditional formats. It drops
what has no counterpart in it, and it does so silently; here it is named, so that nobody misses it later.
"""

from __future__ import annotations

import re
from importlib.util import find_spec
from pathlib import Path
from zipfile import ZipFile

from allocate.inputs.reading.markup import Attributes, Start, parse

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
_SHEET = r"xl/worksheets/[^/]+\.xml"
_DRAWING = r"xl/drawings/drawing[^/]*\.xml"
# Key of the sentence -> parts, and elements in them that betray it; the newer kinds stand in lists of extensions.
_MARKUP = {
    "sparklines": (_SHEET, ("sparklineGroup",), True),
    "newer-rules": (_SHEET, ("conditionalFormatting",), True),
    "newer-lists": (_SHEET, ("dataValidation",), True),
    "formulas": (_SHEET, ("f",), False),
    "shapes": (_DRAWING, ("sp", "cxnSp", "grpSp"), False),
}
_EXTENSIONS = "extLst"


def losses(path: Path, *, macros_kept: bool) -> list[str]:
    """Keys of what a copy of the workbook at ``path`` will lack, in a fixed order (``lost-<key>`` says it).

    ``macros_kept``: whether the copy may hold macros (its name ends in .xlsm).
    """
    with ZipFile(path) as archive:
        names = archive.namelist()
        found = {key for key, pattern in _PARTS.items() if _any(names, pattern)}
        for part in (_SHEET, _DRAWING):
            for name in names:
                if re.fullmatch(part, name, re.IGNORECASE):
                    found |= _betrayed(archive, name, part)
    without_pillow = find_spec("PIL") is None
    if _any(names, _OTHER_PICTURES) or (without_pillow and _any(names, _PICTURES)):
        found.add("pictures")
    if not macros_kept and "xl/vbaProject.bin" in names:
        found.add("macros")
    order = [*_PARTS, "pictures", "macros", *_MARKUP]
    return [key for key in dict.fromkeys(order) if key in found]


def _any(names: list[str], pattern: str) -> bool:
    return any(re.match(pattern, name, re.IGNORECASE) for name in names)


def _betrayed(archive: ZipFile, name: str, part: str) -> set[str]:
    """What the elements of one part betray."""
    found: set[str] = set()
    depth = [0]  # of lists of extensions

    def enter(_: Attributes) -> None:
        depth[0] += 1

    def leave() -> None:
        depth[0] -= 1

    def finder(key: str, newer: bool) -> Start:
        def find(_: Attributes) -> None:
            if not newer or depth[0]:
                found.add(key)

        return find

    starts: dict[str, Start] = {_EXTENSIONS: enter}
    for key, (where, elements, newer) in _MARKUP.items():
        if where == part:
            starts |= dict.fromkeys(elements, finder(key, newer))
    with archive.open(name) as stream:
        parse(stream, starts, {_EXTENSIONS: leave})
    return found
