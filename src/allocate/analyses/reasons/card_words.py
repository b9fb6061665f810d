"""Reason cards in sentences: the same facts, in German or English, in the words of planning."""

from __future__ import annotations

import math
from collections.abc import Sequence

import pandas as pd

from allocate.analyses.reasons.binding import NO_RULE, Binding
from allocate.analyses.reasons.breakeven import Tipping
from allocate.analyses.reasons.cards import OfferCard
from allocate.analyses.reasons.consequence import TRACE, Consequence
from allocate.analyses.reasons.elsewhere import OMITTED
from allocate.bench.resolve import NOTHING
from allocate.inputs.names import TABLES, need_units
from allocate.inputs.speaker import Speaker, listed
from allocate.language import Texts, Words, as_it_is, euro, number, percent
from allocate.model.rules.register import equation_of, rule_of_rows
from allocate.model.rules.rule import POSTS
from allocate.solve.solution import Status
from allocate.town.facts import FloorFacts

TEXTS = Texts("allocate.analyses.reasons")
# How many places, offers and rules a sentence names before it says "and n more".
NAMED = 4
MOST_RULES = 6
_KEYS = {table: key for key, table in TABLES.items()}
_INNER = str.maketrans("„“”", "‚‘‘")


class Teller(Speaker):
    """Says the cards of one case in one language."""

    texts = TEXTS

    def offer(self, card: OfferCard) -> list[str]:
        """The card of an offer as sentences, the most important first."""
        sentences = [self.head(card)]
        sentences += [self.consequence(card, one) for one in (card.held, card.closed) if one is not None]
        sentences += self.instead(card)
        sentences += [self.rule(one) for one in card.binding[:MOST_RULES]]
        held = "" if card.held is None or card.held.costs_nothing else card.held.question
        sentences += [self.tipping(one, held) for one in card.tippings]
        return [*sentences, *self._elsewhere(card.elsewhere)]

    def head(self, card: OfferCard) -> str:
        """What the proposal does with the offer."""
        key = card.direction
        if card.cost_eur <= 0 and card.today_eur <= 0:
            key = "idle"
        elif key == "lowered" and card.cost_eur <= 0:
            key = "closed"
        elif key == "raised" and card.today_eur <= 0:
            key = "new"
        return self.say(
            f"head.{key}",
            offer=self.name("offers", card.offer_id),
            today=euro(card.today_eur, self.lang),
            cost=euro(card.cost_eur, self.lang),
            today_capacity=number(card.today_capacity, self.lang, 0),
            capacity=number(card.capacity, self.lang, 0),
        )

    def consequence(self, card: OfferCard, found: Consequence) -> str:
        """What would follow if the offer were held or closed."""
        offer = self.name("offers", card.offer_id)
        if math.isnan(found.loss):
            return self.say(f"{found.question}.unknown", offer=offer)
        level = number(found.level, self.lang, 0)
        if not found.possible:
            text = self.say(f"{found.question}.impossible", offer=offer, level=level)
            if found.question != "closed" or not card.least_needed > TRACE:
                return text
            return text + self.say("closed.least", least=number(math.ceil(card.least_needed - TRACE), self.lang))
        if found.loss < -NOTHING - found.loss_gap:
            return self.say(f"{found.question}.gain", offer=offer, level=level, points=self.points(-found.loss))
        if found.costs_nothing:
            return self.say(f"{found.question}.zero", offer=offer) + self.sureness(found)
        return self.say(
            f"{found.question}.loss",
            offer=offer,
            level=level,
            points=self.points(found.loss),
            lost=number(found.lost_units, self.lang, 0),
            gained=number(found.gained_units, self.lang, 0),
            unit=self.unit(found.cells),
        ) + self.details(found)

    def details(self, found: Consequence) -> str:
        """Where a loss falls, what its money is worth, and how sure the figure is."""
        text = ""
        change = found.cells["lost_units"].astype(float) * (1.0 if found.loss >= 0 else -1.0)
        worst = found.cells[change >= 0.5].assign(change=change)
        worst = worst.sort_values("change", ascending=False, kind="stable")
        if len(worst):
            cells = [
                self.say(
                    "words.cell",
                    need=self.name("needs", str(row.need_id)),
                    space=self.name("spaces", str(row.space_id)),
                    units=number(float(str(row.change)), self.lang, 0),
                )
                for row in worst.head(NAMED).itertuples()
            ]
            text += self.say("loss.where" if found.loss >= 0 else "loss.gained", cells=self.listed(cells, len(worst)))
        worse = {name: -found.measures.get(name, 0.0) for name in ("duplication_eur", "moved_eur")}
        text += "".join(
            self.say(f"loss.{name}", money=euro(amount, self.lang)) for name, amount in worse.items() if amount >= 1
        )
        if not math.isnan(found.price_tag):
            key = "tag.closed" if found.question == "closed" else "tag.held"
            money = euro(found.own_money_eur, self.lang)
            text += self.say(key, share=percent(found.price_tag, self.lang, 0), money=money)
        if not found.canonical and len(worst):
            text += self.say("loss.near")
        return text + self.sureness(found)

    def sureness(self, found: Consequence) -> str:
        """How far an indivisible scenario's difference may be off; blank where it is exact, also that of nothing."""
        return self.say("loss.gap", gap=self.points(found.loss_gap)) if found.loss_gap > NOTHING else ""

    def instead(self, card: OfferCard) -> list[str]:
        """Who would get less (or more) than in the proposal if the offer were held; no flow of money is claimed."""
        if card.held is None or card.held.costs_nothing or card.instead.empty:
            return []
        total = card.recipients
        if total.empty:
            return []
        who = [
            self.say("words.paid", offer=self.name("offers", str(id)), money=euro(float(eur), self.lang))
            for id, eur in total.head(NAMED).items()
        ]
        return [self.say(f"instead.{card.held.question}", who=self.listed(who, len(total)))]

    def rule(self, one: Binding) -> str:
        """One tight rule, and what a step of room would bring."""
        values: Words = {"limit": number(one.limit, self.lang, 0), "limit_eur": euro(one.limit, self.lang)}
        if one.rule in NO_RULE:
            return self.say(f"bind.{one.rule}", **values, offer=self.name("offers", one.key[0]))
        rule, equation = rule_of_rows(one.rule), equation_of(one.rule)
        if rule.unit == POSTS:
            values["limit"] = as_it_is(one.limit, self.lang, 2)
        for part, id in zip(equation.keys if equation else rule.keys, one.key, strict=False):
            values |= self._called(part, id)
        text = rule.say(f"tight.{one.rule}", self.lang, **values)
        if math.isnan(one.gain):
            return text
        if not one.matters:
            return text + self.say("gain.none")
        step = euro(abs(one.step), self.lang)
        return text + self.say(f"gain.{rule.unit}", step=step, points=self.points(one.gain))

    def _called(self, part: str, id: str) -> dict[str, str]:
        """What a part of a rule's key is called in a sentence."""
        if part == "place":
            return {part: self.place(id)}
        if part == "floor":
            return {part: id, "need": self.floor_need(id)}
        table = TABLES.get(f"{part}_id", "")
        return {part: self.name(table, id) if self.knows(f"name.{table.removesuffix('s')}") else id}

    def tipping(self, one: Tipping, question: str) -> str:
        """What would have to change: ``question`` is that of the card's held level, blank where it costs nothing."""
        answered = one.answer in ("value", "no_plan")
        sided = one.parameter != "pot" and (answered or one.answer == "not_found")
        key = f"tip.{one.parameter}.{self._side(one, question) if sided else one.answer}"
        values = {name: self._figure(one, getattr(one, name)) for name in ("value", "beyond", "today")}
        text = self.say(
            key,
            **values,
            places=self.say("words.places", count=number(one.level, self.lang, 0)),
            pot=self.name("pots", one.key) if one.parameter == "pot" else "",
            need=self.name("needs", one.key) if one.parameter in ("demand", "weight") else "",
        )
        if sided and one.answer == "no_plan":
            text += self.say("tip.no_plan", beyond=values["beyond"])
        elif sided and one.answer == "value" and not key.endswith(".at_once"):
            text += self.say("tip.beyond", beyond=values["beyond"])
        return text + (self.say("tip.unverified") if one.answer == "value" and not one.verified else "")

    def _side(self, one: Tipping, question: str) -> str:
        """Which sentence: the proposal would reach a level, keeps it, loses it at once; or nothing changes at all."""
        side = "rising" if question in ("kept", "started") else "falling"
        if one.answer == "not_found":
            return f"{side}.{'nothing' if side == 'falling' and one.value == 0 else 'not_found'}"
        return "at_once" if side == "falling" and one.value == one.today and one.answer == "value" else side

    def _figure(self, one: Tipping, value: float) -> str:
        """A price in cents, a pot in euros, a factor with three decimals."""
        if one.parameter == "pot":
            return euro(value, self.lang, 0)
        if one.parameter.startswith("price"):
            return euro(value, self.lang, 2)
        return as_it_is(value, self.lang, 3)

    def _elsewhere(self, table: pd.DataFrame) -> list[str]:
        sentences = []
        for kind in ("scenario", "near"):
            own = table[table["kind"] == kind]
            # Another scenario's plan is one of many that may still be better, where a limit stopped the search for it.
            counted = (own["status"] != Status.LIMIT) | (kind == "near")
            words = own.loc[counted & (own["direction"] != ""), "direction"]
            counts = {word: int((words == word).sum()) for word in ("raised", "lowered", "kept")}
            how = "always" if max(counts.values()) == len(words) else "at_times"
            found = [self.say(f"elsewhere.{how}.{word}", count=count) for word, count in counts.items() if count]
            if found:
                sentences.append(self.say(f"elsewhere.{kind}", plans=len(words), found=", ".join(found)))
        for status, key in ((str(Status.LIMIT), "unproven"), (OMITTED, "omitted")):
            ids = table.loc[(table["kind"] == "scenario") & (table["status"] == status), "plan_id"].tolist()
            if ids:
                sentences.append(self.say(f"elsewhere.{key}", count=len(ids), names=self.listed(ids)))
        return sentences

    def points(self, value: float) -> str:
        """Objective points as hundredths, with two figures that count: more would be false precision in a sentence."""
        hundredths = value * 100
        digits = 1 if hundredths == 0 else min(8, max(1, 1 - math.floor(math.log10(abs(hundredths)))))
        return self.say("words.points", value=number(hundredths, self.lang, digits))

    def unit(self, cells: pd.DataFrame) -> str:
        """The unit of the needs concerned, where they share one; else "need units"."""
        known = need_units(self.case, self.lang)
        units = {known[str(id)] for id in cells["need_id"]}
        return units.pop() if len(units) == 1 else self.say("word.units")

    def listed(self, parts: Sequence[str], total: int | None = None) -> str:
        """``a; b; c and n more``."""
        return listed(parts, self.lang, total, sign="; ")

    def name(self, table: str, id: str) -> str:
        """A thing by its name and id."""
        kind = table.removesuffix("s")
        name = self.names(_KEYS[table]).get(id, id)
        # The sentence quotes the name, so quotes inside it are single ones.
        return self.say(f"name.{kind}", name=name.translate(_INNER) if self.lang == "de" else name, id=id)

    def place(self, scope_id: str) -> str:
        """The place of a floor."""
        if scope_id == "*":
            return self.say("word.whole_town")
        if scope_id in self.names("space_id"):
            return self.name("spaces", scope_id)
        region = self.regions.get(scope_id, "")
        return self.say("name.space", name=region, id=scope_id) if region else scope_id

    def floor_need(self, floor_id: str) -> str:
        """The need of a floor."""
        floors = FloorFacts(self.case)
        return self.name("needs", floors.by_id(floors.need_id)[floor_id])
