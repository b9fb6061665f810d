"""A fault for every rule of checking: how severe it is, what is spoilt in a faultless town, where it must be found."""

from __future__ import annotations

from allocate.inputs.dictionary import tables_about
from tests.inputs.checktown import Spoil, add, all_rows, drop, put

type Place = tuple[str, int | None, str]

ERROR, WARNING, NOTE = "error", "warning", "note"


def clear(table: str) -> Spoil:
    return lambda town: town[table].clear()


def change(table: str, key: str, column: str, how: str, value: str, scenario: str = "B", reason: str = "r") -> Spoil:
    """One more change row; it stands in row 5 of changes.csv."""
    row = {"scenario_id": scenario, "table": table, "key": key, "column": column, "how": how, "value": value}
    return add("changes", **row, reason=reason)


MONEY = (*tables_about("pots.pot_id"), "changes")
# Neither pots nor costs: the town is planned in places.
IN_PLACES: list[Spoil] = [
    *(drop(table) for table in MONEY),
    all_rows("offers", unit_cost="", fixed_cost="", variable_unit_cost="", unit="Platz"),
]


def room(beyond: str) -> Spoil:
    """A second room of O1 beyond some places."""
    return lambda town: town.update(steps=[{"offer_id": "O1", "from_capacity": beyond, "fixed_cost": "9000"}])


# rule -> severity, what is spoilt, where the findings must stand
CASES: dict[str, tuple[str, list[Spoil], list[Place]]] = {
    "table-empty": (ERROR, [clear("spaces")], [("spaces.csv", None, "")]),
    "duplicate-key": (ERROR, [add("needs", need_id="N1", name="x", unit="y")], [("needs.csv", 4, "need_id")]),
    "required-blank": (ERROR, [put("offers", 3, unit_cost="")], [("offers.csv", 3, "unit_cost")]),
    "change-without-reason": (ERROR, [put("changes", 3, reason=" ")], [("changes.csv", 3, "reason")]),
    "not-finite": (ERROR, [put("pots", 2, amount="1e999")], [("pots.csv", 2, "amount")]),
    "number-absurd": (ERROR, [put("pots", 2, amount="1e308")], [("pots.csv", 2, "amount")]),
    "number-negative": (ERROR, [put("pots", 3, amount="-5")], [("pots.csv", 3, "amount")]),
    "number-outside": (ERROR, [put("parameters", 2, value="20270")], [("parameters.csv", 2, "value")]),
    "share-outside": (ERROR, [put("floors", 2, min_coverage="1.01")], [("floors.csv", 2, "min_coverage")]),
    "not-whole": (ERROR, [put("pot_years", 3, year="2028.5")], [("pot_years.csv", 3, "year")]),
    "date-invalid": (ERROR, [change("offers", "O1", "contract_end", "set", "someday")], [("changes.csv", 5, "value")]),
    "choice-unknown": (ERROR, [put("floors", 3, kind="politicl")], [("floors.csv", 3, "kind")]),
    "parameter-unknown": (
        WARNING,
        [add("parameters", parameter="equty_weight", value="1")],
        [("parameters.csv", 4, "parameter")],
    ),
    "parameter-not-a-number": (
        ERROR,
        [change("parameters", "equity_weight", "value", "set", "viel")],
        [("changes.csv", 5, "value")],
    ),
    "unknown-reference": (ERROR, [put("effects", 2, need_id="N9")], [("effects.csv", 2, "need_id")]),
    "list-separator": (ERROR, [put("pots", 4, offers="O1, O2 und O3")], [("pots.csv", 4, "offers")]),
    "reference-zeros": (
        ERROR,
        [
            add("spaces", space_id="007", name="Süd", region_id="R1", weight="1"),
            add("demand", space_id="7", need_id="N1", demand="1"),
        ],
        [("demand.csv", 8, "space_id")],
    ),
    "scope-blank": (WARNING, [put("floors", 4, scope_id="")], [("floors.csv", 4, "scope_id")]),
    "scope-without-regions": (
        ERROR,
        [all_rows("spaces", region_id=""), drop("regions")],
        [("floors.csv", 3, "scope")],
    ),
    "need-without-offer": (
        WARNING,
        [add("needs", need_id="N3", name="x", unit="y"), add("demand", space_id="S1", need_id="N3", demand="5")],
        [("needs.csv", 4, "need_id")],
    ),
    "need-without-demand": (
        WARNING,
        [add("needs", need_id="N3", name="x", unit="y")],
        [("needs.csv", 4, "need_id")],
    ),
    "effect-without-demand": (
        NOTE,
        [add("needs", need_id="N3", name="x", unit="y"), add("effects", offer_id="O1", need_id="N3", effect="1")],
        [("effects.csv", 7, "need_id")],
    ),
    "space-without-demand": (WARNING, [add("spaces", space_id="S4", name="x")], [("spaces.csv", 5, "space_id")]),
    "demand-missing": (WARNING, [drop("demand", 4)], [("demand.csv", None, "demand")]),
    "weights-all-zero": (ERROR, [all_rows("needs", weight="0")], [("needs.csv", None, "weight")]),
    "weight-zero": (NOTE, [put("spaces", 4, weight="0")], [("spaces.csv", 4, "weight")]),
    "weight-set-incomplete": (WARNING, [drop("weight_sets", 3)], [("weight_sets.csv", 2, "need_id")]),
    "weight-set-all-zero": (ERROR, [all_rows("weight_sets", weight="0")], [("weight_sets.csv", 2, "")]),
    "segment-empty": (ERROR, [put("segments", 4, to="0.8")], [("segments.csv", 4, "to")]),
    "segment-gap": (ERROR, [put("segments", 3, **{"from": "0.6"})], [("segments.csv", 3, "from")]),
    "segment-end": (ERROR, [put("segments", 4, to="0.95")], [("segments.csv", 4, "to")]),
    "segment-rising": (ERROR, [put("segments", 3, value="1.1")], [("segments.csv", 3, "value")]),
    "floor-zero": (NOTE, [put("floors", 5, min_coverage="0")], [("floors.csv", 5, "min_coverage")]),
    "floor-twice": (
        WARNING,
        [put("floors", 6, floor_set="base")],
        [("floors.csv", 6, "need_id")],
    ),
    "floor-without-demand": (
        NOTE,
        [add("needs", need_id="N3", name="x", unit="y"), put("floors", 2, need_id="N3")],
        [("floors.csv", 2, "need_id")],
    ),
    "floor-without-kind": (WARNING, [put("floors", 2, kind="")], [("floors.csv", 2, "kind")]),
    "floor-set-unused": (
        NOTE,
        [add("floors", floor_id="F6", floor_set="old", scope="all", need_id="N2", min_coverage="0.1", kind="target")],
        [("floors.csv", 7, "floor_set")],
    ),
    "floor-unreachable": (
        WARNING,
        [put("floors", 2, min_coverage="1"), put("offers", 2, max_capacity="80")],
        [("floors.csv", 2, "min_coverage")],
    ),
    "baseline-above-max": (
        ERROR,
        [put("offers", 3, baseline_capacity="41"), put("reach", 4, baseline_capacity="41")],
        [("offers.csv", 3, "baseline_capacity")],
    ),
    "committed-above-max": (
        ERROR,
        [put("offers", 3, committed_capacity="41")],
        [("offers.csv", 3, "committed_capacity")],
    ),
    "least-above-max": (
        ERROR,
        [put("offers", 3, min_capacity_if_open="50")],
        [("offers.csv", 3, "min_capacity_if_open")],
    ),
    "offer-without-cost": (WARNING, [put("offers", 5, unit_cost="0")], [("offers.csv", 5, "unit_cost")]),
    "offer-without-capacity": (
        WARNING,
        [add("offers", offer_id="O5", name="neu", department_id="D1", unit_cost="10", max_capacity="0")],
        [("offers.csv", 6, "max_capacity")],
    ),
    "contract-over": (WARNING, [put("offers", 3, contract_end="31.12.2026")], [("offers.csv", 3, "contract_end")]),
    "exclusive-alone": (WARNING, [put("effects", 6, exclusive="yes")], [("effects.csv", 6, "exclusive")]),
    "effect-zero": (NOTE, [put("effects", 6, effect="0")], [("effects.csv", 6, "effect")]),
    "offer-without-effect": (WARNING, [drop("effects", 3)], [("offers.csv", 3, "offer_id")]),
    "offer-without-reach": (WARNING, [drop("reach", 4)], [("offers.csv", 3, "offer_id")]),
    "corridor-crossed": (ERROR, [put("reach", 3, min_use_share="0.7")], [("reach.csv", 3, "min_use_share")]),
    "corridor-least-sum": (
        ERROR,
        [put("reach", 2, min_use_share="0.6"), put("reach", 3, min_use_share="0.5")],
        [("offers.csv", 2, "offer_id")],
    ),
    "corridor-most-sum": (ERROR, [put("reach", 4, max_use_share="0.9")], [("offers.csv", 3, "offer_id")]),
    "reach-without-access": (NOTE, [put("reach", 8, access="0")], [("reach.csv", 8, "access")]),
    "reach-baseline-above-max": (
        WARNING,
        [put("reach", 6, max_capacity="49")],
        [("reach.csv", 6, "baseline_capacity")],
    ),
    "reach-baseline-sum": (
        WARNING,
        [put("reach", 2, baseline_capacity="49")],
        [("offers.csv", 2, "baseline_capacity")],
    ),
    "committed-beyond-reach": (WARNING, [put("reach", 4, max_capacity="9")], [("offers.csv", 3, "committed_capacity")]),
    "committed-without-reach": (WARNING, [drop("reach", 4)], [("offers.csv", 3, "committed_capacity")]),
    "home-not-reached": (NOTE, [put("offers", 5, home_space_id="S1")], [("offers.csv", 5, "home_space_id")]),
    "indivisible-blank": (
        WARNING,
        [put("scenarios", 4, indivisible="ja"), put("offers", 3, fixed_cost="")],
        [("offers.csv", 3, "fixed_cost")],
    ),
    "indivisible-cost-differs": (
        WARNING,
        [put("scenarios", 4, indivisible="ja"), put("offers", 3, fixed_cost="15000")],
        [("offers.csv", 3, "fixed_cost")],
    ),
    "commitment-above-max": (
        WARNING,
        [put("commitments", 3, min_capacity="101")],
        [("commitments.csv", 3, "min_capacity")],
    ),
    "commitment-differs": (
        WARNING,
        [put("commitments", 2, min_capacity="41")],
        [("commitments.csv", 2, "min_capacity")],
    ),
    "pot-empty": (
        WARNING,
        [add("pots", pot_id="P4", name="neu", amount="0")],
        [("pots.csv", 5, "amount")],
    ),
    "pot-without-share": (
        WARNING,
        [add("pots", pot_id="P4", name="neu", amount="9", max_share="0")],
        [("pots.csv", 5, "max_share")],
    ),
    "pot-without-offer": (
        WARNING,
        [add("pots", pot_id="P4", name="neu", amount="9", offers="O1", spaces="S2")],
        [("pots.csv", 5, "pot_id")],
    ),
    "offer-without-payer": (
        WARNING,
        [
            all_rows("pots", pooled="no"),
            put("pots", 2, themes="T2"),
            put("pots", 3, themes="T2"),
            drop("eligibility", 2),
        ],
        [("offers.csv", 3, "offer_id")],
    ),
    "offer-partly-paid": (
        WARNING,
        [put("pots", 2, max_share="0.5")],
        [("offers.csv", 3, "offer_id")],
    ),
    "committed-unpayable": (
        WARNING,
        [put("offers", 3, committed_capacity="40", unit_cost="12000")],
        [("offers.csv", 3, "committed_capacity")] * 2,
    ),
    "commitments-unpayable": (
        WARNING,
        [
            put("pots", 2, amount="13000"),
            put("pot_years", 2, amount="13000"),
            put("pots", 3, amount="10000"),
            put("pots", 4, amount="9000"),
        ],
        [("pots.csv", None, "amount")],
    ),
    "funding-not-eligible": (
        WARNING,
        [put("baseline_funding", 5, pot_id="P1")],
        [("baseline_funding.csv", 5, "pot_id")],
    ),
    "funding-above-share": (
        WARNING,
        [put("baseline_funding", 2, amount="20000"), put("baseline_funding", 3, amount="60000")],
        [("baseline_funding.csv", 3, "amount")],
    ),
    "funding-above-pot": (WARNING, [put("pots", 3, amount="70000")], [("pots.csv", 3, "amount")]),
    "funding-sum": (WARNING, [put("baseline_funding", 2, amount="59000")], [("offers.csv", 2, "offer_id")]),
    "exception-above-share": (
        NOTE,
        [add("eligibility", pot_id="P3", offer_id="O2", allowed="yes", max_share="0.6")],
        [("eligibility.csv", 3, "max_share")],
    ),
    "cofinancing-itself": (
        ERROR,
        [add("cofinancing", pot_id="P1", per_eur_of="P1", most="1")],
        [("cofinancing.csv", 3, "per_eur_of")],
    ),
    "cofinancing-nothing": (
        WARNING,
        [add("cofinancing", pot_id="P1", per_eur_of="P2", most="0")],
        [("cofinancing.csv", 3, "most")],
    ),
    "cofinancing-own": (
        WARNING,
        [add("cofinancing", pot_id="P2", per_eur_of="own", most="1")],
        [("cofinancing.csv", 3, "per_eur_of")],
    ),
    "pot-reserved": (NOTE, [put("pots", 4, overhead_share="0.1")], [("pots.csv", 4, "amount")]),
    "pot-all-reserved": (WARNING, [put("pots", 4, blocked="1")], [("pots.csv", 4, "amount")]),
    "step-not-reached": (WARNING, [room("100")], [("steps.csv", 2, "from_capacity")]),
    "steps-unused": (NOTE, [room("60"), put("scenarios", 5, indivisible="no")], [("steps.csv", None, "fixed_cost")]),
    "steps-divisible": (NOTE, [room("60")], [("steps.csv", None, "fixed_cost")]),
    "staff-idle": (WARNING, [put("staff", 2, offers="O4", departments="")], [("staff.csv", 2, "posts")]),
    "staff-short": (WARNING, [put("staff", 2, posts="2")], [("staff.csv", 2, "posts")]),
    "staff-unknown": (NOTE, [put("offers", 3, posts_per_unit="")], [("offers.csv", 3, "posts_per_unit")]),
    "exception-contradicts": (WARNING, [put("eligibility", 2, allowed="no")], [("eligibility.csv", 2, "allowed")]),
    "pot-year-differs": (WARNING, [put("pot_years", 2, amount="111000")], [("pot_years.csv", 2, "amount")]),
    "carry-over-unread": (
        WARNING,
        [all_rows("pots", carry_over="ja"), put("pots", 3, carry_over="vielleicht")],
        [("pots.csv", 3, "carry_over")],
    ),
    "year-without-plan": (
        WARNING,
        [put("parameters", 2, value=""), drop("commitments"), drop("staff")],
        [("pot_years.csv", None, "year")],
    ),
    "reach-use-unknown": (NOTE, [put("reach", 4, baseline_capacity="")], [("reach.csv", None, "baseline_capacity")]),
    "cluster-not-serving": (WARNING, [put("plurality", 2, offers="O1;O2;O3")], [("plurality.csv", 2, "offers")]),
    "cluster-one-offer": (
        WARNING,
        [put("plurality", 2, offers="O1", min_share_each="0")],
        [("plurality.csv", 2, "offers")],
    ),
    "cluster-offer-twice": (WARNING, [put("plurality", 2, offers="O1;O2;O1")], [("plurality.csv", 2, "offers")]),
    "cluster-unassessed": (WARNING, [put("plurality", 3, assessment="")], [("plurality.csv", 3, "assessment")]),
    "cluster-least-sum": (
        ERROR,
        [put("plurality", 2, min_share_each="0.51")],
        [("plurality.csv", 2, "min_share_each")],
    ),
    "cluster-most-sum": (
        ERROR,
        [put("plurality", 2, max_share_provider="0.49")],
        [("plurality.csv", 2, "max_share_provider")],
    ),
    "cluster-few-providers": (
        WARNING,
        [put("plurality", 2, min_providers="3")],
        [("plurality.csv", 2, "min_providers")],
    ),
    "cluster-not-binding": (NOTE, [put("plurality", 3, min_share_each="0.1")], [("plurality.csv", 3, "assessment")]),
    "overlap-with-itself": (ERROR, [put("overlaps", 2, offer_id_b="O3")], [("overlaps.csv", 2, "offer_id_b")]),
    "overlap-twice": (
        WARNING,
        [add("overlaps", offer_id_a="O4", offer_id_b="O3", need_id="N2")],
        [("overlaps.csv", 3, "offer_id_b")],
    ),
    "overlap-not-serving": (WARNING, [put("overlaps", 2, need_id="N1")], [("overlaps.csv", 2, "offer_id_a")]),
    "scenario-cycle": (
        ERROR,
        [put("scenarios", 3, parent_id="C")],
        [("scenarios.csv", row, "parent_id") for row in (3, 4, 5)],
    ),
    "integrated-without-pooled": (
        WARNING,
        [all_rows("pots", pooled="no")],
        [("scenarios.csv", row, "pooling") for row in (4, 5)],
    ),
    "evaluate-capped": (NOTE, [put("scenarios", 2, max_moved="100")], [("scenarios.csv", 2, "max_moved")]),
    "evaluate-expected": (WARNING, [put("scenarios", 2, expected="optimal")], [("scenarios.csv", 2, "expected")]),
    "max-moved-zero": (NOTE, [put("scenarios", 4, max_moved="0")], [("scenarios.csv", 4, "max_moved")]),
    "floor-set-twice": (
        WARNING,
        [put("scenarios", 5, floor_sets="base;more;base")],
        [("scenarios.csv", 5, "floor_sets")],
    ),
    "scenario-below-today": (
        WARNING,
        [change("offers", "O2", "max_capacity", "multiply", "0.4")],
        [("changes.csv", 5, "value")],
    ),
    "scenario-below-committed": (
        WARNING,
        [change("offers", "O2", "max_capacity", "set", "9")],
        [("changes.csv", 5, "value")],
    ),
    "change-without-effect": (
        WARNING,
        [change("pots", "P2", "amount", "multiply", "1")],
        [("changes.csv", 5, "value")],
    ),
    "change-compounds": (NOTE, [change("pots", "P1", "amount", "multiply", "0.9", "C")], [("changes.csv", 5, "value")]),
    "change-table-unknown": (ERROR, [change("pot", "P1", "amount", "add", "1")], [("changes.csv", 5, "table")]),
    "change-table-fixed": (ERROR, [change("scenarios", "B", "title", "set", "x")], [("changes.csv", 5, "table")]),
    "change-column-unknown": (ERROR, [change("pots", "P1", "amuont", "add", "1")], [("changes.csv", 5, "column")]),
    "change-of-key": (ERROR, [change("pots", "P1", "pot_id", "set", "P9")], [("changes.csv", 5, "column")]),
    "change-how-unknown": (ERROR, [change("pots", "P2", "amount", "times", "2")], [("changes.csv", 5, "how")]),
    "change-how-table": (ERROR, [change("needs", "N1", "", "merge", "N2")], [("changes.csv", 5, "table")]),
    "change-row-exists": (ERROR, [change("needs", "N1", "", "insert", "name=x")], [("changes.csv", 5, "key")]),
    "change-row-value": (ERROR, [change("offers", "O1", "", "copy", "")], [("changes.csv", 5, "value")]),
    "change-copy-many": (ERROR, [change("offers", "O1;O2", "", "copy", "O9")], [("changes.csv", 5, "value")]),
    "change-cell-unknown": (ERROR, [change("offers", "O1", "", "copy", "O9;hue=x")], [("changes.csv", 5, "value")]),
    "change-cell-value": (
        ERROR,
        [change("offers", "O1", "", "copy", "O9;max_capacity=viel")],
        [("changes.csv", 5, "value")],
    ),
    "change-remove-refused": (ERROR, [change("spaces", "S3", "", "remove", "")], [("changes.csv", 5, "table")]),
    "change-move-nowhere": (ERROR, [change("offers", "O1", "", "move", "S9")], [("changes.csv", 5, "value")]),
    "change-merge-into": (ERROR, [change("offers", "O1", "", "merge", "O9")], [("changes.csv", 5, "value")]),
    "change-merge-alone": (ERROR, [change("offers", "O1", "", "merge", "O1")], [("changes.csv", 5, "key")]),
    "change-key-shape": (ERROR, [change("demand", "S1", "demand", "add", "1")], [("changes.csv", 5, "key")]),
    "change-key-unknown": (ERROR, [change("demand", "S9|N1", "demand", "add", "1")], [("changes.csv", 5, "key")]),
    "change-filter-column": (ERROR, [change("demand", "colour=S1", "demand", "add", "1")], [("changes.csv", 5, "key")]),
    "change-filter-empty": (
        ERROR,
        [change("demand", "space_id=S9", "demand", "add", "1")],
        [("changes.csv", 5, "key")],
    ),
    "change-collision": (ERROR, [change("pots", "*", "amount", "add", "1")], [("changes.csv", 5, "key")]),
    "change-value-not-a-number": (
        ERROR,
        [lambda town: [row.update(area=3) for row in town["spaces"]], change("spaces", "S1", "area", "set", "viel")],
        [("changes.csv", 5, "value")],
    ),
    "change-value-not-yes-no": (ERROR, [change("pots", "P1", "pooled", "set", "maybe")], [("changes.csv", 5, "value")]),
    "change-not-numeric": (ERROR, [change("pots", "P1", "name", "multiply", "2")], [("changes.csv", 5, "how")]),
    "planned-in-places": (NOTE, IN_PLACES, [("offers.csv", None, "")]),
    "kind-without-places": (
        WARNING,
        [*IN_PLACES, add("offers", offer_id="O5", name="x", unit="Bett", home_space_id="S1", max_capacity="5")],
        [("offers.csv", None, "baseline_capacity")],
    ),
    "kind-bound-beyond": (
        WARNING,
        [*IN_PLACES, put("offers", 2, unit="Bett", committed_capacity="81")],
        [("offers.csv", None, "committed_capacity")],
    ),
    "change-of-blank": (
        ERROR,
        [change("reach", "*|S1", "max_capacity", "multiply", "2")],
        [("changes.csv", 5, "column")],
    ),
}
