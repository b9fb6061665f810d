"""Rules about scenarios: their descent, their settings, and what becomes of every change when it is carried out."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from allocate.inputs.case import Case, split_list
from allocate.inputs.findings import NOTE, VALUES, WARNING
from allocate.inputs.inspection import Inspection
from allocate.inputs.scenario.variant import Trial, tried
from allocate.language import first_of
from allocate.town.build_provision import build_provision
from allocate.town.places import ENFORCED_KINDS, floors_of
from allocate.town.reachable import beyond_reach

SHOWN = 5  # so many offers are named in one sentence
CALCULATED = ("multiply", "add")
# Tables whose changes move what can be covered at most.
COVERAGE = {"floors", "demand", "offers", "reach", "effects", "spaces"}


def check_scenarios(inspection: Inspection) -> None:
    """Descent and settings of all scenarios, then every scenario carried out on the tables as they are."""
    table = inspection.table("scenarios").drop_duplicates("scenario_id")
    parents = dict(zip(table["scenario_id"], table["parent_id"], strict=True))
    lines = {name: _line(parents, name) for name in parents}
    _cycles(inspection, parents, lines)
    _settings(inspection)
    trials = {name: tried(inspection.case, line) for name, line in lines.items() if line}
    _step_findings(inspection, trials)
    _idle_changes(inspection, trials)
    _compounded(inspection, trials)
    _against_today(inspection, trials)
    _floors(inspection, trials)


def _line(parents: dict[str, str], name: str) -> list[str]:
    """A scenario and its known ancestors, the oldest first; empty where it descends from itself."""
    line = [name]
    while parents.get(line[-1]) in parents:
        parent = parents[line[-1]]
        if parent in line:
            return []
        line.append(parent)
    return line[::-1]


def _cycles(inspection: Inspection, parents: dict[str, str], lines: dict[str, list[str]]) -> None:
    """Scenarios that descend from themselves, with the circle in words."""
    table = inspection.table("scenarios")
    chains = {}
    for name in (one for one, line in lines.items() if not line):
        chain = [name]
        while chain[-1] not in chain[:-1]:
            chain.append(parents[chain[-1]])
        chains[name] = " > ".join(chain)
    chain_of = table["scenario_id"].map(chains)
    inspection.flag("scenario-cycle", "scenarios", "parent_id", chain_of.notna(), chain=chain_of)


def _settings(inspection: Inspection) -> None:
    """Settings that contradict each other or have nothing to work on."""
    table, pots = inspection.table("scenarios"), inspection.table("pots")
    integrated = table["pooling"].eq("integrated") & ~table["evaluate"]
    if not pots["pooled"].any():
        inspection.flag("integrated-without-pooled", "scenarios", "pooling", integrated, severity=WARNING)
    judged = table["evaluate"]
    inspection.flag("evaluate-capped", "scenarios", "max_moved", judged & table["max_moved"].notna(), severity=NOTE)
    odd = judged & table["expected"].ne("")
    inspection.flag("evaluate-expected", "scenarios", "expected", odd, severity=WARNING)
    inspection.flag("max-moved-zero", "scenarios", "max_moved", table["max_moved"].eq(0), severity=NOTE)
    sets = table["floor_sets"].map(split_list)
    twice = sets.map(lambda names: len(set(names)) < len(names))
    inspection.flag("floor-set-twice", "scenarios", "floor_sets", twice, severity=WARNING)


def _step_findings(inspection: Inspection, trials: dict[str, Trial]) -> None:
    """What the change rows get wrong; a row inherited by many scenarios is named once."""
    tables = [trial.found.table() for trial in trials.values() if len(trial.found)]
    if not tables:
        return
    every = pd.concat(tables, ignore_index=True)
    once = every[~every.duplicated(["rule", "file", "sheet", "row", "column"])]
    for (rule, severity, column), rows in once.groupby(["rule", "severity", "column"], sort=False):
        words = pd.DataFrame(rows[VALUES].tolist())
        inspection.found.add_many(
            str(rule),
            inspection.source("changes"),
            severity=str(severity),
            rows=rows["row"].tolist(),
            column=str(column),
            value=rows["value"].tolist(),
            **{str(name): words[name].tolist() for name in words.columns},
        )


def _idle_changes(inspection: Inspection, trials: dict[str, Trial]) -> None:
    """Changes that hit cells but leave every one of them as it was, in every scenario that carries them out."""
    changes = inspection.table("changes")
    told: set[int] = set()
    for trial in trials.values():
        told |= set(trial.log["change_row"].tolist())
        if len(trial.found):
            told |= set(trial.found.table()["row"].dropna().tolist())
    idle = changes["scenario_id"].isin(list(trials)) & ~changes.index.isin(told)
    inspection.flag("change-without-effect", "changes", "value", idle, severity=WARNING)


def _compounded(inspection: Inspection, trials: dict[str, Trial]) -> None:
    """Changes that calculate with a cell an ancestor has changed already: 0.9 of 0.9 is 0.81."""
    found: dict[int, str] = {}
    for trial in trials.values():
        last: dict[tuple[str, str, int], str] = {}
        columns = ("table", "column", "at", "how", "place", "change_row")
        for table, column, at, how, place, row in zip(*(trial.log[name].tolist() for name in columns), strict=True):
            cell = (table, column, at)
            if at >= 0 and cell in last and how in CALCULATED:  # rows that have gone have no place
                found[row] = last[cell]
            last[cell] = place
    _flag_changes(inspection, "change-compounds", NOTE, other=found)


def _against_today(inspection: Inspection, trials: dict[str, Trial]) -> None:
    """Capacities a scenario lowers below today's use or below what is committed; legitimate, but worth a word."""
    for rule, column in (
        ("scenario-below-today", "baseline_capacity"),
        ("scenario-below-committed", "committed_capacity"),
    ):
        found: dict[int, str] = {}
        for trial in trials.values():
            named = ("table", "column", "at", "change_row", "key")
            cells = zip(*(trial.log[name].tolist() for name in named), strict=True)
            capped = [cell[2:] for cell in cells if cell[0] == "offers" and cell[1] in ("max_capacity", column)]
            if not capped:
                continue
            offers = trial.case["offers"]
            over = (offers[column] > offers["max_capacity"] * (1 + 1e-6)).tolist()
            lowered: dict[int, list[str]] = {}
            for at, row, key in capped:
                if over[at]:
                    lowered.setdefault(row, []).append(key)
            for row, keys in lowered.items():
                found.setdefault(row, first_of(keys, SHOWN))
        _flag_changes(inspection, rule, WARNING, offers=found)


def _flag_changes(inspection: Inspection, rule: str, severity: str, **words: dict[int, str]) -> None:
    """One finding for each change row that a rule says a word of."""
    ((name, said),) = words.items()
    if said:
        index = inspection.table("changes").index
        word = pd.Series(index.map(said), index=index, dtype=object)
        inspection.flag(rule, "changes", "value", word.notna(), severity=severity, **{name: word})


def _floors(inspection: Inspection, trials: dict[str, Trial]) -> None:
    """Floors that no plan can reach, with all the scenarios in which that is so."""
    table = inspection.table("scenarios").drop_duplicates("scenario_id")
    columns = (table[name].tolist() for name in ("scenario_id", "evaluate", "floor_sets", "expected"))
    known: dict[tuple[str, ...], list[tuple[int, str, float, float]]] = {}
    named: dict[tuple[int, str, float, float, bool], list[str]] = {}
    for name, evaluate, floor_sets, expected in zip(*columns, strict=True):
        if evaluate or name not in trials:
            continue
        trial, sets = trials[name], split_list(floor_sets) or ("base",)
        key = (*sets, "" if COVERAGE.isdisjoint(trial.log["table"].tolist()) else name)
        if key not in known:
            found = unreachable_floors(trial.case, sets)
            known[key] = list(
                zip(*(found[part].tolist() for part in ("at", "place", "possible", "required")), strict=True)
            )
        for floor in known[key]:
            named.setdefault((*floor, expected == "infeasible"), []).append(name)
    floors = inspection.table("floors")
    for (at, place, possible, required, meant), scenarios in sorted(named.items()):
        inspection.found.add(
            "floor-unreachable",
            inspection.source("floors"),
            severity=NOTE if meant else WARNING,
            row=int(floors.index[at]),
            column="min_coverage",
            value=required,
            number=required,
            place=place,
            need=floors["need_id"].iloc[at],
            possible=possible,
            scenarios=", ".join(scenarios),
        )


def unreachable_floors(case: Case, floor_sets: Sequence[str]) -> pd.DataFrame:
    """Binding floors of these sets that no plan can meet, in the order of floors, then places.

    Columns: ``at`` (position in ``floors``), ``place`` (``*`` for the whole town), ``required`` and ``possible``
    (shares of demand). None where nothing is demanded.
    """
    columns = ["at", "place", "required", "possible"]
    table = case["floors"]
    if not (table["floor_set"].isin(list(floor_sets)) & table["kind"].isin(ENFORCED_KINDS)).any():
        return pd.DataFrame(columns=columns)
    provision = build_provision(case, case["needs"]["weight"].to_numpy(np.float64))
    floors = floors_of(case, floor_sets, provision)
    unmet, available = beyond_reach(provision, floors)
    found = np.flatnonzero(unmet)
    possible = available[found] / floors.demand[found]
    return pd.DataFrame(
        dict(
            zip(columns, (floors.row[found], floors.scope_id[found], floors.min_coverage[found], possible), strict=True)
        )
    )
