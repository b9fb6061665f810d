"""Marginal words: the most useful facts of an analysis of margins as sentences, in German or English."""

from __future__ import annotations

from typing import TYPE_CHECKING

from allocate.analyses.margins.idle_money import CAUSES
from allocate.analyses.margins.pot_margins import as_good_as_best
from allocate.inputs.names import called, called_place, need_units
from allocate.inputs.speaker import Speaker, listed
from allocate.language import Texts, euro, no_more, number
from allocate.model.own_rules import own_names
from allocate.model.rules.register import rule_of

if TYPE_CHECKING:
    from allocate.analyses.margins.marginal import Marginal

TEXTS = Texts("allocate.analyses.margins")
# How many cells or pots a sentence names before it says how many more there are.
NAMED = 3


def sentences(found: Marginal, lang: str = "en") -> list[str]:
    """What a planner should know first: where money helps most, what is idle and why, which rule is dearest."""
    teller = _Teller(found, lang)
    told = [
        *((teller.best_pot(), teller.division()) if "step" in found.phases else ()),
        teller.idle() if "idle" in found.phases else "",
        teller.dearest_floor(),
        teller.dearest_rule(),
        *teller.along(),
        teller.two_sides(),
        teller.left_out(),
        teller.own_rules(),
    ]
    return [sentence for sentence in told if sentence]


def cause_text(cause: str, key: str, lang: str, **values: object) -> str:
    """Why a pot keeps money: what the rule says that is the cause, or this room where none is.

    ``key``: ``idle`` for a sentence about ``pot`` and ``amount``, ``cause`` for a word.
    """
    if cause in CAUSES:
        return TEXTS.say(f"{key}.{cause}", lang, **values)
    return rule_of(cause).say(key, lang, **values)


class _Teller(Speaker):
    texts = TEXTS

    def __init__(self, found: Marginal, lang: str) -> None:
        super().__init__(found.compiled.variant.case, lang)
        self.found = found

    def own_rules(self) -> str:
        names = own_names(self.found.compiled.variant.case)
        return Texts("allocate.analyses.reasons").say("own.reason", self.lang, names=names) if names else ""

    def best_pot(self) -> str:
        ranking = self.found.step
        step = euro(self.found.step_eur, self.lang)
        equal = ranking.loc[as_good_as_best(ranking["objective_gain"].to_numpy(dtype=float)), "pot_id"].tolist()
        if not equal:
            return self.say("best.none", step=step)
        told = next(pot for pot in equal if pot in self.found.plans)
        others = [self.pot(pot) for pot in equal if pot != told]
        row = self.found.pots.set_index("pot_id").loc[told]
        parts = [
            self.say("best.pot", step=step, pot=self.pot(told), cells=self._cells(told)),
            self.say("best.equal", pots=self._listed(others)) if others else "",
            self.say(
                "best.exact" if row["more_ends"] else "best.least",
                pot=told,
                reach=euro(row["more_up_to_eur"], self.lang),
            )
            if row["more_up_to_eur"] >= 1
            else "",
        ]
        return " ".join(part for part in parts if part)

    def _cells(self, pot: str) -> str:
        table = self.found.effects
        gains = table[(table["pot_id"] == pot) & (table["covered_units_change"] > 0)]
        cells = [
            self.say(
                "best.cell",
                units=number(row["covered_units_change"], self.lang, 1),
                unit=need_units(self.case, self.lang)[str(row["need_id"])],
                need=self.name("need_id", str(row["need_id"])),
                space=self.name("space_id", str(row["space_id"])),
            )
            for row in gains.head(NAMED).to_dict("records")
        ]
        if not cells:
            return self.say("best.nobody")
        return self._listed(cells, len(gains))

    def division(self) -> str:
        """Only where a division is better than the best single pot."""
        split = self.found.split
        if len(split) < 2:
            return ""
        parts = [
            self.say("split.part", amount=euro(row["part_eur"], self.lang), pot=row["pot_id"])
            for row in split.head(NAMED).to_dict("records")
        ]
        return self.say("split.better", parts=self._listed(parts, len(split)))

    def idle(self) -> str:
        idle = self.found.idle
        if idle.empty:
            return self.say("idle.none") if (self.found.pots["amount_eur"] > 0).any() else ""
        rows = idle.drop_duplicates("pot_id").sort_values("unspent_eur", ascending=False, kind="stable")
        told = [
            cause_text(
                str(row["cause"]),
                "idle",
                self.lang,
                pot=self.pot(str(row["pot_id"])),
                amount=euro(row["unspent_eur"], self.lang),
            )
            for row in rows.head(NAMED).to_dict("records")
        ]
        if len(rows) > NAMED:
            told.append(self.say("idle.more", count=len(rows) - NAMED))
        return " ".join(told)

    def dearest_floor(self) -> str:
        floors = self.found.floors
        known = floors.dropna(subset=["point_less_worth_eur"])
        if known.empty or not known["point_less_worth_eur"].max() >= 1:
            return ""
        row = known.iloc[int(known["point_less_worth_eur"].argmax())]
        place = str(row["scope_id"])
        where = called_place(self.case, place, self.lang)
        return self.say(
            "floor.dearest" if "floors" in self.found.settled else "floor.dearest.listed",
            floor=row["floor_id"],
            need=self.name("need_id", str(row["need_id"])),
            place=self.say("floor.town") if place == "*" else where,
            worth=euro(row["point_less_worth_eur"], self.lang),
        )

    def dearest_rule(self) -> str:
        if self.found.rules.empty:
            return ""
        row = self.found.named_rules(self.lang).iloc[0]
        if not row["lifted_worth_eur"] >= 1:
            return ""
        key = "rule.dearest" if "rules" in self.found.settled else "rule.dearest.listed"
        return self.say(key, rule=row["name"], worth=euro(no_more(row["lifted_worth_eur"]), self.lang))

    def along(self) -> list[str]:
        """What falls away with a pot, the largest amounts first."""
        pots = self.found.pots[self.found.pots["along_eur"] >= 1].sort_values("along_eur", ascending=False)
        rows = pots.head(NAMED).to_dict("records")
        return [self.say("along", pot=self.pot(str(r["pot_id"])), amount=euro(r["along_eur"], self.lang)) for r in rows]

    def two_sides(self) -> str:
        pots = self.found.pots.loc[self.found.pots["differ"], "pot_id"].tolist()
        return self.say("two_sides", pots=self._listed(pots)) if pots else ""

    def left_out(self) -> str:
        return self.say("left_out", count=self.found.left_out) if self.found.left_out else ""

    def _listed(self, words: list[str], total: int | None = None) -> str:
        return listed(words[:NAMED], self.lang, len(words) if total is None else total)

    def pot(self, id: str) -> str:
        return self.name("pot_id", id)

    def name(self, key: str, id: str) -> str:
        """Id and name, the English one where there is one and English is spoken."""
        return called(self.case, key, id, self.lang)
