"""Meant: what numbers are that no reason card explains: sums, other plans, inputs that differ, and every column."""

from __future__ import annotations

from allocate.analyses.comparison.crossed import MEASURES, offers_crossed
from allocate.errors import UsageError
from allocate.plain import records
from allocate.report.columns import column
from allocate.session import Session
from allocate.web.desk import WORKING
from allocate.web.origins import of_input
from allocate.web.pressed import FROM, asked_about
from allocate.web.reply import Reply, sheet
from allocate.web.speech import TEXTS, say
from allocate.web.step_names import column_name, table_name


def meaning(name: str, lang: str) -> str:
    """What the numbers of a column are; blank where nobody has to be told."""
    key = f"measure.{name}"
    return say("measure", lang, name=column(name, lang).label, what=say(key, lang)) if key in TEXTS.sentences else ""


def number(_session: Session, scenario_id: str, about: str, lang: str) -> Reply:
    """What a number belongs to, and the command that gives the same table; ``about`` is ``in=levels``."""
    within = asked_about(about).get("in", "")
    if within not in FROM:
        raise UsageError("question-unknown", question=about, known=", ".join(f"in={name}" for name in FROM))
    command, table = FROM[within]
    told = (say(f"number.{within}", lang), say("number.from", lang, command=command, table=table))
    return Reply({"scenario_id": scenario_id, "command": command, "table": table}, told)


def pair(session: Session, scenario_id: str, about: str, lang: str) -> Reply:
    """The offers behind a value that is crossed by two dimensions; ``about`` is ``space=S01&provider=PR04``."""
    offers = offers_crossed(session, scenario_id, asked_about(about))
    offers = offers[(offers[list(MEASURES)] != 0).any(axis=1)]
    told = say("pair.told", lang) if len(offers) else say("pair.nobody", lang)
    shown = ("offer_id", *MEASURES)
    drawn = sheet(session, "group.offers", offers, shown, lang)
    return Reply({"scenario_id": scenario_id, "offers": records(offers)}, (told,), (drawn,))


def entered(session: Session, scenario_id: str, about: str, lang: str) -> Reply:
    """Where an input stands and what changes it; ``about`` is ``table=pots&key=P1&column=amount``."""
    given = asked_about(about)
    if not {"table", "key", "column"} <= set(given):
        raise UsageError("question-unknown", question=about, known="table=…&key=…&column=…")
    table, name = table_name(given["table"], lang), column_name(given["table"], given["column"], lang)
    told = [say("input.told", lang, table=table, row=given["key"], column=name)]
    scenarios = _forebears(session, scenario_id)
    if scenario_id.startswith(WORKING) and _is_step(session, scenario_id, given):
        told.append(say("input.step", lang))
    cells = of_input(session.case, given, scenarios, lang)
    return Reply({"scenario_id": scenario_id, "input": given}, tuple(told), origins=cells)


def _forebears(session: Session, scenario_id: str) -> list[str]:
    """A scenario, the one it comes from, the one that comes from, and so on."""
    found: list[str] = []
    while scenario_id and scenario_id not in found:
        found.append(scenario_id)
        scenario_id = session.variant(scenario_id).scenario.parent_id
    return found


def _is_step(session: Session, scenario_id: str, given: dict[str, str]) -> bool:
    changes = session.case["changes"]
    own = changes[changes["scenario_id"] == scenario_id]
    return any(own["table"].eq(given["table"]) & own["column"].eq(given["column"]))
