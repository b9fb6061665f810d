"""Tables: frames of results and analyses made ready to be shown: names for ids, small numbers withheld.

Rows are chosen, sorted and labelled here; no figure is changed.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import Any

import pandas as pd

from allocate.inputs.names import TABLES
from allocate.report.columns import Column, column, labelled
from allocate.report.content import Content
from allocate.report.sections.section import Sheet
from allocate.report.wording import Voice
from allocate.town.facts import FloorFacts, NeedFacts, SpaceFacts


def by_key(table: pd.DataFrame, key: str) -> dict[str, dict[str, Any]]:
    """The rows of a table by the value of one column, which names each row once."""
    return {str(row[key]): {str(name): value for name, value in row.items()} for row in table.to_dict("records")}


class Tables:
    """Makes the sheets of one report in one language."""

    def __init__(self, content: Content, voice: Voice) -> None:
        self.content = content
        self.voice = voice

    @cached_property
    def floor_needs(self) -> dict[str, str]:
        """The need of each floor."""
        floors = FloorFacts(self.content.plan.variant.case)
        return floors.by_id(floors.need_id)

    def sheet(
        self,
        key: str,
        frame: pd.DataFrame,
        shown: Sequence[str],
        *,
        own: Mapping[str, Column] | None = None,
        hidden: pd.Series | None = None,
        most: int = 0,
        **values: object,
    ) -> Sheet:
        """A sheet titled by the text ``sheet.<key>`` (``values`` filled in), with ``note.<key>`` beneath it if known.

        An id column of ``shown`` is shown as name and id. Rows with a space (or a floor's scope) and a need are
        withheld where the mask says so; ``hidden`` marks further rows that are (sums, by ``Mask.total_rows``). They
        come last, for between which two others a row stands would tell its size.
        """
        rows = self.content.mask.rows(frame)
        rows = rows if hidden is None else rows | hidden
        if rows.any():
            order = self._last(frame, rows)
            frame, rows = frame.iloc[order], rows.iloc[order]
        rows = rows.reset_index(drop=True)
        blank = self._of_withheld_offers(frame).reset_index(drop=True)
        frame = frame.reset_index(drop=True)
        columns = dict(own or {})
        names = []
        for name in shown:
            if name in TABLES and name not in columns:
                label = f"{name.removesuffix('_id')}_label"
                frame = frame.assign(**{label: self.voice.named(name, frame[name])})
                columns |= labelled(**{label: column(name, self.voice.lang).label})
                names.append(label)
            else:
                names.append(name)
        withheld = None
        if rows.any() or blank.any():
            numbers = [name for name in names if (columns.get(name) or column(name, "en")).is_number]
            frame = frame.copy()
            frame[numbers] = frame[numbers].astype(float)
            frame.loc[rows, numbers] = float("nan")
            withheld = pd.DataFrame({name: rows | (blank & frame[name].isna()) for name in numbers})
        note = self.voice.say(f"note.{key}", **values) if self.voice.knows(f"note.{key}") else ""
        title = self.voice.say(f"sheet.{key}", **values)
        return Sheet(key, title, frame, tuple(names), note, columns, withheld, *([most] if most else []))

    @staticmethod
    def _last(frame: pd.DataFrame, withheld: pd.Series) -> list[int]:
        """The places of the rows, withheld ones behind the others in the order of their ids."""
        ids = [name for name in frame.columns if name == "id" or str(name).endswith("_id")]
        keys = frame[ids].astype("str").apply(" ".join, axis=1).where(withheld, "")
        return (
            pd.DataFrame({"withheld": withheld.to_numpy(), "key": keys.to_numpy()})
            .sort_values(["withheld", "key"], kind="stable")
            .index.tolist()
        )

    def _of_withheld_offers(self, frame: pd.DataFrame) -> pd.Series:
        """The rows of offers whose figures have been made blank, by themselves or in what moves from or to them.

        What is moved has an amount; one that is missing cannot be told in any step.
        """
        blank = pd.Series(False, index=frame.index)
        for name in ("offer_id", "from_id", "to_id"):
            if name in frame.columns:
                blank |= frame[name].isin(self.content.mask.offers | self.content.mask.parts)
        if {"from_id", "to_id"} & set(frame.columns) and "amount_eur" in frame.columns:
            blank |= frame["amount_eur"].isna()
        return blank

    def of_needs(self, needs: pd.DataFrame) -> pd.Series:
        """The rows whose figures are sums over a need that may not be shown."""
        return self.content.mask.total_rows("need", needs["need_id"])

    def of_spaces(self, spaces: pd.DataFrame) -> pd.Series:
        """The rows whose figures are sums over a space that may not be shown."""
        return self.content.mask.total_rows("space", spaces["space_id"])

    def matrix(self, key: str, cells: pd.DataFrame, value: str, kind: str, title: str = "") -> Sheet:
        """Spaces down, needs across, one figure (``value``) a cell, in the order of the case."""
        case = self.content.case
        needs = [id for id in NeedFacts(case).ids if id in set(cells["need_id"])]
        spaces = [id for id in SpaceFacts(case).ids if id in set(cells["space_id"])]
        hidden = self.content.mask.rows(cells)
        wide = cells.assign(**{value: cells[value].mask(hidden)}).pivot(
            index="space_id", columns="need_id", values=value
        )
        masked = cells.assign(hidden=hidden).pivot(index="space_id", columns="need_id", values="hidden")
        wide, masked = (table.reindex(index=spaces, columns=needs) for table in (wide, masked))
        frame = wide.rename_axis(columns=None).reset_index()
        frame.insert(0, "space_label", self.voice.named("space_id", frame["space_id"]))
        own = labelled(dict.fromkeys(needs, kind), **{id: self.voice.need(id) for id in needs})
        own |= labelled(space_label=column("space_id", self.voice.lang).label)
        withheld = masked.rename_axis(columns=None).reset_index(drop=True).fillna(False).astype(bool)
        note = self.voice.say(f"note.{key}") if self.voice.knows(f"note.{key}") else ""
        shown = ("space_label", *needs)
        return Sheet(key, title or self.voice.say(f"sheet.{key}"), frame, shown, note, own, withheld, 600)
