"""The rooms of the house: imports only downwards, no circles, files and functions of a readable size.

The imports are read from the source with ``ast``, so a violation is found even in a module no test runs.
"""

from __future__ import annotations

import ast
import re
from functools import cache
from pathlib import Path

PACKAGE = Path(__file__).parents[1] / "src" / "allocate"

LEVELS = {
    "arguments": 0, "errors": 0, "files": 0, "language": 0, "plain": 0, "units": 0,
    "inputs": 1,
    "town": 2,
    "model": 3,
    "checking": 4, "solve": 4,
    "judge": 5, "results": 5, "examples": 5,
    "session": 6,
    "bench": 7,
    "analyses": 8,
    "report": 9,
    "questions": 10,
    "cli": 11, "web": 11,
}  # fmt: skip

# The sub-rooms of the analyses. An analysis builds on those of a lower number and on the files beside the sub-rooms;
# one that is not named here (``workers``, ``grants``, a new one) builds on no other.
ANALYSES = {
    "": 0,
    "comparison": 2, "conflicts": 2, "silos": 2, "reasons": 2, "tradeoffs": 2, "transition": 2,
    "duplication": 3, "margins": 3,
    "alternatives": 4, "fairness": 4, "paths": 4,
    "robustness": 5, "participation": 5,
    "decision": 6,
    # Runs of many questions about many towns.
    "batch": 5, "land": 6,
}  # fmt: skip
BUILDS_ON_NONE = 1

FORBIDDEN = {"utils", "util", "common", "base", "helpers", "helper", "misc", "tools"}
LONGEST_FILE = 400
LONGEST_FUNCTION = 60

# Imports inside functions are for the command line (help must appear at once), for the questions of a session (which
# loads only what it is asked), and for Babel, which is slow and needed only by commands that print numbers.
LATE_IMPORT_ROOMS = {"cli", "questions"}
LATE_IMPORTS = {
    # The doors upward of what an analyst holds in hand, opened only when they are called: a scenario that is solved,
    # the pictures of a plan, a curve, a ladder and a comparison.
    ("inputs", "allocate.questions.session"),
    ("inputs", "allocate.results.allocation"),
    ("inputs", "allocate.inputs.scenario.new_scenario"),
    ("results", "allocate.report.pictures.of_answers"),
    ("results", "allocate.report.pictures.picture"),
    ("analyses", "allocate.report.pictures.of_answers"),
    ("analyses", "allocate.report.pictures.picture"),
    ("examples", "allocate.checking.opening"),
    ("examples", "allocate.inputs.workbook.example"),
    ("language", "babel"),
    ("language", "babel.numbers"),
    # ``Case.from_frames``, ``Case.with_tables`` and every step of a scenario are checked; the checks stand above the
    # model, because rules bring checks of their own.
    ("inputs", "allocate.checking.in_memory"),
    ("inputs", "allocate.checking.variant"),
    # The page imports what reads and solves behind its first answer, and python-docx, an extra, where it is asked for.
    ("web", "allocate.web.rooms"),
    ("web", "allocate.report.papers.word"),
}

MODULES = sorted(PACKAGE.rglob("*.py"))


def name_of(path: Path) -> str:
    """Dotted name of a module, ``allocate.inputs.case``."""
    parts = path.relative_to(PACKAGE.parent).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


NAMES = {name_of(path) for path in MODULES}


def room_of(module: str) -> str:
    """The room a module of the package belongs to; blank for the package itself."""
    parts = module.split(".")
    return parts[1] if len(parts) > 1 else ""


@cache
def tree_of(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"), str(path))


@cache
def imports_of(path: Path) -> tuple[ast.Import | ast.ImportFrom, ...]:
    return tuple(n for n in ast.walk(tree_of(path)) if isinstance(n, ast.Import | ast.ImportFrom))


def imported(node: ast.AST) -> list[str]:
    """The modules an import statement names; ``from a import b`` gives ``a.b`` where that is a module of ours."""
    if isinstance(node, ast.Import):
        return [alias.name for alias in node.names]
    if not isinstance(node, ast.ImportFrom):
        return []
    assert node.level == 0, "relative imports hide which room is meant"
    module = node.module or ""
    return [f"{module}.{a.name}" if f"{module}.{a.name}" in NAMES else module for a in node.names]


def with_type_checking(tree: ast.Module) -> set[ast.AST]:
    """All nodes inside ``if TYPE_CHECKING:``, which never run."""
    blocks = [
        node for node in ast.walk(tree)
        if isinstance(node, ast.If) and isinstance(node.test, ast.Name) and node.test.id == "TYPE_CHECKING"
    ]  # fmt: skip
    return {inner for block in blocks for statement in block.body for inner in ast.walk(statement)}


@cache
def ours(path: Path, *, running: bool = False) -> tuple[str, ...]:
    """The modules of the package that ``path`` imports; ``running``: only what is imported when it is loaded."""
    passed_over: set[ast.AST] = set()
    if running:
        passed_over = with_type_checking(tree_of(path))
        passed_over |= {inner for function in functions_of(path) for inner in ast.walk(function)}
    kept = (node for node in imports_of(path) if node not in passed_over)
    return tuple(name for node in kept for name in imported(node) if name.split(".")[0] == "allocate")


def test_every_module_belongs_to_a_room() -> None:
    strays = {room for path in MODULES if (room := room_of(name_of(path))) and room not in LEVELS}
    assert not strays, "add each to LEVELS with a reason"


def test_imports_go_level_or_down() -> None:
    # The package itself names what is public and may know every room.
    upward = [
        f"{name_of(path)} -> {target}" for path in MODULES if (room := room_of(name_of(path)))
        for target in ours(path)
        if room_of(target) and LEVELS[room_of(target)] > LEVELS[room] and (room, target) not in LATE_IMPORTS
    ]  # fmt: skip
    assert not upward


def sub_room_of(module: str) -> str:
    """The sub-room of an analysis, blank for the files beside the sub-rooms."""
    parts = module.split(".")
    return parts[2] if (PACKAGE / "analyses" / parts[2]).is_dir() else ""


def test_analyses_build_only_on_simpler_ones() -> None:
    files = [path for path in MODULES if name_of(path).startswith("allocate.analyses.")]
    assert set(ANALYSES) <= {sub_room_of(name_of(path)) for path in files}
    upward = [
        f"{name_of(path)} -> {target}" for path in files if (here := sub_room_of(name_of(path))) is not None
        for target in ours(path)
        if room_of(target) == "analyses" and sub_room_of(target) != here
        and ANALYSES.get(sub_room_of(target), BUILDS_ON_NONE) >= ANALYSES.get(here, BUILDS_ON_NONE)
    ]  # fmt: skip
    assert not upward, "add the room to ANALYSES above what it builds on"


def test_rooms_of_one_level_do_not_import_each_other_in_a_circle() -> None:
    graph = {name_of(path): set(ours(path, running=True)) - {name_of(path)} for path in MODULES}
    # Importing a module of the package also loads the packages above it, which hold no imports of their own.
    circle = find_circle(graph)
    assert not circle, " -> ".join(circle)


def find_circle(graph: dict[str, set[str]]) -> list[str]:
    """The modules of one import circle in order, empty where there is none."""
    done: set[str] = set()

    def visit(module: str, trail: list[str]) -> list[str]:
        if module in trail:
            return [*trail[trail.index(module) :], module]
        if module in done:
            return []
        for target in sorted(graph.get(module, ())):
            circle = visit(target, [*trail, module])
            if circle:
                return circle
        done.add(module)
        return []

    return next((circle for module in sorted(graph) if (circle := visit(module, []))), [])


def test_a_circle_would_be_found() -> None:
    assert find_circle({"a": {"b"}, "b": {"c"}, "c": {"b"}}) == ["b", "c", "b"]
    assert find_circle({"a": {"b", "c"}, "b": {"c"}, "c": set()}) == []


@cache
def functions_of(path: Path) -> tuple[ast.FunctionDef | ast.AsyncFunctionDef, ...]:
    return tuple(n for n in ast.walk(tree_of(path)) if isinstance(n, ast.FunctionDef | ast.AsyncFunctionDef))


def test_imports_stand_at_the_top() -> None:
    late = [
        f"{name_of(path)} line {node.lineno}: {name}"
        for path in MODULES
        if (room := room_of(name_of(path))) not in LATE_IMPORT_ROOMS
        for function in functions_of(path)
        for node in ast.walk(function)
        if isinstance(node, ast.Import | ast.ImportFrom)
        for name in imported(node)
        if (room, name) not in LATE_IMPORTS
    ]
    assert not late


def test_files_and_functions_have_a_readable_size() -> None:
    lines = {name_of(path): path.read_text(encoding="utf-8").count("\n") for path in MODULES}
    assert not {name: count for name, count in lines.items() if count > LONGEST_FILE}, "split it by purpose"
    long = {
        f"{name_of(path)}.{function.name}": length
        for path in MODULES
        for function in functions_of(path)
        if (length := (function.end_lineno or 0) - function.lineno + 1) > LONGEST_FUNCTION
    }
    assert not long


def test_every_file_is_named_after_its_purpose() -> None:
    unnamed = [name_of(path) for path in MODULES if set(re.split(r"[._]", name_of(path))) & FORBIDDEN]
    assert not unnamed, "say what is inside"


def test_no_name_is_said_twice_on_the_way_to_a_module() -> None:
    """``fairness.fairness.fairness`` tells nobody what stands where; so does a second ``cells.py``."""
    ways = [path.relative_to(PACKAGE).with_suffix("").parts for path in MODULES if path.name != "__init__.py"]
    assert not [way for way in ways if len(set(way)) < len(way)]
    names = [way[-1] for way in ways]
    assert names.count("cells") == 1
    assert not [name for name in names if name.startswith("telling")]


def test_every_module_says_what_it_is_for() -> None:
    silent = [
        name_of(path) for path in MODULES
        if path.read_text(encoding="utf-8").strip() and not ast.get_docstring(tree_of(path))
    ]  # fmt: skip
    assert not silent, "the first line of a file says its purpose"


def test_only_one_file_knows_pulp_and_only_the_solvers_know_highs() -> None:
    users = {
        library: {name_of(path) for path in MODULES for node in imports_of(path)
                  for name in imported(node) if name.split(".")[0] == library}
        for library in ("pulp", "highspy")
    }  # fmt: skip
    assert users["pulp"] == {"allocate.solve.via_pulp"}
    assert users["highspy"] and all(room_of(name) == "solve" for name in users["highspy"])


def test_the_judge_knows_neither_arrays_nor_solver() -> None:
    known = {room_of(target) for path in (PACKAGE / "judge").rglob("*.py") for target in ours(path)}
    assert known <= {"judge", "inputs", "errors", "language"}
    # Nor by a detour: what the judge builds on must not load the model either.
    reached, waiting = set(), {"allocate.judge.judging"}
    graph = {name_of(path): set(ours(path, running=True)) for path in MODULES}
    while waiting:
        module = waiting.pop()
        reached.add(module)
        waiting |= graph.get(module, set()) - reached
    assert not {room_of(module) for module in reached} & {"town", "model", "solve", "results", "session"}


def test_the_model_knows_no_solver_and_no_screen() -> None:
    known = {name.split(".")[0] for path in (PACKAGE / "model").rglob("*.py")
             for node in imports_of(path) for name in imported(node)}  # fmt: skip
    assert not known & {"pulp", "highspy", "click", "rich", "scipy"}


def test_our_own_code_derives_cases_without_a_check() -> None:
    """``Case.with_tables`` is for users; a check of the whole town for each draw or scenario would cost too much."""
    pattern = re.compile(r"case\.with_tables\(")
    assert not [name_of(path) for path in MODULES if pattern.search(path.read_text(encoding="utf-8"))]


def test_no_key_is_joined_by_a_sign_at_which_it_ends() -> None:
    """Some versions of pandas compare texts only up to their first NUL: keys that are joined by it would be equal."""
    pattern = re.compile(r'(?<!b)"[^"\n]*\\0[^"\n]*"')
    assert not [name_of(path) for path in MODULES if pattern.search(path.read_text(encoding="utf-8"))]


def test_values_by_name_say_what_they_are() -> None:
    """A row or JSON (``Record``), what fills a sentence (``Words``), what another program reads (``Spec``)."""
    named = {f"type {name} = dict[str, object]" for name in ("Record", "Spec", "Words")}
    lines = [line for path in MODULES for line in path.read_text(encoding="utf-8").splitlines()]
    assert {line for line in lines if "dict[str, object]" in line} == named


def test_answers_are_told_by_what_they_declare() -> None:
    """JSON is written by hand nowhere but for reports, which publish less than the plans hold."""
    own = {
        name_of(path) for path in MODULES for node in ast.walk(tree_of(path))
        if isinstance(node, ast.FunctionDef) and node.name == "to_json"
    }  # fmt: skip
    declared = {"results.told", "results.allocation", "questions.document"}
    assert own == {f"allocate.{name}" for name in (*declared, "questions.reports")}


# What is minimised, by the names that it has: whoever negates one of these turns a sign.
MINIMISED = {"objective", "bound", "row_dual", "dual", "duals", "reduced"}
# The one border; and the side of a bound on which a column rests, which is geometry and no value.
TURNING = {"allocate.solve.value", "allocate.solve.canonical"}


def negated(node: ast.AST) -> ast.expr | None:
    """What ``-x``, ``0.0 - x`` and ``-1.0 * x`` take the opposite of."""
    match node:
        case ast.UnaryOp(op=ast.USub(), operand=operand):
            return operand
        case ast.BinOp(left=ast.Constant(value=0), op=ast.Sub(), right=right):
            return right
        case ast.BinOp(left=ast.UnaryOp(op=ast.USub(), operand=ast.Constant()), op=ast.Mult(), right=right):
            return right
    return None


def is_minimised(node: ast.expr) -> bool:
    """An attribute or array of such a name; a plain ``bound`` may be one of anything."""
    match node:
        case ast.Subscript(value=inner) | ast.Call(func=ast.Name(id="float"), args=[inner]):
            return is_minimised(inner)
        case ast.Attribute(attr=name):
            return name in MINIMISED
        case ast.Name(id=name):
            return name in MINIMISED - {"bound"}
    return False


def turned_signs(tree: ast.Module) -> list[str]:
    return [ast.unparse(n) for n in ast.walk(tree) if (taken := negated(n)) is not None and is_minimised(taken)]


def test_signs_turn_in_one_place() -> None:
    """Programs minimise; above the solver a value is more the better (``solve/value.py``)."""
    found = {name: turned for path in MODULES if (turned := turned_signs(tree_of(path))) for name in [name_of(path)]}
    assert set(found) <= TURNING, {name: found[name] for name in set(found) - TURNING}
    assert "allocate.solve.value" in found


def test_a_turned_sign_would_be_found() -> None:
    text = "a = -x.objective; b = 0.0 - found.row_dual[3]; c = -1.0 * plan.bound; d = -float(dual[1]); e = -bound"
    assert len(turned_signs(ast.parse(text))) == 4


# Between the town and the report an answer is made of a plan and of what the town says (``allocate.town``). These may
# read the tables all the same.
READS_TABLES = {
    "allocate.analyses.comparison.attribution": "takes over some of a scenario's changes",
    "allocate.analyses.duplication.made_visible": "its answer is the rows of the table overlaps",
    "allocate.analyses.grants.ledger": "its answer is the rows of the list of grants",
    "allocate.analyses.reasons.thresholds": "changes one figure",
    "allocate.analyses.robustness.chance": "draws other figures",
    "allocate.analyses.robustness.uncertain_inputs": "changes one figure",
    "allocate.analyses.silos.departments": "divides the town among its departments",
    "allocate.analyses.transition.horizon": "makes the town of a year",
    "allocate.analyses.transition.solve_path": "makes the town after a year",
    "allocate.bench.weighting": "weighs the needs anew",
}
ANSWERS = ("results", "bench", "analyses", "questions")


def tables_read(tree: ast.Module) -> list[str]:
    """Where a module reads a table of a case: ``case["offers"]``, ``plan.variant.case[name]``, or columns by name."""
    named = {"case"} | {
        one.arg for one in ast.walk(tree)
        if isinstance(one, ast.arg) and isinstance(one.annotation, ast.Name) and one.annotation.id == "Case"
    } | {
        target.id for one in ast.walk(tree)
        if isinstance(one, ast.Assign) and isinstance(one.value, ast.Attribute) and one.value.attr == "case"
        for target in one.targets if isinstance(target, ast.Name)
    }  # fmt: skip
    found = []
    for node in ast.walk(tree):
        match node:
            case ast.Subscript(value=ast.Attribute(attr="tables", value=asked) | asked):
                is_case = isinstance(asked, ast.Name) and asked.id in named
                if is_case or (isinstance(asked, ast.Attribute) and asked.attr in ("case", "_case")):
                    found.append(ast.unparse(node))
            case ast.ImportFrom(module="allocate.inputs.columns"):
                found.append(ast.unparse(node))
    return found


def test_an_answer_asks_the_town_and_not_its_tables() -> None:
    """A fact has one home (``town/facts.py``); only who makes another case of a case reads and writes its tables."""
    files = [path for path in MODULES if room_of(name_of(path)) in ANSWERS]
    found = {name_of(path): read for path in files if (read := tables_read(tree_of(path)))}
    assert set(found) == set(READS_TABLES), {name: found.get(name) for name in set(found) ^ set(READS_TABLES)}


def test_a_table_that_is_read_would_be_found() -> None:
    read = "whole['a']; x.case['b']; case.tables[z]; table['c']; y.tables['d']; then = x.case; then['e']"
    text = f"def f(whole: Case): {read}\nfrom allocate.inputs.columns import ids"
    assert len(tables_read(ast.parse(text))) == 5
