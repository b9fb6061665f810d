"""Case: the frozen set of checked tables of one town.

A table is a pandas frame whose index (named ``row``) is the row number in the file it came from (1 is the header).
Every column of ``dictionary.csv`` is present, typed and filled with its default:

    text, id, list   ``str``; blank is ``""``; a list is its ids joined by ``;``
    number, share    ``float64``; an empty cell without a default is NaN
    yes/no           ``bool``

Columns that the dictionary does not name are carried along. Defaults that depend on another table (the reach of an
offer without reach rows, ``reach.max_capacity``) are settled when the model is built, so that a scenario may change
the table they come from.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from allocate.arguments import methods_checked
from allocate.inputs import dictionary
from allocate.inputs.fingerprint import fingerprint
from allocate.inputs.handed import notebook
from allocate.inputs.kept import Made, note

if TYPE_CHECKING:
    from allocate.inputs.scenario.new_scenario import Cell, NewScenario

type Column = np.ndarray[tuple[int], np.dtype[Any]]

LIST_SEPARATOR = ";"
_SUMMED_UP = ("spaces", "needs", "offers", "pots", "scenarios")


@dataclass(frozen=True)
class Source:
    """Where a table was read from: the file's name, and the sheet of a workbook (blank for CSV).

    ``heads`` are the columns that have another name there than in the dictionary (``unit_cost``: ``Kosten je Platz``),
    ``head_row`` is the row that holds their names.
    """

    file: str
    sheet: str = ""
    heads: Mapping[str, str] = field(default_factory=dict, compare=False)
    head_row: int = field(default=1, compare=False)

    def head(self, column: str) -> str:
        """What a column is called there."""
        return self.heads.get(column, column)

    def place(self, row: int | str = "", column: str = "") -> str:
        """``pots.csv row 3 column amount``, the way every message names a place."""
        parts = [self.file]
        if self.sheet:
            parts.append(f"sheet {self.sheet}")
        if row != "":
            parts.append(f"row {row}")
        if column:
            parts.append(f"column {self.head(column)}")
        return " ".join(parts)


class Fixed[Value](Mapping[str, Value]):
    """A mapping that cannot be written into."""

    def __init__(self, entries: Mapping[str, Value]) -> None:
        # What is fixed already is shared: nobody can reach it but by a copy.
        self._entries: dict[str, Value] = (
            entries._entries
            if isinstance(entries, Fixed)
            else {str(name): _own(value) for name, value in entries.items()}
        )

    def __getitem__(self, name: str) -> Value:
        return _own(self._entries[name])

    def __iter__(self) -> Iterator[str]:
        return iter(self._entries)

    def __len__(self) -> int:
        return len(self._entries)

    def __repr__(self) -> str:
        return f"{type(self).__name__}({', '.join(self._entries)})"


class Tables(Fixed[pd.DataFrame]):
    """Tables by name. Each is handed out as a copy, so that what a reader writes into it stays with the reader.

    Nothing is copied before somebody writes (pandas' copy-on-write), so that handing out costs next to nothing.
    """

    def __init__(self, entries: Mapping[str, pd.DataFrame]) -> None:
        super().__init__(entries)
        # Columns that stand in place of those of the table, and the tables they have been put into.
        self._columns: dict[str, dict[str, Column]] = entries._columns if isinstance(entries, Tables) else {}
        self._joined: dict[str, pd.DataFrame] = {}
        # What is made of tables (``kept``), shared by all that differ in some of them.
        self._made: Made = entries._made if isinstance(entries, Tables) else {}

    def __getitem__(self, name: str) -> pd.DataFrame:
        note(name)
        if name not in self._columns:
            return super().__getitem__(name)
        if name not in self._joined:
            self._joined[name] = self._entries[name].assign(**self._columns[name])
        return _own(self._joined[name])

    def __getstate__(self) -> object:
        """What is made of the tables is made again where it is needed."""
        return {**vars(self), "_made": {}, "_joined": {}}

    def with_others(self, others: Mapping[str, pd.DataFrame | Mapping[str, Column]]) -> Tables:
        """The same tables, some of them replaced, or some of their columns."""
        joined = Tables({name: table for name, table in others.items() if isinstance(table, pd.DataFrame)})
        joined._columns = {name: own for name, own in self._columns.items() if name not in joined._entries}
        for name, table in others.items():
            if not isinstance(table, pd.DataFrame):
                joined._columns[name] = {**self._columns.get(name, {}), **table}
        joined._entries = {**self._entries, **joined._entries}
        joined._made = self._made
        return joined

    def columns(self, name: str, *columns: str) -> pd.DataFrame:
        """Some columns of a table: who reads no more of it is not concerned when others are replaced."""
        note(name, *columns)
        changed = self._columns.get(name, {})
        table = self._entries[name][list(columns)]
        return table.assign(**{column: changed[column] for column in columns if column in changed})

    def column(self, name: str, column: str) -> pd.Series | Column:
        """One column of a table."""
        note(name, column)
        changed = self._columns.get(name, {})
        return changed[column] if column in changed else self._entries[name][column]

    def standing(self, name: str, column: str) -> object:
        """What stands in place of a table, or of one of its columns; another object after every change."""
        changed = self._columns.get(name)
        if changed is None or (column and column not in changed):
            return self._entries.get(name)
        return changed[column] if column else changed


@methods_checked
@dataclass(frozen=True, eq=False, repr=False)
class Case:
    """One town as checked tables.

    ``tables`` holds every table of the contract by name (absent ones are empty frames), ``sources`` where each was
    read, ``path`` the folder or workbook. Cases are made by ``read_case`` and ``Case.from_frames``; one that is put
    together by hand is checked by the first ``Session`` that takes it.
    """

    name: str
    path: Path
    tables: Mapping[str, pd.DataFrame]
    sources: Mapping[str, Source]
    geometry: Path | None = None
    # What is known of exactly these tables: neither an argument nor taken over by ``dataclasses.replace``.
    _checked: bool = field(init=False, default=False)
    _as_read: Tables | None = field(init=False, default=None)
    _fingerprint: str = field(init=False, default="")
    _findings: pd.DataFrame | None = field(init=False, default=None)
    _in_order: Case | None = field(init=False, default=None)
    _in_year: Case | None = field(init=False, default=None)  # with the values of the year planned (``inputs.years``)
    _settings: Mapping[str, object] | None = field(init=False, default=None)
    _own: object = field(init=False, default=None)  # rules beside those of the house (``model.own_rules``)
    # What scenarios make of these tables, some in other years.
    _tried: dict[tuple[object, ...], Any] = field(init=False, default_factory=dict)
    _own_changes: dict[str, pd.DataFrame] = field(init=False, default_factory=dict)  # the change rows of each scenario

    def __post_init__(self) -> None:
        object.__setattr__(self, "tables", Tables(self.tables))
        object.__setattr__(self, "sources", Fixed(self.sources))

    def __getstate__(self) -> object:
        """Everything but what scenarios have made of the tables, which is made again where it is needed."""
        return {**vars(self), "_tried": {}, "_own_changes": {}, "_in_year": None}

    @staticmethod
    def from_frames(name: str, /, **tables: pd.DataFrame) -> Case:
        """A case from frames, completed and checked like files: ``Case.from_frames("town", spaces=s, needs=n, ...)``.

        Raises ``UsageError`` for what is no frame or no table of the contract, and ``InputError`` with all findings.
        """
        from allocate.checking.in_memory import case_of_frames  # noqa: PLC0415  (the checks know the case)

        return case_of_frames(name, tables)

    def __getitem__(self, table: str) -> pd.DataFrame:
        """The table of that name, as a copy."""
        return self.tables[table]

    def __repr__(self) -> str:
        return f"Case({self.summary('en')})"

    def _repr_html_(self) -> str:
        return notebook(repr(self), self.tables)

    def summary(self, lang: str = "en") -> str:
        """One line: the town and how many rows its main tables have."""
        counts = [f"{dictionary.table(t).label(lang)} {len(self.tables[t])}" for t in _SUMMED_UP if t in self.tables]
        return f"{self.name}: {', '.join(counts)}"

    @property
    def fingerprint(self) -> str:
        """``sha256:...`` over the content of all tables; the same for the same content, however it is written."""
        if not self._fingerprint:
            object.__setattr__(self, "_fingerprint", fingerprint(self.tables))
        return self._fingerprint

    @property
    def findings(self) -> pd.DataFrame:
        """All findings on the tables, warnings and notes too, as ``allocate check`` shows them."""
        from allocate.checking.in_memory import findings_of  # noqa: PLC0415  (the checks know the case)

        found = findings_of(self) if self._findings is None else self._findings
        object.__setattr__(self, "_findings", found)
        return found.copy()

    def place(self, table: str, row: int | str = "", column: str = "") -> str:
        """Where a value of a table stands in the input, in words."""
        return self.sources.get(table, Source(f"{table}.csv")).place(row, column)

    def with_tables(self, **tables: pd.DataFrame) -> Case:
        """A copy in which some tables are replaced (never changes this case), completed and checked like files.

        Raises ``UsageError`` for what is no frame or no table of the contract, and ``InputError`` with all findings
        where the tables do not fit together.
        """
        from allocate.checking.in_memory import with_frames  # noqa: PLC0415  (the checks know the case)

        return with_frames(self, tables)

    def scenario(self, scenario_id: str, *, parent: str, reason: str, title: str = "", **settings: Cell) -> NewScenario:
        """A new scenario beside those of the case, to be given changes: ``case.scenario(...).multiply(...).solve()``.

        ``settings``: columns of ``scenarios`` (``pooling``, ``floor_sets``, ``max_moved`` ...), by default those of
        ``parent``. Raises ``UsageError`` for an unknown parent or setting, an id that is taken and a blank reason.
        """
        from allocate.inputs.scenario.new_scenario import begun  # noqa: PLC0415  (a scenario knows the case)

        return begun(self, scenario_id, parent, reason, title, settings)

    def _unchecked(self, **tables: pd.DataFrame | Mapping[str, Column]) -> Case:
        """A copy in which some tables are replaced that our own code has made of checked ones; nothing is checked.

        Scenarios, draws and divided towns come by thousands, and none of them may pay for a check of the whole town.
        Instead of a table there may be some of its columns by name, as long as the table.
        """
        own = self.tables if isinstance(self.tables, Tables) else Tables(self.tables)
        derived = replace(self, tables=own.with_others(tables))
        object.__setattr__(derived, "_own", self._own)
        if "parameters" not in tables:
            object.__setattr__(derived, "_settings", self._settings)
        return derived._known(checked=self._checked, as_read=self._as_read)

    def _known(
        self,
        *,
        checked: bool,
        as_read: Tables | None = None,
        fingerprint: str = "",
        findings: pd.DataFrame | None = None,
    ) -> Case:
        """This case with what is known of its tables: that they passed the checks, how the files hold them ..."""
        object.__setattr__(self, "_checked", checked)
        object.__setattr__(self, "_as_read", as_read)
        object.__setattr__(self, "_fingerprint", fingerprint)
        object.__setattr__(self, "_findings", findings)
        for trial in self._tried.values():
            trial.case._known(checked=checked, as_read=as_read)
        return self

    @property
    def _made_of(self) -> tuple[Tables, Made]:
        """The tables as they are held, and what is made of them (for ``kept``)."""
        own = self.tables if isinstance(self.tables, Tables) else Tables(self.tables)
        return own, own._made

    def number(self, parameter: str, otherwise: float | None = None) -> float:
        """A numeric parameter, for example ``equity_weight``.

        ``otherwise``: what stands for a blank and for what is no number, where a case with errors is looked at.
        """
        value = self.parameter(parameter)
        if otherwise is None:
            return float(value)
        read = float(pd.to_numeric(value, errors="coerce"))
        return read if math.isfinite(read) else otherwise

    @property
    def town_name(self) -> str:
        """What the town is called (``parameters``: ``town_name``); the name of the case where nobody says."""
        table = self.tables["parameters"]
        stated = table.loc[table["parameter"] == "town_name", "value"].tolist()
        return str(stated[-1]).strip() if stated and str(stated[-1]).strip() else self.name

    def parameter(self, parameter: str) -> str:
        """A parameter as text, from the ``parameters`` table, which reading has filled with all defaults."""
        note("parameters")
        if self._settings is None:
            table = self.tables["parameters"]
            settings = dict(zip(table["parameter"].tolist(), table["value"].tolist(), strict=True))
            object.__setattr__(self, "_settings", settings)
        return str((self._settings or {})[parameter])


def _own[Value](value: Value) -> Value:
    """A frame as a copy whose first change copies the data; any other value as it is."""
    return value.copy(deep=False) if isinstance(value, pd.DataFrame) else value


def currency_of(case: Case) -> str:
    """The currency of all amounts by the table of parameters; blank where it is not stated."""
    parameters = case["parameters"]
    if not {"parameter", "value"} <= set(parameters.columns):
        return ""
    stated = dict(zip(parameters["parameter"].tolist(), parameters["value"].tolist(), strict=True))
    return str(stated.get("currency", ""))


def split_list(cell: str) -> tuple[str, ...]:
    """The ids of a list cell."""
    return tuple(part for part in cell.split(LIST_SEPARATOR) if part)
