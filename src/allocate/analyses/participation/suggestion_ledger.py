"""Suggestion ledger: one row and a few sentences for every suggestion, with small numbers withheld."""

from __future__ import annotations

import math
from collections.abc import Collection, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from allocate.analyses.participation.suggestions import (
    CELL_COLUMNS,
    CHANGES,
    EUROS,
    FIGURES,
    MOVE_COLUMNS,
    NO_DIFFERENCE,
    OFFER_COLUMNS,
    TEXTS,
    SuggestionAnswer,
)
from allocate.inputs.case import Case
from allocate.inputs.handed import OneLine
from allocate.inputs.names import all_called, names_of
from allocate.inputs.voices.suggestions import ACCEPTED, OPEN, PARTLY
from allocate.language import euro, number, signed
from allocate.plain import Record, records
from allocate.results.columns import Columns
from allocate.results.disclosure import Mask

ENTRY = ("suggestion_id", "title", "made_by", "received", "outcome", "status", "decided", "decision_reason")
COLUMNS = Columns(
    *ENTRY[:5], "gained_units", "lost_units", "handed_over_eur", *(f"{name}_change" for name in FIGURES), *ENTRY[5:],
)  # fmt: skip
_WITHHELD = ["demand", "covered_before", "covered", "covered_change"]
# How many places and offers a sentence names.
NAMED = 3
SMALLEST_TOLD = 0.05


@dataclass(frozen=True, eq=False, repr=False)
class Ledger(OneLine):
    """All answers: ``table`` (``COLUMNS``), and what changes, each with ``suggestion_id`` in front.

    ``gained_units`` and ``lost_units`` are sums over spaces and needs; ``handed_over_eur`` is what other offers lose.
    ``cells``: the units of withheld cells (``results.disclosure``) are blank there.
    """

    answers: tuple[SuggestionAnswer, ...]
    table: pd.DataFrame
    cells: pd.DataFrame
    offers: pd.DataFrame
    moves: pd.DataFrame

    def entries(self, lang: str = "en") -> list[Record]:
        """One entry per suggestion: its row, its answer in sentences, and what it changes."""
        return [
            {**row, "change": one.entry["change"], "answer": tell(one, self.shown_cells(one), lang), **self._parts(one)}
            for row, one in zip(records(self.table), self.answers, strict=True)
        ]

    def _parts(self, one: SuggestionAnswer) -> dict[str, pd.DataFrame]:
        parts = {"cells": self.cells, "offers": self.offers, "moves": self.moves}
        return {
            name: table[table["suggestion_id"] == one.suggestion_id].drop(columns="suggestion_id")
            for name, table in parts.items()
        }

    def shown_cells(self, one: SuggestionAnswer) -> pd.DataFrame:
        """The cells of one suggestion that may be shown."""
        own = self.cells[self.cells["suggestion_id"] == one.suggestion_id]
        return own[own["covered_change"].notna()]

    def sentences(self, lang: str = "en") -> list[str]:
        """Every suggestion's answer as one paragraph, with its id in front."""
        return [f"{one.suggestion_id}: {' '.join(tell(one, self.shown_cells(one), lang))}" for one in self.answers]


def ledger_of(answers: Sequence[SuggestionAnswer], mask: Mask) -> Ledger:
    """The ledger of all answers; cells the mask hides keep their row and lose their numbers."""
    cells = _joined(answers, "cells", CELL_COLUMNS)
    shown = mask.applied(cells, _WITHHELD)
    withheld = set(shown.loc[shown["covered_change"].isna(), "suggestion_id"])
    rows = [_row(one, withheld) for one in answers]
    # Among cells in the order of their change a withheld one would show between which values its own lies.
    places = shown.loc[shown["covered_change"].isna()].sort_values(["suggestion_id", "space_id", "need_id"])
    return Ledger(
        tuple(answers),
        COLUMNS.of(rows),
        pd.concat([shown.loc[shown["covered_change"].notna()], places], ignore_index=True) if len(places) else shown,
        _joined(answers, "offers", OFFER_COLUMNS),
        _joined(answers, "moves", MOVE_COLUMNS),
    )


def _row(one: SuggestionAnswer, withheld: Collection[str]) -> Record:
    """One suggestion; sums over its cells are left out where a cell of it is ``withheld``, which they would tell."""
    entry = {name: one.entry.get(name, "") for name in ENTRY if name != "outcome"}
    row: Record = {**entry, "outcome": one.outcome}
    if one.effect is None:
        return row
    change = one.effect.cells["covered_change"].to_numpy(dtype=float)
    less = one.effect.offers["change_eur"].to_numpy(dtype=float)
    row |= {"gained_units": float(change[change > 0].sum()), "lost_units": float(0.0 - change[change < 0].sum())}
    if one.suggestion_id in withheld:
        row |= {"gained_units": math.nan, "lost_units": math.nan}
    row["handed_over_eur"] = float(0.0 - less[less < 0].sum())
    row |= {f"{name}_change": one.effect.figures[name] for name in FIGURES}
    if one.suggestion_id in withheld and "covered_units_change" in row:
        row["covered_units_change"] = math.nan
    return row


def _joined(answers: Sequence[SuggestionAnswer], name: str, columns: Sequence[str]) -> pd.DataFrame:
    parts = [
        getattr(one.effect, name).assign(suggestion_id=one.suggestion_id) for one in answers if one.effect is not None
    ]
    filled = [part for part in parts if len(part)]
    if not filled:
        return pd.DataFrame({column: pd.Series(dtype=object) for column in ("suggestion_id", *columns)})
    joined: pd.DataFrame = pd.concat(filled, ignore_index=True)
    return joined[["suggestion_id", *columns]]


def tell(one: SuggestionAnswer, cells: pd.DataFrame, lang: str) -> list[str]:
    """The answer in sentences: what it would do, what that takes from whom, and what became of it."""
    said = [TEXTS.say(f"outcome.{one.outcome}", lang, reason=one.reasons.get(lang, "")).strip()]
    if one.outcome == CHANGES and one.effect is not None and one.plan is not None:
        case = one.plan.variant.case
        said += _coverage(one, cells, case, lang) + _money(one, case, lang)
        if one.effect.yardstick_moved:
            said.append(TEXTS.say("effect.yardstick", lang))
    return [*said, *_decision(one, lang)]


def _coverage(one: SuggestionAnswer, cells: pd.DataFrame, case: Case, lang: str) -> list[str]:
    assert one.effect is not None
    figures = one.effect.figures
    change = cells["covered_change"].to_numpy(dtype=float)
    said = [
        TEXTS.say(
            "effect.coverage",
            lang,
            points=signed(number(figures["weighted_coverage"] * 100, lang, 2)),
            units=signed(number(figures["covered_units"], lang, 1)),
            lowest=signed(number(figures["lowest_space_coverage"] * 100, lang, 2)),
        )
    ]
    for key, order in (("effect.gains", np.argsort(-change, kind="stable")), ("effect.loses", np.argsort(change))):
        best = cells.iloc[[at for at in order[:NAMED] if _told(change[at], key == "effect.gains")]]
        if len(best):
            said.append(TEXTS.say(key, lang, places=_places(best, case, lang)))
    return said


def _told(change: float, gains: bool) -> bool:
    """Whether a change is one of this kind, and large enough not to be written as nothing."""
    return abs(change) >= SMALLEST_TOLD and (change > 0) == gains


def _places(cells: pd.DataFrame, case: Case, lang: str) -> str:
    needs, spaces = names_of(case, "need_id", lang), names_of(case, "space_id", lang)
    return "; ".join(
        TEXTS.say(
            "effect.place",
            lang,
            units=signed(number(float(row["covered_change"]), lang, 1)),
            need=needs.get(str(row["need_id"]), str(row["need_id"])),
            space=spaces.get(str(row["space_id"]), str(row["space_id"])),
        )
        for row in cells.to_dict("records")
    )


def _money(one: SuggestionAnswer, case: Case, lang: str) -> list[str]:
    assert one.effect is not None
    offers = one.effect.offers
    change = offers["change_eur"].to_numpy(dtype=float)
    # Where as much is given as taken, the ones pay for the others; else money was cut, left over or new.
    even = abs(float(change.sum())) <= EUROS and bool((change > EUROS).any())
    said = []
    for key, kept in (("effect.raised", change > EUROS), ("effect.lowered", change < -EUROS)):
        own = offers[kept].assign(size=np.abs(change[kept])).sort_values("size", ascending=False, kind="stable")
        if own.empty:
            continue
        first = own.head(NAMED)
        named = all_called(case, "offer_id", first["offer_id"].astype(str), lang)
        listed = ", ".join(
            f"{offer} ({euro(size, lang)})" for offer, size in zip(named, first["size"].astype(float), strict=True)
        )
        values = {"euros": euro(float(own["size"].sum()), lang), "offers": listed, "count": len(own)}
        said.append(TEXTS.say("effect.handed_over" if even and key == "effect.lowered" else key, lang, **values))
    return said


def _decision(one: SuggestionAnswer, lang: str) -> list[str]:
    """What became of it; an accepted one that the scenario does not contain yet is named as such."""
    status, when, reason = (one.entry.get(name, "") for name in ("status", "decided", "decision_reason"))
    if status in ("", OPEN):
        return [TEXTS.say("status.open", lang)]
    dated = TEXTS.say("status.dated", lang, when=when) if when else ""
    because = TEXTS.say("status.because", lang, reason=reason.rstrip(".")) if reason else TEXTS.say("status.why", lang)
    said = [TEXTS.say(f"status.{status}", lang, dated=dated, because=because)]
    if status in (ACCEPTED, PARTLY) and one.outcome in (CHANGES, NO_DIFFERENCE):
        said.append(TEXTS.say("status.not_contained", lang))
    return said
