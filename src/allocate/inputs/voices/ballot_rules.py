"""Ballot rules: what makes a ballot invalid, and what is worth a note; every finding with its cell."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np
import pandas as pd

from allocate.inputs.case import Source
from allocate.inputs.findings import ERROR, NOTE, FindingList
from allocate.inputs.nearest import NONE, nearest
from allocate.language import Words

FULL = 100.0  # points to hand out, and the swing of the most important need
MOST_PERSONS = 1e7
MOST_POINTS = 1e9
_METHODS = ("points", "ranking", "swing")


def check_ballots(raw: pd.DataFrame, needs: Sequence[str], findings: FindingList) -> set[str]:
    """Report everything about the entries of ``ballots`` (in place order) and give the invalid ballots."""
    rules = _Rules(raw, needs, findings)
    rules.heads()
    rules.entries()
    rules.wholes()
    return rules.invalid


class _Rules:
    """The work on all entries; ``raw`` has one row per entry (see ``ballots``)."""

    def __init__(self, raw: pd.DataFrame, needs: Sequence[str], findings: FindingList) -> None:
        self.raw = raw
        self.needs = list(needs)
        self.findings = findings
        self.invalid: set[str] = set()

    def heads(self) -> None:
        """Id, method, group and persons of every ballot."""
        raw = self.raw
        first = ~raw["ballot"].duplicated()
        self._flag("ballot-id-blank", raw["ballot_id"].eq(""), "ballot_id")
        blank = first & raw["method"].eq("")
        self._flag("ballot-method-blank", blank, "method", known=", ".join(_METHODS))
        unknown = raw["method"].ne("") & ~raw["method"].isin(_METHODS)
        self._flag("ballot-method-unknown", unknown & first, "method", known=", ".join(_METHODS))
        persons = raw["persons_number"]
        odd = ~((persons >= 1) & (persons <= MOST_PERSONS) & (persons == np.floor(persons)))
        self._flag("ballot-persons", odd & first, "persons")
        for column in ("method", "group", "persons"):
            mixed = raw.groupby("ballot")[column].transform("nunique") > 1
            differs = mixed & raw[column].ne(raw.groupby("ballot")[column].transform("first"))
            self._flag("ballot-head-mixed", differs, column)
        twice = first & raw["ballot_id"].ne("") & raw["ballot_id"].isin(self._ids_of_two_ballots())
        self._flag("ballot-twice", twice & raw[first]["ballot_id"].duplicated().reindex(raw.index, fill_value=False))

    def _ids_of_two_ballots(self) -> list[str]:
        counts = self.raw.drop_duplicates("ballot")["ballot_id"].value_counts()
        return [str(name) for name in counts.index[counts > 1]]

    def entries(self) -> None:
        """Needs and values, cell by cell."""
        raw = self.raw
        unknown = ~raw["need_id"].isin(self.needs)
        near = raw["need_id"].where(unknown, "").map(self._nearest())
        self._flag("ballot-need-unknown", unknown, "need_id", nearest=near)
        twice = ~unknown & raw.duplicated(["ballot", "need_id"])
        self._flag("ballot-need-twice", twice, "need_id")
        filled = raw["value"].ne("")
        number, method = raw["number"], raw["method"]
        self._flag("ballot-not-a-number", filled & ~(number.abs() <= MOST_POINTS), "value")
        self._flag("ballot-negative", filled & (number < 0), "value")
        self._flag("ballot-above", filled & method.eq("swing") & (number > FULL), "value", most=FULL)
        rank = filled & method.eq("ranking") & (number >= 0)
        self._flag("ballot-rank", rank & ((number < 1) | (number != np.floor(number))), "value")

    def _nearest(self) -> dict[str, str]:
        """The nearest need of every unknown one."""
        others = set(self.raw["need_id"]) - set(self.needs)
        return {"": ""} | {name: nearest(str(name), self.needs) or NONE for name in others}

    def wholes(self) -> None:
        """Every ballot as a whole: something must be said; notes on sums and on what is left open."""
        raw = self.raw[~self.raw["ballot"].isin(self.invalid)]
        if raw.empty:
            return
        groups = raw.groupby("ballot", sort=False)
        first = raw[~raw["ballot"].duplicated()].set_index("ballot")
        total, most = groups["number"].sum(), groups["number"].max()
        empty = ~(most > 0)
        self._whole("ballot-empty", first[empty], ERROR)
        told = first[~empty]
        points = told[told["method"] == "points"]
        uneven = points[(total[points.index] - FULL).abs() > 1e-6]
        self._whole("ballot-sum", uneven, NOTE, total=total[uneven.index], full=FULL)
        swing = told[told["method"] == "swing"]
        lower = swing[most[swing.index] < FULL]
        self._whole("ballot-swing-top", lower, NOTE, top=most[lower.index], full=FULL)
        ranking = told[told["method"] == "ranking"]
        ranked, asked = groups["number"].count(), groups["number"].size()
        partly = ranking[ranked[ranking.index] < asked[ranking.index]]
        self._whole("ballot-rank-partly", partly, NOTE, ranked=ranked[partly.index], asked=asked[partly.index])

    def _whole(self, rule: str, ballots: pd.DataFrame, severity: str, **words: object) -> None:
        if severity == ERROR:
            self.invalid.update(str(ballot) for ballot in ballots.index)
        self._report(rule, ballots, "", severity, ballots["ballot_id"], words)

    def _flag(self, rule: str, bad: pd.Series, column: str = "ballot_id", **words: object) -> None:
        marked = self.raw[bad.to_numpy(dtype=bool)]
        self.invalid.update(str(ballot) for ballot in marked["ballot"])
        picked = {name: word[marked.index] if isinstance(word, pd.Series) else word for name, word in words.items()}
        self._report(rule, marked, column, ERROR, marked[column], picked)

    def _report(
        self, rule: str, marked: pd.DataFrame, column: str, severity: str, value: pd.Series, words: Words
    ) -> None:
        """Findings in the files they belong to; the column of a value is where it stands, a need in a wide table."""
        for (file, sheet), own in marked.groupby(["file", "sheet"], sort=False):
            told = {name: word[own.index] if isinstance(word, pd.Series) else word for name, word in words.items()}
            self.findings.add_many(
                rule,
                Source(str(file), str(sheet)),
                severity=severity,
                rows=_whole_numbers(own[f"row_{column}" if f"row_{column}" in own else "row"]),
                column=own["at"] if column == "value" else column,
                value=value[own.index],
                ballot=own["ballot_id"],
                **told,
            )


def _whole_numbers(rows: Iterable[object]) -> list[int]:
    return [int(str(row)) for row in rows]
