"""Rule names: every rule in planning words, with its bound, its legal basis, and who may decide about it."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd

from allocate.bench.widening import Rules
from allocate.language import Texts, euro, number, percent
from allocate.model.compile import Compiled
from allocate.town.earmarks import LISTS

TEXTS = Texts("allocate.analyses.conflicts")

# What a rule's bound and its giving way are counted in.
UNITS = {
    "pot": "eur",
    "floor": "need_units",
    "capacity": "capacity_units",
    "reach": "capacity_units",
    "commitment": "capacity_units",
    "corridor": "capacity_units",
    "plurality": "need_units",
    "moved": "eur",
    "share": "eur",
    "earmark": "eur",
}
COLUMNS = (
    "rule", "id", "place", "name", "need_id", "need_name", "bound", "bound_unit", "bound_units",
    "basis", "decided_by", "decider",
)  # fmt: skip


class RuleNames:
    """Words for the rules of one scenario."""

    def __init__(self, compiled: Compiled, rules: Rules) -> None:
        self.compiled = compiled
        self.rules = rules

    def table(self, numbers: Sequence[int], lang: str = "en") -> pd.DataFrame:
        """One row per rule: words, bound, basis and decision. ``bound_units``: need units behind a floor's share."""
        rows = [self._row(number, lang) for number in numbers]
        return pd.DataFrame(rows, columns=list(COLUMNS)).astype({"bound": float, "bound_units": float})

    def _row(self, rule: int, lang: str) -> dict[str, object]:
        kind, id, place = (str(part[rule]) for part in (self.rules.kind, self.rules.id, self.rules.place))
        record = {
            "rule": kind,
            "id": id,
            "place": place,
            "need_id": "",
            "need_name": "",
            "bound": np.nan,
            "bound_unit": UNITS[kind],
            "bound_units": np.nan,
            "basis": "",
        }
        record |= getattr(self, f"_{kind}")(id, place, lang)
        values = {**record, "where": self._where(place, lang)}
        return record | {"name": TEXTS.say(f"rule.{kind}", lang, **values)}

    def _where(self, place: str, lang: str) -> str:
        if place in ("", "*"):
            return TEXTS.say("where.all", lang)
        names = self._names("spaces", "space_id")
        return f"{place} {names[place]}" if place in names else place

    @cached_property
    def _rows(self) -> dict[str, dict[str, dict[str, Any]]]:
        """Rows of the tables that rules stand in, by id."""
        keys = {"pots": "pot_id", "offers": "offer_id", "needs": "need_id", "plurality": "cluster_id"}
        case = self.compiled.variant.case
        return {
            table: {str(row[key]): {str(k): v for k, v in row.items()} for row in case[table].to_dict("records")}
            for table, key in keys.items()
        }

    def _names(self, table: str, key: str) -> dict[str, str]:
        frame = self.compiled.variant.case[table]
        return dict(zip(frame[key].tolist(), frame["name"].tolist(), strict=True)) if "name" in frame else {}

    def _pot(self, id: str, _place: str, lang: str) -> dict[str, object]:
        pot = self._rows["pots"][id]
        amount = float(pot["amount"])
        return {
            "label": f"{id} {pot['name']}",
            "amount": euro(amount, lang),
            "bound": amount,
            "basis": str(pot["budget_product"]),
            **self._pot_owner(id, lang),
        }

    def _pot_owner(self, id: str, lang: str) -> dict[str, object]:
        """Money that may not be pooled belongs to its funder; the rest to the departments it is budgeted with."""
        pot = self._rows["pots"][id]
        if pot["funder"] and not bool(pot["pooled"]):
            return {"decided_by": "funder", "decider": str(pot["funder"])}
        names = self._names("departments", "department_id")
        owners = [names.get(one, one) for one in str(pot["departments"]).split(";") if one]
        return {"decided_by": "department", "decider": ", ".join(owners) or TEXTS.say("decider.treasury", lang)}

    def _earmark(self, id: str, _place: str, lang: str) -> dict[str, object]:
        pot = self._rows["pots"][id]
        lists = [
            f"{TEXTS.say(f'list.{name}', lang)} {str(pot[name]).replace(';', ', ')}" for name in LISTS if pot[name]
        ]
        owner = self._pot_owner(id, lang)
        if owner["decided_by"] == "department":
            owner = {"decided_by": "council", "decider": TEXTS.say("decider.council", lang)}
        return {"label": f"{id} {pot['name']}", "lists": "; ".join(lists), "basis": str(pot["budget_product"]), **owner}

    def _share(self, id: str, _place: str, lang: str) -> dict[str, object]:
        pot = self._rows["pots"][id]
        share = float(pot["max_share"])
        owner = self._pot_owner(id, lang)
        return {
            "label": f"{id} {pot['name']}",
            "share": percent(share, lang, 0),
            "bound": share,
            "bound_unit": "share",
            "basis": str(pot["budget_product"]),
            **owner,
        }

    def _floor(self, id: str, place: str, lang: str) -> dict[str, object]:
        floors = self.compiled.floors
        match = (floors.floor_id == id) & (floors.scope_id == place) & floors.enforced
        at = int(np.flatnonzero(match)[0])
        table = self.compiled.variant.case["floors"]
        row = table[table["floor_id"] == id].iloc[0]
        need = self._rows["needs"][str(row["need_id"])]
        share, units = float(floors.min_coverage[at]), float(floors.required[at])
        decided = "law" if row["kind"] == "statutory" else "council"
        return {
            "label": id,
            "need_id": str(row["need_id"]),
            "need_name": self._need_name(str(row["need_id"]), lang),
            "share": percent(share, lang),
            "units": number(units, lang, 1),
            "unit": str(need["unit"]),
            "bound": share,
            "bound_unit": "share",
            "bound_units": units,
            "basis": str(row["basis"]),
            "decided_by": decided,
            "decider": TEXTS.say(f"decider.{decided}", lang),
        }

    def _need_name(self, need_id: str, lang: str) -> str:
        need = self._rows["needs"][need_id]
        return str(need["name_en"] if lang == "en" and need["name_en"] else need["name"])

    def _offer(self, id: str, lang: str, by: str) -> dict[str, object]:
        offer = self._rows["offers"][id]
        providers = self._names("providers", "provider_id")
        departments = self._names("departments", "department_id")
        provider = providers.get(str(offer["provider_id"]), str(offer["provider_id"]))
        department = departments.get(str(offer["department_id"]), str(offer["department_id"]))
        decider = department if by == "department" else provider
        return {
            "label": f"{id} {offer['name']}",
            "unit": str(offer["unit"]) or TEXTS.say("unit.capacity", lang),
            "decided_by": by,
            "decider": decider,
        }

    def _capacity(self, id: str, _place: str, lang: str) -> dict[str, object]:
        most = float(self._rows["offers"][id]["max_capacity"])
        return {**self._offer(id, lang, "provider"), "bound": most, "amount": number(most, lang, 1)}

    def _commitment(self, id: str, _place: str, lang: str) -> dict[str, object]:
        offer = self._rows["offers"][id]
        least = float(offer["committed_capacity"])
        end = str(offer["contract_end"])
        basis = TEXTS.say("basis.contract", lang, end=end) if end and end != "NaT" else ""
        return {**self._offer(id, lang, "contract"), "bound": least, "amount": number(least, lang, 1), "basis": basis}

    def _reach(self, id: str, place: str, lang: str) -> dict[str, object]:
        reach = self.compiled.variant.case["reach"]
        row = reach[(reach["offer_id"] == id) & (reach["space_id"] == place)]
        most = float(row["max_capacity"].iloc[0])
        return {**self._offer(id, lang, "provider"), "bound": most, "amount": number(most, lang, 1)}

    def _corridor(self, id: str, _place: str, lang: str) -> dict[str, object]:
        return self._offer(id, lang, "department")

    def _plurality(self, id: str, _place: str, lang: str) -> dict[str, object]:
        row = self._rows["plurality"][id]
        return {
            "label": f"{id} {row['name']}",
            "need_id": str(row["need_id"]),
            "need_name": self._need_name(str(row["need_id"]), lang),
            "basis": str(row["reason"]),
            "decided_by": "council",
            "decider": TEXTS.say("decider.council", lang),
        }

    def _moved(self, _id: str, _place: str, lang: str) -> dict[str, object]:
        most = self.compiled.town.max_moved
        return {
            "bound": most,
            "amount": euro(most, lang),
            "decided_by": "council",
            "decider": TEXTS.say("decider.council", lang),
        }
