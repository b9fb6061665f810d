"""Record: the machine-readable side of a report, so that every number shown can be checked against it.

It holds the plans of all scenarios as ``run`` writes them and the tables of all chapters, unrounded. What is withheld
in the report is withheld here.
"""

from __future__ import annotations

import copy
import json
from collections.abc import Iterable
from dataclasses import replace

import pandas as pd

from allocate.plain import Record, plain
from allocate.report.content import Content
from allocate.report.sections.section import Section, Sheet
from allocate.results.allocation import Allocation

# What a plan says of a cell of space and need.
_CELL_NUMBERS = ("demand", "supply", "covered", "wanted_reserve", "duplication", "gap")
# More deliveries of a plan than these would make the page too large for an e-mail; ``run`` writes them all.
MOST_DELIVERIES = 20_000
# Signs that would end a script element, or that JavaScript takes for the end of a line.
_UNSAFE = {ord(sign): f"\\u{ord(sign):04x}" for sign in "<>&\u2028\u2029"}


def record(content: Content, chapters: Iterable[Section], lang: str) -> Record:
    """The document: version, fingerprint, date, scenarios (docs/data.md) and chapters (key, tables with rows)."""
    return {
        "allocate": content.version,
        "case": content.case.name,
        "fingerprint": content.fingerprint,
        "date": content.date.isoformat(),
        "language": lang,
        "proposal": content.proposal,
        "status_quo": content.status_quo,
        "withheld_below": content.mask.threshold,
        "scenarios": [_plan(content, plan, lang) for plan in content.plans.values()],
        "sections": [
            {
                "key": section.key,
                "title": section.title,
                "sentences": list(section.sentences),
                "tables": [_table(sheet) for sheet in section.sheets],
            }
            for section in chapters
        ],
    }


def as_script(document: Record) -> str:
    """The document as JSON that may stand inside a ``script`` element whatever names it holds."""
    text = json.dumps(plain(document), ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    return text.translate(_UNSAFE)


def _table(sheet: Sheet) -> Record:
    return {
        "key": sheet.key,
        "columns": list(sheet.shown),
        "rows": sheet.frame[list(sheet.shown)].astype(object).to_numpy().tolist(),
    }


def _plan(content: Content, plan: Allocation, lang: str) -> Record:
    if not plan.has_plan:
        return plan.to_json(lang)
    mask = content.mask
    blank = mask.applied(plan.coverage, _CELL_NUMBERS)
    floors = mask.applied(plan.floors, ["achieved"]) if len(plan.floors) else plan.floors
    told = copy.copy(plan)
    vars(told)["tables"] = replace(plan.tables, coverage=blank, floors=floors, delivery=_delivery(plan))
    return told.to_json(lang)


def _delivery(plan: Allocation) -> pd.DataFrame:
    """Deliveries, none where there are very many; those of offers that serve a withheld cell are left out."""
    kept = plan.delivery[plan.delivery["capacity"].notna()]
    return kept if len(kept) <= MOST_DELIVERIES else kept.head(0)
