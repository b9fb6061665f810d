"""Showing: the questions whose answer is shown or handed on - settings, sums of money, the report."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd

from allocate import session
from allocate.inputs.voices.ballots import Ballots
from allocate.inputs.voices.given import Files
from allocate.model.own_rules import Extra
from allocate.questions.limits import Year, Years
from allocate.questions.progress import Progress, several, told
from allocate.questions.question import question

if TYPE_CHECKING:
    from allocate.analyses.grants.grants import Grants
    from allocate.questions.reports import Report
    from allocate.questions.settings import Scenarios


class Showing(session.Session):
    """A session that shows what there is."""

    @question
    def scenarios(self, *scenarios: str) -> Scenarios:
        """The settings of scenarios (none named: all) and what each changes in the tables: ``allocate scenarios``.

        Raises ``UsageError`` for an unknown scenario, ``InputError`` for changes that cannot be carried out.

        >>> session.scenarios("pooled").settings[["scenario_id", "pooling"]].values.tolist()
        [['pooled', 'integrated']]
        """
        from allocate.questions.settings import Scenarios

        return Scenarios({id: self.variant(id) for id in (dict.fromkeys(scenarios) or self.scenario_ids)})

    @question
    def money(self, scenario: str = "", *, year: Year | None = None) -> Grants:
        """Who pays what to whom, until when, and what of it is bound; no plan and no coverage: ``allocate money``.

        Of a list of grants, or of who pays a town's offers today. Raises ``UsageError`` for an unknown scenario.

        >>> session.money().by("payer")["key"].tolist()
        ['Social affairs', 'Health']
        """
        from allocate.analyses.grants.grants import grants

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
        change; ``audience``: ``council``, ``department`` (then ``department``), ``planner`` or ``public``;
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
