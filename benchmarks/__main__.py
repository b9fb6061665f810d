"""Speed: ``python -m benchmarks [S M L]``, the table of all phases and of all ratios against peers in one run.

``python -m benchmarks compare A B`` sets two commits side by side.
"""

from __future__ import annotations

import argparse
import gc
import math
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from itertools import chain
from pathlib import Path

from rich.console import Console
from rich.table import Table

from benchmarks import beside, phases
from benchmarks.beside import COVERINGS
from benchmarks.between import compare
from benchmarks.conftest import Bench
from benchmarks.towns import SIZES

TOLERANCE = 1e-7


@dataclass(frozen=True)
class Line:
    """One line of the table: CPU seconds of ours and of the usual way (NaN: there is none), and a remark."""

    size: str
    phase: str
    ours: float
    usual: float = math.nan
    remark: str = ""
    ended: bool = True


def timed[T](work: Callable[[], T], repeat: int = 1) -> tuple[float, T]:
    """Least CPU seconds of some runs, and the last result."""
    best, result = math.inf, None
    for _ in range(repeat):
        gc.collect()
        started = time.process_time()
        result = work()
        best = min(best, time.process_time() - started)
    assert result is not None
    return best, result


def measure(bench: Bench, patience: float) -> list[Line]:
    """All phases on one town; raises where two ways of computing disagree about the optimum."""
    size, lines = bench.size, []
    folder, town = bench.written, bench.variant
    lines.append(Line(size, "read", timed(lambda: phases.read(folder), 3)[0]))
    lines.append(Line(size, "read and check", timed(lambda: phases.check(folder), 3)[0]))

    towns = iter([phases.afresh(town) for _ in range(5)])
    ours, compiled = timed(lambda: phases.compile_town(next(towns)), 5)
    usual, _ = timed(lambda: phases.build_textbook(town), 1 if size == "L" else 3)
    program = compiled.program
    extent = f"{program.row_count:,} rows, {program.column_count:,} columns, {len(program.values):,} entries"
    lines.append(Line(size, "compile | idiomatic PuLP model", ours, usual, extent))

    ours, _ = timed(lambda: phases.assemble_town(compiled), 5)
    data = phases.textbook_data(town)
    usual, textbook = timed(lambda: phases.assemble_textbook(town, data), 1 if size == "L" else 3)
    remark = "without reading the tables, which both need"
    lines.append(Line(size, "  of it: arrays | PuLP expressions", ours, usual, remark))

    ours, solution = timed(lambda: phases.solve(program))
    usual, raw = timed(lambda: phases.solve_raw(program, patience))
    ended = not math.isnan(raw)
    remark = f"which stops {abs(raw - solution.objective):.1e} short of the optimum" if ended else "which did not end"
    lines.append(Line(size, "solve | HiGHS, default options", ours, usual, remark, ended))
    if size != "L":
        usual, answer = timed(lambda: phases.solve_textbook(textbook))
        distance = abs(answer.objective + solution.objective)
        assert distance < TOLERANCE, f"the idiomatic model finds another optimum, {distance:.1e} away"
        lines.append(Line(size, "solve | idiomatic PuLP, tight", ours, usual, f"same optimum to {distance:.0e}"))

    seconds, certificate = timed(lambda: phases.check_optimum(program, solution), 3)
    assert certificate.verified
    lines.append(Line(size, "certify", seconds, remark=f"gap {certificate.gap:.0e}"))
    seconds, allocation = timed(lambda: phases.plan(bench.case))
    lines.append(Line(size, "plan (all of it)", seconds, remark="canonical" if allocation.unique else ""))
    seconds, _ = timed(lambda: phases.write(allocation, folder / "plan.json"), 3)
    lines.append(Line(size, "write JSON", seconds))
    return lines


def show(lines: list[Line]) -> Table:
    """The table of ratios."""
    table = Table(title="CPU seconds; ratio = usual way / allocate")
    for column in ("town", "phase | usual way", "allocate", "usual way", "ratio", ""):
        table.add_column(column, justify="left" if column in ("town", "phase | usual way", "") else "right")
    for line in lines:
        more = "" if line.ended else "> "
        usual = "" if math.isnan(line.usual) else f"{more}{line.usual:.3f}"
        ratio = "" if math.isnan(line.usual) else f"{more}{line.usual / line.ours:.1f}"
        table.add_row(line.size, line.phase, f"{line.ours:.4f}", usual, ratio, line.remark)
    return table


def main() -> None:
    """Measure the towns named on the command line and print the tables, or compare two commits."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("asked", nargs="*", metavar="SIZE", help="S, M or L (default: S and M), or: compare A B")
    parser.add_argument("--patience", type=float, default=120, help="wall seconds for a usual way that may not end")
    parser.add_argument("--write", action="store_true", help="write docs/performance.md anew")
    parser.add_argument("--runs", type=int, default=5, help="of each phase of each commit (compare)")
    parser.add_argument("--no-count", action="store_true", help="do not count instructions (compare)")
    options = parser.parse_args()
    if options.asked[:1] == ["compare"]:
        if len(options.asked) != 3:
            parser.error("compare needs two commits")
        for said in compare(*options.asked[1:], options.runs, count=not options.no_count):
            print(said, flush=True)
        return
    unknown = set(options.asked) - set(SIZES)
    if unknown:
        parser.error(f"no such size: {', '.join(sorted(unknown))}; there are {', '.join(SIZES)}")
    sizes = options.asked or ["S", "M"]
    rows: list[beside.Row] = []
    try:
        for row in chain(beside.measured(sizes, options.patience), beside.coverings(COVERINGS, options.patience)):
            rows.append(row)
            print(f"{row.size} {row.way}: {row.cost.failed or f'{row.cost.cpu:.2f} s'}", file=sys.stderr, flush=True)
    finally:
        print("\n".join(beside.lines(rows)))
        if options.write:
            print(f"written: {beside.write(rows)}")
    with tempfile.TemporaryDirectory() as folder:
        for size in sizes:
            Console(width=150).print(show(measure(Bench(size, Path(folder)), options.patience)))
    if beside.apart(rows):
        raise SystemExit("\n".join(beside.apart(rows)))


if __name__ == "__main__":
    main()
