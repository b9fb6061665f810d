"""What would turn a proposal, and what is to be said of plans that look better: sentences of page one."""

from __future__ import annotations

from collections.abc import Callable

from allocate.analyses.decision.better import Better
from allocate.analyses.decision.turns import ENDING, KEEPING, MISSING, TURNING, Assumption
from allocate.analyses.robustness.robust_words import parts_of
from allocate.language import Texts
from allocate.report.front.saying import Saying

ROBUSTNESS = Texts("allocate.analyses.robustness")
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
        values = {"variable": say.euro(released.variable_eur), "average": say.euro(released.average_eur)}
        found.append(say("turn.staying", **values))
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
    values: dict[str, object] = {
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
    values = {
        "change": say.threshold(one.change),
        "direction": say("direction.higher" if one.change > 0 else "direction.lower"),
        "figure": _figure(say, one),
    }
    if not one.offer_id:
        return say("turn.turning_none", **values)
    then, otherwise = (say(f"turned.{word}") for word in (one.direction, one.otherwise))
    return say("turn.turning", offer=say.name("offer_id", one.offer_id), then=then, otherwise=otherwise, **values)


def _figure(say: Saying, one: Assumption) -> str:
    """A figure of the inputs by its kind and the names of its place."""
    place = ", ".join(say.name(column, id) for column, id in parts_of(one.figure, "|".join(one.ids)))
    kind = ROBUSTNESS.say(f"kind.{one.figure}", say.lang)
    return say("figure.of", kind=kind, place=place) if place else kind


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


def beside(say: Saying) -> tuple[str, ...]:
    """Plans that look better, and what speaks against each."""
    decision = say.content.decision
    return () if decision is None else tuple(_beside(say, one) for one in decision.better)


def _beside(say: Saying, one: Better) -> str:
    values = {"by": say.listed([say(f"better.{name}") for name in one.by])}
    if one.kind == "near":
        below, own = say.change(one.below_best), say.content.plan.measures
        values |= {
            "lowest": say.percent(one.lowest_space_coverage),
            "coverage": say.percent(one.weighted_coverage),
            "moved": say.euro(one.moved_eur),
            "below": below,
        }
        if below == say.change(0.0):
            return say("beside.near_equal", **values)
        shown = [] if own is None else [say.percent(own.weighted_coverage), say.percent(own.lowest_space_coverage)]
        # Where both shares are written as those of the proposal, it must be said in what the plan looks better.
        return say("beside.near_other" if shown == [values["coverage"], values["lowest"]] else "beside.near", **values)
    values["title"] = say.title(one.id)
    if not one.differs:
        return say("beside.scenario_same", **values)
    return say("beside.scenario", **values, differs=say.listed([say(f"differs.{name}") for name in one.differs]))
