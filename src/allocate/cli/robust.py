"""``allocate robust``: whether a proposal holds under other weights, needs and costs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from allocate.cli.guard import LIMIT, OK, tell
from allocate.cli.numbers import Number, Whole
from allocate.cli.opening import scenario_command
from allocate.cli.options import Request, option
from allocate.cli.output import Display, named_display, respond
from allocate.cli.progress import progress
from allocate.cli.speech import say
from allocate.language import number

if TYPE_CHECKING:
    import pandas as pd

    from allocate.analyses.robustness.robust import Robustness
    from allocate.inputs.case import Case
    from allocate.questions.session import Session

_TEXTS = "robust.csv"
_LEVELS = ("promised", "mean", "p05", "p25", "p50", "p75", "p95")


@scenario_command("robust")
@option("--runs", type=Whole(min=0), default=100, show_default=True)
@option("--seed", type=Whole(), default=1, show_default=True)
@option("--spread", type=Number(0, 1, max_open=True), default=0.3, show_default=True)
@option("--demand-spread", type=Number(min=0), default=0.2, show_default=True)
@option("--cost-spread", type=Number(min=0), default=0.05, show_default=True)
@option("--inputs", type=Whole(min=0), default=200, show_default=True)
@option("--turning", type=Whole(min=0), default=10, show_default=True)
def robust(request: Request, session: Session, scenario: str, **asked: Any) -> int:
    """How sure the proposal is."""
    from allocate.analyses.robustness.robust import Settings, steps

    planned = Settings(**{name: asked[name] for name in ("runs", "spread", "inputs", "turning")})
    with progress(request, say("robust.progress", _TEXTS), steps(session, scenario, planned)) as step:
        found = session.robust(scenario, progress=step, **asked)
    respond(request, session, found, _displays(request, session.case, found, found.sentences(request.lang)))
    if not found.complete:
        tell(say("robust.interrupted", _TEXTS, scenario=scenario))
    return OK if found.complete else LIMIT


def _displays(request: Request, case: Case, found: Robustness, told: list[str]) -> list[Display]:
    displays = []
    for name, (tidy, drawn) in _frames(request, found).items():
        title = say(f"robust.{name}", _TEXTS, scenario=found.scenario_id)
        notes = told if name == "overview" else ()
        displays.append(named_display(request, case, name, title, drawn, notes, tidy))
    return [display for display in displays if request.table or len(display.frame) or display.notes]


def _frames(request: Request, found: Robustness) -> dict[str, tuple[pd.DataFrame, pd.DataFrame]]:
    """Each table as it is (for CSV) and as it is drawn."""
    import pandas as pd

    frames = {
        "overview": (found.ranges, _with_plan_kind(found.ranges).rename(columns={"cause": "what_differs"})),
        "offers": (found.offers, found.offers),
        "weights": (
            found.weights,
            _named_sets(found.weights).rename(columns={"kind": "what_differs"}),
        ),
    }
    if found.regret is not None:
        sets, plans = found.regret.sets, found.regret.plans
        labels = {name: _plan_label(name) for name in plans["plan_id"]}
        compromise = found.regret.compromise.offers
        frames |= {
            "regret": (sets, _named_sets(sets)),
            "plans": (plans, _named_sets(plans).assign(plan_name=plans["plan_id"].map(labels))),
            "compromise": (compromise, compromise),
        }
    if found.hedged is not None:
        frames["hedged"] = (found.hedged.offers, found.hedged.offers)
    drawn = _written(_with_plan_kind(found.quantiles), request.lang)
    frames |= {"quantiles": (found.quantiles, drawn), "draws": (found.draws, found.draws)}
    table = pd.DataFrame() if found.turning is None else found.turning.table
    if len(table):
        frames["turning"] = (table, _turning(found.proposal.variant.case, table, request.lang))
    return frames


def _with_plan_kind(table: pd.DataFrame) -> pd.DataFrame:
    """The column ``plan`` under a name whose words are those of plans; ``kept`` alone means an offer kept as today."""
    return table.assign(plan_kind=table["plan"].replace({"kept": "plan_kept"}))


def _turning(case: Case, table: pd.DataFrame, lang: str) -> pd.DataFrame:
    """Turning points with names beside ids, and changes and values as text, each with as many digits as it needs."""
    from allocate.analyses.robustness.robust_words import change_in_words, place_of

    def figure(value: float) -> str:
        digits = 0 if abs(value) >= 10_000 else 1 if abs(value) >= 100 else 3
        return number(value, lang, digits)

    return table.assign(
        figure_kind=table["kind"],
        key=[place_of(case, row, lang) or row["key"] for _, row in table.iterrows()],
        change_text=[change_in_words(one, lang) for one in table["change"]],
        value_today=[figure(one) for one in table["today"]],
        value_then=[figure(one) for one in table["value"]],
    )


def _named_sets(table: pd.DataFrame) -> pd.DataFrame:
    """The needs' own weights under a name that readers know."""
    return table.assign(weight_set=table["weight_set"].replace({"needs.weight": say("robust.own_weights", _TEXTS)}))


def _plan_label(plan_id: str) -> str:
    kind, _, name = plan_id.partition(":")
    if kind != "set":
        return say(f"plan.{kind}", _TEXTS)
    own = say("robust.own_weights", _TEXTS)
    return say("plan.set", _TEXTS, weight_set=own if name == "needs.weight" else name)


def _written(table: pd.DataFrame, lang: str) -> pd.DataFrame:
    """Quantiles as text, each figure in its own unit."""
    from allocate.results.columns import unit_of
    from allocate.units import UNITS

    # Quantiles of a number of floors lie between whole numbers.
    units = [UNITS["units"] if figure == "floors_missed" else unit_of(figure) for figure in table["figure"]]
    written = {
        name: [unit.written(value, lang) or "–" for unit, value in zip(units, table[name].tolist(), strict=True)]
        for name in _LEVELS
    }
    return table.assign(**written).rename(columns={"promised": "promised_text"})
