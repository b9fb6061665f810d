"""The data dictionary holds every table and column of the contract, and is consistent in itself."""

from __future__ import annotations

import math

import pytest

from allocate.inputs import dictionary
from allocate.inputs.dictionary import Column

# Table -> columns, required ones marked *, as the data contract lists them.
CONTRACT = {
    "spaces": "space_id* name* region_id region_name population weight",
    "needs": "need_id* name* name_en unit* unit_en theme_id target_group target_group_en weight duty legal_basis "
    "wanted_reserve participants life_situation",
    "demand": "space_id* need_id* demand* method",
    "offers": "offer_id* name* provider_id department_id theme_id home_space_id unit unit_cost* max_capacity* "
    "baseline_capacity committed_capacity fixed_cost variable_unit_cost min_capacity_if_open contract_end "
    "notice_months available_from available_until lead_months opening_cost closing_cost posts_per_unit "
    "own_share duty instrument",
    "effects": "offer_id* need_id* effect* exclusive",
    "reach": "offer_id* space_id* access max_capacity baseline_capacity min_use_share max_use_share",
    "pots": "pot_id* name* amount* funder departments themes spaces offers pooled max_share carry_over "
    "overhead_share blocked budget_product",
    "eligibility": "pot_id* offer_id* allowed* max_share",
    "cofinancing": "pot_id* offer_id per_eur_of* most* basis",
    "staff": "staff_id* year name* offers departments posts*",
    "steps": "offer_id* from_capacity* fixed_cost*",
    "baseline_funding": "pot_id* offer_id* amount*",
    "floors": "floor_id* floor_set scope* scope_id need_id* min_coverage* kind basis",
    "plurality": "cluster_id* name need_id* scope scope_id offers* assessment reason min_share_each "
    "min_demand_share max_share_provider min_providers",
    "overlaps": "offer_id_a* offer_id_b* need_id* same_target_group same_space overlapping_hours wanted status "
    "heard note",
    "segments": "segment* from* to* value*",
    "weight_sets": "weight_set* need_id* weight*",
    "providers": "provider_id* name*",
    "departments": "department_id* name*",
    "themes": "theme_id* name*",
    "regions": "region_id* name*",
    "parameters": "parameter* value* meaning",
    "scenarios": "scenario_id* title* title_en parent_id pooling floor_sets weight_set max_moved max_step evaluate "
    "indivisible expected question",
    "changes": "scenario_id* table* key* column* how* value* reason* source",
    "commitments": "offer_id* year* min_capacity* reason",
    "demand_years": "space_id* need_id* year* demand*",
    "offer_years": "offer_id* year* unit_cost max_capacity available reason",
    "pot_years": "pot_id* year* amount* reason",
    "grants": "grant_id* payer* year recipient* purpose* amount* starts ends department_id product duty legal_basis",
}
REQUIRED_TABLES = {"spaces", "needs", "demand", "offers", "effects", "pots"}
KEYS = {
    "demand": ("space_id", "need_id"),
    "reach": ("offer_id", "space_id"),
    "overlaps": ("offer_id_a", "offer_id_b", "need_id"),
    "weight_sets": ("weight_set", "need_id"),
    "pot_years": ("pot_id", "year"),
    "grants": ("grant_id", "payer", "year"),
    "floors": ("floor_id",),
    "spaces": ("space_id",),
}
DEFAULTS = {
    ("spaces", "weight"): 1.0,
    ("needs", "weight"): 1.0,
    ("needs", "wanted_reserve"): 0.0,
    ("offers", "baseline_capacity"): 0.0,
    ("offers", "committed_capacity"): 0.0,
    ("reach", "access"): 1.0,
    ("reach", "baseline_capacity"): 0.0,
    ("reach", "min_use_share"): 0.0,
    ("reach", "max_use_share"): 1.0,
    ("pots", "pooled"): False,
    ("pots", "max_share"): 1.0,
    ("floors", "floor_set"): "base",
    ("scenarios", "pooling"): "silo",
    ("scenarios", "floor_sets"): "base",
}
PARAMETERS = {
    "town_name": "",
    "provisional_until": "",
    "provisional_share": "1",
    "plan_year": "",
    "equity_weight": "0.02",
    "duplication_weight": "0.1",
    "movement_weight": "0.1",
    "suppression_threshold": "5",
    "cost_growth": "0",
    "pot_growth": "0",
    "currency": "EUR",
}
COLUMNS = [
    *(column for table in dictionary.tables().values() for column in table),
    *dictionary.common_columns().values(),
    *dictionary.parameters().values(),
]


def _id(column: Column) -> str:
    return f"{column.table}.{column.name}"


def test_tables_and_columns_are_those_of_the_contract() -> None:
    found = {table.name: " ".join(c.name + "*" * c.required for c in table) for table in dictionary.tables().values()}
    assert found == CONTRACT


def test_required_tables_are_those_of_the_contract() -> None:
    assert {table.name for table in dictionary.tables().values() if table.required} == REQUIRED_TABLES


@pytest.mark.parametrize(("table", "key"), KEYS.items())
def test_the_first_columns_are_the_key(table: str, key: tuple[str, ...]) -> None:
    assert dictionary.table(table).key == key
    assert dictionary.table(table).names[: len(key)] == key


@pytest.mark.parametrize(("place", "default"), DEFAULTS.items())
def test_defaults_are_those_of_the_contract(place: tuple[str, str], default: object) -> None:
    assert dictionary.table(place[0])[place[1]].default_value == default


def test_a_number_without_default_is_not_a_number() -> None:
    value = dictionary.table("reach")["max_capacity"].default_value
    assert isinstance(value, float) and math.isnan(value)


def test_parameters_have_the_defaults_of_the_contract() -> None:
    assert {name: column.default for name, column in dictionary.parameters().items()} == PARAMETERS


@pytest.mark.parametrize("column", COLUMNS, ids=_id)
def test_every_column_is_described_in_both_languages(column: Column) -> None:
    assert column.label_de and column.label_en and column.label("de") == column.label_de
    assert column.meaning("de").endswith(".") and column.meaning("en").endswith(".")


@pytest.mark.parametrize("column", COLUMNS, ids=_id)
def test_every_column_has_a_type_that_fits_its_other_entries(column: Column) -> None:
    assert column.type in dictionary.NUMERIC_TYPES | dictionary.TEXT_TYPES | {"yes/no"}
    assert bool(column.choices) == (column.type == "choice")
    assert not column.choices or column.default in ("", *column.choices)
    bounded = column.minimum is not None or column.maximum is not None
    assert column.is_numeric or not bounded
    if column.type == "share":
        # A provider that pays everything itself would leave no cost to fund.
        assert (column.minimum, column.maximum) == (0, 0.99 if column.name == "own_share" else 1)
    if column.is_numeric and column.default:
        assert column.minimum is None or float(column.default) >= column.minimum


@pytest.mark.parametrize("column", [c for c in COLUMNS if c.refers_to], ids=_id)
def test_every_reference_points_to_a_key(column: Column) -> None:
    table, _, name = column.refers_to.partition(".")
    assert name in dictionary.table(table)
    assert column.type in ("id", "list")


def test_common_columns_belong_to_every_table() -> None:
    assert set(dictionary.common_columns()) == {"source", "as_of"}
    column = dictionary.find_column("demand", "as_of")
    assert column is not None and column.type == "date"
    assert dictionary.find_column("demand", "colour") is None
