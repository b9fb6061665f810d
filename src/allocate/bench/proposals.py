"""From a question's own program to a plan that may be shown: cold solve, certificate, canonical point, measures.

A plan shown by any analysis has passed through here, as a scenario's own plan passes through the session: the optimum
is proven on the question's program, and among its optima the plan closest to today is taken.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from functools import partial

from allocate.bench.recast import cost_row, extended
from allocate.errors import CertificateError
from allocate.judge.plan import NO_WAIVER, Waiver
from allocate.model.compile import Compiled
from allocate.model.program import LinearProgram
from allocate.results.allocation import Allocation, Note, planned
from allocate.solve.canonical import canonical, optimal_face
from allocate.solve.certify import OPTIMALITY, Certificate, certify
from allocate.solve.distance import Reference, today_of
from allocate.solve.loaded import LoadedProgram
from allocate.solve.solution import Limits, Solution, Status
from allocate.solve.value import Value
from allocate.town.arrays import Floats

# Below this share of the objective a dual counts as zero when a stage's optima are handed to the next stage.
FACE = 1e-11
# An objective that becomes a row is written in millionths, so that solver tolerances mean the same as elsewhere.
MILLION = 1e6
SLACK = 1e-9
# Tried in this order until the arrays confirm the answer: by size, then the simplex method.
_METHODS = (None, "simplex")

type Solve = Callable[[LinearProgram], Answer | None]


@dataclass(frozen=True)
class Answer:
    """The proven optimum of a question's program: point, certificate, and the solver's duals.

    ``loaded``: the program in the solver, where a second stage may go on while it stands at this optimum.
    """

    program: LinearProgram
    solution: Solution
    certificate: Certificate
    loaded: LoadedProgram | None = field(default=None, repr=False, compare=False)

    def __getstate__(self) -> object:
        """What another process can take: the program in the solver stays here."""
        return {**vars(self), "loaded": None}

    @property
    def x(self) -> Floats:
        """The optimal point."""
        if self.solution.x is None:
            raise CertificateError("plan-not-verified", scenario="", reason="no point")
        return self.solution.x

    @property
    def least(self) -> float:
        """The least of what the program minimises."""
        return self.certificate.objective

    @property
    def value(self) -> Value:
        """What the optimum is worth, where the program minimises the cost of a plan."""
        return self.certificate.value


def solve_proven(
    program: LinearProgram,
    limits: Limits | None = None,
    *,
    scenario: str = "",
    within: float = OPTIMALITY,
    near: LoadedProgram | None = None,
) -> Answer | None:
    """The certified optimum of a linear program; None where it is infeasible.

    ``near``: a program whose columns and rows are the first of this one; its basis is tried before the ways from
    scratch, for questions whose point and duals are not shown, as these then depend on that basis. Raises
    ``CertificateError`` where the arrays do not confirm the solver's answer (plan-not-verified), or time ran out
    (limit-reached).
    """
    beside = None if near is None else _from_basis(program, limits, near, within)
    if beside is not None:
        return beside
    reason = ""
    for method in _METHODS:
        loaded = LoadedProgram(program, limits)
        found = loaded.solve(method=method)
        if found.status is Status.INFEASIBLE:
            return None
        if found.status is Status.LIMIT:
            raise CertificateError("limit-reached", scenario=scenario)
        if found.x is None or found.status is not Status.OPTIMAL:
            raise CertificateError("plan-not-verified", scenario=scenario, reason=str(found.status))
        certificate = certify(program, found.x, found.row_dual, within=within)
        if certificate.verified:
            return Answer(program, found, certificate, loaded)
        reason = f"violation {certificate.primal_violation:.1e}, gap {certificate.gap:.1e}"
    raise CertificateError("plan-not-verified", scenario=scenario, reason=reason)


def _from_basis(program: LinearProgram, limits: Limits | None, near: LoadedProgram, within: float) -> Answer | None:
    """The certified optimum from the basis of a narrower program; None where that way does not lead to one."""
    loaded = LoadedProgram(program, limits)
    loaded.start_from_narrower(near)
    if loaded.basis() is None:
        return None
    # Costs are moved apart: in large towns the way goes in circles without that.
    found = loaded.solve()
    if found.x is None or found.status is not Status.OPTIMAL:
        return None
    certificate = certify(program, found.x, found.row_dual, within=within)
    return Answer(program, found, certificate, loaded) if certificate.verified else None


def solve_in_order(
    program: LinearProgram,
    goals: Sequence[Floats],
    limits: Limits | None = None,
    *,
    scenario: str = "",
    solve: Solve | None = None,
) -> Answer | None:
    """Optimise goals (cost vectors, minimised) one after the other, each only among the optima of those before.

    The answer is that of the last goal, on the program restricted to the earlier goals' optima; None where the first
    is infeasible. ``solve``: another way to certified optima, for example from the basis of a question before.
    """
    solve = solve or partial(solve_proven, limits=limits, scenario=scenario)
    answer = solve(replace(program, cost=goals[0], offset=0.0))
    for cost in goals[1:]:
        if answer is None:
            return None
        answer = then_best(answer, cost, limits, scenario=scenario, solve=solve)
    return answer


def then_best(
    answer: Answer, cost: Floats, limits: Limits | None = None, *, scenario: str = "", solve: Solve | None = None
) -> Answer:
    """The best of another goal among the optima of an answer.

    The optima are described by complementary slackness; where rounding leaves no room on that face, by a row that
    gives the first goal a billionth of slack. ``solve`` as in ``solve_in_order``. Raises ``CertificateError``.
    """
    solve = solve or partial(solve_proven, limits=limits, scenario=scenario)
    if answer.solution.row_dual is not None:
        for tolerance in (FACE, FACE * 100):
            face = optimal_face(answer.program, answer.x, answer.solution.row_dual, tolerance)
            found = solve(replace(face, cost=cost))
            if found is not None:
                return found
    slack = SLACK * max(1.0, abs(answer.least))
    kept = cost_row("kept", answer.program.cost * MILLION, upper=(answer.least + slack) * MILLION)
    found = solve_proven(
        extended(replace(answer.program, cost=cost, offset=0.0), rows=[kept]), limits, scenario=scenario
    )
    if found is None:
        raise CertificateError("plan-not-verified", scenario=scenario, reason="an optimum was lost between two goals")
    return found


def closest_to_today(
    answer: Answer, today: Reference, limits: Limits | None = None, *, scenario: str = ""
) -> tuple[Floats, Certificate, bool]:
    """The canonical point of an answer, its certificate, and whether it is the one closest to today.

    Raises ``CertificateError`` where the arrays do not confirm it.
    """
    closest = canonical(answer.program, answer.solution, today, limits, answer.loaded)
    x = answer.x if closest is None or closest.x is None else closest.x
    certificate = certify(answer.program, x, answer.solution.row_dual)
    if not certificate.verified:
        reason = f"violation {certificate.primal_violation:.1e}, gap {certificate.gap:.1e}"
        raise CertificateError("plan-not-verified", scenario=scenario, reason=reason)
    return x, certificate, closest is not None


def proposal(
    compiled: Compiled,
    answer: Answer,
    limits: Limits | None = None,
    notes: tuple[Note, ...] = (),
    *,
    waiver: Waiver = NO_WAIVER,
) -> Allocation:
    """The plan of an answer whose program begins with the columns of ``compiled``: canonical, measured, labelled.

    Its ``objective`` and measures are the town's own; its certificate is that of the question's program. ``waiver``:
    which rules of the scenario the question's program gave up. Raises ``CertificateError``.
    """
    scenario = compiled.variant.scenario.scenario_id
    x, certificate, unique = closest_to_today(answer, today_of(compiled), limits, scenario=scenario)
    count = compiled.program.column_count
    found = notes if unique else (*notes, Note("not-unique"))
    return planned(
        compiled,
        x[:count],
        certificate,
        solver=answer.solution.solver,
        unique=unique,
        notes=found,
        waiver=waiver,
    )
