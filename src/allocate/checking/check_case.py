"""Checking: all checks on all tables of a case; every finding at once, in the order of the tables.

    values       keys, bounds, choices (driven by the dictionary)     references   ids of other tables
    offers       capacity, reach, effects, commitments                needs        demand, weights, segments
    money        pots, payers, today's funding                        plurality    clusters and pairs
    coverage     floors that no plan can reach                        scenarios    descent and changes
    sums         rows that are sums of other rows                     lookalikes   ids taken for one another
    leftovers    rows of the template, duties, thousands              idle         what changes no plan

A rule that stumbles over values another rule has found wrong must not hide anything: rules about several tables run on
what is left of them, and unknown ids are left out there.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from allocate.checking.idle import check_idle
from allocate.checking.leftovers import check_duties, check_leftovers, check_thousands
from allocate.checking.lookalikes import check_lookalikes
from allocate.checking.money import (
    check_carry_over,
    check_exceptions,
    check_funding,
    check_places,
    check_pot_years,
    check_pots,
)
from allocate.checking.needs import check_demand, check_floors, check_segments, check_worth
from allocate.checking.offers import (
    check_commitments,
    check_effects,
    check_homes,
    check_indivisible,
    check_offers,
    check_reach,
    check_years,
)
from allocate.checking.plurality import check_clusters, check_overlaps
from allocate.checking.references import check_references
from allocate.checking.scenarios import check_scenarios
from allocate.checking.sums import check_sums
from allocate.checking.values import check_needed_tables, check_values
from allocate.inputs import dictionary
from allocate.inputs.case import Case
from allocate.inputs.inspection import Inspection
from allocate.model.rules.register import RULES

CHECKS = (
    check_needed_tables,
    check_values,
    check_references,
    check_demand,
    check_worth,
    check_offers,
    check_effects,
    check_reach,
    check_homes,
    check_places,
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
        for check in CHECKS:
            check(inspection)
        for rule in RULES:
            for brought in rule.checks:
                brought(inspection.of_rule(rule.texts))
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
