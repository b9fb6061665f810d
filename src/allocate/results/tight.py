"""Tight rules that a plan says by itself: the sentence ``note`` of a rule, for its rows that have no room left."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import numpy as np

from allocate.inputs.names import TABLES, all_called
from allocate.language import LANGUAGES, first_of
from allocate.model.compile import Compiled
from allocate.model.rules.register import RULES
from allocate.model.rules.rule import Equation, Rule
from allocate.town.arrays import Floats, Ids

# A row has no room left when at most this share of what is added up in it is missing; of nothing nothing is said.
TIGHT = 1e-7
SOMETHING = 0.01
# So many things a sentence names.
NAMED = 4
NOTE = "note"


def tight_rules(compiled: Compiled, x: Floats) -> Iterator[tuple[Rule, Mapping[str, Mapping[str, str]]]]:
    """Each rule with a sentence and each thing it is tight for: what the sentence is filled with, by language.

    A sentence is about the first part of a row's key (``{pot}``) and lists the second (``{offers}``).
    """
    program, index = compiled.program, compiled.program.rows_index
    told = [rule for rule in RULES if any(one.rule for one in rule.equations) and NOTE in rule.texts.sentences]
    families = [(rule, one) for rule in told for one in rule.equations if one.rule and one.name in index]
    if not any(len(index[one.name]) for _, one in families):
        return
    activity = program.activity(x)
    size = np.bincount(program.rows, np.abs(program.values * x[program.entry_columns]), minlength=program.row_count)
    full = (size > SOMETHING) & (program.row_upper - activity <= TIGHT * np.maximum(size, 1.0))
    for rule, equation in families:
        family = index[equation.name]
        tight = np.flatnonzero(full[family.slice])
        for first in dict.fromkeys(family.keys[0][tight].tolist()):
            own = tight[family.keys[0][tight] == first]
            yield rule, _values(compiled, equation, first, [part[own] for part in family.keys[1:]])


def _values(compiled: Compiled, equation: Equation, first: str, others: list[Ids]) -> dict[str, dict[str, str]]:
    parts = {equation.keys[0]: [first]}
    parts |= {f"{name}s": ids.tolist() for name, ids in zip(equation.keys[1:], others, strict=True)}
    keys = dict(zip(parts, equation.keys, strict=True))
    return {
        name: {lang: _listed(compiled, f"{keys[name]}_id", ids, lang) for lang in LANGUAGES}
        for name, ids in parts.items()
    }


def _listed(compiled: Compiled, key: str, ids: list[str], lang: str) -> str:
    """Things by id and name, as many as fit a sentence."""
    case = compiled.variant.case
    said = all_called(case, key, ids, lang) if key in TABLES else [str(id) for id in ids]
    return first_of(said, NAMED)
