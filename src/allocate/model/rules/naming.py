"""Naming: the rows that rules stand in, in planning words, and who decides about them."""

from __future__ import annotations

from functools import cached_property
from typing import Any

from allocate.inputs.case import split_list
from allocate.language import Texts
from allocate.model.ground import Ground

TEXTS = Texts("allocate.model.rules")


class Naming:
    """Words for what the rules of one scenario speak of."""

    def __init__(self, ground: Ground) -> None:
        self.ground = ground

    def row(self, table: str, id: str) -> dict[str, Any]:
        """The row of a table by its first column. Raises ``KeyError``."""
        return self._rows[table][id]

    @cached_property
    def _rows(self) -> dict[str, dict[str, dict[str, Any]]]:
        keys = {"pots": "pot_id", "offers": "offer_id", "needs": "need_id", "plurality": "cluster_id"}
        case = self.ground.variant.case
        return {
            table: {str(row[key]): {str(k): v for k, v in row.items()} for row in case[table].to_dict("records")}
            for table, key in keys.items()
        }

    def names(self, table: str, key: str) -> dict[str, str]:
        """The names of a table by id; empty where it has none."""
        frame = self.ground.variant.case[table]
        return dict(zip(frame[key].tolist(), frame["name"].tolist(), strict=True)) if "name" in frame else {}

    def where(self, place: str, lang: str) -> str:
        """A place of a rule: a space with its name, a region, the whole town."""
        if place in ("", "*"):
            return TEXTS.say("where.all", lang)
        names = self.names("spaces", "space_id")
        return f"{place} {names[place]}" if place in names else place

    def need_name(self, need_id: str, lang: str) -> str:
        """A need in the reader's language."""
        need = self.row("needs", need_id)
        return str(need["name_en"] if lang == "en" and need["name_en"] else need["name"])

    def council(self, lang: str) -> dict[str, object]:
        """The council decides."""
        return {"decided_by": "council", "decider": TEXTS.say("decider.council", lang)}

    def pot(self, id: str, lang: str) -> dict[str, object]:
        """A pot, its place in the budget, and its owner.

        Money that may not be pooled belongs to its funder; the rest to the departments it is budgeted with.
        """
        pot = self.row("pots", id)
        known: dict[str, object] = {"label": f"{id} {pot['name']}", "basis": str(pot["budget_product"])}
        if pot["funder"] and not bool(pot["pooled"]):
            return {**known, "decided_by": "funder", "decider": str(pot["funder"])}
        names = self.names("departments", "department_id")
        owners = [names.get(one, one) for one in str(pot["departments"]).split(";") if one]
        decider = ", ".join(owners) or TEXTS.say("decider.treasury", lang)
        return {**known, "decided_by": "department", "decider": decider}

    def pots(self, ids: str) -> str:
        """Several pots by id and name, from the cell of a list."""
        return ", ".join(f"{id} {self.row('pots', id)['name']}" for id in split_list(ids))

    def offer(self, id: str, lang: str, by: str) -> dict[str, object]:
        """An offer and its unit; ``by``: who decides, ``provider``, ``contract`` or ``department``."""
        offer = self.row("offers", id)
        table = "departments" if by == "department" else "providers"
        key = f"{table.removesuffix('s')}_id"
        own = str(offer[key])
        return {
            "label": f"{id} {offer['name']}",
            "unit": str(offer["unit"]) or TEXTS.say("unit.capacity", lang),
            "decided_by": by,
            "decider": self.names(table, key).get(own, own),
        }
