"""Whoever reads the whole page with its embedded record learns no small number, neither by reading nor by sums."""

from __future__ import annotations

import copy
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
import pytest

from allocate.checking.opening import read_case
from allocate.report.columns import WITHHELD
from allocate.report.content import Content, gather
from allocate.report.papers.page import page
from allocate.report.sections.order import sections
from allocate.session import Session
from tests.report.conftest import DAY, Town
from tests.report.reading import Page

type Cell = tuple[str, str]


@pytest.fixture(scope="module")
def tiny_space(small: Town) -> Content:
    """The template's town; only few people of its last space have needs, and only few of the town the last need."""
    case = read_case(small.folder)
    demand = case["demand"].copy()
    last = case["spaces"]["space_id"].iloc[-1]
    demand.loc[demand["space_id"] == last, "demand"] = 1.0
    rare = case["needs"]["need_id"].iloc[-1]
    demand.loc[demand["need_id"] == rare, "demand"] = 1.0
    return gather(Session(case.with_tables(demand=demand)), ["S0", "S1"], "S1", today=DAY)


@pytest.fixture(scope="module")
def record(tiny_space: Content) -> dict[str, Any]:
    return Page(page(tiny_space, "en")).record


def tables_of(record: dict[str, Any]) -> dict[str, list[dict[str, Any]]]:
    """All tables of all chapters, rows by column name."""
    return {
        table["key"]: [dict(zip(table["columns"], row, strict=True)) for row in table["rows"]]
        for section in record["sections"]
        for table in section["tables"]
    }


def test_space_whose_people_are_few_has_no_figure_anywhere(tiny_space: Content, record: dict[str, Any]) -> None:
    mask = tiny_space.mask
    last = tiny_space.case["spaces"]["space_id"].iloc[-1]
    assert mask.hides_total("space", last)
    hidden = mask.totals["space"]
    # A single withheld space would be the town less the others.
    assert len(hidden) > 1
    tables = tables_of(record)
    names = {
        f"{row['name']} ({row['space_id']})": row["space_id"] for row in tiny_space.case["spaces"].to_dict("records")
    }
    for key in ("fair_spaces", "indicators_spaces"):
        rows = {names[row["space_label"]]: row for row in tables[key]}
        assert set(rows) == set(names.values())
        for id, row in rows.items():
            figures = [value for name, value in row.items() if name not in ("space_label", "population")]
            assert all(value is None for value in figures) == (id in hidden), (key, id)
    for picture in (one for section in sections(tiny_space, "en") for one in section.pictures):
        if picture.key.startswith("p-map"):
            assert picture.svg.count(f">{WITHHELD}<") == len(hidden)


def test_need_that_few_have_is_withheld_with_another_in_every_table_of_needs(
    tiny_space: Content, record: dict[str, Any]
) -> None:
    hidden = tiny_space.mask.totals["need"]
    assert tiny_space.case["needs"]["need_id"].iloc[-1] in hidden
    assert len(hidden) > 1
    tables = tables_of(record)
    for key, label in (
        ("gains_need", "name_label"), ("indicators_needs", "need_label"), ("duties", "need_label"),
    ):  # fmt: skip
        rows = tables[key]
        blank = [row for row in rows if row["coverage"] is None]
        assert len(blank) == len(hidden), key
        assert all(any(id in row[label] or _name(tiny_space, id) in row[label] for id in hidden) for row in blank)


def test_published_demand_determines_none_that_is_small(tiny_space: Content, record: dict[str, Any]) -> None:
    plan = next(one for one in record["scenarios"] if one["scenario_id"] == "S1")
    true = {(row["space_id"], row["need_id"]): row["demand"] for row in _true_cells(tiny_space)}
    cells = [cell for cell, value in true.items() if value > 0]
    demand = np.array([true[cell] for cell in cells])
    known = [np.ones(len(cells))]
    for row in plan["coverage"]:
        cell = (row["space_id"], row["need_id"])
        if row["demand"] is not None and cell in cells:
            known.append(np.array([one == cell for one in cells], dtype=float))
    tables = tables_of(record)
    members = {"space": lambda cell: cell[0], "need": lambda cell: cell[1]}
    for by, of in members.items():
        ids = list(dict.fromkeys(of(cell) for cell in cells))
        for row in tables[f"gains_{by}"]:
            (id,) = [one for one in ids if _name(tiny_space, one) in row["name_label"]]
            member = np.array([of(cell) == id for cell in cells], dtype=float)
            assert (row["demand"] is None) == tiny_space.mask.hides_total(by, id)
            if row["demand"] is not None:
                assert row["demand"] == pytest.approx(member @ demand)
                known.append(member)
    rank = np.linalg.matrix_rank(np.array(known))
    assert rank > 1
    for number, size in enumerate(demand):
        one = np.eye(len(cells))[number]
        if size < tiny_space.mask.threshold:
            assert np.linalg.matrix_rank(np.array([*known, one])) > rank, cells[number]


def test_least_covered_space_is_named_only_where_its_figures_are_shown(tiny_space: Content) -> None:
    fair = next(one for one in sections(tiny_space, "en", pictures=False) if one.key == "fair")
    assert tiny_space.fairness is not None
    lowest = tiny_space.fairness.summary.set_index("when").loc["plan", "lowest_space_id"]
    named = _name(tiny_space, str(lowest)) in fair.sentences[0]
    assert named != tiny_space.mask.hides_total("space", str(lowest))


def _otherwise(content: Content) -> Content:
    """The same content as if all that is withheld were next to nothing or very much, in another order."""
    mask = content.mask

    def of_frame(frame: pd.DataFrame) -> pd.DataFrame:
        hidden = mask.rows(frame)
        if {"by", "id"} <= set(frame.columns):
            hidden |= mask.total_rows(frame["by"], frame["id"])
        elif not hidden.any():
            for kind in ("space", "need"):
                if f"{kind}_id" in frame.columns:
                    hidden |= mask.total_rows(kind, frame[f"{kind}_id"])
        if not hidden.any():
            return frame
        size = np.arange(int(hidden.sum()), 0.0, -1.0)
        twin = frame.copy()
        for name in frame.select_dtypes("number").columns:
            twin[name] = twin[name].astype(float)
            twin.loc[hidden, name] = size * np.where(np.arange(len(size)) % 2, 1e6, 1e-3)
        return twin

    def of_answer(answer: Any, *names: str) -> Any:
        twin = copy.copy(answer)
        vars(twin).update({name: of_frame(getattr(answer, name)) for name in names})
        return twin

    return replace(
        content,
        comparison=of_answer(content.comparison, "gains"),
        duplication=of_answer(content.duplication, "cells"),
        fairness=of_answer(content.fairness, "spaces", "unreachable", "floor_effects"),
        margins=of_answer(content.margins, "effects"),
        silos=of_answer(content.silos, "needs"),
    )


def test_what_is_withheld_does_not_even_tell_in_which_order_it_stands(tiny_space: Content) -> None:
    shown, otherwise = (
        {
            sheet.key: (sheet.cells("en"), sheet.frame[list(sheet.shown)].to_csv())
            for chapter in sections(content, "en", pictures=False)
            for sheet in chapter.sheets
        }
        for content in (tiny_space, _otherwise(tiny_space))
    )
    assert {key for key in shown if shown[key] != otherwise[key]} == set()


def _name(content: Content, id: str) -> str:
    for table, key in (("spaces", "space_id"), ("needs", "need_id")):
        names = content.case[table].set_index(key)
        if id in names.index:
            return str(names.loc[id, "name_en" if "name_en" in names and names.loc[id, "name_en"] else "name"])
    raise KeyError(id)


def _true_cells(content: Content) -> list[dict[str, Any]]:
    return content.plan.coverage.to_dict("records")
