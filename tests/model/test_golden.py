"""One golden text per equation family: what the block of the hand-solved town says, in domain ids.

After a deliberate change of the model, ``uv run python -m tests.model.test_golden`` writes the texts anew; read the
difference before committing it.
"""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from allocate.checking.opening import read_case
from allocate.inputs.scenario.variant import apply
from allocate.model.compile import Compiled, blocks_of, compile_variant
from allocate.model.program import Block
from allocate.model.rules.register import RULES
from tests.conftest import TINY
from tests.model.test_rules import CASES
from tests.strategies import case_of

GOLDEN = Path(__file__).parent / "golden"


def everything() -> Compiled:
    """The tiny town with every rule in use: indivisible, a cap on moved money, shares and corridors."""
    case = read_case(TINY)
    reach = case["reach"].copy()
    reach["min_use_share"], reach["max_use_share"] = [0.25, 0.0, 0.0], [1.0, 0.6, 1.0]
    pots = case["pots"].copy()
    pots["max_share"] = [0.8, 1.0]
    plurality = case["plurality"].copy()
    plurality["min_share_each"], plurality["max_share_provider"] = 0.1, 0.7
    case = case.with_tables(reach=reach, pots=pots, plurality=plurality)
    variant = apply(case, "sites")
    return compile_variant(replace(variant, scenario=replace(variant.scenario, max_moved=400.0)))


def text_of(block: Block, columns: list[tuple[str, ...]]) -> str:
    """A block as text, one row a line: ``label: lower <= 2 x[O1,S1] - y[..] <= upper``."""
    lines = [f"{block.name}: {len(block)} rows"]
    for row in range(len(block)):
        own = np.flatnonzero(block.rows == row)
        own = own[np.argsort(block.columns[own], kind="stable")]
        terms = " ".join(
            f"{value:+.10g} {columns[column][0]}[{','.join(columns[column][1:])}]"
            for column, value in zip(block.columns[own], block.values[own], strict=True)
            if value != 0
        )
        label = ",".join(str(part[row]) for part in block.keys)
        lines.append(f"[{label}] {block.lower[row]:.10g} <= {terms} <= {block.upper[row]:.10g}")
    return "\n".join(lines) + "\n"


@cache
def texts() -> dict[str, str]:
    """Every family of the model, and the objective with its column bounds."""
    compiled = everything()
    columns = list(compiled.layout.index.labels())
    found = {block.name: text_of(block, columns) for block in blocks_of(compiled) if len(block)}
    program = compiled.program
    lines = [
        f"{label[0]}[{','.join(label[1:])}] {low:.10g} .. {up:.10g} cost {cost:+.10g}{' whole' if whole else ''}"
        for label, low, up, cost, whole in zip(
            columns, program.lower, program.upper, program.cost, program.integer, strict=True
        )
    ]
    own = {"use_most": either_or(), "cofinancing": along(), "staff": posts(), **rooms()}
    known = {**found, **own, "objective": "\n".join(lines) + "\n"}
    missing = {one.name: rule.kind for rule in RULES for one in rule.equations if one.name not in known}
    return {**known, **{name: of_case(kind, name) for name, kind in missing.items()}}


def of_case(kind: str, name: str) -> str:
    """A family of rows in the town in which its rule binds: what a new rule needs no town here for."""
    compiled = compile_variant(apply(case_of(CASES[kind].binding), "X"))
    columns = list(compiled.layout.index.labels())
    block = next(one for one in blocks_of(compiled) if one.name == name)
    assert len(block), f"the case of {kind} has no row {name}: add one, or a town here"
    return text_of(block, columns)


def along() -> str:
    """A pot that pays along with another one, where both may pay for the same offers."""
    rows = pd.DataFrame({"pot_id": ["P1"], "offer_id": [""], "per_eur_of": ["P2"], "most": [1.5]})
    compiled = compile_variant(apply(read_case(TINY).with_tables(cofinancing=rows), "pooled"))
    columns = list(compiled.layout.index.labels())
    return "".join(text_of(block, columns) for block in blocks_of(compiled) if block.name == "cofinancing")


def posts() -> str:
    """Posts of one department and posts of both, where one offer takes twice as many as the other."""
    case = read_case(TINY)
    rows = {"staff_id": ["G1", "G2"], "name": ["one", "two"], "departments": ["D1", ""], "posts": [1.5, 3.0]}
    case = case.with_tables(staff=pd.DataFrame(rows), offers=case["offers"].assign(posts_per_unit=[0.1, 0.05]))
    compiled = compile_variant(apply(case, "pooled"))
    columns = list(compiled.layout.index.labels())
    return "".join(text_of(block, columns) for block in blocks_of(compiled) if block.name == "staff")


def rooms() -> dict[str, str]:
    """Steps of the cost of one offer, in whole offers."""
    rows = pd.DataFrame({"offer_id": ["A", "A"], "from_capacity": [10.0, 20.0], "fixed_cost": [300.0, 400.0]})
    compiled = compile_variant(apply(read_case(TINY).with_tables(steps=rows), "sites"))
    columns = list(compiled.layout.index.labels())
    return {one.name: text_of(one, columns) for one in blocks_of(compiled) if one.name.startswith("step_")}


def either_or() -> str:
    """What the program of a town says of places that serve one of two needs at a time: C1, C3 and C4."""
    case = read_case(TINY)
    needs = pd.concat([case["needs"], case["needs"].assign(need_id="N2", name="N2")], ignore_index=True)
    demand = pd.concat([case["demand"], case["demand"].assign(need_id="N2")], ignore_index=True)
    effects = pd.concat([case["effects"], case["effects"].assign(need_id="N2")], ignore_index=True)
    reach = case["reach"].assign(min_use_share=[0.25, 0.0, 0.0])
    case = case.with_tables(needs=needs, demand=demand, effects=effects.assign(exclusive=True), reach=reach)
    compiled = compile_variant(apply(case, "silo"))
    columns = list(compiled.layout.index.labels())
    blocks = blocks_of(compiled)
    shown = ("balance", "capacity", "corridor_least", "use_most")
    return "".join(text_of(block, columns) for block in blocks if block.name in shown)


@pytest.mark.parametrize("name", sorted(path.stem for path in GOLDEN.glob("*.lp")))
def test_equation_says_what_the_model_page_says(name: str) -> None:
    golden = (GOLDEN / f"{name}.lp").read_text(encoding="utf-8")
    assert texts()[name] == golden


def test_a_rule_without_a_town_here_is_written_from_its_case() -> None:
    """A post for every ten places, and five posts; a pot that pays at most two euros per euro of another one."""
    assert of_case("staff", "staff") == "staff: 1 rows\n[G] -inf <= +0.1 capacity[A] <= 5\n"
    row = "[P,A] -inf <= +1 funding[P,A] -2 funding[Q,A] <= 0"
    assert of_case("cofinancing", "cofinancing") == f"cofinancing: 1 rows\n{row}\n"


def test_no_equation_is_without_a_golden_text() -> None:
    assert {path.stem for path in GOLDEN.glob("*.lp")} == set(texts())


if __name__ == "__main__":
    for family, text in texts().items():
        (GOLDEN / f"{family}.lp").write_text(text, encoding="utf-8")
