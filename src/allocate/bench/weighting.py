"""Weighting: the plan a scenario would have under other weights of the needs, and its worth under any weights.

A set of weights is a mapping need id -> weight; a need it does not name keeps the weight it has in ``needs``. Only the
proportions count: the model divides by the sum.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import replace

import pandas as pd

from allocate.errors import UsageError
from allocate.inputs.case import Case
from allocate.inputs.scenario.variant import Variant, scenario_ids
from allocate.model.compile import Compiled
from allocate.results.allocation import Allocation
from allocate.results.ledger import delivery_of
from allocate.results.measures import measure
from allocate.session import Session
from allocate.town.build_town import weights_under
from allocate.town.facts import NeedFacts

type NeedWeights = Mapping[str, float]
type WeightSets = Mapping[str, NeedWeights]

# Names that the program itself gives: the weights of the table ``needs`` beside the sets of groups, the plan of least
# regret, the set of all ballots, and the ballots of groups too small to be shown alone.
EXPERTS, LEAST_REGRET, ALL_BALLOTS, OTHERS = "needs.weight", "least_regret", "ballots", "others"
OWN_NAMES = frozenset({EXPERTS, LEAST_REGRET, ALL_BALLOTS, OTHERS})


def weights_of(case: Case) -> dict[str, float]:
    """The weights of the table ``needs``, by need id."""
    return NeedFacts(case).by_id(weights_under(case, ""))


def weight_sets_of(case: Case) -> dict[str, dict[str, float]]:
    """The sets of the table ``weight_sets`` in its order, the weights of ``needs`` in front (``EXPERTS``).

    A need that a set does not name has its weight of ``needs``, as in the model. Sets stand under ``names_of_sets``.
    """
    sets = {EXPERTS: ""} | {shown: own for own, shown in names_of_sets(case).items()}
    return {shown: NeedFacts(case).by_id(weights_under(case, own)) for shown, own in sets.items()}


def names_of_sets(case: Case) -> dict[str, str]:
    """Weight set of the case -> the name it stands under: its own, unless that is one the program gives itself.

    Such a one gets a number behind it (``least_regret 2``), so that nothing of the town's is taken for the program's.
    """
    return free_names(case["weight_sets"]["weight_set"].astype(str).unique())


def name_of_set(case: Case, weight_set: str) -> str:
    """The name under which the weights of a scenario stand: those of its weight set, or of the table ``needs``."""
    return names_of_sets(case).get(weight_set, weight_set) if weight_set else EXPERTS


def free_names(names: Iterable[str], taken: Iterable[str] = ()) -> dict[str, str]:
    """Each of some different names -> itself, or with a number behind it where it is ``taken`` or the program's own."""
    own = list(names)
    used, free = {*taken, *OWN_NAMES}, {}
    for name in own:
        number, free[name] = 2, name
        while free[name] in used or (free[name] != name and free[name] in own):
            number, free[name] = number + 1, f"{name} {number}"
        used.add(free[name])
    return free


def under_weights(session: Session, scenario_id: str, name: str, weights: NeedWeights) -> str:
    """Make the scenario under a set of weights answerable by the session; gives the id to ask for, ``SZ2@youth``.

    Floors, money and capacities stay as they are in the scenario. Raises ``UsageError`` ``weights-unusable``: a need
    there is not, a negative or missing number, or none above zero.
    """
    base = session.variant(scenario_id)
    needs = [str(one) for one in NeedFacts(base.case).ids]
    _check(name, weights, needs)
    new_id = f"{scenario_id}@{name}"
    # A scenario of the town that happens to be called so keeps its own plan.
    while new_id in scenario_ids(base.case):
        new_id += "@"
    whole = {**weights_of(base.case), **weights}
    rows = pd.DataFrame({"weight_set": name, "need_id": needs, "weight": [float(whole[need]) for need in needs]})
    asked = replace(base.scenario, scenario_id=new_id, weight_set=name, expected="")
    if not _known(session, new_id, rows):
        session.add(Variant(base.case._unchecked(weight_sets=rows), asked, base.changes))
    return new_id


def value_under(compiled: Compiled, plan: Allocation) -> float:
    """The objective (more is better) of a plan's delivery, judged by the weights of another compiled scenario.

    Both scenarios differ in weights alone, so that the delivery means the same in each.
    """
    cost = plan.offers["cost_eur"].to_numpy(dtype=float)
    return measure(compiled.town, delivery_of(compiled.town, plan), cost=cost).objective(compiled.town)


def _known(session: Session, new_id: str, rows: pd.DataFrame) -> bool:
    """Whether the session answers for the same weights already, so that plans made before are kept."""
    try:
        before = session.variant(new_id).case["weight_sets"]
    except UsageError:
        return False
    return list(before.columns) == list(rows.columns) and before.reset_index(drop=True).equals(rows)


def _check(name: str, weights: NeedWeights, needs: list[str]) -> None:
    unknown = next((need for need in weights if need not in needs), None)
    if unknown is not None:
        raise UsageError("weights-unusable", weight_set=name, need=unknown, value="?")
    odd = next(((need, one) for need, one in weights.items() if not (math.isfinite(one) and one >= 0)), None)
    if odd is not None:
        raise UsageError("weights-unusable", weight_set=name, need=odd[0], value=odd[1])
    if not any(one > 0 for one in weights.values()):
        raise UsageError("weights-unusable", weight_set=name, need="*", value=0)
