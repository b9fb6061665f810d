"""Seeded faults: what a programmer might get wrong in ``model``, ``solve`` and ``results``, each as a patch.

Each is shown by one scenario of the judged town, with one cell of it changed where a rule would else hold nothing back.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd
import pytest

from allocate import session
from allocate.model import compile
from allocate.results import allocation, measures, plan_tables
from allocate.solve import canonical, certify, loaded
from allocate.town import as_arrays, build_provision, build_town, eligibility, places

type Change = Callable[[Any], Any]
# Table, column, id (first column) and the value that the town has while a fault is shown.
type Cell = tuple[str, str, str, float]


@dataclass(frozen=True)
class Fault:
    """A fault, and the scenario and the cell of the town in which it shows."""

    name: str
    scenario: str
    seed: Callable[[pytest.MonkeyPatch], None]
    cell: Cell | None = None


FAULTS: list[Fault] = []


def fault(name: str, scenario: str, module: Any, function: str, change: Change, cell: Cell | None = None) -> None:
    """What ``module.function`` gives is changed."""
    honest = getattr(module, function)

    def faulty(*args: Any, **kwargs: Any) -> Any:
        return change(honest(*args, **kwargs))

    FAULTS.append(Fault(name, scenario, lambda patch: patch.setattr(module, function, faulty), cell))


def of_rows(name: str, scenario: str, family: str, change: Change, cell: Cell | None = None) -> None:
    """One family of rows is changed before the program is put together."""
    fault(
        name,
        scenario,
        compile,
        "blocks_of",
        lambda blocks: [change(block) if block.name == family else block for block in blocks],
        cell,
    )


def instead(name: str, scenario: str, module: Any, function: str, other: Any, cell: Cell | None = None) -> None:
    """``module.function`` is another one."""
    FAULTS.append(Fault(name, scenario, lambda patch: patch.setattr(module, function, other), cell))


def table(name: str, scenario: str, which: str, change: Change) -> None:
    """One table of the plan is changed on its way out."""
    fault(
        name, scenario, allocation, "plan_tables", lambda made: replace(made, **{which: change(getattr(made, which))})
    )


def scaled(field: str, factor: float) -> Change:
    return lambda made: replace(made, **{field: getattr(made, field) * factor})


def same(field: str, value: float) -> Change:
    return lambda made: replace(made, **{field: np.full_like(getattr(made, field), value)})


def rolled(column: str) -> Change:
    """The column's values, each in the row behind its own."""
    return lambda frame: frame.assign(**{column: np.roll(frame[column].to_numpy(), 1)})


def turned(column: str) -> Change:
    return lambda frame: frame.assign(**{column: -frame[column]})


def loose(block: Any) -> Any:
    """A family of rows that asks nothing."""
    return replace(block, lower=np.full(len(block.lower), -1e9), upper=np.full(len(block.upper), 1e9))


def without_need(made: Any) -> Any:
    return type(made)(*(column[made.need != 0] for column in vars(made).values()))


def without_last(made: Any) -> Any:
    return type(made)(*(column[:-1] for column in vars(made).values()))


def without_demand(made: Any) -> Any:
    cells, supply = made
    demand = cells.demand.copy()
    demand[0] = 0.0
    return replace(cells, demand=demand), supply


def half_paid(block: Any) -> Any:
    """Offers are paid half of what they cost."""
    return replace(block, values=np.where(block.values < 0, 0.5, 1.0) * block.values)


def roomier(case: Any, table: str, column: str, *default: float) -> Any:
    """Half as many places again, in every table that speaks of the most there may be."""
    return HONEST_NUMBERS(case, table, column, *default) * (1.5 if column == "max_capacity" else 1.0)


def without_later_sets(case: Any, floor_sets: Any, own: Any) -> Any:
    return HONEST_FLOORS(case, floor_sets[:1], own)


def without_shares(exceptions: pd.DataFrame, *others: Any) -> None:
    HONEST_EXCEPTIONS(exceptions.assign(max_share=np.nan), *others)


def without_refusals(exceptions: pd.DataFrame, *others: Any) -> None:
    HONEST_EXCEPTIONS(exceptions[exceptions["allowed"]], *others)


def blind(change: Change) -> Callable[[pytest.MonkeyPatch], None]:
    """A certificate that confirms everything, and a canonical point that is not one."""
    honest, verify = canonical.canonical, certify.certify

    def shifted(*args: Any, **kwargs: Any) -> Any:
        found = honest(*args, **kwargs)
        return found and replace(found, x=change(found.x))

    def seed(patch: pytest.MonkeyPatch) -> None:
        patch.setattr(session, "canonical", shifted)
        patch.setattr(session, "certify", lambda *args, **kwargs: replace(verify(*args, **kwargs), verified=True))

    return seed


HONEST_FLOORS = places.floors_of
HONEST_NUMBERS = build_provision.numbers
HONEST_EXCEPTIONS = eligibility._apply_exceptions
HONEST_TODAY = allocation.payments_today

# The town's arrays.
instead("capacities x 1.5", "voiced", build_provision, "numbers", roomier, ("offers", "max_capacity", "E", 13.1))
fault("contracts ignored", "voiced", build_provision, "offers_of", same("committed", 0.0))
fault("places for a hundredth", "silo", build_provision, "offers_of", scaled("unit_cost", 0.01))
fault("fixed part of cost dropped", "whole", build_provision, "offers_of", same("fixed_cost", 0.0))
fault("variable part of cost halved", "whole", build_provision, "offers_of", scaled("variable_unit_cost", 0.5))
fault("least size of an open offer ignored", "whole", build_provision, "offers_of", same("min_if_open", 0.0))
fault("today's capacity of offers doubled", "silo", build_provision, "offers_of", scaled("baseline_capacity", 2.0))
fault("today's use of spaces doubled", "today", build_provision, "_pairs", scaled("baseline", 2.0))
fault("access ignored", "silo", build_provision, "_pairs", same("access", 1.0))
fault("limit of a space's use ignored", "silo", build_provision, "_pairs", same("max_capacity", 1e3))
fault("largest share of use ignored", "voiced", build_provision, "_pairs", same("max_share", 1.0))
fault("least share of use ignored", "voiced", build_provision, "_pairs", same("min_share", 0.0))
fault("effects of one need dropped", "silo", build_provision, "effects_of", without_need)
fault("one effect dropped", "voiced", build_provision, "effects_of", without_last)
fault("effects x 2", "silo", build_provision, "effects_of", scaled("effect", 2.0))
fault("weight set ignored", "voiced", build_town, "need_weights", lambda _: np.array([5.0, 3.0, 2.0]))
fault("prices of needs x 3", "silo", build_provision, "prices", lambda price: price * 3)
fault("demand of one cell dropped", "silo", build_provision, "_cells_and_supply", without_demand)
fault("weights of spaces ignored", "silo", build_provision, "spaces_of", same("weight", 1.0))
fault("every segment worth the same", "silo", build_town, "Segments", same("value", 0.6))
fault("equity weight doubled", "silo", build_town, "Weights", scaled("equity", 2.0))
fault("budget of the weights doubled", "silo", build_town, "Weights", scaled("budget", 2.0))
fault("wanted reserve ignored", "silo", build_provision, "Needs", same("wanted_reserve", 0.0))
# Who may pay.
instead("shares of the exceptions ignored", "silo", eligibility, "_apply_exceptions", without_shares,
        ("eligibility", "max_share", "P1", 0.26))  # fmt: skip
instead("refusals among the exceptions ignored", "silo", eligibility, "_apply_exceptions", without_refusals)
instead("lists of pots ignored", "silo", eligibility, "split_list", lambda _: ())
fault("pooling lifts every list", "voiced", eligibility, "_dropped", np.ones_like)
fault("shares of pots ignored", "voiced", build_town, "_funding", same("max_share", 1.0))
# Rows of the program.
of_rows("pot row doubled", "silo", "pot", scaled("upper", 2.0))
of_rows("pot row lost", "silo", "pot", loose)
of_rows("floors zeroed", "silo", "floor", scaled("lower", 0.0))
of_rows("half of the cost has a payer", "silo", "payer", half_paid)
of_rows("row of a pot's share lost", "voiced", "share", loose)
of_rows("cap on re-steered money lost", "capped", "moved", loose)
of_rows("release counted against half of today", "capped", "release", scaled("lower", 0.5))
of_rows("supply out of nothing", "silo", "balance", loose)
of_rows("capacity not the sum of its uses", "silo", "capacity", loose)
of_rows("corridor row lost", "voiced", "corridor_most", loose)
of_rows("least covered space not held down", "silo", "least", loose)
of_rows("each offer's share of a cluster lost", "silo", "share_of_each", loose)
of_rows("a provider's share of a cluster lost", "silo", "share_of_provider", loose)
of_rows("a cluster's share of demand lost", "voiced", "share_of_demand", loose)
of_rows("number of providers lost", "whole", "provider_count", loose,
      ("plurality", "min_demand_share", "K2", 0.2))  # fmt: skip
of_rows("closed offers may work", "whole", "open_most", loose)
instead("later floor sets do not count", "silo", compile, "floors_of", without_later_sets)
fault("floors taken for targets", "silo", compile, "floors_of", same("enforced", 0.0))
fault("floors of every space asked of the first", "silo", places._Places, "__call__", lambda places: places[:1])
fault("clusters lost", "silo", compile, "clusters_of", lambda _: ())
# From the solver.
fault("point not scaled back", "silo", loaded.LoadedProgram, "solve", lambda found: replace(
    found, x=None if found.x is None else found.x * 1.001))  # fmt: skip
FAULTS.append(Fault("blind certificate, point too large", "silo", blind(lambda x: x * 1.01)))
FAULTS.append(Fault("blind certificate, point of zeros", "silo", blind(np.zeros_like)))
FAULTS.append(Fault("blind certificate, columns shifted by one", "silo", blind(lambda x: np.roll(x, 1))))
# The plan's tables.
table("funding from the wrong pot", "silo", "funding", rolled("pot_id"))
table("funding for the wrong offer", "silo", "funding", rolled("offer_id"))
table("a payment left out", "silo", "funding", lambda frame: frame.iloc[1:])
table("a payment shown twice", "silo", "funding", lambda frame: frame.iloc[[0, *range(len(frame))]])
table("delivery swapped between spaces", "silo", "delivery", rolled("space_id"))
table("a delivery left out", "today", "delivery", lambda frame: frame.iloc[:-1])
table("capacities in the wrong order", "silo", "offers", rolled("capacity"))
table("change with the wrong sign", "silo", "offers", turned("change_eur"))
table("cost today of another offer", "today", "offers", rolled("baseline_cost_eur"))
table("an offer left out", "silo", "offers", lambda frame: frame.iloc[:-1])
table("nothing spent of what is left", "silo", "pots", lambda frame: frame.assign(unspent_eur=frame["amount_eur"]))
table("marginal value not turned", "silo", "pots", turned("marginal_value"))
table("amounts of pots swapped", "today", "pots", rolled("amount_eur"))
table("gap counted from supply", "silo", "coverage", lambda frame: frame.assign(gap=frame["demand"] - frame["supply"]))
table("reserve counted as duplication", "silo", "coverage", lambda frame: frame.assign(
    duplication=frame["duplication"] + frame["wanted_reserve"]))  # fmt: skip
table("needs of coverage swapped", "today", "coverage", rolled("need_id"))
table("a cell left out", "silo", "coverage", lambda frame: frame.iloc[1:])
table("every floor met", "today", "floors", lambda frame: frame.assign(met=True))
table("required and achieved swapped", "silo", "floors", lambda frame: frame.rename(
    columns={"required": "achieved", "achieved": "required"}))  # fmt: skip
table("a floor left out", "silo", "floors", lambda frame: frame.iloc[:-1])
instead("large payments taken for noise", "silo", plan_tables, "NOISE", 300.0)
instead("a payment of today lost", "today", allocation, "payments_today", lambda own: HONEST_TODAY(own).iloc[:-1])
# The measures.
for _name, _factor in {
    "coverage_value": 1.01,
    "weighted_coverage": 0.99,
    "lowest_space_coverage": 1.5,
    "duplication_eur": 0.0,
    "duplication_units": 1.1,
    "wanted_reserve_units": 2.0,
    "moved_eur": 2.0,
    "spent_eur": 0.5,
    "unspent_eur": 1.1,
}.items():
    _scenario = "today" if _name == "unspent_eur" else "voiced"
    fault(f"measure {_name} wrong", _scenario, allocation, "measure", scaled(_name, _factor))
fault("coverage of needs too low", "silo", measures, "need_coverage", lambda made: made * 0.9)
fault("least space is the best one", "today", measures, "space_coverage", lambda made: np.full_like(made, made.max()))
fault("cost a tenth too low", "silo", as_arrays.Town, "cost_of", lambda cost: cost * 0.9)
