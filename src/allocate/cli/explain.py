"""``allocate explain``: the reasons for a proposal, for one offer, pot, space or floor, or for all offers at once."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from allocate.cli.guard import LIMIT, OK, tell
from allocate.cli.opening import open_session
from allocate.cli.options import Request, case_argument, command, option, scenario_option
from allocate.cli.output import Display, respond
from allocate.cli.progress import progress
from allocate.cli.speech import say

if TYPE_CHECKING:
    import pandas as pd

    from allocate.analyses.reasons.explain import Explanation
    from allocate.session import Session

_TEXTS = "explain.csv"
_ALL_COLUMNS = (
    "offer_id", "offer_name", "direction", "change_eur", "keeping_loss", "keeping_tag", "closing_loss", "closing_tag",
)  # fmt: skip


@command("explain")
@case_argument
@scenario_option
@option("--offer", metavar="ID", default="")
@option("--pot", metavar="ID", default="")
@option("--space", metavar="ID", default="")
@option("--floor", metavar="ID", default="")
@option("--all", is_flag=True)
@option("--brief", is_flag=True)
def explain(request: Request, case: Path, scenario: str, **asked: Any) -> int:
    """Reason cards of a proposal."""
    from allocate.questions.reasons import steps_of

    session = open_session(case)
    label = "progress" if asked["all"] else "progress_one"
    total = steps_of(session, everything=asked["all"], brief=asked["brief"])
    with progress(request, say(f"explain.{label}", _TEXTS), total) as step:
        found = session.explain(scenario, progress=step, **asked)
    return _all(request, session, found) if asked["all"] else _one(request, session, found)


def _one(request: Request, session: Session, found: Explanation) -> int:
    from allocate.analyses.reasons.card_words import TEXTS

    ids = dict.fromkeys(card.key[0] if card.kind == "floor" else " ".join(card.key) for card in found.cards)
    title = say("explain.title", _TEXTS, scenario=found.scenario_id, id=", ".join(ids))
    sentences = found.sentences(request.lang)
    notes = [TEXTS.say("points.scale", request.lang)]
    respond(request, session, found, [Display("cards", title, sentences, ("sentence",), notes)])
    return 0


def _all(request: Request, session: Session, found: Explanation) -> int:
    from allocate.analyses.reasons.card_words import TEXTS

    table = _overview(found)
    title = say("explain.all", _TEXTS, scenario=found.scenario_id)
    notes = [TEXTS.say("points.scale", request.lang)]
    tidy = found.sentences(request.lang) if request.format == "csv" else None
    display = Display("cards", title, table, _ALL_COLUMNS, notes, tidy)
    respond(request, session, found, [display])
    if not found.complete:
        known, total = len(found.cards), len(session.case["offers"])
        tell(say("explain.interrupted", _TEXTS, scenario=found.scenario_id, known=known, total=total))
    return OK if found.complete else LIMIT


def _overview(found: Explanation) -> pd.DataFrame:
    """One line per offer: direction, and what keeping and closing would cost, in points and against its money."""
    import pandas as pd

    from allocate.analyses.reasons.cards import OfferCard

    rows = []
    for card in found.cards:
        if not isinstance(card, OfferCard):
            continue
        held, closed = card.held, card.closed
        keeping = held if held is not None and held.question in ("kept", "started") else None
        rows.append(
            {
                "offer_id": card.offer_id,
                "offer_name": card.name,
                "direction": card.direction,
                "change_eur": card.cost_eur - card.today_eur,
                "keeping_loss": keeping.loss * 100 if keeping else 0.0,
                "keeping_tag": keeping.price_tag if keeping else float("nan"),
                "closing_loss": closed.loss * 100 if closed else float("nan"),
                "closing_tag": closed.price_tag if closed else float("nan"),
            }
        )
    return pd.DataFrame(rows, columns=list(_ALL_COLUMNS))
