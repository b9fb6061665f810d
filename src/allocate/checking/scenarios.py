"""Rules about scenarios: their descent, their settings, and what becomes of every change when it is carried out."""

from __future__ import annotations

import numpy as np
import pandas as pd

from allocate.checking.coverage import unreachable_floors
from allocate.inputs.case import split_list
from allocate.inputs.findings import NOTE, VALUES, WARNING
from allocate.inputs.inspection import Inspection
from allocate.inputs.scenario.variant import Trial, tried

SHOWN = 5  # so many offers are named in one sentence
CALCULATED = ("multiply", "add")


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
    moved: set[int] = set()
    faulty: set[int] = set()
    for trial in trials.values():
        moved |= set(trial.log["change_row"].tolist())
        if len(trial.found):
            faulty |= set(trial.found.table()["row"].dropna().tolist())
    carried = changes["scenario_id"].isin(list(trials))
    idle = carried & ~changes.index.isin(moved | faulty)
    inspection.flag("change-without-effect", "changes", "value", idle, severity=WARNING)


def _compounded(inspection: Inspection, trials: dict[str, Trial]) -> None:
    """Changes that calculate with a cell an ancestor has changed already: 0.9 of 0.9 is 0.81."""
    changes = inspection.table("changes")
    found: dict[int, str] = {}
    for trial in trials.values():
        log = trial.log
        cell = [log["table"], log["column"], log["at"]]
        earlier = log["place"].groupby(cell).shift()
        again = earlier.notna() & log["how"].isin(CALCULATED)
        found |= dict(zip(log.loc[again, "change_row"], earlier[again], strict=True))
    other = pd.Series(changes.index.map(found), index=changes.index, dtype=object)
    inspection.flag("change-compounds", "changes", "value", other.notna(), severity=NOTE, other=other)


def _against_today(inspection: Inspection, trials: dict[str, Trial]) -> None:
    """Capacities a scenario lowers below today's use or below what is committed; legitimate, but worth a word."""
    changes = inspection.table("changes")
    for rule, column in (
        ("scenario-below-today", "baseline_capacity"),
        ("scenario-below-committed", "committed_capacity"),
    ):
        found: dict[int, str] = {}
        for trial in trials.values():
            log = trial.log[trial.log["table"].eq("offers") & trial.log["column"].isin(["max_capacity", column])]
            if log.empty:
                continue
            offers = trial.case["offers"].iloc[log["at"].to_numpy(np.int64)]
            over = (offers[column] > offers["max_capacity"] * (1 + 1e-6)).to_numpy()
            for row, keys in log[over].groupby("change_row")["key"].agg(list).to_dict().items():
                found.setdefault(int(str(row)), ", ".join(keys[:SHOWN]) + (" …" if len(keys) > SHOWN else ""))
        named = pd.Series(changes.index.map(found), index=changes.index, dtype=object)
        inspection.flag(rule, "changes", "value", named.notna(), severity=WARNING, offers=named)


def _floors(inspection: Inspection, trials: dict[str, Trial]) -> None:
    """Floors that no plan can reach, with all the scenarios in which that is so."""
    scenarios = inspection.table("scenarios").drop_duplicates("scenario_id").set_index("scenario_id")
    known: dict[tuple[str, ...], pd.DataFrame] = {}
    rows = []
    for name, trial in trials.items():
        setting = scenarios.loc[name]
        if setting["evaluate"]:
            continue
        sets = split_list(str(setting["floor_sets"])) or ("base",)
        changed = bool(trial.log["table"].isin(["floors", "demand", "offers", "reach", "effects", "spaces"]).any())
        key = (*sets, name if changed else "")
        if key not in known:
            known[key] = unreachable_floors(trial.case, sets)
        rows.append(known[key].assign(scenario=name, meant=setting["expected"] == "infeasible"))
    every = pd.concat(rows, ignore_index=True) if rows else pd.DataFrame()
    if every.empty:
        return
    floors = inspection.table("floors")
    same = ["at", "place", "possible", "required", "meant"]
    named = every.groupby(same, sort=True)["scenario"].agg(", ".join).reset_index()
    for floor in named.to_dict("records"):
        at = int(floor["at"])
        inspection.found.add(
            "floor-unreachable",
            inspection.source("floors"),
            severity=NOTE if floor["meant"] else WARNING,
            row=int(floors.index[at]),
            column="min_coverage",
            value=float(floor["required"]),
            number=float(floor["required"]),
            place=floor["place"],
            need=floors["need_id"].iloc[at],
            possible=float(floor["possible"]),
            scenarios=floor["scenario"],
        )
