"""allocate: integrated municipal social planning, from needs to a verified plan.

>>> import allocate
>>> case = allocate.read_case("scenarios/auenfurt")
>>> plan = allocate.Session(case).run("SZ2")
>>> print(plan.status, round(plan.measures.weighted_coverage, 3))
optimal 0.544
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from allocate import examples as examples
    from allocate.checking.opening import read_case as read_case
    from allocate.errors import AllocateError as AllocateError
    from allocate.errors import CertificateError as CertificateError
    from allocate.errors import InputError as InputError
    from allocate.errors import SolverMissing as SolverMissing
    from allocate.errors import UsageError as UsageError
    from allocate.inputs.case import Case as Case
    from allocate.inputs.scenario.new_scenario import NewScenario as NewScenario
    from allocate.inputs.scenario.variant import scenario_ids as scenario_ids
    from allocate.questions.cases import Begun as Begun
    from allocate.questions.cases import Checked as Checked
    from allocate.questions.cases import check as check
    from allocate.questions.cases import init as init
    from allocate.questions.many import batch as batch
    from allocate.questions.many import land as land
    from allocate.questions.many import solve_many as solve_many
    from allocate.questions.program import Program as Program
    from allocate.questions.reports import Report as Report
    from allocate.questions.session import Session as Session
    from allocate.report.pictures.picture import Picture as Picture
    from allocate.results.allocation import Allocation as Allocation
    from allocate.results.measures import Measures as Measures
    from allocate.results.runs import Runs as Runs
    from allocate.solve.solution import Limits as Limits
    from allocate.solve.solution import Status as Status

__version__ = "0.1.0"

# The public names and their homes. They are fetched on first use, because the command line imports this package before
# it shows its help and must not wait for pandas.
_HOMES = {
    "AllocateError": "allocate.errors",
    "CertificateError": "allocate.errors",
    "InputError": "allocate.errors",
    "SolverMissing": "allocate.errors",
    "UsageError": "allocate.errors",
    "Case": "allocate.inputs.case",
    "NewScenario": "allocate.inputs.scenario.new_scenario",
    "Picture": "allocate.report.pictures.picture",
    "Program": "allocate.questions.program",
    "Report": "allocate.questions.reports",
    "Begun": "allocate.questions.cases",
    "Checked": "allocate.questions.cases",
    "check": "allocate.questions.cases",
    "init": "allocate.questions.cases",
    "batch": "allocate.questions.many",
    "land": "allocate.questions.many",
    "Runs": "allocate.results.runs",
    "examples": "allocate",
    "solve_many": "allocate.questions.many",
    "read_case": "allocate.checking.opening",
    "scenario_ids": "allocate.inputs.scenario.variant",
    "Allocation": "allocate.results.allocation",
    "Measures": "allocate.results.measures",
    "Session": "allocate.questions.session",
    "Limits": "allocate.solve.solution",
    "Status": "allocate.solve.solution",
}

__all__ = ["__version__", *sorted(_HOMES)]  # noqa: PLE0604  (all of them are names)


def __getattr__(name: str) -> object:
    """Fetch a public name from its home."""
    if name not in _HOMES:
        raise AttributeError(f"module 'allocate' has no attribute {name!r}")
    home = _HOMES[name]
    value = import_module(f"{home}.{name}") if home == __name__ else getattr(import_module(home), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
