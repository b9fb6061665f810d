"""The phases of the work, one function each, and beside them what the usual way of doing it would be.

The usual way is an idiomatic PuLP model (``tests/reference/textbook.py``) for building, and HiGHS with its default
options on the unscaled program for solving.
"""

from __future__ import annotations

import json
import math
from dataclasses import replace
from pathlib import Path

import highspy
import numpy as np
from tests.reference.textbook import Answer, Data, Textbook

from allocate.checking.opening import read_checked, read_tables
from allocate.inputs.case import Case
from allocate.inputs.scenario.variant import Variant, apply
from allocate.model.compile import Compiled, assemble, blocks_of, compile_variant, objective
from allocate.model.ground import Ground
from allocate.model.layout import build_layout
from allocate.model.program import LinearProgram
from allocate.results.allocation import Allocation
from allocate.session import Session
from allocate.solve.certify import Certificate, certify
from allocate.solve.highs import Highs
from allocate.solve.solution import Limits, Solution

SCENARIO = "silo"


def read(folder: Path) -> Case:
    """CSV folder -> tables, without checking."""
    return read_tables(folder).case._known(checked=True)


def check(folder: Path) -> int:
    """CSV folder -> tables and all findings; their number."""
    return len(read_checked(folder).findings)


def variant(case: Case, scenario_id: str = SCENARIO) -> Variant:
    """The case as a scenario sees it."""
    return apply(case, scenario_id)


def afresh(town: Variant) -> Variant:
    """The same town with nothing made of its tables yet: what is made once for the same tables is made again."""
    case = town.case
    return replace(town, case=Case(case.name, case.path, dict(case.tables), {}))


def compile_town(town: Variant) -> Compiled:
    """Tables -> arrays -> linear program."""
    return compile_variant(town)


def assemble_town(compiled: Compiled) -> LinearProgram:
    """Arrays -> linear program: the part of compiling that PuLP's expressions stand for."""
    layout = build_layout(compiled.town, compiled.clusters)
    blocks = blocks_of(Ground(compiled.variant, compiled.town, compiled.floors, compiled.clusters, layout))
    return assemble(layout, blocks, objective(compiled.town, layout))


def solve(program: LinearProgram) -> Solution:
    """The optimum, cold."""
    return Highs().solve(program, Limits())


def check_optimum(program: LinearProgram, solution: Solution) -> Certificate:
    """The independent certificate of an optimum."""
    assert solution.x is not None
    return certify(program, solution.x, solution.row_dual)


def plan(case: Case, scenario_id: str = SCENARIO) -> Allocation:
    """All of it: compile, solve, certify, choose the canonical plan, label it."""
    return Session(case).run(scenario_id)


def write(allocation: Allocation, path: Path) -> Path:
    """The plan as JSON in a file."""
    path.write_text(json.dumps(allocation.to_json()), encoding="utf-8")
    return path


def build_textbook(town: Variant) -> Textbook:
    """The same town as an idiomatic PuLP model."""
    return Textbook(town)


def textbook_data(town: Variant) -> Data:
    """The same town as dictionaries, from which ``assemble_textbook`` starts."""
    return Data(town)


def assemble_textbook(town: Variant, data: Data) -> Textbook:
    """Dictionaries -> PuLP model."""
    return Textbook(town, data)


def solve_textbook(textbook: Textbook, seconds: float = 600) -> Answer:
    """The idiomatic model, solved by HiGHS through PuLP."""
    return textbook.solve(seconds)


def solve_raw(program: LinearProgram, seconds: float = 600, method: str = "choose") -> float:
    """HiGHS by itself on a program as it is; the objective it reports, NaN when time ran out."""
    solver = highspy.Highs()
    solver.setOptionValue("output_flag", False)
    # All users of HiGHS in one process must ask for the same number of threads.
    solver.setOptionValue("threads", 1)
    solver.setOptionValue("time_limit", seconds)
    solver.setOptionValue("solver", method)
    solver.passModel(
        program.column_count,
        program.row_count,
        len(program.values),
        int(highspy.MatrixFormat.kColwise),
        int(highspy.ObjSense.kMinimize),
        program.offset,
        program.cost,
        program.lower,
        program.upper,
        program.row_lower,
        program.row_upper,
        program.starts[:-1].astype(np.int32),
        program.rows.astype(np.int32),
        program.values,
        program.integer.astype(np.int32),
    )
    solver.run()
    if solver.getModelStatus() != highspy.HighsModelStatus.kOptimal:
        return math.nan
    return float(solver.getInfo().objective_function_value)
