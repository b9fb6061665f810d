"""The chapter on the path over several years: what begins and ends when, money by year with gaps, what waiting costs.

It shows sums of the town and dates; capacities and euros of single offers stay with ``allocate transition``.
"""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from allocate.analyses.transition.path_tables import CARRIED
from allocate.analyses.transition.year_by_year import Transition
from allocate.language import reckons_in_places
from allocate.report.sections.section import Section, Sheet
from allocate.report.sections.tables import Tables
from allocate.report.wording import Voice
from allocate.results.floor_kinds import BINDING

_YEARS = (
    "year",
    "weighted_coverage",
    "floors_missed",
    "money_eur",
    "spent_eur",
    "carry_on_eur",
    "free_eur",
    "short_eur",
)
_STEPS = ("year", "offer_id", "path_step", "held_back", "possible_from")
_POTS = ("pot_id", "year", "amount_eur", "carried_eur", "spent_eur", "carry_on_eur", "free_eur", "short_eur")
_DELAYS = ("delay_months", "status", "covered_units_change", "spent_change_eur", "floors_missed")
# A share of the town is shown to a tenth of a percentage point.
_DIGITS = 3


def path(voice: Voice, tables: Tables) -> Section | None:
    """What the years of the path hold, where they were asked for."""
    found = voice.content.path
    if found is None:
        return None
    sheets = [years_sheet(tables, found), tables.sheet("path_steps", _named(found.steps), _STEPS)]
    sheets.append(tables.sheet("path_pots", _named(found.pots.sort_values(["pot_id", "year"])), _here(_POTS)))
    if len(found.delays):
        sheets.append(tables.sheet("path_delays", found.delays, _DELAYS))
    sentences = (found.messages(voice.lang)[0], *standing(voice, found))
    return Section("path", voice.say("section.path"), sentences, tuple(sheets))


def standing(voice: Voice, found: Transition) -> list[str]:
    """Whether minima are kept in every year, and from when on a later decision leaves no path."""
    missed = found.years[found.years["floors_missed"] > 0]
    if missed.empty:
        said = [voice.say("path.kept")] if found.floors["floor_kind"].isin(BINDING).any() else []
    else:
        years = ", ".join(str(year) for year in missed["year"].tolist())
        said = [voice.say("path.missed", years=years, count=int(missed["floors_missed"].sum()))]
    late = found.delays.loc[found.delays["status"].eq("infeasible"), "delay_months"]
    return said if late.empty else [*said, voice.say("path.late", months=int(late.min()))]


def years_sheet(tables: Tables, found: Transition) -> Sheet:
    """One row a year: coverage, money, what is left and what is lacking if today's payments went on."""
    short = found.pots.groupby("year")["short_eur"].sum(min_count=1)
    table = found.years.assign(
        weighted_coverage=found.years["weighted_coverage"].round(_DIGITS), short_eur=found.years["year"].map(short)
    )
    return tables.sheet("path_years", _named(table), _here(_YEARS))


def _here(shown: Sequence[str]) -> tuple[str, ...]:
    """The columns without what goes from year to year, where there are places and no money."""
    return tuple(one for one in shown if not (reckons_in_places() and one in CARRIED))


def _named(table: pd.DataFrame) -> pd.DataFrame:
    """A year is a name, not a quantity: it is written without a thousands separator."""
    return table.assign(year=table["year"].astype(str)).reset_index(drop=True)


def first_steps(found: Transition) -> pd.DataFrame:
    """The first change of every offer: ``offer_id``, ``path_step``, ``earliest`` (a month), in their order."""
    steps = found.steps.drop_duplicates("offer_id")
    month = steps["possible_from"].where(steps["possible_from"].ne(""), steps["year"].astype(str) + "-01")
    # A date that allowed it long before says nothing of when it happens.
    in_year = month.str[:4] == steps["year"].astype(str)
    month = month.where(in_year, steps["year"].astype(str) + "-01")
    return steps.assign(earliest=month + "-01").sort_values("earliest", kind="stable", ignore_index=True)
