"""Showing: the questions whose answer is shown or handed on - settings, sums of money, the report."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

import pandas as pd

from allocate import session
from allocate.inputs.scenario.variant import Scenario, Variant
from allocate.inputs.voices.ballots import Ballots
from allocate.inputs.voices.given import Files
from allocate.model.own_rules import Extra
from allocate.plain import Record, records
from allocate.questions.limits import Year, Years
from allocate.questions.progress import Progress, several, told
from allocate.questions.question import question
from allocate.results.runs import labelled
from allocate.results.told import Told

if TYPE_CHECKING:
    from allocate.analyses.grants.who_pays import Grants
    from allocate.questions.reports import Report


class Showing(session.Session):
    """A session that shows what there is."""

    @question
    def scenarios(self, *scenarios: str) -> Scenarios:
        """The settings of scenarios (none named: all) and what each changes in the tables: ``allocate scenarios``.

        Raises ``UsageError`` for an unknown scenario, ``InputError`` for changes that cannot be carried out.

        >>> session.scenarios("pooled").settings[["scenario_id", "pooling"]].values.tolist()
        [['pooled', 'integrated']]
        """

        return Scenarios({id: self.variant(id) for id in (dict.fromkeys(scenarios) or self.scenario_ids)})

    @question
    def money(self, scenario: str = "", *, year: Year | None = None) -> Grants:
        """Who pays what to whom, until when, and what of it is bound; no plan and no coverage: ``allocate money``.

        Of a list of grants, or of who pays a town's offers today. Raises ``UsageError`` for an unknown scenario.

        >>> session.money().by("payer")["key"].tolist()
        ['Social affairs', 'Health']
        """
        from allocate.analyses.grants.who_pays import grants

        return grants(self.case, scenario, year=year)

    @question
    def report(
        self,
        *scenarios: str,
        proposal: str = "",
        offer: str | Sequence[str] = (),
        audience: str = "council",
        department: str = "",
        mask_providers: bool = False,
        ballots: Ballots | Files | None = None,
        suggestions: pd.DataFrame | str | Path | None = None,
        annex: bool = False,
        years: Years | None = None,
        lang: str = "en",
        extra: Extra | None = None,
        progress: Progress = None,
    ) -> Report:
        """The report on scenarios (none named: all), gathered once for page, council paper and workbook.

        ``allocate report``, and with ``.save("results.xlsx")`` what ``allocate export --xlsx`` writes. ``proposal``:
        the scenario that is proposed, by default the first that plans; ``offer``: gets a card even if it does not
        change; ``audience``: ``council``, ``department`` (then ``department``) or ``public``;
        ``mask_providers``: words in the place of their names; ``annex``: with all tables. Of a list of grants the
        report is on its money. Raises ``UsageError``, ``InputError``, ``CertificateError``.

        >>> session.report("today").to_json()["status_quo"]
        'today'
        """
        from allocate.questions.reports import Asked, report_of

        asked = Asked(
            scenarios=scenarios,
            proposal=proposal,
            offers=several(offer),
            audience=audience,
            department=department,
            masked=mask_providers,
            ballots=ballots,
            suggestions=suggestions,
            annex=annex,
            years=years,
        )
        with told(progress) as step:
            return report_of(self, asked, lang, step)


@dataclass(frozen=True, eq=False, repr=False)
class Scenarios(Told):
    """Some scenarios of a case by id, in the order they were asked for."""

    JSON: ClassVar = ("scenarios=logs",)

    variants: Mapping[str, Variant]

    @cached_property
    def settings(self) -> pd.DataFrame:
        """One row per scenario: its own settings, and how many cells differ from the inputs."""
        rows = [{**_own(one.scenario), "changed_cells": len(one.changes)} for one in self.variants.values()]
        return pd.DataFrame(rows)

    @cached_property
    def changes(self) -> pd.DataFrame:
        """One row per changed cell of every scenario, old and new; ``set_in`` is the ancestor that changes it."""
        return pd.concat([labelled(id, one.changes) for id, one in self.variants.items()], ignore_index=True)

    def logs(self, _lang: str = "en") -> list[Record]:
        """The settings and the log of changes of each."""
        rows = [dict(zip(self.settings.columns, row, strict=True)) for row in self.settings.itertuples(index=False)]
        changes = (records(variant.changes) for variant in self.variants.values())
        return [{**row, "changes": log} for row, log in zip(rows, changes, strict=True)]


def _own(scenario: Scenario) -> Record:
    own = {name: value for name, value in vars(scenario).items() if name != "max_step"}
    moved = math.nan if scenario.max_moved == math.inf else scenario.max_moved
    return {**own, "floor_sets": ";".join(scenario.floor_sets), "max_moved": moved}
