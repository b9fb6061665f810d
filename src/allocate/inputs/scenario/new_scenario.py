"""A new scenario, built in code: what it changes in the tables of its parent, why, and where it is written."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from allocate.arguments import methods_checked
from allocate.errors import UsageError, expect
from allocate.inputs import dictionary
from allocate.inputs.case import LIST_SEPARATOR, Case
from allocate.inputs.nearest import NONE, nearest
from allocate.inputs.numerals import write_numeral
from allocate.inputs.scenario.changes import parse_changes, with_what_if
from allocate.inputs.scenario.keys import KEY_SEPARATOR
from allocate.inputs.scenario.saving import save_scenario
from allocate.inputs.scenario.settings import SETTINGS
from allocate.inputs.scenario.variant import Change, apply, scenario
from allocate.inputs.workbook.case_written import write_book, write_folder

if TYPE_CHECKING:
    from allocate.questions.session import Session
    from allocate.results.allocation import Allocation

type Cell = str | float | bool | list[str] | tuple[str, ...]


@methods_checked
@dataclass(frozen=True, eq=False, repr=False)
class NewScenario:
    """A child of ``parent`` with changes of its own; every method gives a new one, so that steps can be chained.

    What stands in the cells is checked when the case is asked for (``case``, ``solve`` and everything that writes):
    ``InputError`` with all findings, placed at the step.
    """

    base: Case
    scenario_id: str
    parent: str
    reason: str
    title: str = ""
    settings: tuple[tuple[str, Cell], ...] = ()
    changes: tuple[Change, ...] = ()

    def __repr__(self) -> str:
        return f"NewScenario({self.scenario_id} of {self.base.name}: {len(self.changes)} changes of {self.parent})"

    def set(self, place: str, value: Cell, key: str = "*") -> NewScenario:
        """Set a column (``offers.max_capacity``) in the rows that ``key`` names as in ``changes`` (``*``: all).

        >>> case.scenario("S9", parent="S2", reason="test").set("offers.max_capacity", 40, key="A1").changes[0].value
        '40'
        """
        return self._with(place, "set", value, key)

    def multiply(self, place: str, factor: float, key: str = "*") -> NewScenario:
        """Multiply a column of numbers.

        >>> cut = case.scenario("S9", parent="S2", reason="5 % less").multiply("pots.amount", 0.95)
        >>> cut.case["pots"]["amount"].equals(case["pots"]["amount"])
        True
        """
        return self._with(place, "multiply", factor, key)

    def add(self, place: str, amount: float, key: str = "*") -> NewScenario:
        """Add to a column of numbers.

        >>> case.scenario("S9", parent="S2", reason="more").add("pots.amount", 1000, key="M1").changes[0].how
        'add'
        """
        return self._with(place, "add", amount, key)

    def change(self, *lines: str) -> NewScenario:
        """Changes as they are typed behind ``--change``: ``pots:P1:amount*0.9``.

        >>> len(case.scenario("S9", parent="S2", reason="less").change("pots:*:amount-10%").changes)
        1
        """
        return self._and(*parse_changes(lines, self.reason, self.base))

    def insert(self, table: str, row: Mapping[str, Cell]) -> NewScenario:
        """A new row: its key columns, and the cells it has (of an offer also ``effects.B1``). Raises ``UsageError``.

        >>> row = {"offer_id": "A9", "name": "Club", "unit_cost": 600, "max_capacity": 20, "effects.B1": 1}
        >>> case.scenario("S9", parent="S2", reason="new").insert("offers", row).changes[0].value
        'name=Club; unit_cost=600; max_capacity=20; effects.B1=1'
        """
        keys = dictionary.table(table).key if table in self.base.tables else ()
        if not keys or not set(keys) <= set(row):
            raise UsageError("row-without-key", table=table, keys=", ".join(keys))
        key = KEY_SEPARATOR.join(_text(row[name]) for name in keys)
        cells = "; ".join(f"{name}={_text(value)}" for name, value in row.items() if name not in keys)
        return self._and(Change(table, key, "", "insert", cells, self.reason))

    def keep(self, *offers: str) -> NewScenario:
        """Keep at least today's capacity of offers, as if a contract bound it. Raises ``UsageError`` ``id-unknown``.

        >>> case.scenario("S9", parent="S2", reason="promised").keep("A1").changes[0].column
        'committed_capacity'
        """
        table = apply(self.base, self.parent).case["offers"].set_index("offer_id")["baseline_capacity"]
        kept = self
        for offer in offers:
            if offer not in table.index:
                near = nearest(offer, list(table.index)) or NONE
                raise UsageError("id-unknown", table="offers", wanted=offer, nearest=near)
            kept = kept.set("offers.committed_capacity", float(table[offer]), key=offer)
        return kept

    @cached_property
    def case(self) -> Case:
        """The case with this scenario as one more; its tables are those of the base.

        >>> case.scenario("S9", parent="S2", reason="less").multiply("pots.amount", 0.9).case.summary()
        'small: Social spaces 3, Needs 3, Offers 5, Pots of money 3, Scenarios 5'
        """
        given = {name: _text(value) for name, value in self.settings if name in SETTINGS}
        built = with_what_if(
            self.base, self.parent, self.changes, new_id=self.scenario_id, title=self.title, settings=given
        )
        further = {name: value for name, value in self.settings if name not in SETTINGS}
        if not further:
            return built
        table = built["scenarios"]
        for name, value in further.items():
            own = table["scenario_id"] == self.scenario_id
            table[name] = table[name].astype(object).where(~own, _text(value))
        return built.with_tables(scenarios=table)

    def session(self, solver: str = "highs") -> Session:
        """A session on the case with this scenario.

        >>> case.scenario("S9", parent="S2", reason="less").multiply("pots.amount", 0.9).session().scenario_ids[-1]
        'S9'
        """
        from allocate.questions.session import Session as Asked  # noqa: PLC0415  (the door upward)

        return Asked(self.case, solver=solver)

    def solve(self, solver: str = "highs") -> Allocation:
        """The plan of this scenario. Raises as ``Session.run``.

        >>> case.scenario("S9", parent="S2", reason="less").multiply("pots.amount", 0.9).solve().has_plan
        True
        """
        return self.session(solver).run(self.scenario_id)

    def save(self) -> list[Path]:
        """Write the scenario into the files that the case was read from; gives them. Raises as ``save_scenario``."""
        return save_scenario(self.case, self.scenario_id)

    def to_csv(self, folder: str | Path) -> list[Path]:
        """Write the town with this scenario as a folder of CSV files; into the town's own folder only the scenario.

        Raises ``UsageError`` for a folder that has a table already or cannot be written.
        """
        return self.save() if _is_home(self.base, Path(folder)) else write_folder(self.case, Path(folder))

    def to_excel(self, path: str | Path) -> list[Path]:
        """The same as one workbook; into the town's own workbook only the scenario. Raises as ``to_csv``."""
        return self.save() if _is_home(self.base, Path(path)) else [write_book(self.case, Path(path))]

    def _with(self, place: str, how: str, value: Cell, key: str) -> NewScenario:
        table, dot, column = place.partition(".")
        if not dot:
            raise UsageError("place-unread", place=place)
        if table not in self.base.tables:
            known = list(self.base.tables)
            raise UsageError("change-table-unknown", place=place, table=table, nearest=nearest(table, known) or NONE)
        return self._and(Change(table, key, column, how, _text(value), self.reason))

    def _and(self, *changes: Change) -> NewScenario:
        first = len(self.changes) + 1
        placed = [replace(one, place=f"{self.scenario_id} {at}") for at, one in enumerate(changes, first)]
        return replace(self, changes=(*self.changes, *placed))


def begun(case: Case, scenario_id: str, parent: str, reason: str, title: str, settings: dict[str, Cell]) -> NewScenario:
    """A scenario without changes yet. Raises ``UsageError`` for an unknown parent, a taken id and a blank reason."""
    for value, name in ((scenario_id, "scenario_id"), (parent, "parent"), (reason, "reason"), (title, "title")):
        expect(value, str, name)
    scenario(case, parent)
    if scenario_id in set(case["scenarios"]["scenario_id"]):
        raise UsageError("scenario-taken", scenario=scenario_id)
    if not reason.strip():
        raise UsageError("change-reason-missing", place=scenario_id, text="")
    unknown = [name for name in settings if name not in case["scenarios"].columns]
    if unknown:
        raise UsageError("setting-unknown", column=unknown[0], known=", ".join(_SETTABLE))
    return NewScenario(case, scenario_id, parent, reason, title, tuple(settings.items()))


_SETTABLE = ("pooling", "floor_sets", "weight_set", "max_moved", "max_step", "evaluate", "indivisible", "expected")


def _is_home(case: Case, path: Path) -> bool:
    return path.exists() and case.path.exists() and path.samefile(case.path)


def _text(value: Cell) -> str:
    """A value as a cell of ``changes`` holds it: numbers in plain notation, yes or no, ids joined."""
    if isinstance(value, bool | np.bool_):
        return "yes" if value else "no"
    if isinstance(value, list | tuple):
        return LIST_SEPARATOR.join(map(str, value))
    return value if isinstance(value, str) else write_numeral(float(value))
