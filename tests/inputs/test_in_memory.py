"""Tables that come from memory are read and checked as files are, and what is derived is known for what it is."""

from __future__ import annotations

import copy
import datetime
import importlib.util
import pickle
from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from allocate.checking.check_case import check_case
from allocate.checking.opening import read_case
from allocate.errors import AllocateError, CertificateError, InputError, SolverMissing, UsageError
from allocate.inputs.case import Case
from allocate.inputs.reading.package import read_tables
from allocate.inputs.scenario.variant import apply
from allocate.session import Session
from allocate.solve.solution import Limits
from tests.conftest import TINY

type Change = Callable[[pd.DataFrame], pd.DataFrame]


@pytest.fixture(scope="module")
def tiny() -> Case:
    return read_case(TINY)


def first(column: str, value: object) -> Change:
    """The table with another value in the first row."""
    return lambda table: table.assign(**{column: [value, *table[column].tolist()[1:]]})


def twice(table: pd.DataFrame) -> pd.DataFrame:
    return pd.concat([table, table.iloc[:1]])


FAULTS: list[tuple[str, Change, str, str]] = [
    ("demand", first("need_id", "N9"), "unknown-reference", "need_id"),
    ("demand", first("space_id", "nowhere"), "unknown-reference", "space_id"),
    ("demand", first("demand", float("nan")), "required-blank", "demand"),
    ("demand", first("demand", -1.0), "number-negative", "demand"),
    ("demand", first("demand", float("inf")), "not-finite", "demand"),
    ("demand", first("demand", "many"), "read-number", "demand"),
    ("demand", twice, "duplicate-key", "need_id"),
    ("pots", first("pooled", "perhaps"), "read-yes-no", "pooled"),
    ("pots", lambda table: table.drop(columns="amount"), "read-column-missing", "amount"),
    ("pots", lambda table: table.head(0), "table-empty", ""),
    ("scenarios", first("pooling", "all"), "choice-unknown", "pooling"),
    ("effects", first("offer_id", None), "required-blank", "offer_id"),
]


@pytest.mark.parametrize(("table", "spoil", "rule", "column"), FAULTS, ids=[f"{f[0]}-{f[2]}" for f in FAULTS])
def test_a_spoilt_table_is_refused_with_its_place(
    tiny: Case, table: str, spoil: Change, rule: str, column: str
) -> None:
    spoilt = spoil(tiny[table])
    ways: list[Callable[[], object]] = [lambda: tiny.with_tables(**{table: spoilt})]
    # The other ways lead to the same checks; one fault tells that for each.
    ways += (
        []
        if (table, spoil) != FAULTS[0][:2]
        else [
            lambda: Case.from_frames("tiny", **{**tiny.tables, table: spoilt}),
            lambda: Session(replace(tiny, tables={**tiny.tables, table: spoilt})),
            lambda: Session(Case("tiny", TINY, {**tiny.tables, table: spoilt}, {})),
        ]
    )
    for way in ways:
        with pytest.raises(InputError) as refused:
            way()
        findings = refused.value.findings
        assert findings is not None
        mine = findings[(findings["rule"] == rule) & (findings["column"] == column)]
        assert len(mine) and set(mine["severity"]) == {"error"}
        assert mine["file"].str.startswith(table).all()
        assert mine["message"].iloc[0] in str(refused.value) or len(findings[findings["severity"] == "error"]) > 3


def test_all_faults_are_said_at_once(tiny: Case) -> None:
    with pytest.raises(InputError) as refused:
        tiny.with_tables(demand=first("need_id", "N9")(tiny["demand"]), pots=first("amount", -5.0)(tiny["pots"]))
    findings = refused.value.findings
    assert findings is not None
    assert {"unknown-reference", "number-negative"} <= set(findings["rule"])
    assert refused.value.exit_code == 2


@pytest.mark.parametrize(
    ("given", "id", "word"),
    [
        ({"pot": pd.DataFrame()}, "tables-unknown", "pots"),
        ({"pots": [1, 2]}, "type-unexpected", "DataFrame"),
        ({"pots": None}, "type-unexpected", "pots"),
    ],
)
def test_what_is_no_table_is_refused(tiny: Case, given: dict[str, pd.DataFrame], id: str, word: str) -> None:
    for way in (tiny.with_tables, lambda **frames: Case.from_frames("tiny", **frames)):
        with pytest.raises(UsageError, match=word) as refused:
            way(**given)
        assert refused.value.id == id


def test_a_case_of_frames_is_the_case_of_the_files(tiny: Case) -> None:
    """Plain frames as somebody builds them, without the index and without the columns that have defaults."""
    files = {path.stem: pd.read_csv(path) for path in TINY.glob("*.csv")}
    case = Case.from_frames("tiny", **files)
    assert case.fingerprint == tiny.fingerprint
    assert Session(case).run("pooled").objective == Session(tiny).run("pooled").objective
    assert case.place("pots", 3, "amount") == "pots row 3 column amount"
    missing = {name: table for name, table in files.items() if name != "pots"}
    with pytest.raises(InputError) as refused:
        Case.from_frames("tiny", **missing)
    assert refused.value.findings is not None
    assert "read-table-missing" in set(refused.value.findings["rule"])


def categories(table: pd.DataFrame) -> pd.DataFrame:
    return table.astype({name: "category" for name in table.columns if table[name].dtype == "str"})


def in_chunks(table: pd.DataFrame) -> pd.DataFrame:
    return pd.concat([table.iloc[:1], table.iloc[1:]], ignore_index=True)


def decimals(table: pd.DataFrame) -> pd.DataFrame:
    numbers = table.select_dtypes("float64").columns
    return table.assign(**{name: pd.Series([Decimal(repr(v)) for v in table[name]], table.index) for name in numbers})


NO_ARROW = pytest.mark.skipif(importlib.util.find_spec("pyarrow") is None, reason="pyarrow is not needed, only welcome")
KINDS = [
    lambda table: table.astype(object),
    categories,
    in_chunks,
    decimals,
    lambda table: table.convert_dtypes(),
    pytest.param(lambda table: table.convert_dtypes(dtype_backend="pyarrow"), marks=NO_ARROW),
    lambda table: table.set_axis([f"row {at}" for at in range(len(table))]),
    lambda table: table.iloc[::-1],
]


@pytest.mark.parametrize("kind", KINDS)
def test_tables_of_every_kind_give_the_same_plan(tiny: Case, kind: Change) -> None:
    other = tiny.with_tables(**{name: kind(table) for name, table in tiny.tables.items() if len(table)})
    assert other.fingerprint == tiny.fingerprint
    for name, table in tiny.tables.items():
        assert (other[name].dtypes == table.dtypes).all()
    plan, same = Session(other).run("pooled"), Session(tiny).run("pooled")
    assert plan.objective == pytest.approx(same.objective, abs=1e-12)


def test_chunks_work_where_nothing_is_checked_too(tiny: Case) -> None:
    """Our own derived cases join tables as well."""
    joined = tiny._unchecked(**{name: in_chunks(table) for name, table in tiny.tables.items() if len(table)})
    assert Session(joined).run("sites").objective == Session(tiny).run("sites").objective
    assert len(check_case(joined)) == len(check_case(tiny))


def test_cells_are_read_as_in_a_sheet(tiny: Case) -> None:
    offers = tiny["offers"].astype(object)
    row = offers.index[0]
    offers.loc[row, "contract_end"] = datetime.date(2027, 12, 31)
    offers.loc[row, "unit_cost"] = np.int32(100)
    pots = tiny["pots"].astype(object)
    pots.at[pots.index[0], "offers"] = tiny["offers"]["offer_id"].tolist()
    changed = tiny.with_tables(offers=offers, pots=pots)
    assert changed["offers"].loc[row, ["contract_end", "unit_cost"]].tolist() == ["2027-12-31", 100.0]
    assert changed["pots"]["offers"].iloc[0] == ";".join(tiny["offers"]["offer_id"])


def test_numbers_in_text_are_plain_numbers(auenfurt: Path) -> None:
    """``1.046`` is near one in a case; read from a file it could be a thousand and forty-six."""
    case = read_case(auenfurt)
    changes = case["changes"]
    only = changes[changes["how"] == "multiply"].iloc[:1].assign(value="1.046")
    assert case.with_tables(changes=only)["changes"]["value"].tolist() == ["1.046"]


def test_rows_keep_the_place_in_their_file(tiny: Case) -> None:
    kept = tiny["demand"].iloc[1:]
    assert tiny.with_tables(demand=kept)["demand"].index.tolist() == kept.index.tolist()
    assert tiny.with_tables(demand=kept.reset_index(drop=True))["demand"].index[0] == 2


def test_everything_derived_has_a_fingerprint_of_its_own(auenfurt: Path) -> None:
    case = read_case(auenfurt)
    demand = case["demand"]
    fewer = case.with_tables(demand=demand.assign(demand=demand["demand"] * 0.97))
    assert case.with_tables(demand=demand).fingerprint == case.fingerprint
    prints = [case.fingerprint, fewer.fingerprint]
    prints += [apply(case, id).fingerprint for id in ("SZ0", "SZ1", "SZ2", "SZ3a")]
    prints += [apply(fewer, "SZ2").fingerprint]
    assert len(set(prints)) == len(prints)
    assert all(len(one) == len(case.fingerprint) for one in prints)
    assert apply(case, "SZ3a").fingerprint == apply(read_case(auenfurt), "SZ3a").fingerprint
    assert Session(fewer).run("SZ0").fingerprint == apply(fewer, "SZ0").fingerprint


def test_frames_are_the_readers_own(tiny: Case) -> None:
    session = Session(tiny)
    plan = session.run("pooled")
    before = {name: getattr(plan, name).copy(deep=True) for name in ("offers", "pots", "coverage", "funding")}
    pots = tiny["pots"].copy(deep=True)
    for frame in [*(getattr(plan, name) for name in before), tiny["pots"], tiny.tables["pots"], tiny.findings]:
        frame[frame.columns[-1]] = 0
        frame.loc[frame.index[:1], frame.columns[0]] = "other"
        del frame[frame.columns[0]]
    for name, frame in before.items():
        pd.testing.assert_frame_equal(getattr(session.run("pooled"), name), frame)
    pd.testing.assert_frame_equal(tiny["pots"], pots)
    given = tiny["pots"]
    richer = tiny.with_tables(pots=given)
    given["amount"] = 0.0
    assert richer["pots"]["amount"].tolist() == pots["amount"].tolist()
    with pytest.raises(TypeError):
        tiny.tables["pots"] = given  # type: ignore[index]


def test_added_variants_are_checked(tiny: Case) -> None:
    variant = apply(tiny, "pooled")
    spoilt = {**tiny.tables, "demand": first("need_id", "N9")(tiny["demand"])}
    with pytest.raises(InputError):
        Session(tiny).add(replace(variant, case=replace(tiny, tables=spoilt)))


def test_a_case_put_together_by_hand_is_checked_once(tiny: Case, monkeypatch: pytest.MonkeyPatch) -> None:
    bare = Case("by hand", Path("by hand"), dict(tiny.tables), {})
    assert Session(bare).run("silo").objective == Session(tiny).run("silo").objective
    monkeypatch.setattr("allocate.checking.in_memory.check_case", lambda _case: pytest.fail("checked again"))
    Session(bare)
    Session(tiny)
    Session(apply(tiny, "silo").case)


WRONG: list[Callable[[Case], object]] = [
    lambda _case: Session(42),  # type: ignore[arg-type]
    lambda case: Session(case, solver=3),  # type: ignore[arg-type]
    lambda case: Session(case, limits=3),  # type: ignore[arg-type]
    lambda case: Session(case).run(3),  # type: ignore[arg-type]
    lambda case: Session(case).run(["silo"]),  # type: ignore[arg-type]
    lambda case: Session(case).add(case),  # type: ignore[arg-type]
    lambda _case: read_case(None),  # type: ignore[arg-type]
    lambda _case: Limits(seconds="x"),  # type: ignore[arg-type]
    lambda _case: Limits(mip_gap=True),
    lambda _case: Case.from_frames(3),  # type: ignore[arg-type]
]


@pytest.mark.parametrize("wrong", WRONG)
def test_a_wrong_type_says_what_was_expected(tiny: Case, wrong: Callable[[Case], object]) -> None:
    with pytest.raises(UsageError, match=r"Expected .+, not ") as refused:
        wrong(tiny)
    assert refused.value.id == "type-unexpected"
    assert "Erwartet wird" in refused.value.text("de")


@pytest.mark.parametrize("given", [{"seconds": 0}, {"seconds": -1}, {"seconds": float("nan")}, {"mip_gap": -0.1}])
def test_limits_are_numbers_that_limit(given: dict[str, float]) -> None:
    with pytest.raises(UsageError, match="Expected a number"):
        Limits(**given)


def test_errors_travel_with_everything_they_say(tiny: Case) -> None:
    with pytest.raises(InputError) as refused:
        tiny.with_tables(demand=first("need_id", "N9")(tiny["demand"]))
    errors: list[AllocateError] = [
        refused.value,
        UsageError("scenario-unknown", place="-s", scenario="X", nearest="Y"),
        CertificateError("plan-not-verified", scenario="X", reason="gap"),
        SolverMissing("solver-missing", solver="pulp:X", install="pip"),
    ]
    for error in errors:
        for other in (pickle.loads(pickle.dumps(error)), copy.copy(error), copy.deepcopy(error)):
            assert type(other) is type(error)
            assert (str(other), other.text("de"), other.place) == (str(error), error.text("de"), error.place)
    again = pickle.loads(pickle.dumps(refused.value))
    pd.testing.assert_frame_equal(again.findings, refused.value.findings)


def test_cases_and_plans_travel(tiny: Case) -> None:
    plan = Session(tiny).run("pooled")
    for thing in (tiny, plan.variant, plan, plan.measures):
        for other in (pickle.loads(pickle.dumps(thing)), copy.copy(thing), copy.deepcopy(thing)):
            assert repr(other) == repr(thing) and "\n" not in repr(thing) and len(repr(thing)) < 400
            assert (other == thing) in (True, False)
    again = pickle.loads(pickle.dumps(plan))
    assert again.fingerprint == plan.fingerprint
    pd.testing.assert_frame_equal(again.offers, plan.offers)
    assert Session(pickle.loads(pickle.dumps(tiny))).run("pooled").objective == plan.objective


def test_findings_and_summary_of_a_case(tiny: Case) -> None:
    pd.testing.assert_frame_equal(tiny.findings, check_case(tiny), check_dtype=False)
    assert tiny.summary().startswith(f"{tiny.name}: ") and str(len(tiny["offers"])) in tiny.summary("de")
    assert read_tables(TINY).case.findings.equals(check_case(tiny))
