"""``allocate alternatives``: different plans almost as good as the best, and the price tag of every offer."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from allocate.cli.numbers import Number, Whole
from allocate.cli.options import Request, case_argument, command, option, scenario_option, table_option
from allocate.cli.speech import say

if TYPE_CHECKING:
    import pandas as pd

    from allocate.cli.output import Display
    from allocate.inputs.case import Case
    from allocate.questions.session import Session
    from allocate.results.allocation import Allocation

_TEXTS = "alternatives.csv"
TABLES = ("overview", "distances", "agreement", "offers", "prices", "places")
_SHOWN = {
    "overview": (
        "plan_name", "below_best", "to_proposal_eur", "to_proposal_share", "to_today_eur", "raised", "lowered",
        "parallel_structures", "weighted_coverage", "lowest_space_coverage", "duplication_eur", "moved_eur",
        "spent_eur", "plan_id", "objective",
    ),
    "distances": ("plan_a", "plan_b", "euros"),
    "agreement": ("offer_id", "direction", "how_often", "raised", "lowered", "kept", "plans"),
    "prices": (
        "offer_id", "class", "direction", "cost_eur", "closing_loss", "closing_tag", "closing_lost_units",
        "keeping_loss", "keeping_tag", "keeping_lost_units",
    ),
    "places": ("offer_id", "asked", "space_id", "need_id", "lost_units"),
}  # fmt: skip


@command("alternatives")
@case_argument
@scenario_option
@option("--within", type=Number(0, 1), default=0.01, show_default=True)
@option("--count", type=Whole(0, 20), default=4, show_default=True)
@option("--seed", type=Whole(), default=1, show_default=True)
@option("--prices", is_flag=True)
@option("--must", type=Number(min=0), default=0.5, show_default=True)
@option("--may", type=Number(min=0), default=0.1, show_default=True)
@table_option(*TABLES)
def alternatives(
    request: Request, case: Path, scenario: str, within: float, count: int, seed: int, prices: bool, must: float,
    may: float,
) -> int:  # fmt: skip
    """Other plans almost as good, or price tags."""
    from allocate.cli.answers import open_session

    session = open_session(case)
    if prices or request.table in ("prices", "places"):
        return _prices(request, session, scenario, must, may)
    return _plans(request, session, scenario, within, count, seed)


def _plans(request: Request, session: Session, scenario: str, within: float, count: int, seed: int) -> int:
    from allocate.analyses.alternatives.alternatives import DIRECTIONS, NAMED, PUSHES
    from allocate.cli.output import Display, emit
    from allocate.cli.progress import progress
    from allocate.inputs.names import named
    from allocate.questions.document import document

    steps = len(NAMED) + DIRECTIONS + PUSHES + count
    with progress(request, say("alternatives.progress", _TEXTS), steps) as step:
        found = session.alternatives(scenario, within=within, count=count, seed=seed, progress=step)
    labels = {name: _label(name) for name in found.overview["plan_id"]}
    distances = found.distances.replace({"plan_a": labels, "plan_b": labels})
    frames = {
        "overview": found.overview.assign(plan_name=found.overview["plan_id"].map(labels)),
        "distances": distances,
        "agreement": found.agreement,
    }
    tidy = {"overview": found.overview, "distances": found.distances, "agreement": found.agreement}
    displays = []
    for name, frame in frames.items():
        shown, columns = named(found.case, frame, _SHOWN[name], request.lang)
        title = say(f"alternatives.{name}", _TEXTS, scenario=scenario, within=f"{within * 100:g}")
        notes = found.sentences(request.lang) if name == "overview" else ()
        displays.append(Display(name, title, shown, columns, notes, tidy[name]))
    if request.table == "offers":
        displays.append(_offers(request, scenario, found.case, _all_offers(found.plans)))
    emit(request, document(session, found, request.lang), displays)
    return 0


def _label(plan_id: str) -> str:
    kind, _, number = plan_id.partition("different_")
    return say("plan.different", _TEXTS, number=number) if number else say(f"plan.{kind}", _TEXTS)


def _all_offers(plans: dict[str, Allocation]) -> pd.DataFrame:
    """EUR per offer and plan, one row per pair."""
    import pandas as pd

    parts = [plan.offers.assign(plan_id=name) for name, plan in plans.items()]
    table = pd.concat(parts, ignore_index=True)
    return table[["plan_id", *(column for column in table.columns if column != "plan_id")]]


def _offers(request: Request, scenario: str, case: Case, table: pd.DataFrame) -> Display:
    from allocate.cli.output import Display
    from allocate.inputs.names import named

    wanted = ("plan_id", "offer_id", "capacity", "cost_eur", "change_eur", "baseline_cost_eur")
    frame, columns = named(case, table, wanted, request.lang)
    return Display("offers", say("alternatives.offers", _TEXTS, scenario=scenario), frame, columns, tidy=table)


def _prices(request: Request, session: Session, scenario: str, must: float, may: float) -> int:
    from allocate.cli.guard import LIMIT, OK, tell
    from allocate.cli.output import Display, emit
    from allocate.cli.progress import progress
    from allocate.inputs.names import named
    from allocate.questions.document import document

    total = len(session.case["offers"])
    with progress(request, say("alternatives.progress_offers", _TEXTS), total) as step:
        found = session.alternatives(scenario, prices=True, must=must, may=may, progress=step)
    points = ["closing_loss", "keeping_loss"]
    shown = found.offers.assign(**{name: found.offers[name] * 100 for name in points})
    frame, columns = named(session.case, shown, _SHOWN["prices"], request.lang)
    counts = {name: int((found.offers["class"] == name).sum()) for name in ("must", "weigh", "may", "idle")}
    notes = [
        say("alternatives.classes", _TEXTS, must_tag=f"{must * 100:g}", may_tag=f"{may * 100:g}", **counts),
        *found.notes(request.lang),
    ]
    places, place_columns = named(
        session.case, found.cells.rename(columns={"question": "asked"}), _SHOWN["places"], request.lang
    )
    displays = [
        Display("prices", say("alternatives.prices", _TEXTS, scenario=scenario), frame, columns, notes, found.offers),
        Display(
            "places", say("alternatives.places", _TEXTS, scenario=scenario), places, place_columns, tidy=found.cells
        ),
    ]
    if not request.table:
        displays = displays[:1]
    emit(request, document(session, found, request.lang), displays)
    if not found.complete:
        tell(say("alternatives.interrupted", _TEXTS, scenario=scenario, known=len(found.offers), total=total))
    return OK if found.complete else LIMIT
