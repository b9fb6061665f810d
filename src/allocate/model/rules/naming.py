"""Naming: the rows that rules stand in, in planning words, and who decides about them."""

from __future__ import annotations

from functools import cached_property
from typing import Any

from allocate.inputs.case import split_list
from allocate.inputs.names import called, names_of, need_units
from allocate.language import Texts, Words
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

    def called(self, key: str, id: str, lang: str) -> str:
        """An id with its name in the reader's language behind it."""
        return called(self.ground.variant.case, key, id, lang)

    def name(self, key: str, id: str, lang: str) -> str:
        """A thing by its name alone, the id where it has none."""
        return names_of(self.ground.variant.case, key, lang).get(id, "") or id

    def where(self, place: str, lang: str) -> str:
        """A place of a rule: a space with its name, a region, the whole town."""
        if place in ("", "*"):
            return TEXTS.say("where.all", lang)
        return self.called("space_id", place, lang)

    def need_unit(self, need_id: str, lang: str) -> str:
        """What a need is counted in, in the reader's language."""
        return need_units(self.ground.variant.case, lang)[need_id]

    def council(self, lang: str) -> Words:
        """The council decides."""
        return {"decided_by": "council", "decider": TEXTS.say("decider.council", lang)}

    def pot(self, id: str, lang: str) -> Words:
        """A pot, its place in the budget, and its owner.

        Money that may not be pooled belongs to its funder; the rest to the departments it is budgeted with.
        """
        pot = self.row("pots", id)
        known: Words = {"label": self.called("pot_id", id, lang), "basis": str(pot["budget_product"])}
        if pot["funder"] and not bool(pot["pooled"]):
            return {**known, "decided_by": "funder", "decider": str(pot["funder"])}
        owners = [self.name("department_id", one, lang) for one in split_list(str(pot["departments"]))]
        decider = ", ".join(owners) or TEXTS.say("decider.treasury", lang)
        return {**known, "decided_by": "department", "decider": decider}

    def offer(self, id: str, lang: str, by: str) -> Words:
        """An offer and its unit; ``by``: who decides, ``provider``, ``contract`` or ``department``."""
        offer = self.row("offers", id)
        key = "department_id" if by == "department" else "provider_id"
        return {
            "label": self.called("offer_id", id, lang),
            "unit": str(offer["unit"]) or TEXTS.say("unit.capacity", lang),
            "decided_by": by,
            "decider": self.name(key, str(offer[key]), lang),
        }
