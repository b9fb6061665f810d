"""``allocate alternatives``: different plans almost as good as the best, and the price tag of every offer."""

from __future__ import annotations

from typing import TYPE_CHECKING

from allocate.cli.guard import LIMIT, OK, tell
from allocate.cli.numbers import Number, Whole
from allocate.cli.opening import scenario_command
from allocate.cli.options import Request, option
from allocate.cli.output import named_display, respond
from allocate.cli.progress import progress
from allocate.cli.speech import say

if TYPE_CHECKING:
    import pandas as pd

    from allocate.questions.session import Session
    from allocate.results.allocation import Allocation

_TEXTS = "alternatives.csv"


@scenario_command("alternatives")
@option("--within", type=Number(0, 1), default=0.01, show_default=True)
@option("--count", type=Whole(0, 20), default=4, show_default=True)
@option("--seed", type=Whole(), default=1, show_default=True)
@option("--prices", is_flag=True)
@option("--must", type=Number(min=0), default=0.5, show_default=True)
@option("--may", type=Number(min=0), default=0.1, show_default=True)
def alternatives(
    request: Request, session: Session, scenario: str, within: float, count: int, seed: int, prices: bool, must: float,
    may: float,
) -> int:  # fmt: skip
    """Other plans almost as good, or price tags."""
    if prices or request.table in ("prices", "places"):
        return _prices(request, session, scenario, must, may)
    return _plans(request, session, scenario, within, count, seed)


def _plans(request: Request, session: Session, scenario: str, within: float, count: int, seed: int) -> int:
    from allocate.analyses.alternatives.other_plans import DIRECTIONS, NAMED, PUSHES

    steps = len(NAMED) + DIRECTIONS + PUSHES + count
    with progress(request, say("alternatives.progress", _TEXTS), steps) as step:
        found = session.alternatives(scenario, within=within, count=count, seed=seed, progress=step)
    overview, distances = found.overview, found.distances
    labels = {name: _label(name) for name in overview["plan_id"]}
    frames = {
        "overview": (overview.assign(plan_name=overview["plan_id"].map(labels)), overview),
        "distances": (distances.replace({"plan_a": labels, "plan_b": labels}), distances),
        "agreement": (found.agreement, found.agreement),
    }
    if request.table == "offers":
        whole = _all_offers(found.plans)
        frames["offers"] = (whole, whole)
    displays = []
    for name, (drawn, tidy) in frames.items():
        title = say(f"alternatives.{name}", _TEXTS, scenario=scenario, within=f"{within * 100:g}")
        notes = found.sentences(request.lang) if name == "overview" else ()
        displays.append(named_display(request, found.case, name, title, drawn, notes, tidy))
    respond(request, session, found, displays)
    return OK


def _label(plan_id: str) -> str:
    kind, _, number = plan_id.partition("different_")
    return say("plan.different", _TEXTS, number=number) if number else say(f"plan.{kind}", _TEXTS)


def _all_offers(plans: dict[str, Allocation]) -> pd.DataFrame:
    """EUR per offer and plan, one row per pair."""
    import pandas as pd

    parts = [plan.offers.assign(plan_id=name) for name, plan in plans.items()]
    table = pd.concat(parts, ignore_index=True)
    return table[["plan_id", *(column for column in table.columns if column != "plan_id")]]


def _prices(request: Request, session: Session, scenario: str, must: float, may: float) -> int:
    total = len(session.case["offers"])
    with progress(request, say("alternatives.progress_offers", _TEXTS), total) as step:
        found = session.alternatives(scenario, prices=True, must=must, may=may, progress=step)
    points = ["closing_loss", "keeping_loss"]
    counts = {name: int((found.offers["class"] == name).sum()) for name in ("must", "weigh", "may", "idle")}
    notes = [
        say("alternatives.classes", _TEXTS, must_tag=f"{must * 100:g}", may_tag=f"{may * 100:g}", **counts),
        *found.notes(request.lang),
    ]
    frames = {
        "prices": (found.offers.assign(**{name: found.offers[name] * 100 for name in points}), found.offers, notes),
        "places": (found.cells.rename(columns={"question": "asked"}), found.cells, ()),
    }
    displays = []
    for name, (drawn, tidy, remarks) in frames.items():
        title = say(f"alternatives.{name}", _TEXTS, scenario=scenario)
        displays.append(named_display(request, session.case, name, title, drawn, remarks, tidy))
    respond(request, session, found, displays)
    if not found.complete:
        tell(say("alternatives.interrupted", _TEXTS, scenario=scenario, known=len(found.offers), total=total))
    return OK if found.complete else LIMIT
