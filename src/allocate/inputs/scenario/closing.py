"""Removing: offers close, pots are emptied, other rows go with everything that names them."""

from __future__ import annotations

from allocate.inputs import dictionary
from allocate.inputs.case import LIST_SEPARATOR, split_list
from allocate.inputs.scenario.draft import Draft, Refused, RowChange, naming

# Rows that stand for what is there are not taken away: a space is where people live, a setting has its default.
KEPT = ("spaces", "regions", "parameters", "segments")
_OWNERS = {"providers": "provider_id", "departments": "department_id", "themes": "theme_id"}


def remove(draft: Draft, one: RowChange) -> None:
    """Close offers, empty pots, take away other rows with everything that names them."""
    if one.table in KEPT:
        raise Refused("change-remove-refused", "table", table=one.table)
    if one.table in _OWNERS:
        column = _OWNERS[one.table]
        wanted = {draft.key(one.table, label) for label in one.labels}
        if one.table == "themes":
            _take_away(draft, one.at, "needs", _of(draft, "needs", column, wanted))
        for label in _of(draft, "offers", column, wanted):
            close(draft, one.at, label)
        return
    for label in one.labels:
        if one.table == "offers":
            close(draft, one.at, label)
        elif one.table == "pots":
            draft.set(one.at, "pots", label, "amount", 0.0)
    if one.table not in ("offers", "pots"):
        _take_away(draft, one.at, one.table, list(one.labels))


def _of(draft: Draft, table: str, column: str, wanted: set[str]) -> list[int]:
    frame = draft.tables[table]
    return [int(label) for label in frame.index[frame[column].isin(wanted)]]


def close(draft: Draft, change: int, label: int) -> None:
    """An offer without capacity in the plan; no wanted cluster asks for it any more."""
    id = draft.key("offers", label)
    for column in ("max_capacity", "committed_capacity"):
        draft.set(change, "offers", label, column, 0.0)
    for row in [int(one) for one in draft.tables["plurality"].index]:
        members = split_list(str(draft.row("plurality", row)["offers"]))
        left = [one for one in members if one != id]
        if left and left != list(members):
            draft.set(change, "plurality", row, "offers", LIST_SEPARATOR.join(left))
        elif not left and members:
            draft.drop(change, "plurality", [row])


def _take_away(draft: Draft, change: int, table: str, labels: list[int]) -> None:
    """Rows, and the rows of other tables that say something of them only."""
    key = dictionary.table(table).key
    gone = {draft.key(table, label) for label in labels} if len(key) == 1 else set()
    for other, column in naming(table) if gone else ():
        frame = draft.tables[other]
        if column.refers_to.split(".")[1] != key[0]:
            continue
        if column.key or (column.required and column.type == "id"):
            own = frame.index[frame[column.name].isin(gone)]
            _take_away(draft, change, other, [int(one) for one in own if one in draft.tables[other].index])
    draft.drop(change, table, [label for label in labels if label in draft.tables[table].index])
