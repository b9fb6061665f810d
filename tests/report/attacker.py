"""An attacker: what follows from the published files of a town together, for whoever knows the offers and can reckon.

It reads the record inside the page and the cells of the workbook, nothing of the program. It knows what a town says
openly anyway: which offer serves whom and where, what a unit costs, that one place covers one person, that people are
counted whole, and below which number figures are withheld. All published figures of all scenarios are the rows of one
program; a withheld number is found where only one value is possible.
"""

from __future__ import annotations

import io
import itertools
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

import highspy
import numpy as np
import openpyxl

# Published figures are the nearest of such steps where they are rounded.
STEPS = sorted([0.25, *(factor * 10.0**power for power in range(-4, 7) for factor in (1, 2, 5))])
# Tables of the workbook by their titles, and the heads of what is read in them, without their units.
_TABLES = {
    "Offers by social space": ("delivery", ("Scenario", "Offer", "Space", "Capacity (units/year)")),
    "Coverage in all plans": (
        "coverage",
        (
            "Scenario",
            "Space",
            "Need",
            "Demand (units)",
            "Supply (units)",
            "Covered",
            "Wanted reserve",
            "Suspected duplication (units)",
            "Gap",
        ),
    ),
}
_CELL = ("demand", "supply", "covered", "wanted_reserve", "duplication", "gap")
type Cell = tuple[str, str]
type Terms = dict[tuple[object, ...], float]


def id_of(label: object) -> str:
    """``Old town (S01)`` -> ``S01``."""
    found = re.search(r"\(([^()]*)\)$", str(label))
    return found[1] if found else str(label)


@dataclass
class Known:
    """What everybody knows: of each offer the need, its spaces and the cost of a unit; the need's weights are equal.

    ``rounded``: offers whose figures are not published exactly, which the rule for publications tells.
    """

    need: dict[str, str]
    spaces: dict[str, list[str]]
    unit_cost: dict[str, float]
    provider: dict[str, str]
    region: dict[str, str]
    rounded: frozenset[str] = frozenset()


@dataclass
class Rows:
    """Rows of a program: terms, least and most; ``rounded`` those whose figure may have been rounded."""

    rows: list[tuple[Terms, float, float]] = field(default_factory=list)

    def put(self, terms: Terms, value: object, slack: float = 0.0) -> None:
        if isinstance(value, int | float) and not isinstance(value, bool) and np.isfinite(value):
            wide = slack + 1e-6 * max(1.0, abs(value))
            self.rows.append((terms, value - wide, value + wide))


class Attacker:
    """All that is published of one town."""

    def __init__(self, record: dict[str, Any], book: bytes, known: Known, truth: Attacker | None = None) -> None:
        self.known = known
        self.truth = truth.figures if truth is not None else {}
        self.figures: dict[tuple[object, ...], object] = {}
        self.threshold = float(record["withheld_below"])
        self.plans = {plan["scenario_id"]: plan for plan in record["scenarios"] if "measures" in plan}
        self.today, self.proposal = record["status_quo"], record["proposal"]
        self.sheets = {
            table["key"]: [dict(zip(table["columns"], row, strict=True)) for row in table["rows"]]
            for section in record["sections"]
            for table in section["tables"]
        }
        self._add_book(book)
        first = self.plans[self.proposal]["coverage"]
        self.cells: list[Cell] = [(row["space_id"], row["need_id"]) for row in first]
        open_ = {(row["space_id"], row["need_id"]): row["demand"] for row in first if row["demand"] is not None}
        self.demand: dict[Cell, float] = open_
        self.hidden = [cell for cell in self.cells if cell not in open_]
        self.rows()
        self._means(Rows(), {})

    def _add_book(self, book: bytes) -> None:
        """Numbers that only the workbook shows."""
        self.book: dict[str, list[list[Any]]] = {}
        for sheet in openpyxl.load_workbook(io.BytesIO(book), read_only=True):
            rows = [list(row) for row in sheet.iter_rows(min_row=5, values_only=True)]
            if not rows or rows[0][0] != "Table":
                continue
            heads = [str(head).partition("\n")[0] for head in rows[0]]
            for title, (key, wanted) in _TABLES.items():
                own = [row for row in rows[1:] if row[0] == title]
                if own:
                    self.book[key] = [[row[heads.index(head)] for head in wanted] for row in own]
        if set(self.book) != {key for key, _ in _TABLES.values()}:
            raise ValueError(sorted(self.book))

    # what is published ------------------------------------------------------------------------------------------------

    def precision(self, key: tuple[object, ...], value: object, least: float) -> float:
        """Half of the step in which a figure is published, ``least`` the finest that it may be (0: it is exact).

        Which of the steps that fit it is an attacker cannot know; this one is told, and so is stronger than any.
        """
        self.figures[key] = value
        true = self.truth.get(key, value)
        if not isinstance(value, int | float) or not isinstance(true, int | float) or not self.truth:
            return 0.0
        off = abs(value - true)
        fits = (step for step in STEPS if step >= least * 0.999 and _is_step(value, step) and off <= step / 2 + 1e-9)
        return next(fits, 2 * off) / 2 if least or off > 1e-6 else 0.0

    def _slack(self, key: tuple[object, ...], value: object, offers: Iterable[str], *, euro: bool) -> float:
        """How far a figure about these offers may be from the truth."""
        own = [one for one in offers if one in self.known.rounded]
        sums = len(own) > 2
        steps = [2 * self.threshold * (self.known.unit_cost[one] if euro else 1) for one in own]
        return self.precision(key, value, max(steps) if steps and not sums else 0.0)

    def rows(self) -> Rows:
        """All published figures but the means, as rows over demand, covered, used and paid."""
        rows = Rows()
        for id, plan in self.plans.items():
            self._cells(rows, id, plan)
            self._offers(rows, id, plan)
        self._gains(rows)
        return rows

    def _use(self, id: str, offer: str) -> Terms:
        return {("use", id, offer, space): 1.0 for space in self.known.spaces[offer]}

    def _supply(self, id: str, cell: Cell) -> Terms:
        served = [one for one, need in self.known.need.items() if need == cell[1] and cell[0] in self.known.spaces[one]]
        return {("use", id, one, cell[0]): 1.0 for one in served}

    def _cells(self, rows: Rows, id: str, plan: dict[str, Any]) -> None:
        cells = [dict(zip(("id", "space_id", "need_id", *_CELL), row, strict=False)) for row in self.book["coverage"]]
        told = [{**row, "space_id": id_of(row["space_id"]), "need_id": id_of(row["need_id"])} for row in cells]
        for row in [*plan["coverage"], *(one for one in told if id_of(one["id"]) == id)]:
            cell = (row["space_id"], row["need_id"])
            demand, covered = ("demand", cell), ("covered", id, cell)
            supply = self._supply(id, cell)
            rows.put({demand: 1.0}, row["demand"])
            rows.put({covered: 1.0}, row["covered"])
            rows.put(supply, row["supply"])
            if cell in self.hidden:
                rows.rows.append(({demand: 1.0, covered: -1.0}, 0.0, np.inf))
                rows.rows.append(({**supply, covered: -1.0}, 0.0, np.inf))

    def _offers(self, rows: Rows, id: str, plan: dict[str, Any]) -> None:
        cost = self.known.unit_cost
        all_: Terms = {}
        for row in plan["offers"]:
            one = row["offer_id"]
            use = self._use(id, one)
            eur = dict.fromkeys(use, cost[one])
            all_ |= eur
            rows.put(use, row["capacity"], self._slack((id, one, "capacity"), row["capacity"], [one], euro=False))
            rows.put(eur, row["cost_eur"], self._slack((id, one, "cost"), row["cost_eur"], [one], euro=True))
            before = dict.fromkeys(self._use(self.today, one), cost[one])
            for name, terms in (("baseline_cost_eur", before), ("change_eur", eur | _minus(before))):
                if id != self.today:
                    rows.put(terms, row[name], self._slack((id, one, name), row[name], [one], euro=True))
            rows.rows.append((eur | {("paid", id, pot["pot_id"], one): -1.0 for pot in plan["pots"]}, 0.0, 0.0))
        for row in plan["delivery"]:
            self._delivered(rows, id, row["offer_id"], row["space_id"], row["capacity"])
        for row in self.book["delivery"]:
            if id_of(row[0]) == id:
                self._delivered(rows, id, id_of(row[1]), id_of(row[2]), row[3])
        for row in plan["funding"]:
            one, amount = row["offer_id"], row["amount_eur"]
            slack = self._slack((id, row["pot_id"], one), amount, [one], euro=True)
            rows.put({("paid", id, row["pot_id"], one): 1.0}, amount, slack)
        paid = {(row["pot_id"], row["offer_id"]) for row in plan["funding"]}
        for row in plan["pots"]:
            for one in cost:
                if (row["pot_id"], one) not in paid:
                    rows.put({("paid", id, row["pot_id"], one): 1.0}, 0.0)
            pot = {("paid", id, row["pot_id"], one): 1.0 for one in cost}
            touched = [one for one in cost if (row["pot_id"], one) in paid]
            rows.put(pot, row["spent_eur"], self._slack((id, row["pot_id"]), row["spent_eur"], touched, euro=True))
            if row["unspent_eur"] is not None:
                value = row["amount_eur"] - row["unspent_eur"]
                rows.put(
                    pot, value, self._slack((id, row["pot_id"], "unspent"), row["unspent_eur"], touched, euro=True)
                )
        rows.put(
            all_,
            plan["measures"]["spent_eur"],
            self._slack((id, "spent"), plan["measures"]["spent_eur"], cost, euro=True),
        )

    def _delivered(self, rows: Rows, id: str, offer: str, space: str, value: object) -> None:
        slack = self._slack((id, offer, space, "delivery"), value, [offer], euro=False)
        rows.put({("use", id, offer, space): 1.0}, value, slack)

    def _gains(self, rows: Rows) -> None:
        of = {
            "space": lambda cell: cell[0],
            "need": lambda cell: cell[1],
            "region": lambda cell: self.known.region[cell[0]],
        }  # fmt: skip
        for by, group in of.items():
            for row in self.sheets.get(f"gains_{by}", []):
                cells = [cell for cell in self.cells if group(cell) == id_of(row["name_label"])]
                rows.put({("demand", cell): 1.0 for cell in cells}, row["demand"])
                before = {("covered", self.today, cell): 1.0 for cell in cells}
                after = {("covered", self.proposal, cell): 1.0 for cell in cells}
                slack = 2 * self._count_slack(cells if by != "region" else self.cells)
                rows.put(after | _minus(before), row["covered_change"], slack)
                if by == "need" and row["demand"] is not None:
                    for terms, share in ((before, "coverage_before"), (after, "coverage")):
                        self._share_of_sum(rows, terms, row[share], row["demand"], cells)
        for row in self.sheets.get("indicators_needs", []):
            cells = [cell for cell in self.cells if cell[1] == id_of(row["need_label"])]
            for id, name in ((self.today, "covered_before"), (self.proposal, "covered")):
                rows.put({("covered", id, cell): 1.0 for cell in cells}, row[name], self._count_slack(cells))
        for row in self.sheets.get("gains_provider", []):
            own = [one for one, id in self.known.provider.items() if id == id_of(row["name_label"])]
            for id, name in ((self.today, "cost_before_eur"), (self.proposal, "cost_eur")):
                terms = {key: self.known.unit_cost[one] for one in own for key in self._use(id, one)}
                rows.put(terms, row[name], self._slack((name, row["name_label"]), row[name], own, euro=True))
        self._town_coverage(rows)
        for id in self.plans:
            shown = next((row for row in self.sheets["options"] if str(row["option"]).endswith(id)), None)
            if shown is not None:
                covered = {("covered", id, cell): 1.0 for cell in self.cells}
                rows.put(covered, shown["covered_units"], self._count_slack(self.cells))

    def _town_coverage(self, rows: Rows) -> None:
        """The town's coverage is the mean of that of its needs, all of one weight, whose demands are public."""
        demand = {id_of(row["name_label"]): row["demand"] for row in self.sheets.get("gains_need", [])}
        needs = {cell[1] for cell in self.cells}
        if any(demand.get(need) is None for need in needs):
            return
        for id, plan in self.plans.items():
            value = plan["measures"]["weighted_coverage"]
            terms = {("covered", id, cell): 1.0 / demand[cell[1]] / len(needs) for cell in self.cells}
            rows.put(terms, value, self.precision((id, "weighted_coverage"), value, 0.001))

    def _share_of_sum(self, rows: Rows, terms: Terms, share: object, demand: float, cells: list[Cell]) -> None:
        """A need's coverage is the covered share of a demand that is public, so it counts the covered people."""
        if isinstance(share, int | float):
            rows.put(terms, share * demand, max(0.0005 * demand, self._count_slack(cells)))

    def _count_slack(self, cells: Iterable[Cell]) -> float:
        """Half of the step in which people covered in these cells together are counted; 0: exactly."""
        return self.threshold / 2 if any(cell in self.hidden for cell in cells) else 0.0

    def _means(self, rows: Rows, demand: dict[Cell, int]) -> None:
        """Means of shares are rows as soon as somebody guesses the demand of all cells in them."""
        for row in self.sheets.get("fair_spaces", []):
            cells = [cell for cell in self.cells if cell[0] == id_of(row["space_label"])]
            for id, name in ((self.today, "today"), (self.proposal, "plan")):
                self._mean(rows, id, cells, row[name], demand)
        for row in self.sheets.get("fair_groups", []):
            del row  # a region's figure is a mean of sums; its sums are rows already
        for id, plan in self.plans.items():
            least = plan["measures"]["lowest_space_coverage"]
            slack = self.precision((id, "lowest"), least, 0.001)
            for space in {cell[0] for cell in self.cells}:
                cells = [cell for cell in self.cells if cell[0] == space]
                terms = self._share(id, cells, demand)
                if terms is not None and least is not None:
                    rows.rows.append((terms, least - slack - 1e-6, np.inf))

    def _share(self, id: str, cells: list[Cell], demand: dict[Cell, int]) -> Terms | None:
        sizes = {cell: self.demand.get(cell) or demand.get(cell) for cell in cells}
        if any(size is None for size in sizes.values()):
            return None
        return {("covered", id, cell): 1.0 / (size or 1.0) / len(cells) for cell, size in sizes.items()}

    def _mean(self, rows: Rows, id: str, cells: list[Cell], value: object, demand: dict[Cell, int]) -> None:
        terms = self._share(id, cells, demand)
        hidden = any(cell in self.hidden for cell in cells)
        self.figures.setdefault((id, "mean", *cells), value)
        if terms is not None:
            rows.put(terms, value, self.precision((id, "mean", *cells), value, 0.001 if hidden else 0.0))

    # what follows -----------------------------------------------------------------------------------------------------

    def possible(self, demand: dict[Cell, int], hidden: Iterable[Cell] = ()) -> bool:
        """Whether these demands fit all that is published."""
        del hidden
        rows = self._with(demand)
        return solved(rows, {}) is not None

    def _with(self, demand: dict[Cell, int]) -> Rows:
        rows = self.rows()
        for cell, size in demand.items():
            rows.put({("demand", cell): 1.0}, size)
        self._means(rows, demand)
        return rows

    def values(self, cell: Cell) -> list[int]:
        """The whole numbers below the threshold that a withheld demand may be."""
        return [size for size in range(1, int(self.threshold)) if self._fits(cell, size)]

    def _fits(self, cell: Cell, size: int) -> bool:
        others = [one for one in self.hidden if one != cell and one[0] == cell[0]]
        return any(self.possible({cell: size} | guess) for guess in self._guesses(cell, size, others))

    def _guesses(self, cell: Cell, size: int, others: list[Cell]) -> Iterator[dict[Cell, int]]:
        """Demands of the other withheld cells of a space that add up; a few hundred at most."""
        means = [row["today"] for row in self.sheets["fair_spaces"] if id_of(row["space_label"]) == cell[0]]
        if not others or means == [None]:
            # Without the mean of the space nothing depends on guessing the others.
            yield {}
            return
        total = next((row["demand"] for row in self.sheets["gains_space"] if id_of(row["name_label"]) == cell[0]), None)
        bounds = [self._bounds({("demand", one): 1.0}, {cell: size}) for one in others]
        if any(one is None for one in bounds):
            return
        ranges = [range(max(1, round(low)), round(high) + 1) for low, high in (one for one in bounds if one)]
        known = sum(self.demand.get(one, 0.0) for one in self.cells if one[0] == cell[0])
        if total is None:
            yield from (dict(zip(others, one, strict=True)) for one in itertools.islice(itertools.product(*ranges), 60))
            return
        count = 0
        for head in itertools.product(*ranges[:-1]):
            last = total - size - known - sum(head)
            if last in ranges[-1]:
                count += 1
                yield dict(zip(others, (*head, round(last)), strict=True))
            if count > 60:
                return

    def _bounds(self, terms: Terms, demand: dict[Cell, int]) -> tuple[float, float] | None:
        rows = self._with(demand)
        low = solved(rows, terms)
        if low is None:
            return None
        high = solved(rows, {key: -value for key, value in terms.items()})
        return low, (-high if high is not None else 200.0)

    def covered(self, id: str, cell: Cell) -> tuple[float, float]:
        """Between which numbers the covered persons of a withheld cell lie."""
        return self._bounds({("covered", id, cell): 1.0}, {}) or (0.0, np.inf)


def _is_step(value: float, step: float) -> bool:
    return abs(value / step - round(value / step)) < 1e-6


def _minus(terms: Terms) -> Terms:
    return {key: -value for key, value in terms.items()}


def solved(rows: Rows, objective: Terms) -> float | None:
    """The least value of an objective under rows of variables that are not negative; None where nothing fits."""
    names = list(dict.fromkeys(key for terms, _, _ in rows.rows for key in terms))
    at = {name: number for number, name in enumerate(names)}
    highs = highspy.Highs()
    highs.silent()
    most = 1e6
    highs.addVars(len(names), np.zeros(len(names)), np.full(len(names), most))
    for name, value in objective.items():
        highs.changeColCost(at[name], value)
    for terms, low, high in rows.rows:
        index = np.array([at[key] for key in terms], dtype=np.int32)
        highs.addRow(low, high, len(index), index, np.array(list(terms.values())))
    highs.run()
    if highs.getModelStatus() != highspy.HighsModelStatus.kOptimal:
        return None
    return float(highs.getInfo().objective_function_value)
