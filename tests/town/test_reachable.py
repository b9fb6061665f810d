"""What could be covered at most: said once, by the check of the tables and by the rule before anything is solved."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from allocate.checking.scenarios import unreachable_floors
from allocate.inputs.case import Case
from allocate.inputs.scenario.variant import apply
from allocate.model.compile import compile_variant
from allocate.model.rules.floor import RULE
from allocate.town import places, reachable
from allocate.town.build_town import build_town
from allocate.town.reachable import most_covered
from tests.strategies import Tables, case_of
from tests.town.test_places import floor, tables

BINDING = [
    floor(1, "space", "*", 0.5),
    floor(2, "region", "R1", 0.9),
    floor(3, "all", "*", 0.7),
    floor(4, "space", "S3", 0.2, "eased"),
]
type Said = list[tuple[str, str, float]]


def town(floor_sets: str = "base") -> Tables:
    """Three spaces that ask for 10, 20 and 30; one offer of 24 places that gives S1 no more than 4, S3 none."""
    reach = [
        {"offer_id": "O", "space_id": "S1", "access": 1, "max_capacity": 4},
        {"offer_id": "O", "space_id": "S2", "access": 0.5},
    ]
    base = tables(BINDING, floor_sets)
    base["offers"][0]["max_capacity"] = 24
    return {**base, "reach": reach}


def checked(case: Case, *floor_sets: str) -> Said:
    """What the check says of floors: id, place, and how many can be covered there."""
    found = unreachable_floors(case, floor_sets)
    demand = pd.Series({"S1": 10.0, "S2": 20.0, "S3": 30.0, "R1": 30.0, "R2": 30.0, "*": 60.0})
    ids = case["floors"]["floor_id"].iloc[found["at"].tolist()]
    units = found["possible"].to_numpy(float) * demand.reindex(found["place"]).to_numpy()
    return list(zip(ids.tolist(), found["place"].tolist(), units.round(9).tolist(), strict=True))


def prechecked(case: Case) -> Said:
    """What the rule says of the same floors before a plan is looked for."""
    return [(one.id, one.place, round(one.available, 9)) for one in RULE.precheck(compile_variant(apply(case, "A")))]


def test_check_and_rule_say_the_same_of_every_floor() -> None:
    # S1 gets 4 of the 5 that it needs, S2 up to 12 of its 10 (a place counts half there), S3 nothing: 16 together.
    said = [("F1", "S1", 4.0), ("F1", "S3", 0.0), ("F2", "R1", 16.0), ("F3", "*", 16.0)]
    assert checked(case_of(town()), "base") == prechecked(case_of(town())) == said
    # A later set lowers the floor of S3, and nobody serves it still.
    later = [("F1", "S1", 4.0), ("F2", "R1", 16.0), ("F3", "*", 16.0), ("F4", "S3", 0.0)]
    case = case_of(town("base;eased"))
    assert checked(case, "base", "eased") == prechecked(case) == later


def test_there_is_no_second_opinion_in_the_house(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the town is told that nothing can be covered, or that there is one place only, both follow."""
    case = case_of(town())
    monkeypatch.setattr(reachable, "reachable", lambda _town, floors: np.zeros(len(floors.floor_id)))
    every = [("F1", "S1", 0.0), ("F1", "S2", 0.0), ("F1", "S3", 0.0), ("F2", "R1", 0.0), ("F3", "*", 0.0)]
    assert checked(case, "base") == prechecked(case) == every
    monkeypatch.setattr(places, "place_of", lambda spaces, _scope: np.full(len(spaces.ids), "*", dtype=object))
    case = case_of(town())  # what has been made of the first one is not made again
    assert [one[:2] for one in checked(case, "base")] == [one[:2] for one in prechecked(case)]
    assert [one[:2] for one in prechecked(case)] == [("F1", "*"), ("F3", "*")]


def test_ids_that_nobody_knows_change_nothing_of_what_is_reachable() -> None:
    base = town()
    odd = {"offer_id": "Q", "space_id": "S9", "need_id": "N9", "effect": 1, "demand": 5, "access": 1}
    for name in ("reach", "effects", "demand"):
        known = set(base[name][0]) | {"access"} if name == "reach" else set(base[name][0])
        base[name] = [*base[name], {key: value for key, value in odd.items() if key in known}]
    assert checked(case_of(base), "base") == checked(case_of(town()), "base")


def test_places_divided_among_needs_are_counted_once_for_a_need_that_all_of_them_serve() -> None:
    base = town()
    base["needs"] = [{"need_id": n, "name": n, "unit": "persons"} for n in ("N1", "N2", "N3")]
    base["demand"] = [{"space_id": "S2", "need_id": n, "demand": 20} for n in ("N1", "N2", "N3")]
    base["effects"] = [
        {"offer_id": "O", "need_id": n, "effect": 1, "exclusive": shared} for n, shared in
        (("N1", "no"), ("N2", "yes"), ("N3", "yes"))
    ]  # fmt: skip
    base["floors"] = []
    built = build_town(apply(case_of(base), "A"))
    assert built.pairs.is_divided
    assert most_covered(built)[built.cells.space == 1].tolist() == [12.0, 12.0, 12.0]
