"""Where the money goes: every increase with the release it is paid from.

Within one pot money has no memory, so which euro paid for what is a convention: in every pot, released money goes first
to offers of the same department, the largest release to the largest increase, then to whatever is left. The sums per
pot, per offer and in total are exact. ``flows`` keeps the pots apart; ``moves`` looks at offers alone: an offer whose
payer changed hands on what it receives, and only offers that cost more or less in the end remain.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import pandas as pd

from allocate.results.allocation import Allocation
from allocate.results.columns import Columns
from allocate.town.arrays import Floats, Ints
from allocate.town.facts import OfferFacts

# Kinds of sources and uses.
RELEASED, RAISED = "released", "raised"
UNSPENT, NEW_MONEY, CUT, UNASSIGNED = "unspent", "new_money", "cut", "unassigned"
# The pot of costs that no pot is recorded to pay, and of towns that do not record who pays what today.
NO_POT = ""
# Less than this many EUR is rounding.
DUST = 1e-6
FLOW_COLUMNS = Columns("pot_id", "from_kind", "from_offer_id", "to_kind", "to_offer_id", "amount_eur")
MOVE_COLUMNS = Columns("from_kind", "from_id", "to_kind", "to_id", "amount_eur")

# What a move starts from or ends in: its kind, and the id of an offer or (for unspent, new or cut money) of a pot.
type Node = tuple[str, str]


def funding_flows(before: Allocation, after: Allocation) -> pd.DataFrame:
    """Flows within each pot from ``before`` to ``after``, columns ``FLOW_COLUMNS``, EUR/year.

    ``from_kind``: released (by an offer), unspent (not spent before), new_money (the pot was raised), unassigned (no
    payer was recorded). ``to_kind``: raised, unspent (not spent now), cut (the pot was lowered), unassigned.
    """
    balance = _balance(before, after)
    offers = OfferFacts(after.variant.case)
    balance["department"] = offers.of(offers.department_id, balance["offer_id"])
    parts = [_match_pot(str(pot), rows) for pot, rows in balance.groupby("pot_id", sort=True)]
    if not parts:
        return FLOW_COLUMNS.of()
    return FLOW_COLUMNS.of(pd.concat(parts, ignore_index=True))


def moves(flows: pd.DataFrame) -> pd.DataFrame:
    """Flows with changes of payer passed through: from offers that end lower to offers that end higher.

    Columns ``MOVE_COLUMNS``; ``from_id``/``to_id`` is the offer, or the pot of unspent, new or cut money.
    """
    network = _Network(_edges(flows))
    for node in network.offers():
        network.pass_through(node)
    rows = [
        (*_named(source, RELEASED), *_named(use, RAISED), amount) for (source, use), amount in network.edges.items()
    ]
    table = MOVE_COLUMNS.of(rows).astype({"amount_eur": float})
    return table.sort_values(["amount_eur", "from_id", "to_id"], ascending=[False, True, True], ignore_index=True)


def releases(moved: pd.DataFrame) -> pd.DataFrame:
    """Where money comes from: columns ``from_kind, from_id, amount_eur``, the largest first."""
    return _totals(moved, "from")


def uses(moved: pd.DataFrame) -> pd.DataFrame:
    """Where money goes to: columns ``to_kind, to_id, amount_eur``; ``moved`` says where each euro came from."""
    return _totals(moved, "to")


def _totals(moved: pd.DataFrame, side: str) -> pd.DataFrame:
    keys = [f"{side}_kind", f"{side}_id"]
    table = moved.groupby(keys)["amount_eur"].sum().reset_index()
    return table.sort_values(["amount_eur", keys[1]], ascending=[False, True], ignore_index=True)


def _balance(before: Allocation, after: Allocation) -> pd.DataFrame:
    """What each pot gives (above zero) and takes (below); sums to zero in every pot."""
    by_pot = not before.funding.empty and not after.funding.empty
    paid = [_payments(plan, by_pot) for plan in (before, after)]
    change = paid[0].sub(paid[1], fill_value=0.0).rename("amount").reset_index()
    amounts = [_amounts(plan, by_pot) for plan in (before, after)]
    pots = amounts[0].index.union(amounts[1].index)
    amount = [one.reindex(pots, fill_value=0.0) for one in amounts]
    spent = [one.groupby("pot_id").sum().reindex(pots, fill_value=0.0) for one in paid]
    unspent = (amount[0] - spent[0]) - (amount[1] - spent[1])
    rows = [
        change.assign(kind=np.where(change["amount"] > 0, RELEASED, RAISED)),
        _of_pots(unspent, UNSPENT, UNSPENT),
        _of_pots(amount[1] - amount[0], NEW_MONEY, CUT),
    ]
    if by_pot:
        without = -change.loc[change["pot_id"] == NO_POT, "amount"].sum()
        rows.append(_of_pots(pd.Series({NO_POT: without}), UNASSIGNED, UNASSIGNED))
    balance = pd.concat(rows, ignore_index=True)
    return balance[balance["amount"].abs() > DUST]


def _of_pots(amount: pd.Series, source: str, use: str) -> pd.DataFrame:
    kind = np.where(amount > 0, source, use)
    return pd.DataFrame({"pot_id": amount.index, "offer_id": "", "amount": amount.to_numpy(), "kind": kind})


def _payments(plan: Allocation, by_pot: bool) -> pd.Series:
    """EUR per pot and offer; what no pot is recorded to pay stands under ``NO_POT``."""
    cost = plan.offers.set_index("offer_id")["cost_eur"]
    paid = plan.funding.groupby(["pot_id", "offer_id"])["amount_eur"].sum()
    if by_pot:
        cost = cost.sub(paid.groupby("offer_id").sum(), fill_value=0.0)
    rest = cost[cost.abs() > DUST]
    rest.index = pd.MultiIndex.from_product([[NO_POT], rest.index], names=["pot_id", "offer_id"])
    return pd.concat([paid, rest]) if by_pot else rest


def _amounts(plan: Allocation, by_pot: bool) -> pd.Series:
    amount = plan.pots.set_index("pot_id")["amount_eur"]
    return amount if by_pot else pd.Series({NO_POT: float(amount.sum())})


def _match_pot(pot: str, rows: pd.DataFrame) -> pd.DataFrame:
    """Match what one pot gives with what it takes, offers of the same department first."""
    rows = rows.assign(size=rows["amount"].abs()).sort_values(["size", "offer_id"], ascending=[False, True])
    rows = rows.reset_index(drop=True)
    left = rows["size"].to_numpy(copy=True)
    gives = (rows["amount"] > 0).to_numpy()
    pairs: list[tuple[Ints, Ints, Floats]] = []
    offers = rows[rows["offer_id"] != ""]
    within = [np.asarray(index, dtype=np.int64) for _, index in sorted(offers.groupby("department").groups.items())]
    for members in [*within, np.arange(len(rows))]:
        source, use = members[gives[members]], members[~gives[members]]
        at, to, amount = overlapping(left[source], left[use])
        np.subtract.at(left, source[at], amount)
        np.subtract.at(left, use[to], amount)
        pairs.append((source[at], use[to], amount))
    source, use, amount = (np.concatenate(part) for part in zip(*pairs, strict=True))
    flows = pd.DataFrame(
        {
            "pot_id": pot,
            "from_kind": rows["kind"].to_numpy()[source],
            "from_offer_id": rows["offer_id"].to_numpy()[source],
            "to_kind": rows["kind"].to_numpy()[use],
            "to_offer_id": rows["offer_id"].to_numpy()[use],
            "amount_eur": amount,
        }
    )
    return flows.groupby(list(FLOW_COLUMNS[:-1]))["amount_eur"].sum().reset_index()


def overlapping(gives: Floats, takes: Floats) -> tuple[Ints, Ints, Floats]:
    """Lay two rows of amounts end to end beside each other: (giver, taker, amount) of every overlap."""
    ends_given, ends_taken = np.cumsum(gives), np.cumsum(takes)
    whole = min(ends_given[-1] if len(gives) else 0.0, ends_taken[-1] if len(takes) else 0.0)
    cuts = np.unique(np.concatenate([[0.0], np.minimum(ends_given, whole), np.minimum(ends_taken, whole)]))
    amount = np.diff(cuts)
    middle = cuts[:-1] + amount / 2
    kept = amount > DUST
    giver = np.searchsorted(ends_given, middle[kept], side="right")
    taker = np.searchsorted(ends_taken, middle[kept], side="right")
    return giver.astype(np.int64), taker.astype(np.int64), amount[kept]


def _edges(flows: pd.DataFrame) -> Iterable[tuple[Node, Node, float]]:
    for row in flows.to_dict("records"):
        source = ("offer", row["from_offer_id"]) if row["from_offer_id"] else (row["from_kind"], row["pot_id"])
        use = ("offer", row["to_offer_id"]) if row["to_offer_id"] else (row["to_kind"], row["pot_id"])
        yield source, use, float(row["amount_eur"])


def _named(node: Node, kind: str) -> Node:
    return (kind, node[1]) if node[0] == "offer" else node


@dataclass
class _Network:
    """Amounts between sources and uses; unspent money of a pot is a source and a use apart."""

    edges: dict[tuple[Node, Node], float]

    def __init__(self, edges: Iterable[tuple[Node, Node, float]]) -> None:
        self.edges = {}
        for source, use, amount in edges:
            self._add(source, use, amount)

    def _add(self, source: Node, use: Node, amount: float) -> None:
        if source == use and source[0] == "offer":
            return
        left = self.edges.pop((source, use), 0.0) + amount
        if left > DUST:
            self.edges[source, use] = left

    def offers(self) -> list[Node]:
        """Offers that both release and receive, in order."""
        received = {use for _, use in self.edges if use[0] == "offer"}
        return sorted(received & {source for source, _ in self.edges})

    def pass_through(self, node: Node) -> None:
        """Let what flows into ``node`` flow on as far as it releases, so that only its net change remains."""
        into = self._sorted((source, amount) for (source, use), amount in self.edges.items() if use == node)
        out = self._sorted((use, amount) for (source, use), amount in self.edges.items() if source == node)
        if not into or not out:
            return
        given, taken = (np.array([amount for _, amount in part]) for part in (into, out))
        for i, j, amount in zip(*overlapping(given, taken), strict=True):
            self._add(into[i][0], node, -float(amount))
            self._add(node, out[j][0], -float(amount))
            self._add(into[i][0], out[j][0], float(amount))

    @staticmethod
    def _sorted(part: Iterable[tuple[Node, float]]) -> list[tuple[Node, float]]:
        return sorted(part, key=lambda one: (-one[1], one[0]))
