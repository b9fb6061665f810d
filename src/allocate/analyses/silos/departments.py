"""Who owns what: offers, pots, needs and cells by department, and pots divided so that each has one owner.

* An offer belongs to its department; offers without one form a group of their own, ``-``.
* A pot belongs to the departments it lists. A pot of several departments, or one that lists none (then every
  department it may pay), is divided in proportion to what it pays each of them today; where it pays nobody, to today's
  cost of the offers it may pay, else to their largest cost.
* A need is led by the department that the column ``lead_department_id`` of ``needs`` names, else by the one whose
  offers supply most of it today, else could supply most.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from allocate.inputs import dictionary
from allocate.inputs.case import LIST_SEPARATOR, Case, split_list
from allocate.inputs.scenario.variant import Variant
from allocate.model.compile import Compiled
from allocate.model.rules.register import RULES
from allocate.town.arrays import Bools, Floats, Ids, Ints
from allocate.town.build_provision import offers_of
from allocate.town.eligibility import eligible_pairs
from allocate.town.facts import OfferFacts, PotFacts, payments_today
from allocate.town.reachable import whole_uses

WITHOUT = "-"
LEAD_COLUMN = "lead_department_id"


@dataclass(frozen=True)
class Departments:
    """Departments of a town whose pots are divided; numbers into ``ids`` per offer, pot and need.

    ``reaches``: department x cell, whether an offer of the department can supply the cell.
    """

    ids: Ids
    offer: Ints
    pot: Ints
    lead: Ints
    reaches: Bools

    def __len__(self) -> int:
        return len(self.ids)


def divided(variant: Variant, scenario_id: str, pooling: str = "silo") -> Variant:
    """The variant in which every pot belongs to one department (see the rules above); euros are kept to the cent.

    A divided pot ``P3`` becomes ``P3/D40``, ``P3/D09``, in every table that refers to it. Exceptions to eligibility
    that let a pot pay for another department's offers are left out.
    """
    case = with_department_everywhere(variant.case)
    variant = Variant(case, replace(variant.scenario, pooling="silo"), variant.changes)
    shares = pot_shares(variant)
    pots = case["pots"].merge(shares, on="pot_id", how="left", validate="one_to_many")
    own_ids = _divided_ids(pots)
    amount = pots["amount"].to_numpy(dtype=float) * pots["share"].to_numpy(dtype=float)
    new_pots = pots.assign(pot_id=own_ids, amount=amount, departments=pots["owner"]).drop(columns=["share", "owner"])
    parts = pd.DataFrame({"pot_id": pots["pot_id"], "owner": pots["owner"], "own_id": own_ids, "share": pots["share"]})
    tables = {"pots": new_pots.astype(case["pots"].dtypes.to_dict()), **_tables_of_parts(case, parts)}
    scenario = replace(
        variant.scenario, scenario_id=scenario_id, pooling=pooling, evaluate=False, indivisible=False, expected=""
    )
    return Variant(case._unchecked(**tables), scenario, variant.changes)


def pot_shares(variant: Variant) -> pd.DataFrame:
    """``pot_id, owner, share`` (0..1, summing to 1 per pot): how each pot is divided among its departments."""
    case, pairs = variant.case, eligible_pairs(variant)
    pots, offers = PotFacts(case), offers_of(case)
    funded = payments_today(case).groupby(["pot_id", "offer_id"], as_index=False).sum()
    table = pd.DataFrame(
        {
            "pot_id": pots.ids[pairs.pot],
            "offer_id": offers.ids[pairs.offer],
            "owner": offers.department[pairs.offer],
            "cost": offers.baseline_cost[pairs.offer],
            "largest": (offers.unit_cost * offers.max_capacity)[pairs.offer],
        }
    ).merge(funded, on=["pot_id", "offer_id"], how="left")
    weights = table.groupby(["pot_id", "owner"])[["amount_eur", "cost", "largest"]].sum()
    parts = [_shares_of(pot, split_list(listed), weights) for pot, listed in pots.by_id(pots.departments).items()]
    return pd.concat(parts, ignore_index=True)


def _shares_of(pot: str, listed: tuple[str, ...], weights: pd.DataFrame) -> pd.DataFrame:
    known = (
        weights.loc[[pot]].droplevel(0) if pot in weights.index.get_level_values(0) else weights.iloc[:0].droplevel(0)
    )
    own = known[known.index.isin(listed)] if listed else known
    for column in ("amount_eur", "cost", "largest"):
        total = float(own[column].sum())
        if total > 0:
            used = own[own[column] > 0]
            return pd.DataFrame({"pot_id": pot, "owner": used.index, "share": used[column].to_numpy() / total})
    # Nobody can use this pot; it stays whole with whoever stands first in its list.
    return pd.DataFrame({"pot_id": [pot], "owner": [listed[0] if listed else WITHOUT], "share": [1.0]})


def _divided_ids(pots: pd.DataFrame) -> pd.Series:
    alone = pots.groupby("pot_id")["owner"].transform("size") == 1
    return pots["pot_id"].where(alone, pots["pot_id"] + "/" + pots["owner"])


def _tables_of_parts(case: Case, parts: pd.DataFrame) -> dict[str, pd.DataFrame]:
    """Every table that refers to pots, under the ids of their parts (``parts``: ``pot_id, owner, own_id, share``).

    A list names all parts of its pots, and so does a cell that its rule reads for all of them together. Else a row of a
    pot and an offer is that of the part of the offer's department (pairs across departments are dropped), and a row of
    a pot alone becomes one for every part, with its share of the money. Raises ``LookupError`` for a pot that is none.
    """
    own_ids: dict[str, list[str]] = {}
    for pot, own_id in zip(parts["pot_id"], parts["own_id"], strict=True):
        own_ids.setdefault(str(pot), []).append(str(own_id))
    together = {(table, column) for rule in RULES for table in rule.tables for column in rule.pots_divided}
    found: dict[str, pd.DataFrame] = {}
    for table in dictionary.tables().values():
        frame = case[table.name]
        for column in table if len(frame) else ():
            if column.refers_to != "pots.pot_id":
                continue
            # A word of the dictionary that stands among ids (``own``) is nobody's to divide.
            words = {word: [word] for word in column.words}
            _refuse_unknown(table.name, column.name, frame, own_ids | words)
            if column.type == "list" or (table.name, column.name) in together:
                cells = [_in_parts(cell, own_ids | words) for cell in frame[column.name]]
                frame = frame.assign(**{column.name: cells}).astype(frame.dtypes.to_dict())
            else:
                frame = _rows_of_parts(case, table, column.name, frame, parts)
            found[table.name] = frame
    return found


def _refuse_unknown(table: str, column: str, frame: pd.DataFrame, known: Mapping[str, list[str]]) -> None:
    strange = {id for cell in frame[column].tolist() for id in split_list(str(cell))} - known.keys()
    if strange:
        raise LookupError(f"{table}.{column}: {sorted(strange)[0]}")


def _in_parts(cell: str, own_ids: Mapping[str, list[str]]) -> str:
    """A cell that names pots, with the parts of each."""
    return LIST_SEPARATOR.join(one for id in split_list(cell) for one in own_ids[id])


def _rows_of_parts(
    case: Case, table: dictionary.Table, column: str, frame: pd.DataFrame, parts: pd.DataFrame
) -> pd.DataFrame:
    """A table of which every row names one pot in ``column``, in rows of the pots' parts."""
    known = parts.rename(columns={"pot_id": column})
    if "offer_id" in table:
        offers = OfferFacts(case)
        rows = frame.assign(owner=offers.of(offers.department_id, frame["offer_id"])).merge(
            known, on=[column, "owner"], how="inner"
        )
        money = {}
    else:
        rows = frame.merge(known, on=column, how="inner")
        money = {one.name: rows[one.name] * rows["share"] for one in table if one.unit == "EUR/year"}
    return rows.assign(**{column: rows["own_id"]}, **money)[list(frame.columns)].astype(frame.dtypes.to_dict())


def with_department_everywhere(case: Case) -> Case:
    """The case in which offers without a department belong to ``WITHOUT``."""
    own = offers_of(case).department
    return case._unchecked(offers={"department_id": np.where(own != "", own, WITHOUT)})


def departments_of(compiled: Compiled) -> Departments:
    """The departments of a compiled variant that went through ``divided``."""
    town, case = compiled.town, compiled.variant.case
    owner = town.offers.department.astype(str)
    pot_owner = PotFacts(case).departments.astype(str)
    ids = np.array(list(dict.fromkeys([*owner.tolist(), *pot_owner.tolist()])), dtype=object)
    number = pd.Index(ids)
    offer, pot = number.get_indexer(pd.Index(owner)), number.get_indexer(pd.Index(pot_owner))
    reaches = np.zeros((len(ids), len(town.cells.demand)), dtype=bool)
    supplier = offer[town.pairs.offer[town.supply.pair]]
    reaches[supplier, town.supply.cell] = True
    today = town.supply.rate * town.pairs.baseline[town.supply.pair]
    whole, possible = whole_uses(town), np.zeros_like(today)
    possible[whole] = (town.supply.rate * town.pairs.max_capacity[town.supply.pair])[whole]
    lead = _leads(compiled, number, supplier, today, possible)
    return Departments(ids, offer.astype(np.int64), pot.astype(np.int64), lead, reaches)


def _leads(compiled: Compiled, number: pd.Index, supplier: Ints, today: Floats, possible: Floats) -> Ints:
    town, needs = compiled.town, compiled.variant.case["needs"]
    need = town.cells.need[town.supply.cell]
    amounts = np.zeros((2, len(town.needs.ids), len(number)))
    for place, supply in enumerate((today, possible)):
        np.add.at(amounts[place], (need, supplier), supply)
    lead = np.where(amounts[0].any(axis=1), amounts[0].argmax(axis=1), amounts[1].argmax(axis=1))
    if LEAD_COLUMN in needs.columns:
        named = number.get_indexer(pd.Index(needs[LEAD_COLUMN].to_numpy(dtype=object)))
        lead = np.where(named >= 0, named, lead)
    numbers: Ints = lead.astype(np.int64)
    return numbers
