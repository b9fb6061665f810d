"""Own rules and aims in questions: who holds them, and the plans of those that are more than rows.

session.run("SZ2", extra=few)
session.with_rules(few).compare("SZ1", "SZ2")
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from allocate.bench.proposals import Answer, proposal, solve_proven
from allocate.bench.recast import NewColumns, extended
from allocate.errors import CertificateError, UsageError
from allocate.model.compile import Compiled
from allocate.model.own_rules import Extra, Model, beside, with_own
from allocate.model.program import LinearProgram
from allocate.results.allocation import Allocation, Note, without_plan
from allocate.session import Session
from allocate.solve.certify import OPTIMALITY
from allocate.solve.loaded import LoadedProgram
from allocate.solve.solution import Limits, Status
from allocate.solve.value import value_of

CHANGED = "changed"


def holding[Asked: Session](session: Asked, extra: Extra) -> Asked:
    """A session on the same case in which own rules hold, whatever it is asked; it knows the same variants."""
    own = beside(session.case, extra)
    other = type(session)(with_own(session.case, own), session.solver, session.limits)
    other._variants.update({id: replace(one, case=with_own(one.case, own)) for id, one in session._variants.items()})
    return other


def run_with(session: Session, scenario_id: str, extra: Extra) -> Allocation:
    """The plan of a scenario that also meets own rules and counts own aims, with both named in its notes.

    Its objective and measures are those of the case; its certificate is that of the program with own rules and aims.
    Raises ``UsageError`` for a scenario that only judges (judges-only), for aims and counts of changed offers in an
    indivisible one (divisible-only), and ``CertificateError``.
    """
    compiled = session.compiled(scenario_id)
    if compiled.variant.scenario.evaluate:
        raise UsageError("judges-only", scenario=scenario_id)
    model = Model(compiled)
    extra(model)
    if model._only_rules:
        return Session.run(holding(session, extra), scenario_id)
    if compiled.program.is_mixed_integer:
        raise UsageError("divisible-only", scenario=scenario_id)
    program = _program(model, compiled)
    answer, bound = _solved(program, session.limits, scenario_id)
    if answer is None:
        return without_plan(compiled.variant, Status.INFEASIBLE, Note("own-infeasible"), *_notes(model, None))
    plan = proposal(compiled, answer, session.limits, _notes(model, answer))
    if bound is None or plan.certificate is None:
        return plan
    # The whole numbers were chosen by the solver: how good they are, its own bound says.
    proven = replace(plan.certificate, bound=value_of(bound), gap=max(0.0, answer.least - bound))
    return replace(plan, certificate=proven, unique=False, notes=(*plan.notes, Note("own-whole")))


def _program(model: Model, compiled: Compiled) -> LinearProgram:
    """The scenario's program with own rules and aims, and with a switch for every offer where changed ones count."""
    own, count = compiled.program, len(compiled.town.offers.ids)
    new = NewColumns(CHANGED, (compiled.town.offers.ids,), np.zeros(count), np.zeros(count), np.ones(count))
    links = model._links() if model._has_switches else []
    program = extended(own, [new] if model._has_switches else [], [*links, *model._blocks()])
    cost, offset = program.cost.copy(), program.offset
    for _, terms, weight, _ in model._aims:
        np.add.at(cost, terms.column, -weight * terms.factor)
        offset -= weight * float(terms.constant[0])
    whole = np.zeros(program.column_count, dtype=bool)
    whole[own.column_count :] = True
    return replace(program, cost=cost, offset=offset, integer=program.integer | whole)


def _notes(model: Model, answer: Answer | None) -> tuple[Note, ...]:
    """Every own rule and aim in words, with its value where there is a plan."""
    found = [Note("own-rule", {"name": name, "words": words}) for name, _, words in model._rules]
    for name, terms, weight, words in model._aims:
        if answer is not None:
            value = float(terms.at(answer.x)[0])
            found.append(Note("own-aim", {"name": name, "words": words, "weight": f"{weight:g}", "value": value}))
    return tuple(found)


def _solved(program: LinearProgram, limits: Limits, scenario: str) -> tuple[Answer | None, float | None]:
    """The proven optimum; of a program with whole numbers that of the best ones, and the solver's bound."""
    if not program.is_mixed_integer:
        return solve_proven(program, limits, scenario=scenario), None
    found = LoadedProgram(program, limits).solve()
    if found.status is Status.INFEASIBLE:
        return None, None
    if found.status is Status.LIMIT or found.x is None:
        raise CertificateError("limit-reached", scenario=scenario)
    answer = solve_proven(program.with_integers_of(found.x), limits, scenario=scenario)
    if answer is None or answer.least - found.bound > max(OPTIMALITY, limits.mip_gap * abs(answer.least)):
        raise CertificateError("plan-not-verified", scenario=scenario, reason="whole numbers do not hold")
    return answer, min(found.bound, answer.least)
