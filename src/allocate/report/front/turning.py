"""What would turn a proposal: sentences of page one."""

from __future__ import annotations

from collections.abc import Callable

from allocate.analyses.decision.turns import ENDING, KEEPING, MISSING, TURNING, Assumption
from allocate.analyses.robustness.robust_words import parts_of
from allocate.language import Words
from allocate.report.front.saying import Saying

# So many sentences have room.
MOST = 4


def turning(say: Saying) -> tuple[str, ...]:
    """What fails first, then the assumptions with their thresholds."""
    decision, content = say.content.decision, say.content
    if decision is None:
        return ()
    told = tuple(one for one in decision.turning if not (one.figure == "price" and content.audience.is_public))
    found = [_SAID[one.kind](say, one) for one in told if one.kind not in _passed_over(told)]
    if decision.released.staying_eur >= 1:
        released = decision.released
        found.append(say("turn.staying", less=say.euro(released.staying_eur)))
    if not found:
        found = [say("turn.untested" if content.robustness is None else "turn.nothing")]
    return tuple(found)


def _passed_over(found: tuple[Assumption, ...]) -> set[str]:
    """Of what would keep an offer and what would turn one, the change that is further away."""
    far = {one.kind: abs(one.change) for one in found if one.kind in (KEEPING, TURNING)}
    return {max(far, key=lambda kind: far[kind])} if len(far) > 1 else set()


def _missing(say: Saying, one: Assumption) -> str:
    return say("turn.missing", count=say.number(one.count), runs=say.number(one.runs))


def _ending(say: Saying, one: Assumption) -> str:
    names = say.listed([say.name("pot_id", id) for id in one.ids])
    return say("turn.ending", year=one.year, pots=len(one.ids), names=names, eur=say.euro(one.eur), count=one.count)


def _keeping(say: Saying, one: Assumption) -> str:
    values: Words = {
        "value": say.price(one.value),
        "today": say.price(one.today),
        "change": say.threshold(one.change),
        "direction": say("direction.higher" if one.change > 0 else "direction.lower"),
        "need": say.name("need_id", one.ids[0]) if one.ids else "",
    }
    if one.figure == "weight":
        values["direction"] = say("direction.more" if one.change > 0 else "direction.less")
    return say(f"turn.keeping.{one.figure}", offer=say.name("offer_id", one.offer_id), **values)


def _turns(say: Saying, one: Assumption) -> str:
    figure = _figure(say, one)
    if not one.offer_id:
        return say("turn.turning_none", figure=figure)
    then, otherwise = (say(f"turned.{word}") for word in (one.direction, one.otherwise))
    return say("turn.turning", figure=figure, offer=say.name("offer_id", one.offer_id), then=then, otherwise=otherwise)


def _figure(say: Saying, one: Assumption) -> str:
    """A change of a figure of the inputs, with the names of its place."""
    place = ", ".join(say.name(column, id) for column, id in parts_of(one.figure, "|".join(one.ids)))
    direction = "higher" if one.change > 0 else "lower"
    return say(f"figure.{one.figure}.{direction}", change=say.threshold(one.change), place=place)


_SAID: dict[str, Callable[[Saying, Assumption], str]] = {
    MISSING: _missing, ENDING: _ending, KEEPING: _keeping, TURNING: _turns,
}  # fmt: skip


def reconciling(say: Saying) -> tuple[str, ...]:
    """The first repairs of rules that clash."""
    conflict = say.content.conflict
    if conflict is None:
        return ()
    repairs = conflict.short_repairs(say.lang)
    return tuple(str(one) for one in repairs["repair"].head(MOST - 1).tolist())
