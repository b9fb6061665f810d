"""The options of page one: what looks better and why it is not proposed, and what a tenth less money costs."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from allocate.analyses.comparison.compare import compare
from allocate.analyses.decision.better import Better, better
from allocate.checking.opening import read_case
from allocate.inputs.names import need_units
from allocate.language import number
from allocate.report.audience import Audience
from allocate.report.front.building import front_page
from allocate.report.front.less import LESS
from allocate.session import Session
from tests.report.conftest import Town


def test_every_plan_that_looks_better_says_what_speaks_against_it(example: Town) -> None:
    """As a sentence, and below its title among the options."""
    decision = example.content.decision
    assert decision is not None
    front = front_page(example.content, "en")
    assert len(front.beside) == len(decision.better)
    noted = {one.id: one.note for one in front.options if not one.budget}
    for one, said in zip(decision.better, front.beside, strict=True):
        assert ("all aims together" in said.casefold()) == (one.kind == "near")
        assert noted[one.id]
    better = {one.id for one in decision.better}
    assert not any(note for id, note in noted.items() if id not in better)


def test_what_speaks_against_a_plan_tells_what_the_figures_beside_it_do_not_show(example: Town) -> None:
    decision, plan = example.content.decision, example.content.plan.measures
    assert decision is not None and plan is not None
    near = Better("near", "x", plan.weighted_coverage, plan.lowest_space_coverage, 7e5, 0.01, by=("duplication_eur",))
    other = replace(near, kind="scenario", id="SZ1", weighted_coverage=0.9, differs=("pooling", "changes"))
    for one, note, said in (
        (
            near,
            "better in suspected duplication; all aims together 1% worse",
            "Almost as good, and better in suspected",
        ),
        (replace(near, weighted_coverage=0.9), "all aims together 1% worse", "Almost as good"),
        (
            replace(near, below_best=0.0, weighted_coverage=0.9),
            "all aims together as good, no closer to today",
            "All aims",
        ),
        (other, "needs other limits of pots and changed inputs", "'Optimised within departmental silos' is better"),
        (replace(other, differs=()), "not proposed", "'Optimised within departmental silos' is better"),
    ):
        content = replace(example.content, decision=replace(decision, better=(one,)))
        front = front_page(content, "en")
        assert next(option.note for option in front.options if option.id == one.id) == note
        (text,) = front.beside
        assert text.startswith(said)


def test_a_tighter_limit_is_no_reason_against_a_plan(auenfurt: Path) -> None:
    """A plan that may move less than the proposal and still looks better needs no other limit."""
    session = Session(read_case(auenfurt))
    found = compare(session, ["SZ1", "SZ2", "SZ2t"])
    differs = {one.id: one.differs for one in better(found.plans, "SZ1", found.measures, None)}
    assert differs == {"SZ2": ("pooling",), "SZ2t": ("pooling",)}
    assert [one.differs for one in better(found.plans, "SZ2t", found.measures, None)] == [("max_moved",)]


def test_a_tenth_less_money_is_told_in_what_the_needs_are_counted_in(example: Town) -> None:
    """Only needs without a withheld cell; what is left of the sum must be of two needs at least."""
    content = example.content
    assert content.ladder is not None
    (less,) = (one for one in front_page(content, "en").options if one.budget)
    covered = [content.ladder.plans[share].coverage.groupby("need_id")["covered"].sum() for share in (1.0, LESS)]
    lost = covered[0] - covered[1]
    units = {need: unit.removesuffix("/year") for need, unit in need_units(content.case, "en").items()}
    assert less.note.startswith(f"{number(lost.sum(), 'en')} fewer reached")
    veiled = {need for _, need in content.mask.hidden}
    told = {units[str(need)] for need in lost.index if str(need) not in veiled}
    assert any(unit in less.note for unit in told)
    assert not any(unit in less.note for unit in set(units.values()) - told)


def test_the_public_reads_the_sum_alone(example: Town) -> None:
    """Cells told in steps add up to another number."""
    content = replace(example.content, audience=Audience("public"))
    (note,) = (option.note for option in front_page(content, "en").options if option.budget)
    assert note.endswith("need units fewer covered")


def test_no_unit_is_named_where_the_rest_would_be_that_of_one_need(example: Town) -> None:
    content = example.content
    needs = sorted(need_units(content.case, "en"))
    for secret, named in ((needs[:1], False), (needs[:2], True)):
        cells = frozenset(("S01", need) for need in secret)
        mask = replace(content.mask, primary=cells, secondary=frozenset(), threshold=0.0)
        units = dict.fromkeys(needs, "places") | dict.fromkeys(secret, "beds")
        table = content.case["needs"].assign(unit_en=[units[need] for need in content.case["needs"]["need_id"]])
        town = replace(content, mask=mask, case=content.case.with_tables(needs=table))
        (note,) = (option.note for option in front_page(town, "en").options if option.budget)
        assert ("places" in note) == named
        assert "beds" not in note
