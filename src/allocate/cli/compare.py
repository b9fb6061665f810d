"""``allocate compare``: what changes between scenarios, for whom, and where the money comes from and goes to."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from allocate.cli.numbers import Whole
from allocate.cli.opening import open_what_if
from allocate.cli.options import (
    Request,
    case_argument,
    command,
    complete_scenario,
    option,
    solver_options,
    table_option,
)
from allocate.cli.output import Display, respond
from allocate.cli.progress import progress
from allocate.cli.speech import lang, say
from allocate.cli.what_if import WhatIf, what_if_options
from allocate.errors import UsageError
from allocate.language import euro, is_nothing, number, percent, signed

if TYPE_CHECKING:
    import pandas as pd

    from allocate.analyses.comparison.attribution import Attribution
    from allocate.analyses.comparison.compare import Comparison
    from allocate.cli.answers import Results
    from allocate.inputs.case import Case
    from allocate.inputs.scenario.variant import Scenario

_TEXTS = "compare.csv"
DIMENSIONS = ("space", "region", "need", "target_group", "provider", "department", "duty")


@command("compare")
@case_argument
@click.argument("scenarios", nargs=-1, shell_complete=complete_scenario)
@option("--by", multiple=True, type=click.Choice(DIMENSIONS), default=("need", "space"), show_default=True)
@option("--attribution", is_flag=True)
@option("--groups", type=Whole(1, 10), default=8, show_default=True)
@option("--years", default="")
@what_if_options
@solver_options
@table_option
def compare(
    request: Request, case: Path, scenarios: tuple[str, ...], by: tuple[str, ...], attribution: bool, groups: int,
    years: str, what_if: WhatIf, solver: str, time_limit: float | None,
) -> int:  # fmt: skip
    """Compare scenarios with the status quo."""
    from allocate.cli import answers, path_answers
    from allocate.inputs.in_places import expect_money
    from allocate.results.runs import Runs

    _refuse_other_towns(case, scenarios)
    path_answers.refuse_table(request, bool(years))
    session, asked = open_what_if(case, scenarios, solver, time_limit, what_if)
    if years:
        with progress(request, say("compare.progress", _TEXTS), len(asked) or len(session.scenario_ids)) as step:
            paths = session.compare(*asked, years=years, progress=step)
        path_answers.show_compared(request, session, paths)
        return 0
    wanted = list(dict.fromkeys(asked)) or session.scenario_ids
    if request.table == "years":
        expect_money(session.case, "--table years")
    attributed = attribution or request.table == "attribution"
    with progress(request, say("compare.progress", _TEXTS), len(wanted) + 1) as step:
        found = session.compare(*wanted, attribution=attributed, groups=groups, progress=step)
    results = answers.Results(case, session, Runs(found.case, found.fingerprint, found.plans))
    displays = [*_measures(request, results), *_tables(request, found, results.scenarios, by)]
    respond(request, session, found, displays)
    if not request.quiet:
        results.point_out()
    return results.exit_code()


def _refuse_other_towns(case: Path, scenarios: tuple[str, ...]) -> None:
    """A case among the scenarios means that somebody wants to compare towns, which has no answer."""
    from allocate.cli.towns import scenarios_at_a_glance
    from allocate.examples import shipped

    known = scenarios_at_a_glance(case)
    for name in scenarios:
        if name not in known and (name in shipped() or Path(name).exists()):
            raise UsageError("towns-differ", other=name, case=case.name, known=", ".join(known) or "status_quo, silo")


def _measures(request: Request, results: Results) -> list[Display]:
    return results.displays(request.lang, "measures") if request.table in ("", "measures") else []


def _tables(request: Request, found: Comparison, scenarios: dict[str, Scenario], by: tuple[str, ...]) -> list[Display]:
    """One display per scenario and table; CSV prints the whole table of all scenarios."""
    displays = []
    names = request.tables
    for id, scenario in scenarios.items():
        for name in names:
            if name in ("measures", "attribution") or (id == found.status_quo and name != "years"):
                continue
            displays += _of_scenario(request, name, found, id, scenario.label(request.lang), by)
    if "attribution" in names:
        displays += [
            display
            for one in found.attributions
            for display in _attribution(one, scenarios[one.scenario_id].label(request.lang), request.lang)
        ]
    return displays


def _of_scenario(
    request: Request, name: str, found: Comparison, id: str, title: str, by: tuple[str, ...]
) -> list[Display]:
    whole: pd.DataFrame = getattr(found, name)
    if whole.empty:
        return []
    part = whole[whole["scenario_id"] == id]
    if part.empty:
        return []
    beside = {"parent": part["parent_id"].iloc[0]} if name == "parents" else {"status_quo": found.status_quo}
    heading, shown = say(f"compare.{name}", _TEXTS, scenario=id, title=title, **beside), request.columns(name)
    if name == "gains":
        return [
            Display(
                name,
                f"{heading} {say(f'compare.by.{dimension}', _TEXTS)}",
                _without_idle_columns(_group(part, dimension, found.case)),
                shown,
                [say("compare.gains.note", _TEXTS)] if dimension == by[-1] else [],
                tidy=whole,
            )
            for dimension in by
        ]
    notes = [say(f"compare.{name}.note", _TEXTS)] if name in ("steps", "parents", "uses", "years") else []
    return [Display(name, heading, _drawn(name, part, found, id), shown, notes, tidy=whole)]


def _drawn(name: str, part: pd.DataFrame, found: Comparison, id: str) -> pd.DataFrame:
    """The rows as they are drawn: changed offers only, uses with their origin, inputs by change row."""
    if name == "steps":
        return _in_units(part, ("before", "after"), ("from_inputs", "from_reassignment", "from_money"))
    if name == "parents":
        return _in_units(part, ("parent", "value"), ("change",))
    if name == "offers":
        return part[part["kind"] != "same"].sort_values("change_eur", kind="stable")
    if name == "uses":
        return part.assign(paid_from=_paid_from(part, found.moves[found.moves["scenario_id"] == id]))
    if name == "inputs":
        return _by_change(part)
    return part


def _in_units(part: pd.DataFrame, levels: Sequence[str], changes: Sequence[str]) -> pd.DataFrame:
    """Figures of several measures in one column, each written in its own unit."""

    def written(measure: str, value: float, is_change: bool) -> str:
        if measure.endswith("_eur"):
            text = euro(value, lang())
        elif measure in ("weighted_coverage", "lowest_space_coverage"):
            text = number(value * 100, lang(), 1) if is_change else percent(value, lang())
        else:
            text = number(value, lang(), 1 if measure.endswith("units") else 4)
        return signed(text) if is_change and value > 0 and not is_nothing(text) else text

    columns = [(name, False) for name in levels] + [(name, True) for name in changes]
    return part.assign(
        **{
            name: [written(measure, value, flag) for measure, value in zip(part["measure"], part[name], strict=True)]
            for name, flag in columns
        }
    )


def _group(part: pd.DataFrame, dimension: str, case: Case) -> pd.DataFrame:
    """The rows of one dimension, who loses most first, by their names in the reader's language.

    A group says which of its needs falls most, also where its coverage rises.
    """
    from allocate.inputs.dictionary import choice_word
    from allocate.inputs.names import TABLES, names_for, target_group_names

    order = "change_eur" if part.loc[part["by"] == dimension, "coverage"].isna().all() else "coverage_change"
    rows = part[part["by"] == dimension].sort_values(order, kind="stable")
    needs = names_for(case, "need_id", rows["worst_need_id"], lang())
    falls = zip(needs, rows["worst_need_id"], rows["worst_need_before"], rows["worst_need"], strict=True)
    rows = rows.assign(
        falls=[
            say("compare.falls", _TEXTS, need=name or id, before=percent(old, lang()), after=percent(new, lang()))
            if id
            else ""
            for name, id, old, new in falls
        ]
    )
    if dimension == "duty":
        return rows.assign(
            name=[choice_word(id, lang()) if id else say("compare.no-duty", _TEXTS) for id in rows["id"]]
        )
    if dimension == "target_group":
        return rows.assign(name=rows["id"].map(target_group_names(case, lang())).fillna(""))
    key = f"{dimension}_id"
    return rows.assign(name=names_for(case, key, rows["id"], lang())) if key in TABLES else rows


def _without_idle_columns(part: pd.DataFrame) -> pd.DataFrame:
    """Where the inputs are the same nothing comes from them; who has no demand has no coverage either."""
    idle = [
        name
        for name, trace in (("coverage_from_inputs", 5e-4), ("change_from_inputs_eur", 0.005))
        if (part[name].abs() < trace).all() or part[name].isna().all()
    ]
    blank = [name for name in ("coverage_change", "coverage_before", "coverage") if part[name].isna().all()]
    return part.drop(columns=[*idle, *blank, *([] if any(part["falls"]) else ["falls"])])


def _paid_from(uses: pd.DataFrame, moves: pd.DataFrame) -> list[str]:
    """For every use the offers and pots its money came from, the largest amount first."""
    origins = []
    for kind, id in zip(uses["to_kind"], uses["to_id"], strict=True):
        own = moves[(moves["to_kind"] == kind) & (moves["to_id"] == id)]
        parts = zip(own["from_id"], own["amount_eur"], strict=True)
        origins.append(", ".join(f"{source} {euro(amount, lang())}" for source, amount in parts))
    return origins


def _by_change(part: pd.DataFrame) -> pd.DataFrame:
    """Cells that one change row touches as one line: the first cell, and how many there are."""
    group = part["place"].where(part["place"] != "", part["column"])
    counted = part.assign(cells=part.groupby(group)["key"].transform("size"))
    return counted[~group.duplicated()]


def _attribution(one: Attribution, title: str, lang: str) -> list[Display]:
    labels = one.groups.set_index("group")
    table = one.effects.assign(
        scenario_id=one.scenario_id,
        label=one.effects["group"].map(labels["label"]),
        reason=one.effects["group"].map(labels["reason"]),
    )
    shown = table[table["measure"].isin(("objective", "weighted_coverage", "covered_units", "moved_eur"))]
    heading = say("compare.attribution", _TEXTS, scenario=one.scenario_id, title=title, parent=one.parent_id)
    columns = ("group", "label", "measure", "shapley", "alone", "last", "reason")
    drawn = _in_units(shown, (), ("shapley", "alone", "last"))
    return [Display("attribution", heading, drawn, columns, [one.meaning(lang)], tidy=table)]
