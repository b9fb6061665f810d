"""Limits: what numbers and words questions take, the same for a method and for the option of its command."""

from __future__ import annotations

from typing import Annotated, Literal

from allocate.arguments import Within

type Years = str | int | tuple[int, int]
type Year = Annotated[int, Within(1900, 2200)]
type Seed = Annotated[int, Within(0)]
type Towns = Annotated[int, Within(2, 100_000)]
type Groups = Annotated[int, Within(1, 10)]
type Plans = Annotated[int, Within(0, 20)]
type Solves = Annotated[int, Within(4)]
type Points = Annotated[int, Within(2)]
type Spread = Annotated[float, Within(0, 1, below=True)]
type Ratio = Annotated[float, Within(1)]

type Axis = Literal["duplication", "equity", "moved", "budget"]
type FairObjective = Literal["leximin", "balanced", "shortfall", "lexicographic"]
type Way = Literal["ballots", "groups", "population", "median"]
type Method = Literal["", "points", "ranking", "swing"]
