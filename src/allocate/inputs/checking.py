"""Checking: all rules on all tables of a case; every finding at once, in the order of the tables.

    check_values      keys, bounds, choices (driven by the dictionary)     check_references   ids of other tables
    check_offers      capacity, reach, effects, commitments                check_needs        demand, weights, segments
    check_money       pots, payers, today's funding                        check_plurality    clusters and pairs
    check_coverage    floors that no plan can reach                        check_scenarios    descent and changes
    check_sums        rows that are sums of other rows                   check_lookalikes  ids taken for one another
    check_leftovers   rows of the template, duties, thousands              check_idle         what changes no plan

A rule that stumbles over values another rule has found wrong must not hide anything: rules about several tables run on
what is left of them, and unknown ids are left out there.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from allocate.inputs import dictionary
from allocate.inputs.case import Case
from allocate.inputs.check_idle import check_idle
from allocate.inputs.check_leftovers import check_duties, check_leftovers, check_thousands
from allocate.inputs.check_lookalikes import check_lookalikes
from allocate.inputs.check_money import check_carry_over, check_exceptions, check_funding, check_pot_years, check_pots
from allocate.inputs.check_needs import check_demand, check_floors, check_segments, check_worth
from allocate.inputs.check_offers import (
    check_commitments,
    check_effects,
    check_homes,
    check_indivisible,
    check_offers,
    check_reach,
    check_years,
)
from allocate.inputs.check_plurality import check_clusters, check_overlaps
from allocate.inputs.check_references import check_references
from allocate.inputs.check_scenarios import check_scenarios
from allocate.inputs.check_sums import check_sums
from allocate.inputs.check_values import check_needed_tables, check_values
from allocate.inputs.inspection import Inspection

RULES = (
    check_needed_tables,
    check_values,
    check_references,
    check_demand,
    check_worth,
    check_offers,
    check_effects,
    check_reach,
    check_homes,
    check_pots,
    check_exceptions,
    check_funding,
    check_floors,
    check_clusters,
    check_overlaps,
    check_segments,
    check_indivisible,
    check_scenarios,
    check_commitments,
    check_pot_years,
    check_sums,
    check_carry_over,
    check_years,
    check_lookalikes,
    check_leftovers,
    check_duties,
    check_thousands,
    check_idle,
)


def check_case(case: Case) -> pd.DataFrame:
    """All findings on the tables of a case (columns of ``inputs.findings``), in the order of tables and rows.

    Blanks, types and number formats are found in reading, before there is a case.
    """
    inspection = Inspection(case)
    with np.errstate(over="ignore", invalid="ignore"):  # numbers no town has (1e308) are findings, not noise
        for rule in RULES:
            rule(inspection)
    return _in_order(case, inspection)


def _in_order(case: Case, inspection: Inspection) -> pd.DataFrame:
    """The findings by table, then by row; findings on a whole table come first."""
    findings = inspection.found.table()
    sources = [inspection.source(name) for name in dictionary.tables() if name in case.tables]
    rank = {(source.file, source.sheet): number for number, source in enumerate(sources)}
    order = pd.DataFrame(
        {
            "table": [rank[place] for place in zip(findings["file"], findings["sheet"], strict=True)],
            "row": findings["row"].fillna(0).to_numpy(),
        }
    ).sort_values(["table", "row"], kind="stable")
    return findings.iloc[order.index].reset_index(drop=True)
