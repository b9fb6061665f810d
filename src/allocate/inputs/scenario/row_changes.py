"""Changes of whole rows: insert, remove, copy, merge, move.

    insert  offers  O99                   name=Treff; unit_cost=900; max_capacity=40; effects.N05=1
    copy    offers  O01                   O98; home_space_id=S03        (``*-2`` names many copies: O01-2, O02-2 ...)
    remove  offers  provider_id=T03       (a whole provider: ``providers  T03``; a theme: ``themes  T5``)
    merge   offers  O02;O03               O01
    move    offers  O15                   S03

Removing an offer closes it: it stays in the tables with what it is today and has no capacity in the plan, so that what
it gives up is seen. Removing a pot leaves it without money. A need that is removed goes with all that names it; a theme
is removed with its needs and offers. A copied offer has effects, reach and payers of the first, and nothing today.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pandas as pd

from allocate.inputs import dictionary
from allocate.inputs.in_places import join_kinds
from allocate.inputs.nearest import NONE, nearest
from allocate.inputs.scenario.closing import remove
from allocate.inputs.scenario.copying import copy, insert
from allocate.inputs.scenario.draft import Draft, Refused, RowChange
from allocate.inputs.scenario.keys import Problem, rows_of
from allocate.inputs.scenario.merging import merge, move, with_reach

_ACTS = {"insert": insert, "remove": remove, "copy": copy, "merge": merge, "move": move}
ROW_HOWS = tuple(_ACTS)


def carry_out_rows(draft: Draft, changes: pd.DataFrame, problems: list[Problem]) -> None:
    """Carry out the rows of a step (all of ``ROW_HOWS``); what cannot be carried out is added to ``problems``.

    Every key is looked up in the tables as they were before the step. What an earlier change of the step has taken away
    need not be taken away again, and cannot be copied, merged or moved any more.
    """
    had_reach = not draft.tables["reach"].empty
    named = [(how, _looked_up(draft, how, one, problems)) for how, one in _read(changes)]
    for how, one in named:
        if one is None:
            continue
        there = replace(one, labels=tuple(label for label in one.labels if label in draft.tables[one.table].index))
        if how != "remove" and there.labels != one.labels:
            other = _taken_by(draft, one, changes)
            problems.append(Problem("change-collision", [one.at], "key", {"other": [other]}))
            continue
        try:
            _ACTS[how](draft, there)
        except Refused as refused:
            words = {name: [word] for name, word in refused.words.items()}
            problems.append(Problem(refused.rule, [one.at], refused.column, words))
    with_reach(draft, had_reach)
    new = [str(draft.row("offers", label)["offer_id"]) for label in draft.added("offers")]
    join_kinds(draft.tables, new)


def _taken_by(draft: Draft, one: RowChange, changes: pd.DataFrame) -> str:
    """The place of the change that took away a row of this one."""
    took = (entry for entry in draft.done if entry["table"] == one.table and entry["label"] in one.labels)
    return str(next(changes.at[int(str(entry["change"])), "place"] for entry in took if entry["new"] == ""))


def _read(changes: pd.DataFrame) -> Iterator[tuple[str, RowChange]]:
    columns = (changes[name].astype(str) for name in ("how", "table", "key", "value"))
    for at, how, table, key, value in zip(changes.index, *columns, strict=True):
        yield how, RowChange(int(at), table, key.strip(), value.strip())


def _looked_up(draft: Draft, how: str, one: RowChange, problems: list[Problem]) -> RowChange | None:
    """The change with the rows that its key names; None where it names none."""
    if one.table not in draft.tables or one.table in ("scenarios", "changes"):
        fixed = one.table in ("scenarios", "changes")
        known = [name for name in draft.tables if name not in ("scenarios", "changes")]
        words = {} if fixed else {"nearest": [nearest(one.table, known) or NONE]}
        problems.append(Problem("change-table-fixed" if fixed else "change-table-unknown", [one.at], "table", words))
        return None
    if how == "insert":
        return one
    frame = draft.tables[one.table]
    own: list[Problem] = []
    found = rows_of(frame, list(dictionary.table(one.table).key), one.table, {one.at: one.key}, own)
    problems += own
    if own:
        return None
    labels = tuple(int(label) for label in frame.index[found.at])
    return RowChange(one.at, one.table, one.key, one.value, labels)
