"""Scenario: a named set of settings and changes on a case; applying it gives a variant and its change log.

A scenario's *changes* are inherited: those of its ancestors come first, the oldest ancestor's first of all,
so that a child may change a cell again. Its *settings* (pooling, floor sets, weight set ...) are its own; a
blank one is the default, not the parent's.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from allocate.errors import InputError, UsageError, expect
from allocate.inputs.case import Case, Source, split_list
from allocate.inputs.findings import ERROR, FindingList
from allocate.inputs.handed import Handed, notebook
from allocate.inputs.nearest import NONE, nearest
from allocate.inputs.provisional import with_late_budget
from allocate.inputs.scenario.check_changes import as_findings, shapes
from allocate.inputs.scenario.keys import ALL
from allocate.inputs.scenario.steps import LOG_COLUMNS, carry_out, empty_log
from allocate.inputs.use_today import with_use_today
from allocate.inputs.years import DATES, YEAR_TABLES, in_plan_year, plan_year

CHANGE_COLUMNS = ("scenario_id", "table", "key", "column", "how", "value", "reason", "source", "place")
COMMAND_LINE = "--change"
TYPED_AT = "_place"  # column of ``changes`` for rows that stand in no file: where they were typed


@dataclass(frozen=True)
class Scenario:
    """The settings of one row of ``scenarios`` (inheritance concerns the changes, not the settings).

    ``pooling`` is ``silo`` or ``integrated``; ``max_moved`` in EUR/year (inf: no cap); ``weight_set`` blank
    means ``needs.weight``; ``max_step`` is the part of today's capacity by which an offer may change in a year (inf: no
    limit; paths over several years only); ``evaluate`` judges the status quo and optimises nothing.
    """

    scenario_id: str
    title: str = ""
    title_en: str = ""
    parent_id: str = ""
    pooling: str = "silo"
    floor_sets: tuple[str, ...] = ("base",)
    weight_set: str = ""
    max_moved: float = float("inf")
    max_step: float = float("inf")
    evaluate: bool = False
    indivisible: bool = False
    expected: str = ""
    question: str = ""

    def label(self, lang: str = "de") -> str:
        """The title in the reader's language, the id where there is none."""
        title = self.title_en if lang == "en" and self.title_en else self.title
        return title or self.scenario_id


@dataclass(frozen=True, eq=False, repr=False)
class Variant:
    """A case as one scenario sees it.

    ``changes`` is the log, one row per changed cell: ``scenario_id, table, key, column, how, value, old,
    new, reason, source, place`` (``value`` as written, ``old`` and ``new`` typed like the column, ``place``
    where the change row stands).
    """

    case: Case
    scenario: Scenario
    changes: Handed = Handed()

    def __repr__(self) -> str:
        return f"Variant({self.scenario.scenario_id} of {self.case.name}: {len(self.changes)} changed cells)"

    def _repr_html_(self) -> str:
        return notebook(repr(self), {"changes": self.changes})

    @property
    def fingerprint(self) -> str:
        """``sha256:...`` over the content of the tables as the scenario sees them, and its settings."""
        words = [self.case.fingerprint, *(f"{name}={value!r}" for name, value in vars(self.scenario).items())]
        return f"sha256:{hashlib.sha256('\n'.join(words).encode()).hexdigest()}"


@dataclass(frozen=True)
class Change:
    """One change beside those of the tables, for a quick what-if; its fields are columns of ``changes``."""

    table: str
    key: str
    column: str
    how: str
    value: str
    reason: str
    source: str = ""
    scenario_id: str = ""
    place: str = ""


def scenario_ids(case: Case) -> list[str]:
    """The ids of all scenarios, in the order of the table. Raises ``UsageError`` for what is no case."""
    expect(case, Case, "case")
    return [str(one) for one in case["scenarios"]["scenario_id"]]


def scenario(case: Case, scenario_id: str) -> Scenario:
    """The settings of one scenario.

    Raises ``UsageError`` ``scenario-unknown``, with the nearest id there is.
    """
    expect(scenario_id, str, "scenario")
    table = case["scenarios"]
    rows = table[table["scenario_id"] == scenario_id]
    if rows.empty:
        raise _unknown(case, scenario_id)
    row = rows.iloc[0]
    return Scenario(
        scenario_id=scenario_id,
        title=str(row["title"]),
        title_en=str(row["title_en"]),
        parent_id=str(row["parent_id"]),
        pooling=str(row["pooling"]) or "silo",
        floor_sets=split_list(str(row["floor_sets"])) or ("base",),
        weight_set=str(row["weight_set"]),
        max_moved=float("inf") if pd.isna(row["max_moved"]) else float(row["max_moved"]),
        max_step=float("inf") if pd.isna(row["max_step"]) else float(row["max_step"]),
        evaluate=bool(row["evaluate"]),
        indivisible=bool(row["indivisible"]),
        expected=str(row["expected"]),
        question=str(row["question"]),
    )


def lineage(case: Case, scenario_id: str) -> list[str]:
    """The scenario and its ancestors, the oldest first.

    Raises ``UsageError`` for an unknown scenario and ``InputError`` where a scenario is its own ancestor.
    """
    parents = dict(zip(case["scenarios"]["scenario_id"], case["scenarios"]["parent_id"], strict=True))
    if scenario_id not in parents:
        raise _unknown(case, scenario_id)
    line = [scenario_id]
    while parents.get(line[-1]):
        parent = parents[line[-1]]
        if parent in line:
            raise InputError("scenario-cycle", place=case.place("scenarios"), chain=" > ".join([*line, parent]))
        line.append(parent)
    return line[::-1]


def apply(case: Case, scenario_id: str, extra_changes: Sequence[Change] = ()) -> Variant:
    """The case as a scenario sees it: its ancestors' changes, its own, then ``extra_changes``, carried out.

    ``extra_changes`` count as those of a child without a name. Raises ``UsageError`` ``scenario-unknown``
    (with the nearest id) and ``InputError`` ``scenario-findings`` with all findings, placed at the change
    rows, where a change names nothing, is no number, hits a cell of the same scenario again or makes a table
    invalid.
    """
    chosen = scenario(case, scenario_id)
    typed = [(Source(COMMAND_LINE), as_rows(extra_changes, scenario_id))] if extra_changes else []
    return finished(tried(case, lineage(case, scenario_id), typed), chosen)


def tables_in(case: Case, scenario_id: str, year: Change) -> Case:
    """The tables that ``apply`` gives with a change of the planned year alone, which itself is neither made nor logged.

    What a scenario makes of each year is kept with the case: looking at years costs little. Raises as ``apply``.
    """
    line, years = lineage(case, scenario_id), [as_rows([year], scenario_id)]
    return finished(_carried_out(case, tuple(line), years), scenario(case, scenario_id)).case


def tried(case: Case, line: Sequence[str], typed: Sequence[tuple[Source, pd.DataFrame]] = ()) -> Trial:
    """The changes of some scenarios in their order carried out, then typed ones: where they stand, and their rows."""
    moving = [rows for _, rows in typed if _moves_year(rows)]
    if any(len(rows) > 1 or not rows["table"].eq("parameters").all() for rows in moving):
        trial = _from_start(case, [own_changes(case, name) for name in line], moving)
    else:
        trial = _carried_out(case, tuple(line), moving)
    for source, rows in typed:
        trial = further(trial, source, rows)
    return trial


def _carried_out(case: Case, line: tuple[str, ...], years: Sequence[pd.DataFrame]) -> Trial:
    """The changes of some scenarios in their order, in the year that a typed row may name; kept with the case.

    Scenarios share their ancestors, whoever reads a case has tried all of them already, and all are asked about the
    same years.
    """
    key = (*line, *(tuple(row) for rows in years for row in rows[["key", "how", "value"]].itertuples(index=False)))
    if key not in case._tried:
        own = [own_changes(case, name) for name in line]
        if line and not any(map(_moves_year, own)):
            case._tried[key] = further(_carried_out(case, line[:-1], years), written(case), own[-1])
        else:
            case._tried[key] = _from_start(case, own, years)
    trial: Trial = case._tried[key]
    return trial


def _from_start(case: Case, own: Sequence[pd.DataFrame], typed: Sequence[pd.DataFrame]) -> Trial:
    """The change rows of some scenarios carried out where they, or ``typed`` ones, may move the year of the start."""
    trial = start(case, [*own, *typed])
    for rows in own:
        trial = further(trial, written(case), rows)
    return trial


def finished(trial: Trial, chosen: Scenario) -> Variant:
    """The variant that steps have led to. Raises ``InputError`` with all findings where any is an error."""
    count = trial.found.count(ERROR)
    if count:
        findings = trial.found.table().sort_values(["file", "sheet", "row"], kind="stable", ignore_index=True)
        raise InputError("scenario-findings", scenario=chosen.scenario_id, count=count, findings=findings)
    return Variant(with_late_budget(trial.case, trial.year), chosen, trial.log[list(LOG_COLUMNS)])


def start(case: Case, steps: Sequence[pd.DataFrame]) -> Trial:
    """A scenario before its first change: the case in the year that it plans, with today's use.

    Its ``steps`` (the change rows of its ancestors, then its own) may move that year or what is stated for it. A change
    of ``pots.amount`` or ``offers.committed_capacity`` starts from the value of the year.
    """
    moved = case
    for rows in filter(_moves_year, steps):
        moved = moved._unchecked(**carry_out(moved.tables, shapes(case), rows[of_the_year(rows)]).tables)
    year = in_plan_year(moved)
    # The dates themselves are changed, and logged, by the step that changes them.
    offers = year["offers"].assign(**{name: case["offers"][name] for name in DATES})
    begun = with_use_today(case._unchecked(pots=year["pots"], offers=offers, demand=year["demand"]))
    return Trial(begun, _placed(empty_log(), Source(""), []), FindingList(), plan_year(moved))


def of_the_year(rows: pd.DataFrame) -> pd.Series:
    """Which change rows move the year that is planned, or what is stated for single years and dates."""
    moves = rows["table"].eq("parameters") & rows["key"].isin(["plan_year", ALL])
    dates = rows["table"].eq("offers") & rows["column"].isin(DATES)
    return moves | dates | rows["table"].isin(YEAR_TABLES)


def _moves_year(rows: pd.DataFrame) -> bool:
    return len(rows) > 0 and bool(of_the_year(rows).any())


@dataclass(frozen=True)
class Trial:
    """Steps carried out, come what may: the case after them, the log, and what was found.

    Beside ``LOG_COLUMNS`` the log has ``at`` (position of the row in its table) and where the change row stands:
    ``change_file``, ``change_sheet``, ``change_row``. ``year``: the one that is planned.
    """

    case: Case
    log: pd.DataFrame
    found: FindingList
    year: int | None = None


def further(trial: Trial, source: Source, rows: pd.DataFrame) -> Trial:
    """One step more: change rows (``rows``) that stand in ``source``; all their findings at once."""
    from allocate.checking.variant import check_variant  # noqa: PLC0415  (the checks know the variant)

    if rows.empty:
        return trial
    step = carry_out(trial.case.tables, shapes(trial.case), rows, trial.year)
    trial = _where_rows_are_now(trial, step.tables)
    log = _placed(step.log, source, rows.index.to_numpy(np.int64)[step.log["change"].to_numpy(np.int64)])
    after = trial.case._unchecked(**step.tables)
    found = FindingList()
    found.extend(trial.found)
    found.extend(as_findings(source, rows, step.problems))
    if len(log):
        found.extend(check_variant(trial.case, after, log))
    logs = [one for one in (trial.log, log) if len(one)]
    return Trial(after, pd.concat(logs, ignore_index=True) if logs else trial.log, found, trial.year)


def _where_rows_are_now(trial: Trial, after: Mapping[str, pd.DataFrame]) -> Trial:
    """The trial with its log in the positions of changed tables; -1 for a row that a step takes away."""
    at = trial.log["at"].to_numpy(np.int64, copy=True)
    for table, own in trial.log[trial.log["table"].isin(list(after))].groupby("table", sort=False):
        before, now = trial.case.tables[str(table)].index, after[str(table)].index
        if before.is_(now) or before.isin(now).all():
            continue
        places = own.index[own["at"].ge(0)]
        at[places] = now.get_indexer(before[at[places]])
    return trial if (at == trial.log["at"]).all() else replace(trial, log=trial.log.assign(at=at))


def _placed(log: pd.DataFrame, source: Source, lines: Sequence[int] | np.ndarray) -> pd.DataFrame:
    """The log of a step with the rows where its changes stand."""
    rows = np.asarray(lines, dtype=np.int64)
    return log.assign(change_file=source.file, change_sheet=source.sheet, change_row=rows)


def written(case: Case) -> Source:
    """Where the table of changes stands."""
    return case.sources.get("changes", Source("changes.csv"))


def own_changes(case: Case, scenario_id: str) -> pd.DataFrame:
    """The change rows of one scenario alone, with ``place``; the index is the row in the file."""
    if scenario_id not in case._own_changes:
        case._own_changes[scenario_id] = _own_changes(case, scenario_id)
    return case._own_changes[scenario_id].copy(deep=False)


def _own_changes(case: Case, scenario_id: str) -> pd.DataFrame:
    rows = case["changes"]
    rows = rows[rows["scenario_id"] == scenario_id]
    places = [case.place("changes", int(row)) for row in rows.index]
    if TYPED_AT in rows.columns:
        places = [typed or place for typed, place in zip(rows[TYPED_AT], places, strict=True)]
    source = rows["source"] if "source" in rows.columns else ""
    return rows.assign(source=source, place=pd.Series(places, index=rows.index, dtype="str"))[[*CHANGE_COLUMNS]]


def as_rows(changes: Sequence[Change], scenario_id: str) -> pd.DataFrame:
    """Quick changes as change rows; the index is their number, from 1; blanks are filled."""
    rows = pd.DataFrame([vars(one) for one in changes], index=range(1, len(changes) + 1), dtype="str")
    places = [f"{COMMAND_LINE} {number}" for number in rows.index]
    return rows.assign(
        scenario_id=rows["scenario_id"].where(rows["scenario_id"].ne(""), scenario_id),
        place=rows["place"].where(rows["place"].ne(""), pd.Series(places, index=rows.index, dtype="str")),
    )[[*CHANGE_COLUMNS]]


def _unknown(case: Case, scenario_id: str) -> UsageError:
    near = nearest(scenario_id, scenario_ids(case)) or NONE
    return UsageError("scenario-unknown", scenario=scenario_id, nearest=near)
