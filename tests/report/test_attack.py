"""No withheld number follows from the page, its record and the workbook of small towns, read together."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from allocate.checking.opening import read_case
from allocate.inputs.case import Case
from allocate.report import asking
from allocate.report import content as gathering
from allocate.report.content import Content, gather
from allocate.report.papers.page import page
from allocate.report.papers.workbook import workbook
from allocate.results.precision import precision_for
from allocate.session import Session
from tests.report.attacker import Attacker, Known
from tests.report.conftest import DAY
from tests.report.reading import Page
from tests.report.smalltowns import small_town

# Towns in which numbers followed from means (0, 4), from euros and capacities (5, 9), and from exact sums of covered
# people together with a pot that is spent to the last euro (104, 109); docs/decisions/0038 names what others showed.
SEEDS = (0, 4, 5, 9, 104, 109)


@dataclass(frozen=True)
class Attempt:
    """A town's true content, the published one, and the offers whose figures that rounds."""

    true: Content
    shown: Content
    rounded: frozenset[str]

    def attacker(self) -> Attacker:
        """Somebody who has the published files, and is told in which steps their figures are."""
        first = Attacker(*_files(self.true), known_of(self.true.case, frozenset()))
        return Attacker(*_files(self.shown), known_of(self.shown.case, self.rounded), first)


def _files(content: Content) -> tuple[dict[str, Any], bytes]:
    return Page(page(content, "en")).record, workbook(content, "en")


def attempt(folder: Path, seed: int, patch: pytest.MonkeyPatch) -> Attempt:
    """The content of a report without the questions that solve many programs."""
    patch.setattr(asking, "LARGE", 0)
    session = Session(read_case(small_town(folder / str(seed), seed)))
    publish = gathering._published
    kept: list[Content] = []
    patch.setattr(gathering, "_published", lambda *given: kept.append(given[1]) or publish(*given))
    shown = gather(session, today=DAY)
    patch.setattr(gathering, "_published", publish)
    plans = [plan for plan in kept[0].plans.values() if plan.has_plan]
    towns = [session.compiled(plan.scenario.scenario_id).town for plan in plans]
    return Attempt(gathering._decided(kept[0]), shown, frozenset(precision_for(towns, plans, kept[0].mask).euros))


def known_of(case: Case, rounded: frozenset[str]) -> Known:
    offers, effects, reach = case["offers"], case["effects"], case["reach"]
    return Known(
        need=dict(zip(effects["offer_id"], effects["need_id"], strict=True)),
        spaces={str(id): list(rows["space_id"]) for id, rows in reach.groupby("offer_id")},
        unit_cost=dict(zip(offers["offer_id"], offers["unit_cost"].astype(float), strict=True)),
        provider=dict(zip(offers["offer_id"], offers["provider_id"], strict=True)),
        region=dict(zip(case["spaces"]["space_id"], case["spaces"]["region_id"], strict=True)),
        rounded=rounded,
    )


def found_in(attacker: Attacker, content: Content) -> tuple[list[str], int]:
    """Which small numbers of the true content the attacker finds, and how many there are."""
    threshold = content.mask.threshold
    found, count = [], 0
    for cell in attacker.cells:
        rows = {id: plan.coverage.set_index(["space_id", "need_id"]).loc[cell] for id, plan in content.plans.items()}
        demand = float(rows[content.proposal]["demand"])
        if demand < threshold:
            count += 1
            if cell not in attacker.hidden or len(attacker.values(cell)) == 1:
                found.append(f"demand {cell} {demand}")
        for id, row in rows.items():
            covered = float(row["covered"])
            if 0 < covered < threshold:
                count += 1
                low, high = attacker.covered(id, cell)
                if high - low < 1 and low - 1e-4 <= covered <= high + 1e-4:
                    found.append(f"covered {id} {cell} {covered}")
    return found, count


@pytest.mark.parametrize("seed", SEEDS)
def test_no_withheld_number_is_found(seed: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    tried = attempt(tmp_path, seed, monkeypatch)
    attacker = tried.attacker()
    coverage = tried.true.plan.coverage
    truth = {(row["space_id"], row["need_id"]): int(row["demand"]) for row in coverage.to_dict("records")}
    # An attacker whom the truth does not fit has made a mistake and would find nothing anyway.
    assert attacker.possible({cell: truth[cell] for cell in attacker.hidden})
    found, count = found_in(attacker, tried.true)
    assert count
    assert not found
