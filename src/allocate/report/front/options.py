"""The options side by side: changing nothing, the proposal, what looks better and why it is not proposed."""

from __future__ import annotations

from allocate.analyses.decision.better import Better
from allocate.report.front.front_page import Option
from allocate.report.front.less import less_money
from allocate.report.front.saying import Saying
from allocate.results.allocation import Allocation
from allocate.results.measures import Measures

# So many scenarios stand beside each other.
MOST = 4


def options(say: Saying) -> tuple[Option, ...]:
    """Changing nothing, the proposal, other scenarios by the same yardstick with those that look better first, the plan
    almost as good that looks better, and the proposal with a tenth less money.
    """
    content, decision = say.content, say.content.decision
    found = {one.id: one for one in decision.better if one.kind == "scenario"} if decision else {}
    others = decision.comparable if decision else tuple(content.plans)
    order = [content.status_quo, content.proposal, *found, *others]
    ids = [id for id in dict.fromkeys(order) if id and content.plans[id].has_plan][:MOST]
    rows = [_scenario(say, id, content.plans[id], found.get(id)) for id in ids]
    if decision is None:
        return tuple(rows)
    rows += [_near(say, one) for one in decision.better if one.kind == "near"]
    return (*rows, *less_money(say))


def measures_of(plan: Allocation) -> Measures:
    """The measures of a plan that exists; raises ``ValueError`` for any other."""
    if plan.measures is None:
        raise ValueError(plan.scenario.scenario_id)
    return plan.measures


def _scenario(say: Saying, id: str, plan: Allocation, better: Better | None) -> Option:
    found = measures_of(plan)
    title = say.title(id)
    if id == say.content.status_quo:
        title = say("option.today")
    elif id == say.content.proposal:
        title = say("option.this")
    return Option(
        id,
        title,
        say.percent(found.weighted_coverage) or "–",
        say.lowest(found.lowest_space_coverage) or "–",
        say.missed(plan),
        say.moved(found.moved_eur),
        proposed=id == say.content.proposal,
        note="" if better is None else _against(say, better),
    )


def _near(say: Saying, one: Better) -> Option:
    """A plan almost as good that keeps the same rules."""
    return Option(
        one.id,
        say("option.near"),
        say.percent(one.weighted_coverage) or "–",
        say.lowest(one.lowest_space_coverage) or "–",
        say.missed(say.content.plan),
        say.moved(one.moved_eur),
        note=_against(say, one),
    )


def _against(say: Saying, one: Better) -> str:
    """What speaks against a plan that looks better; in what it does, where the figures beside it do not show that."""
    if one.kind == "near":
        below = say.change(one.below_best)
        reason = say("against.equal") if below == say.change(0.0) else say("against.worse", below=below)
    elif one.differs:
        reason = say("against.needs", differs=say.listed([_differs(say, one.id, name) for name in one.differs]))
    else:
        reason = say("against.nothing")
    own = measures_of(say.content.plan)
    pairs = ((one.weighted_coverage, own.weighted_coverage), (one.lowest_space_coverage, own.lowest_space_coverage))
    if any(say.percent(value) != say.percent(beside) for value, beside in pairs):
        return reason
    return say("against.unseen", by=say.listed([say(f"better.{name}") for name in one.by]), reason=reason)


def beside(say: Saying) -> tuple[str, ...]:
    """The plans that look better as sentences, with what speaks against each."""
    decision = say.content.decision
    return () if decision is None else tuple(_sentence(say, one) for one in decision.better)


def _sentence(say: Saying, one: Better) -> str:
    by = say.listed([say(f"better.{name}") for name in one.by])
    if one.kind == "scenario":
        differs = say.listed([_differs(say, one.id, name) for name in one.differs])
        key = "beside.scenario" if one.differs else "beside.scenario_same"
        return say(key, title=say.title(one.id), by=by, differs=differs)
    below = say.change(one.below_best)
    return say(
        "beside.near_equal" if below == say.change(0.0) else "beside.near",
        by=by,
        coverage=say.percent(one.weighted_coverage),
        lowest=say.lowest(one.lowest_space_coverage),
        moved=say.euro(one.moved_eur),
        below=below,
    )


def _differs(say: Saying, id: str, name: str) -> str:
    """What another scenario rests on that the proposal does not."""
    if name == "pooling":
        name = f"pooling.{'integrated' if say.content.plans[id].scenario.pooling == 'integrated' else 'other'}"
    return say(f"differs.{name}")
