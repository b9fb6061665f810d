"""A fault in the program is caught by the program, at run time, before a planner sees the plan."""

from __future__ import annotations

from collections import Counter

import pytest

from allocate.errors import CertificateError
from allocate.inputs.case import Case
from allocate.session import Session
from tests.judge.faults import FAULTS, Fault
from tests.judge.judgetown import tables
from tests.strategies import case_of


@pytest.fixture(scope="module")
def town() -> Case:
    return case_of(tables())


def changed(town: Case, fault: Fault) -> Case:
    """The town with the one cell changed that the fault needs to show."""
    if fault.cell is None:
        return town
    table, column, id, value = fault.cell
    frame = town[table]
    own = frame.iloc[:, 0] == id
    assert own.any()
    return town._unchecked(**{table: frame.assign(**{column: frame[column].where(~own, value)})})


def test_without_a_fault_every_scenario_has_a_plan(town: Case) -> None:
    session = Session(town)
    assert all(session.run(scenario).has_plan for scenario in session.scenario_ids)


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.name)
def test_a_seeded_fault_never_reaches_the_reader(town: Case, fault: Fault, monkeypatch: pytest.MonkeyPatch) -> None:
    assert Session(changed(town, fault)).run(fault.scenario).has_plan
    # A town of its own: what is made of tables once is kept with them, and would be the honest one.
    case = changed(case_of(tables()), fault)
    fault.seed(monkeypatch)
    with pytest.raises(CertificateError) as caught:
        Session(case).run(fault.scenario)
    assert caught.value.exit_code == 3
    for lang in ("de", "en"):
        assert fault.scenario in caught.value.text(lang)


def test_there_are_many_faults_in_all_three_rooms() -> None:
    assert len(FAULTS) >= 60
    assert max(Counter(fault.name for fault in FAULTS).values()) == 1
