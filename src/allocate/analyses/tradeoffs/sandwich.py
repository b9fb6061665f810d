"""Sandwich: the efficient frontier of two maximised goals between proven supporting lines.

Both goals are scaled so that the lexicographic ends are (1, 0) and (0, 1). A supported point comes from maximising
w1 f1 + w2 f2; the proven bound of that solve is a line no plan lies above. The gap of the segment between two
neighbours is the distance from their chord to the corner of their lines; the segment with the largest gap is asked
next, with its own normal as weight. A segment whose own weight gives nothing above the chord is proven to be an edge of
the frontier (Cohon 1978; Aneja and Nair 1979), so with a gap of zero the same procedure finds every vertex.
"""

from __future__ import annotations

import heapq
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from allocate.model.program import Floats

# Two points closer than this (in scaled goals) are one.
SAME = 1e-7


@dataclass(frozen=True)
class Line:
    """weight @ f <= bound for every plan, weight >= 0 of length one."""

    weight: tuple[float, float]
    bound: float

    def above(self, point: tuple[float, float]) -> float:
        """How far the line lies above a point."""
        return self.bound - self.weight[0] * point[0] - self.weight[1] * point[1]


@dataclass(frozen=True)
class Vertex:
    """A point of the frontier with the lines known to touch it."""

    point: tuple[float, float]
    lines: tuple[Line, ...]


@dataclass(frozen=True)
class Chain:
    """Neighbouring points, the first goal falling; ``gaps[i]`` is the proven gap between vertex i and i + 1."""

    vertices: tuple[Vertex, ...]
    gaps: tuple[float, ...]
    solves: int

    @property
    def gap(self) -> float:
        """The largest gap: nowhere does the frontier lie further above the chain (scaled goals)."""
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
            done.append((left, right, max(0.0, min(line.above(left.point), line.above(right.point)))))
            continue
        for pair in ((left, found), (found, right)):
            order += 1
            heapq.heappush(waiting, (-gap_between(*pair), order, *pair))
    done.sort(key=lambda segment: -segment[0].point[0])
    vertices = (done[0][0], *(right for _, right, _ in done))
    return Chain(vertices, tuple(segment_gap for _, _, segment_gap in done), solves)


def gap_between(left: Vertex, right: Vertex) -> float:
    """The distance from the chord to the lowest corner that lines of the two neighbours can prove."""
    return min(_corner(left.point, right.point, a, b) for a in left.lines for b in right.lines)


def _corner(left: tuple[float, float], right: tuple[float, float], a: Line, b: Line) -> float:
    weight = normal(left, right)
    chord = weight[0] * left[0] + weight[1] * left[1]
    determinant = a.weight[0] * b.weight[1] - a.weight[1] * b.weight[0]
    if abs(determinant) < 1e-12:
        return max(0.0, min(a.above(left), a.above(right)))
    x = (a.bound * b.weight[1] - a.weight[1] * b.bound) / determinant
    y = (a.weight[0] * b.bound - a.bound * b.weight[0]) / determinant
    return max(0.0, weight[0] * x + weight[1] * y - chord)


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
