"""How pictures look and speak: colours that survive grey print, classes of numbers, names that fit and do no harm."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Sequence
from itertools import pairwise

import pandas as pd

from allocate.language import Texts, percent
from allocate.report.columns import NO_NUMBER, column
from allocate.report.syllables import joints, parted

TEXTS = Texts("allocate.report", "texts_pictures.csv")
say = TEXTS.say
# Pixels; 640 are the width of the text on an A4 page.
WIDTH = 640
# What a phone shows without scrolling, and half the width of an A4 page.
NARROW = 350
FONT_SIZE = 12
INK, SOFT, GRID, PAPER = "#1b1f24", "#4a5058", "#d5d9de", "#ffffff"
# Blue and orange are told apart with every kind of colour blindness, and by lightness on grey paper.
MORE, LESS = "#163b5f", "#cd7724"
# Light to dark, so that the order is kept on grey paper.
COVERAGE_COLOURS = ("#e4edf6", "#bfd6ed", "#8dbae1", "#4b8ac4", "#174a7c")
COVERAGE_BOUNDS = (0.2, 0.4, 0.6, 0.8)
# From large loss to large gain; the middle is "hardly any change".
CHANGE_COLOURS = ("#a04f0a", "#e0954a", "#f7dcc0", "#f4f5f6", "#cfe0f1", "#6ba3d6", "#174a7c")

# The least of a shortened name that still tells something: a sign and its last letters.
_TAIL = "…letters"
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2060-\u2069\ud800-\udfff\ufeff\ufffe\uffff]+")
_NARROW, _WIDE = frozenset(" ijlI.,;:'|!()[]/ft"), frozenset("w&€")
_WIDEST = frozenset("mMW@%—…")
# A description with more rows than this names the ends only; all rows stand in the table beside the picture.
MOST_SAID = 60
_ENDS = 15


def clean(name: object) -> str:
    """A name on one line, without control characters and without signs that turn the direction of what follows."""
    return " ".join(_CONTROL.sub(" ", str(name)).split())


def short_names(names: Sequence[object], width: float, endings: Sequence[str] = ()) -> list[str]:
    """Names that fit into ``width`` pixels, each with its ending, which is never shortened.

    Of a shortened name the end is kept, because it often tells two names apart. Different rows never get the same
    short name: a number is put behind it then.
    """
    seen: dict[str, int] = {}
    found = []
    for name, ending in zip(names, endings or [""] * len(names), strict=True):
        short = _shortened(clean(name) or NO_NUMBER, width - text_width(ending)) + ending
        seen[short] = seen.get(short, 0) + 1
        found.append(short if seen[short] == 1 else f"{short} ({seen[short]})")
    return found


def wrapped_names(names: Sequence[object], width: float, endings: Sequence[str] = ()) -> list[tuple[str, ...]]:
    """Names on one or two lines of ``width`` pixels, shortened where two lines do not hold them.

    An ending is never shortened. Two shortened names never share their last line: a number is put behind it then.
    """
    seen: dict[str, int] = {}
    found: list[tuple[str, ...]] = []
    for name, ending in zip(names, endings or [""] * len(names), strict=True):
        whole = (clean(name) or NO_NUMBER) + ending
        first, rest = _first_line(whole, width)
        if text_width(rest) > width:
            room = width - text_width(ending)
            if ending and room < text_width(_TAIL):
                first, rest = _shortened(whole.removesuffix(ending), width), ending.strip()
                found.append((first, rest))
                continue
            whole, rest = rest.removesuffix(ending), _shortened(rest.removesuffix(ending), room) + ending
            seen[rest] = seen.get(rest, 0) + 1
            if seen[rest] > 1:
                tail = f"{ending} ({seen[rest]})"
                rest = _shortened(whole, width - text_width(tail)) + tail
        found.append((first, rest) if rest else (first,))
    return found


def whole_names(shown: Sequence[Sequence[str]], names: Sequence[object]) -> dict[str, str]:
    """The last line of each shortened name -> the whole name."""
    pairs = zip(shown, names, strict=True)
    return {lines[-1]: clean(name) for lines, name in pairs if "…" in lines[-1] and "…" not in clean(name)}


def _first_line(name: str, width: float) -> tuple[str, str]:
    """As many whole words as fit, and what is left; a single word that does not fit is parted by syllables."""
    if text_width(name) <= width:
        return name, ""
    words = name.split(" ")
    count = 1
    while count < len(words) and text_width(" ".join(words[: count + 1])) <= width:
        count += 1
    first = " ".join(words[:count])
    if text_width(first) <= width:
        return first, " ".join(words[count:])
    for at in reversed(joints(first)):
        if text_width(parted(first[:at])) <= width:
            return parted(first[:at]), name[at:]
    cut = next(at for at in range(len(first), 0, -1) if text_width(first[:at]) <= width or at == 1)
    return first[:cut], name[cut:]


def text_width(text: str) -> float:
    """About how many pixels a text takes in the widest of the usual fonts."""
    return sum(map(_letter_width, text)) * FONT_SIZE


def _letter_width(sign: str) -> float:
    if unicodedata.east_asian_width(sign) in {"W", "F"}:
        return 1.05
    if sign in _NARROW:
        return 0.36
    if sign in _WIDEST:
        return 1.0
    return 0.78 if sign.isupper() or sign in _WIDE else 0.61


def _shortened(name: str, width: float) -> str:
    if text_width(name) <= width:
        return name
    head, tail = name, name[-6:]
    while head and text_width(f"{head}…{tail}") > width:
        head = head[:-1]
    return f"{head.rstrip()}…{tail.lstrip()}"


def isolated(name: object) -> str:
    """A name for use inside a sentence: one that is written from right to left is kept from turning its neighbours."""
    text = clean(name)
    rightward = any(unicodedata.bidirectional(sign) in {"R", "AL", "AN"} for sign in text)
    return f"\u2068{text}\u2069" if rightward else text


def cells(values: Sequence[float] | pd.Series, kind: str, lang: str) -> list[str]:
    """Numbers as every table of the report writes the column ``kind``."""
    return column(kind, lang).cells(pd.Series(values, dtype=float), lang)


def listed(items: Sequence[str], lang: str) -> str:
    """Rows of a picture as one sentence; of very many only the first and the last, and it says so."""
    if len(items) <= MOST_SAID:
        return "; ".join(items)
    left = len(items) - 2 * _ENDS
    return "; ".join([*items[:_ENDS], say("left-out", lang, count=left), *items[-_ENDS:]])


def contrast(one: str, other: str) -> float:
    """Contrast of two colours ``#rrggbb`` after WCAG 2, from 1 to 21."""
    light, dark = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def ink_on(colour: str) -> str:
    """The text colour that is read best on ``colour``."""
    return max((INK, PAPER), key=lambda ink: contrast(ink, colour))


def _luminance(colour: str) -> float:
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def class_of(value: float, bounds: Sequence[float]) -> int:
    """The number of the class a value falls into; a bound belongs to the class above it."""
    return sum(value >= bound - 1e-9 for bound in bounds)


def change_bounds(values: pd.Series, *, share: bool) -> tuple[float, ...]:
    """Six round bounds around zero for changes; the outermost classes hold roughly the larger half of the changes.

    ``share``: the changes are in shares 0..1; half a percentage point is hardly a change then.
    """
    largest = float(values.abs().max()) if values.notna().any() else 0.0
    smallest = 0.005 if share else 0.5
    steps = [smallest * factor * 10.0**power for power in range(9) for factor in (1, 2, 4)]
    outer = next((4 * step for step in steps if largest <= 8 * step), 4 * steps[-1])
    return (-outer, -outer / 2, -smallest, smallest, outer / 2, outer)


def class_labels(bounds: Sequence[float], written: Callable[[float], str], lang: str) -> list[str]:
    """What each class holds, in words for a legend."""
    edges = [written(bound) for bound in bounds]
    middle = [say("class-between", lang, low=low, high=high) for low, high in pairwise(edges)]
    return [say("class-below", lang, bound=edges[0]), *middle, say("class-above", lang, bound=edges[-1])]


def coverage_labels(lang: str) -> list[str]:
    """The classes of ``COVERAGE_COLOURS`` in words."""
    return class_labels(COVERAGE_BOUNDS, lambda share: percent(share, lang, 0), lang)
