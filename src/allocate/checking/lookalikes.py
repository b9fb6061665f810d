"""Rules about ids and names that are easily taken for each other, and about ids that mean something else here."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator

import pandas as pd

from allocate.inputs import dictionary
from allocate.inputs.dictionary import Column
from allocate.inputs.findings import ERROR, WARNING
from allocate.inputs.ids import EACH, RESERVED, alike, differences, in_words
from allocate.inputs.inspection import Inspection
from allocate.language import LANGUAGES

_SETTINGS = ("parameters",)
_FORMS = re.compile(
    r"""(?<!\w)(?:e\.?\s*v\.? | eingetragener\s+verein | g?gmbh(?:\s*&\s*co\.?\s*kg)? | gemeinnützige?[rs]?
        | g?ag | g?ug(?:\s*\(haftungsbeschränkt\))? | kg | e\.?\s*g\.? | a\.?\s*ö\.?\s*r\.?
        | k\.?\s*d\.?\s*ö\.?\s*r\.? | ltd\.? | limited | inc\.? | plc | cic)(?!\w)""",
    re.IGNORECASE | re.VERBOSE,
)
_SMALL_WORDS = frozenset("der die das des dem den und für in im am an the of and for".split())  # noqa: SIM905


def check_lookalikes(inspection: Inspection) -> None:
    """Reserved ids, ids that look alike, providers that look like one."""
    for column in _own_ids():
        _reserved(inspection, column)
    for column in (*_own_ids(), *_free_references(inspection)):
        _alike(inspection, column)
    _providers(inspection)


def _own_ids() -> Iterator[Column]:
    """The columns in which tables name their own things."""
    for table in dictionary.tables().values():
        if table.name not in _SETTINGS:
            yield from (table[name] for name in table.key if table[name].type == "id" and not table[name].refers_to)


def _free_references(inspection: Inspection) -> Iterator[Column]:
    """Columns of ids whose own table the town does not have; providers are looked at by their words."""
    for table in dictionary.tables().values():
        for column in table:
            target = column.refers_to.partition(".")[0]
            if target not in ("", "providers", "floors") and column.type == "id" and inspection.table(target).empty:
                yield column


def _reserved(inspection: Inspection, column: Column) -> None:
    """Ids with signs that keys and lists are made of, with blanks around them, and the id that means all."""
    ids = inspection.table(column.table)[column.name]
    inspection.flag("id-each", column.table, column.name, ids.eq(EACH), severity=ERROR)
    joins = ids.str.contains(f"[{RESERVED}]", regex=True)
    inspection.flag("id-reserved", column.table, column.name, joins, severity=WARNING)
    inspection.flag("id-blanks", column.table, column.name, ids.ne(ids.str.strip()), severity=WARNING)


def _alike(inspection: Inspection, column: Column) -> None:
    ids = inspection.table(column.table)[column.name]
    pairs = alike(ids.unique().tolist())
    _tell(inspection, "id-lookalike", column, ids, [(*pair, differences(*pair)) for pair in pairs])


def _tell(
    inspection: Inspection, rule: str, column: Column, cells: pd.Series, pairs: list[tuple[str, str, list[str]]]
) -> None:
    """One finding per pair, at the first row of the second of the two."""
    first = {cell: row for row, cell in reversed(list(zip(cells.index.tolist(), cells.tolist(), strict=True)))}
    for one, other, ways in pairs:
        what = {f"what_{lang}": in_words(ways, lang) for lang in LANGUAGES}
        inspection.found.add(
            rule,
            inspection.source(column.table),
            severity=WARNING,
            row=int(first[one]),
            column=column.name,
            value=one,
            other=other,
            first=int(first[other]),
            **what,
        )


def _providers(inspection: Inspection) -> None:
    """Providers whose names say the same: by their table, or by what stands in the offers."""
    table = "providers" if len(inspection.table("providers")) else "offers"
    name = "name" if table == "providers" else "provider_id"
    column = dictionary.table(table)[name]
    names = inspection.table(table)[name]
    names = names[names.ne("")]
    if table == "providers":
        again = names.duplicated()
        inspection.flag(
            "provider-twice",
            table,
            name,
            again.reindex(inspection.table(table).index, fill_value=False),
            severity=WARNING,
        )
    _tell(inspection, "provider-lookalike", column, names, list(_same_words(names.unique().tolist())))


def _same_words(names: Iterable[str]) -> Iterator[tuple[str, str, list[str]]]:
    first: dict[str, str] = {}
    for name in names:
        words = _words(name, "")
        if words and first.setdefault(words, name) != name:
            other = first[words]
            yield name, other, [way for way in _WAYS if _words(name, way) != _words(other, way)]


def _spelling(name: str) -> str:
    return " ".join(re.findall(r"\w+", unicodedata.normalize("NFKC", name).casefold()))


def _without_form(name: str) -> str:
    return _FORMS.sub(" ", name)


def _sorted(name: str) -> str:
    return " ".join(sorted(word for word in name.split() if word.casefold() not in _SMALL_WORDS))


# The legal form goes first, as its dots tell it from words.
_WAYS: dict[str, Callable[[str], str]] = {"form": _without_form, "spelling": _spelling, "order": _sorted}


def _words(name: str, kept: str) -> str:
    """The words of a name that tell one provider from another; ``kept`` is left as it is written."""
    for way, fold in _WAYS.items():
        if way != kept:
            name = fold(name)
    return " ".join(name.split())
