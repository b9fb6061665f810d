"""Random command lines, from the parameters that click knows of each command, so that a new option is tried too."""

from __future__ import annotations

import math
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Any

import click

from allocate.cli.paths import Reads, Writes
from allocate.cli.root import entries
from allocate.inputs import dictionary
from tests.fuzz.files import write_ballots, write_suggestions
from tests.fuzz.towns import CELLS, Town, ids, key_of

# A browser prints for seconds: PDF has tests of its own.
LEFT_OUT = {"help", "pdf"}
_ENDINGS = (".json", ".json", ".csv", ".txt", ".html", ".xlsx", ".docx", ".lp", ".mps", ".pdf", ".x", "")
_TABLE_OF = {"offer": "offers", "pot": "pots", "space": "spaces", "floor": "floors"}
_NUMBERS = ("0", "1", "2", "3", "0.5", "0,5", "0.01", "-1", "1000", "1.000", "1e9", "nan", "inf", "x", "", "1e400")
# Whole numbers that mean so many runs are kept small: a hang is looked for, not an order that takes its time.
_MANY = {"runs", "inputs", "turning", "solves", "count", "forms", "groups", "points", "most"}


@dataclass(frozen=True)
class Setting:
    """What command lines are drawn from: the town and its case, and where further inputs and the outputs go."""

    town: Town
    case: Path
    inputs: Path
    outputs: Path


def line(command: str, setting: Setting, rng: Random) -> list[list[str]]:
    """The parts of a random command line: the command first, then each option with its value."""
    loaded = entries()[command].load()
    sane = rng.random() < 0.8
    parts = [[command]]
    for parameter in loaded.params:
        if parameter.name in LEFT_OUT or parameter.name is None:
            continue
        if isinstance(parameter, click.Argument):
            parts += [[word] for word in _arguments(parameter, setting, rng)]
        elif parameter.required or rng.random() < _chance(parameter):
            often = rng.randrange(1, 3) if parameter.multiple and rng.random() < 0.4 else 1
            parts += [_option(parameter, setting, rng, sane=sane) for _ in range(often)]
    if command == "sweep" and sane:
        varied = ["pots:*:amount*{x}", "offers:*:unit_cost*{x}", "demand:*:demand+{x}"]
        parts = [["--change", rng.choice(varied)] if part[0] == "--change" else part for part in parts]
    if command == "explain" and sane:
        parts = _one_subject(parts, setting, rng)
    if (
        command != "sweep"
        and any(part[0] == "--change" for part in parts)
        and not any(part[0] == "--reason" for part in parts)
    ):
        parts.append(["--reason", "r"])
    return parts


def _one_subject(parts: list[list[str]], setting: Setting, rng: Random) -> list[list[str]]:
    """``explain`` with exactly one thing to explain."""
    subjects = {"--offer": "offers", "--pot": "pots", "--space": "spaces", "--floor": "floors"}
    parts = [part for part in parts if part[0] not in (*subjects, "--all")]
    name = rng.choice([*subjects, "--all"])
    return [*parts, [name] if name == "--all" else [name, rng.choice(ids(setting.town, subjects[name]) or ["x"])]]


def _chance(option: click.Option) -> float:
    if option.name in ("scenario", "scenarios"):
        return 0.7
    return {"all": 0.4, "offer": 0.3, "format": 0.4, "lang": 0.3, "docx": 0.1, "kind": 0.4}.get(str(option.name), 0.15)


def _arguments(argument: click.Argument, setting: Setting, rng: Random) -> list[str]:
    if isinstance(argument.type, Reads):
        return [str(setting.case)]
    if isinstance(argument.type, Writes):
        return [str(setting.outputs / rng.choice(["new", "new.xlsx", "a/b", "ü"]))]
    return [scenario(setting.town, rng) for _ in range(rng.randrange(0, 3))]


def _option(option: click.Option, setting: Setting, rng: Random, *, sane: bool) -> list[str]:
    name = rng.choice(option.opts)
    if option.is_flag or (option.flag_value is not None and isinstance(option.flag_value, str)):
        return [name]
    return [name, _value(option, setting, rng, sane=sane)]


def _value(option: click.Option, setting: Setting, rng: Random, *, sane: bool) -> str:  # noqa: PLR0911
    kind, name = option.type, str(option.name)
    if not sane and rng.random() < 0.1:
        return rng.choice(CELLS).replace("\0", "")
    if isinstance(kind, click.Choice):
        return str(rng.choice(list(kind.choices)))
    if isinstance(kind, Writes):
        return _target(option, setting, rng)
    if isinstance(kind, Reads):
        return _further_input(name, setting, rng)
    if isinstance(kind, click.types.IntParamType):
        return rng.choice(["0", "1", "2", "3", "5"]) if sane or name in _MANY else rng.choice(_NUMBERS)
    if isinstance(kind, click.types.FloatParamType) or name == "time_limit":
        return _sane_number(kind, rng) if sane else rng.choice(_NUMBERS)
    if name in _TABLE_OF:
        return rng.choice(ids(setting.town, _TABLE_OF[name]) or ["O1"])
    return _WORDS.get(name, _any_word)(setting.town, rng)


def _sane_number(kind: Any, rng: Random) -> str:
    low = getattr(kind, "min", None)
    high = getattr(kind, "max", None)
    low = 0.0 if low is None else float(low)
    return f"{rng.uniform(low, min(low + 10, math.inf if high is None else float(high))):.3g}"


def _target(option: click.Option, setting: Setting, rng: Random) -> str:
    odd = rng.random()
    if odd < 0.05:
        return rng.choice([str(setting.case), str(setting.case / "offers.csv"), "/dev/null", str(setting.outputs)])
    if odd < 0.08:
        return str(setting.outputs / "none" / "x.json")
    usual = {
        "marked": ".xlsx",
        "xlsx": ".xlsx",
        "sheet": ".xlsx",
        "docx": ".docx",
        "weights_out": ".csv",
        "into": ".sqlite",
    }
    ending = usual.get(str(option.name)) if odd < 0.9 else None
    return str(setting.outputs / f"{option.name}{rng.choice(_ENDINGS) if ending is None else ending}")


def _further_input(name: str, setting: Setting, rng: Random) -> str:
    path = setting.inputs / f"{name}-{len(list(setting.inputs.iterdir()))}.csv"
    if rng.random() < 0.05:
        return str(path)
    if name == "suggestions":
        write_suggestions([_change(setting.town, rng) for _ in range(2)], path, rng)
    else:
        write_ballots(setting.town, path, rng)
    return str(path)


def scenario(town: Town, rng: Random) -> str:
    """The id of a scenario; now and then one there is not."""
    known = ids(town, "scenarios") or ["status_quo", "silo", "integrated"]
    return rng.choice(known) if rng.random() < 0.95 else rng.choice(["nope", rng.choice(CELLS)])


def _change(town: Town, rng: Random) -> str:
    table = rng.choice(
        [name for name in ("pots", "demand", "offers", "effects", "needs", *town) if name in town] or ["pots"]
    )
    columns = [column.name for column in dictionary.table(table)] if table in dictionary.tables() else ["x"]
    numeric = {"pots": "amount", "demand": "demand", "offers": "max_capacity", "effects": "effect", "needs": "weight"}
    column = numeric[table] if table in numeric and rng.random() < 0.7 else rng.choice(columns)
    value = rng.choice(["0", "0.9", "1,1", "10%", "100", "1.000", "5", rng.choice(CELLS)])
    return f"{table}:{key_of(town, table, rng)}:{column}{rng.choice('=*/+-')}{value}"


def _sweep(_town: Town, rng: Random) -> str:
    return rng.choice(
        ["0.9:1.1:0.1", "0,9:1,1:0,05", "1;2", "0;1000", "5", "1:0:1", "9.000:11.000:1.000", rng.choice(CELLS)]
    )


def _order(_town: Town, rng: Random) -> str:
    goals = rng.sample(["coverage", "duplication", "equity", "movement", "cost"], rng.randrange(1, 5))
    return ",".join(goal + rng.choice(["", "", ":0.1", ":1000", ":x", ":0,5", ":-1"]) for goal in goals)


def _goal(town: Town, rng: Random) -> str:
    table = rng.choice(["need", "space", "region", "cell", "all", "x"])
    of = {"need": "needs", "space": "spaces", "region": "regions"}.get(table)
    key = rng.choice(ids(town, of) or ["*"]) if of and rng.random() < 0.7 else "*"
    return f"{table}:{key}={rng.choice(['0.5', '0,4', '1', '50%', '2', '0', 'x'])}"


def _any_word(town: Town, rng: Random) -> str:
    return rng.choice([*CELLS, *(ids(town, rng.choice(list(town))) if town else [])]) or "x"


def _with_placeholder(town: Town, rng: Random) -> str:
    change = _change(town, rng)
    return change if rng.random() < 0.8 else "pots:*:amount*{x}"


_WORDS = {
    "scenario": scenario, "scenarios": scenario, "proposal": scenario, "change": _with_placeholder, "over": _sweep,
    "order": _order, "target": _goal, "reason": lambda _town, rng: rng.choice(["r", "r", "", rng.choice(CELLS)]),
    "save_as": lambda _town, rng: rng.choice(["N1", "neu", "A", rng.choice(CELLS)]),
    "solver": lambda _town, rng: rng.choice(["highs", "highs", "pulp:HiGHS", "pulp:CBC", "x", ""]),
    "burden": lambda _town, rng: rng.choice(["weight", "population", "x"]),
    "suggested": lambda town, rng: _change(town, rng) if rng.random() < 0.8 else "mehr Bänke",
}  # fmt: skip
