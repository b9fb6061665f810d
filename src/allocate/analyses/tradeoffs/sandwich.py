"""Sandwich: the efficient frontier of two maximised goals between proven supporting lines.

Both goals are scaled so that the lexicographic ends are (1, 0) and (0, 1). A supported point comes from maximising
w1 f1 + w2 f2; the proven bound of that solve is a line no plan lies above. The gap of the segment between two
neighbours is measured as the curve is read: at a given level of goal 2, how far goal 1 could at most lie above their
chord. (At right angles to a steep chord the same corner looks far closer than it is.) The segment with the largest gap
is asked next, with its own normal as weight, which finds the point that lies furthest above the chord in that sense. A
segment whose own weight gives nothing above the chord is proven to be an edge of the frontier (Cohon 1978; Aneja and
Nair 1979), so with a gap of zero the same procedure finds every vertex.
"""

from __future__ import annotations

import heapq
import math
from collections.abc import Callable
from dataclasses import dataclass
from itertools import combinations

import numpy as np

from allocate.town.arrays import Floats

# Two points closer than this (in scaled goals) are one.
SAME = 1e-7
# A line whose weight of goal 1 is below this says nothing of goal 1.
LEVEL = 1e-12


@dataclass(frozen=True)
class Line:
    """weight @ f <= bound for every plan, weight >= 0 of length one."""

    weight: tuple[float, float]
    bound: float

    def first_at(self, second: float) -> float:
        """The most of goal 1 that the line allows at a level of goal 2; infinite where it says nothing of goal 1."""
        if self.weight[0] <= LEVEL:
            return math.inf
        return (self.bound - self.weight[1] * second) / self.weight[0]


@dataclass(frozen=True)
class Vertex:
    """A point of the frontier with the lines known to touch it."""

    point: tuple[float, float]
    lines: tuple[Line, ...]


@dataclass(frozen=True)
class Chain:
    """Neighbouring points, the first goal falling; ``gaps[i]`` is the proven gap between vertex i and i + 1.

    A gap is in goal 1 (scaled), at the same level of goal 2.
    """

    vertices: tuple[Vertex, ...]
    gaps: tuple[float, ...]
    solves: int

    @property
    def gap(self) -> float:
        """The largest gap: at no level of goal 2 can goal 1 lie further above the chain (scaled)."""
        return max(self.gaps, default=0.0)


type Ask = Callable[[tuple[float, float]], Vertex]


def sandwich(first: Vertex, last: Vertex, ask: Ask, *, gap: float, most_solves: int) -> Chain:
    """Refine until every gap is at most ``gap`` or ``most_solves`` questions have been asked.

    ``first`` is the end best in goal 1, ``last`` the end best in goal 2; ``ask`` maximises a weight and returns the
    point found with its line.
    """
    if distance(first.point, last.point) <= SAME:
        return Chain((first,), (), 0)
    done: list[tuple[Vertex, Vertex, float]] = []
    waiting: list[tuple[float, int, Vertex, Vertex]] = []
    order, solves = 0, 0
    heapq.heappush(waiting, (-gap_between(first, last), order, first, last))
    while waiting:
        negative, _, left, right = heapq.heappop(waiting)
        if -negative <= gap or solves >= most_solves:
            done.append((left, right, -negative))
            continue
        weight = normal(left.point, right.point)
        found = ask(weight)
        solves += 1
        line = found.lines[0]
        rise = weight[0] * (found.point[0] - left.point[0]) + weight[1] * (found.point[1] - left.point[1])
        ends = (distance(found.point, left.point), distance(found.point, right.point))
        if rise <= SAME or min(ends) <= SAME:
            done.append((left, right, gap_between(left, right, line)))
            continue
        for pair in ((left, found), (found, right)):
            order += 1
            heapq.heappush(waiting, (-gap_between(*pair), order, *pair))
    done.sort(key=lambda segment: -segment[0].point[0])
    vertices = (done[0][0], *(right for _, right, _ in done))
    return Chain(vertices, tuple(segment_gap for _, _, segment_gap in done), solves)


def gap_between(left: Vertex, right: Vertex, *further: Line) -> float:
    """The most by which goal 1 can lie above the chord of two neighbours, at any level of goal 2 between theirs.

    Below the lowest of their lines (and ``further`` ones) the room above the chord is concave in goal 2, so that its
    greatest height is at an end or where two lines cross.
    """
    (high, low), (far, near) = left.point, right.point
    if near - low <= LEVEL:
        return 0.0
    lines = [line for line in (*left.lines, *right.lines, *further) if line.weight[0] > LEVEL]
    levels = [low, near, *(level for a, b in combinations(lines, 2) if low < (level := _crossing(a, b)) < near)]
    heights = (
        min((line.first_at(level) for line in lines), default=math.inf)
        - (high + (far - high) * (level - low) / (near - low))
        for level in levels
    )
    return max(0.0, *heights)


def _crossing(a: Line, b: Line) -> float:
    """The level of goal 2 at which two lines cross; NaN where they do not."""
    determinant = a.weight[0] * b.weight[1] - a.weight[1] * b.weight[0]
    return (a.weight[0] * b.bound - a.bound * b.weight[0]) / determinant if abs(determinant) >= LEVEL else math.nan


def normal(left: tuple[float, float], right: tuple[float, float]) -> tuple[float, float]:
    """The weight for which both neighbours count the same, of length one."""
    weight = (max(0.0, right[1] - left[1]), max(0.0, left[0] - right[0]))
    length = float(np.hypot(*weight))
    return (weight[0] / length, weight[1] / length) if length > 0 else (1.0, 0.0)


def distance(a: tuple[float, float], b: tuple[float, float]) -> float:
    """Distance of two points in scaled goals."""
    return float(np.hypot(a[0] - b[0], a[1] - b[1]))


def knee(points: Floats) -> int:
    """The point furthest above the chord between the ends (points: n x 2, goal 1 falling)."""
    weight = normal((points[0, 0], points[0, 1]), (points[-1, 0], points[-1, 1]))
    height = points @ np.array(weight)
    return int(np.argmax(height - height[0]))
