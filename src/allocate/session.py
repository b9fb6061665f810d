"""Session: the one path from a case and a scenario to a certified plan.

    case + scenario -> variant -> compile -> solve -> certify -> canonical plan -> Allocation

Compiled scenarios and plans are kept, and a scenario's program stays loaded in the solver between questions.
"""

from __future__ import annotations

import math
from dataclasses import replace
from threading import RLock
from typing import Any

import numpy as np

from allocate.checking.in_memory import assured
from allocate.errors import CertificateError, expect
from allocate.inputs.case import Case, currency_of
from allocate.inputs.grant_list import expect_town
from allocate.inputs.scenario.variant import Variant, apply, scenario_ids
from allocate.language import reckon_in
from allocate.model.compile import Compiled, compile_variant
from allocate.model.rules.pot import POT_ROWS
from allocate.results.allocation import Allocation, Note, evaluated, planned, without_plan
from allocate.results.plan_tables import NOISE
from allocate.results.point import point_at
from allocate.solve.canonical import canonical
from allocate.solve.certify import OPTIMALITY, Certificate, certify, dual_bound, proves_infeasible
from allocate.solve.distance import today_of
from allocate.solve.engine import NAME as HIGHS
from allocate.solve.highs import solver_named
from allocate.solve.loaded import LoadedProgram
from allocate.solve.probe import slopes_at
from allocate.solve.solution import Limits, Solution, Status
from allocate.solve.turns import in_turn
from allocate.solve.value import value_of
from allocate.solve.whole import settled, with_close_switches
from allocate.town.arrays import Floats

# How far the measures, recomputed from the delivery, may lie from the solver's own objective.
MEASURE_TOLERANCE = 1e-7
# Only who pays for today's provision is open then, which is settled at once.
PAYERS_SECONDS = 10.0
# The step, as a share of a pot, at which its marginal value is first sought.
POT_STEP = 0.01


class Session:
    """Questions about one case, answered by one solver.

    ``solver`` is ``highs`` or ``pulp:NAME``. Plans are canonical: the same case gives the same plan whatever the
    solver and the order of rows. Several threads may ask one session: its answers are made one after the other.
    Several sessions work side by side. Raises ``UsageError`` for an unknown scenario or solver and for arguments of
    another type, ``InputError`` for a case whose tables do not pass the checks (one put together by hand is checked
    here), ``SolverMissing``, and ``CertificateError`` for a plan that fails the independent check.
    """

    def __init__(self, case: Case, solver: str = HIGHS, limits: Limits | None = None) -> None:
        expect(solver, str, "solver")
        expect(limits, (Limits, type(None)), "limits")
        self.case = assured(case)
        self.limits = limits or Limits()
        self._solver = solver_named(solver)
        self._variants: dict[str, Variant] = {}
        self._compiled: dict[str, Compiled] = {}
        self._loaded: dict[str, LoadedProgram] = {}
        self._plans: dict[str, Allocation] = {}
        self._optima: dict[str, Solution] = {}
        self._lock = RLock()

    def __repr__(self) -> str:
        return f"Session({self.case.name}, solver={self._solver.name})"

    def __getstate__(self) -> object:
        """What another process needs to answer: programs and plans are made anew there."""
        return {"case": self.case, "solver": self._solver.name, "limits": self.limits, "variants": self._variants}

    def __setstate__(self, state: dict[str, Any]) -> None:
        Session.__init__(self, state["case"], state["solver"], state["limits"])
        self._variants.update(state["variants"])

    @property
    def solver(self) -> str:
        """Who computes: ``highs`` or ``pulp:NAME``."""
        return self._solver.name

    @property
    def fingerprint(self) -> str:
        """sha256 over the content of the case."""
        return self.case.fingerprint

    @property
    def scenario_ids(self) -> list[str]:
        """All scenarios of the case, in table order."""
        return scenario_ids(self.case)

    @in_turn
    def add(self, variant: Variant) -> str:
        """Make a variant (for example a quick what-if) answerable under its scenario's id, which is returned."""
        expect(variant, Variant, "variant")
        if not variant.case._checked:
            variant = replace(variant, case=assured(variant.case))
        name = variant.scenario.scenario_id
        self._variants[name] = variant
        self._compiled.pop(name, None)
        self._loaded.pop(name, None)
        self._plans.pop(name, None)
        self._optima.pop(name, None)
        return name

    @in_turn
    def variant(self, scenario_id: str) -> Variant:
        """The case as the scenario sees it, with its change log."""
        expect(scenario_id, str, "scenario")
        reckon_in(currency_of(self.case))
        if scenario_id not in self._variants:
            self._variants[scenario_id] = apply(self.case, scenario_id)
        return self._variants[scenario_id]

    @in_turn
    def compiled(self, scenario_id: str) -> Compiled:
        """Arrays, rules and program of a scenario."""
        expect(scenario_id, str, "scenario")
        if scenario_id not in self._compiled:
            expect_town(self.case)
            self._compiled[scenario_id] = compile_variant(self.variant(scenario_id))
        return self._compiled[scenario_id]

    @in_turn
    def loaded(self, scenario_id: str) -> LoadedProgram:
        """The scenario's program inside the solver, for re-solves; callers leave it as they found it (``what_if``)."""
        expect(scenario_id, str, "scenario")
        if scenario_id not in self._loaded:
            self._loaded[scenario_id] = LoadedProgram(self.compiled(scenario_id).program, self.limits, self._lock)
        return self._loaded[scenario_id]

    @in_turn
    def status_quo(self, scenario_id: str) -> Allocation:
        """Today's delivery and funding, judged under the scenario's inputs."""
        return evaluated(self.compiled(scenario_id))

    @in_turn
    def optimum(self, scenario_id: str) -> Solution:
        """The certified optimum of a scenario's program with its duals (not yet the canonical point)."""
        self.run(scenario_id)
        return self._optima[scenario_id]

    @in_turn
    def run(self, scenario_id: str) -> Allocation:
        """The plan of one scenario: optimised, certified, canonical; or the judged status quo."""
        expect(scenario_id, str, "scenario")
        if scenario_id not in self._plans:
            self._plans[scenario_id] = self._run(scenario_id)
        return self._plans[scenario_id]

    @in_turn
    def has_run(self, scenario_id: str) -> bool:
        """Whether the plan of a scenario is there already, so that asking for it costs nothing."""
        expect(scenario_id, str, "scenario")
        return scenario_id in self._plans

    def _run(self, scenario_id: str) -> Allocation:
        variant = self.variant(scenario_id)
        if variant.scenario.evaluate:
            return self.status_quo(scenario_id)
        compiled = self.compiled(scenario_id)
        run = self._run_indivisible if compiled.program.is_mixed_integer else self._run_divisible
        plan = run(compiled)
        expected = variant.scenario.expected
        return plan if expected in ("", plan.status) else plan.with_notes(Note("unexpected", {"expected": expected}))

    def _run_divisible(self, compiled: Compiled) -> Allocation:
        name = compiled.variant.scenario.scenario_id
        found = self._solve(compiled)
        if found.status is Status.INFEASIBLE:
            return without_plan(compiled.variant, found.status, _infeasible_note(self.loaded(name)))
        if found.status is Status.LIMIT:
            return self._stopped(compiled, found)
        certificate = _certified(compiled, found)
        self._optima[name] = found
        # The slopes ask the basis of the optimum, which the way to the closest plan leaves.
        slopes = self._pot_slopes(compiled, found)
        closest = canonical(compiled.program, found, today_of(compiled), self.limits, self.loaded(name))
        best = closest or found
        notes = () if self._solver.name == HIGHS else (Note("second-opinion", {"solver": self._solver.name}),)
        plan = planned(
            compiled,
            _x(best),
            _certified(compiled, best) if closest else certificate,
            pot_slopes=slopes,
            solver=self._solver.name,
            unique=closest is not None,
            notes=notes if closest else (*notes, Note("not-unique")),
        )
        return _checked(plan, compiled)

    def _solve(self, compiled: Compiled) -> Solution:
        """The optimum with trusted duals; a foreign solver's answer must agree with what HiGHS's duals prove."""
        loaded = self.loaded(compiled.variant.scenario.scenario_id)
        if self._solver.name == HIGHS:
            return loaded.solve(warm=False)
        foreign = self._solver.solve(compiled.program, self.limits)
        if foreign.status is Status.LIMIT:
            return foreign
        own = loaded.solve(warm=False)
        agree = foreign.status is own.status and (
            foreign.x is None or abs(foreign.objective - own.objective) <= OPTIMALITY
        )
        if not agree:
            reason = f"{foreign.solver}: {foreign.status} {foreign.objective}, highs: {own.status} {own.objective}"
            raise CertificateError("plan-not-verified", scenario=compiled.variant.scenario.scenario_id, reason=reason)
        return own

    def _run_indivisible(self, compiled: Compiled) -> Allocation:
        """Solve the mixed-integer program, judge the answer in its own numbers, and choose among equal plans."""
        program, today = with_close_switches(compiled), today_as_plan(compiled)
        if self._solver.name == HIGHS:
            loaded = LoadedProgram(program, self.limits)
            if today is not None:
                loaded.suggest(today)
            found = loaded.solve()
        else:
            found = self._solver.solve(program, self.limits)
        if found.status is Status.INFEASIBLE:
            if today is not None:
                reason = f"{found.solver}: infeasible, though today's provision meets all rules"
                raise CertificateError("plan-not-verified", scenario=_name(compiled), reason=reason)
            return without_plan(compiled.variant, found.status, Note("infeasible"))
        if found.x is None or found.status is Status.LIMIT:
            return self._stopped(compiled, found)
        whole = settled(compiled, found, self.limits)
        certificate = certify(compiled.program, whole.x, None, within=math.inf)
        certificate = replace(certificate, bound=whole.bound, gap=max(0.0, whole.objective - whole.bound))
        self._optima[_name(compiled)] = replace(
            found, x=whole.x, objective=whole.objective, bound=min(whole.bound, whole.objective)
        )
        if whole.proven:
            notes = (Note("whole-proven"), *(() if whole.unique else (Note("not-unique"),)))
        else:
            notes = (_distance("whole-unproven", whole.objective, whole.bound),)
        plan = planned(
            compiled,
            whole.x,
            certificate,
            status=Status.OPTIMAL if whole.proven else Status.LIMIT,
            solver=found.solver,
            unique=whole.unique,
            notes=notes,
        )
        return _checked(plan, compiled)

    def _stopped(self, compiled: Compiled, found: Solution) -> Allocation:
        """The best plan known when time ran out: what was found, or today's provision where that is better."""
        program, today = compiled.program, today_as_plan(compiled)
        x, note = today, "limit-today"
        if (
            found.x is not None
            and certify(program, found.x, None, within=math.inf).verified
            and (today is None or program.objective(found.x) < program.objective(today))
        ):
            x, note = found.x, "limit-plan"
        if x is None or not (x[program.columns_index.slice("capacity")] > NOISE).any():
            # That nothing is offered to anybody is no proposal.
            return without_plan(compiled.variant, Status.LIMIT, Note("limit-no-plan"))
        # Without duals the bound is what the columns' own bounds allow, which always proves something.
        bound = dual_bound(program, np.zeros(program.row_count))
        if found.row_dual is not None:
            bound = max(bound, dual_bound(program, found.row_dual))
        if program.is_mixed_integer:
            bound = max(bound, found.bound)
        certificate = certify(program, x, None, within=math.inf)
        certificate = replace(certificate, bound=bound, gap=certificate.objective - bound)
        self._optima[_name(compiled)] = replace(found, x=x, objective=certificate.objective, bound=bound)
        return planned(
            compiled,
            x,
            certificate,
            status=Status.LIMIT,
            solver=found.solver,
            unique=False,
            notes=(_distance(note, certificate.objective, bound),),
        )

    def _pot_slopes(self, compiled: Compiled, found: Solution) -> Floats:
        """Change of the minimised objective per further euro in each pot (right slope, proven)."""
        loaded = self.loaded(compiled.variant.scenario.scenario_id)
        first = compiled.program.rows_index[POT_ROWS].start
        amount = compiled.town.pot_amount
        spent = compiled.program.activity(_x(found))[first : first + len(amount)]
        exhausted = np.flatnonzero(amount - spent <= 1e-6 * np.maximum(1.0, amount))
        steps = np.maximum(POT_STEP * amount[exhausted], 1.0)
        slopes = np.zeros(len(amount))
        slopes[exhausted] = [found.slope for found in slopes_at(loaded, first + exhausted, found, steps.tolist())]
        return slopes


def today_as_plan(compiled: Compiled) -> Floats | None:
    """Today's provision as a point of the program where it meets all rules of the scenario, else None.

    Who pays for it is taken from today's payments, or where these are unknown or not allowed, from the rules.
    """
    town, program = compiled.town, compiled.program
    delivery = np.nan_to_num(town.pairs.baseline)
    capacity = town.capacity_of(delivery)
    x = point_at(compiled, delivery, capacity, town.cost_of(capacity), np.nan_to_num(town.funding.baseline))
    if certify(program, x, None, within=math.inf).verified:
        return x
    lower, upper = program.lower.copy(), program.upper.copy()
    for family in ("use", "capacity", "open", "step"):
        own = program.columns_index.slice(family)
        lower[own] = upper[own] = x[own]
    if (lower < program.lower).any() or (upper > program.upper).any():
        return None
    fixed = replace(program, lower=lower, upper=upper).relaxed()
    paid = LoadedProgram(fixed, Limits(seconds=PAYERS_SECONDS)).solve()
    if paid.x is None or not certify(program, paid.x, None, within=math.inf).verified:
        return None
    return paid.x


def _name(compiled: Compiled) -> str:
    return compiled.variant.scenario.scenario_id


def _distance(key: str, objective: float, bound: float) -> Note:
    """How far a plan may be from the best, in values of the objective (more is better), rounded to the safe side."""
    digits, value, best = 10.0**4, value_of(objective), value_of(bound)
    return Note(key, {"value": math.floor(value * digits) / digits, "bound": math.ceil(best * digits) / digits})


def _x(solution: Solution) -> Floats:
    if solution.x is None:
        raise CertificateError("plan-not-verified", scenario="", reason="no point")
    return solution.x


def _certified(compiled: Compiled, found: Solution) -> Certificate:
    """The certificate of an optimum; raises ``CertificateError`` where the arrays do not confirm it."""
    certificate = certify(compiled.program, _x(found), found.row_dual)
    if not certificate.verified:
        reason = f"violation {certificate.primal_violation:.1e}, gap {certificate.gap:.1e}"
        raise CertificateError("plan-not-verified", scenario=compiled.variant.scenario.scenario_id, reason=reason)
    return certificate


def _checked(plan: Allocation, compiled: Compiled) -> Allocation:
    """The measures, computed from the delivery alone, must give the objective that the program claims."""
    certificate = plan.certificate
    if certificate is None or plan.status is Status.LIMIT:
        return plan
    difference = abs(plan.objective - certificate.objective)
    if not certificate.verified or difference > MEASURE_TOLERANCE:
        reason = f"measures differ from the program by {difference:.1e}"
        raise CertificateError("plan-not-verified", scenario=compiled.variant.scenario.scenario_id, reason=reason)
    return plan


def _infeasible_note(loaded: LoadedProgram) -> Note:
    """Infeasibility is said plainly only where the solver's ray proves it from the arrays."""
    ray = loaded.dual_ray()
    if ray is None:
        loaded.solve(warm=False, method="simplex-without-presolve")
        ray = loaded.dual_ray()
    proven = ray is not None and proves_infeasible(loaded.program, ray)
    return Note("infeasible" if proven else "infeasible-unproven")
