"""Names beside ids, so that a planner need not know the ids by heart."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import pandas as pd

from allocate.inputs.case import Case

TABLES = {
    "offer_id": "offers",
    "pot_id": "pots",
    "space_id": "spaces",
    "need_id": "needs",
    "provider_id": "providers",
    "department_id": "departments",
    "theme_id": "themes",
    "staff_id": "staff",
}


def named(case: Case, frame: pd.DataFrame, shown: Sequence[str], lang: str) -> tuple[pd.DataFrame, tuple[str, ...]]:
    """``frame`` with a column ``<thing>_name`` for each id column in ``shown``, and ``shown`` with it behind the id.

    Names come from the case, English ones where it has them and ``lang`` is ``en``; an id without a name stays alone.
    """
    added = [key for key in shown if key in TABLES and key in frame.columns and _label(key) not in shown]
    columns = [column for key in shown for column in ([key, _label(key)] if key in added else [key])]
    return with_names(case, frame, lang, added), tuple(columns)


def with_names(case: Case, frame: pd.DataFrame, lang: str, keys: Iterable[str] = tuple(TABLES)) -> pd.DataFrame:
    """``frame`` with a column ``<thing>_name`` for each of the id columns ``keys`` that it has."""
    here = [key for key in keys if key in frame.columns]
    return frame.assign(**{_label(key): names_for(case, key, frame[key], lang) for key in here})


def _label(key: str) -> str:
    return f"{key.removesuffix('_id')}_name"


def names_of(case: Case, key: str, lang: str) -> dict[str, str]:
    """Id -> name of the things that the id column ``key`` names."""
    table = case[TABLES[key]]
    return dict(zip(table[key].tolist(), best_names(table, lang).tolist(), strict=True))


def names_for(case: Case, key: str, ids: pd.Series, lang: str) -> list[str]:
    """The name of each id of the id column ``key``, blank where it has none."""
    names = names_of(case, key, lang)
    return [names.get(str(id), "") for id in ids.tolist()]


def called(case: Case, key: str, id: str, lang: str) -> str:
    """An id of the id column ``key`` with its name behind it, as sentences say it: ``O11 Youth club``."""
    return _called(id, names_of(case, key, lang))


def all_called(case: Case, key: str, ids: Iterable[str], lang: str) -> list[str]:
    """The same for several ids."""
    names = names_of(case, key, lang)
    return [_called(id, names) for id in ids]


def _called(id: str, names: Mapping[str, str]) -> str:
    return f"{id} {names[id]}" if names.get(id, id) not in ("", id) else id


def region_names(case: Case) -> dict[str, str]:
    """Region id -> name, from the table of regions or else from beside the spaces; blank where neither says it."""
    spaces, regions = case["spaces"], case["regions"]
    names = dict(zip(spaces["region_id"].tolist(), spaces["region_name"].tolist(), strict=True))
    own = zip(regions["region_id"].tolist(), regions["name"].tolist(), strict=True)
    return names | {id: name for id, name in own if name}


def target_group_names(case: Case, lang: str) -> dict[str, str]:
    """Target group as the needs name it -> in the reader's language, where the case says it."""
    needs = case["needs"]
    own = needs["target_group"].tolist()
    english = needs["target_group_en"].tolist() if lang == "en" else own
    found = {group: group for group in own}
    return found | {group: name for group, name in zip(own, english, strict=True) if name}


def need_units(case: Case, lang: str) -> dict[str, str]:
    """Need id -> what it is counted in, in the reader's language where the case says it."""
    needs = case["needs"]
    units = needs["unit_en"].where(needs["unit_en"] != "", needs["unit"]) if lang == "en" else needs["unit"]
    return dict(zip(needs["need_id"].tolist(), units.tolist(), strict=True))


def called_place(case: Case, scope_id: str, lang: str) -> str:
    """A space or a region with its name behind it: ``R1 Old town``."""
    return _called(scope_id, region_names(case) | names_of(case, "space_id", lang))


def best_names(table: pd.DataFrame, lang: str) -> pd.Series:
    """The names of a table's rows in the reader's language: English ones where ``lang`` is ``en`` and there are any."""
    names: pd.Series = table["name"]
    if lang == "en" and "name_en" in table.columns:
        names = table["name_en"].where(table["name_en"] != "", names)
    return names
