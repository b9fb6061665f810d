"""The chapters about money: releases and uses, trade-offs, more or less money, when it can begin."""

from __future__ import annotations

import pandas as pd

from allocate.analyses.margins.marginal_words import cause_text
from allocate.analyses.tradeoffs.frontier import Frontier
from allocate.language import number, percent
from allocate.report.columns import labelled
from allocate.report.front.saying import Saying
from allocate.report.sections.section import Section, Sheet
from allocate.report.sections.tables import Tables, by_key
from allocate.report.wording import NAMED, Voice
from allocate.town.build_provision import offers_of
from allocate.town.facts import OfferFacts

_AXIS = {"moved": "eur", "duplication": "eur", "equity": "share", "budget": "eur"}


def money(voice: Voice, tables: Tables) -> Section | None:
    """Releases first, then what they pay for, and the pots."""
    content = voice.content
    compared = content.comparison
    own = {name: _of(getattr(compared, name), content.proposal) for name in ("releases", "uses", "moves")}
    if own["moves"].empty:
        return None
    sheets = [_side(voice, tables, own[name], side) for name, side in (("releases", "from"), ("uses", "to"))]
    moves = own["moves"].assign(
        from_label=_ends(voice, own["moves"], "from", voice), to_label=_ends(voice, own["moves"], "to", voice)
    )
    labels = labelled(from_label=voice.say("column.from"), to_label=voice.say("column.to"))
    sheets.append(tables.sheet("moves", moves, ("from_label", "amount_eur", "to_label"), own=labels))
    shown = ("pot_id", "amount_eur", "spent_eur", "unspent_eur", "marginal_value")
    sheets.append(tables.sheet("pots", content.plan.pots, shown))
    sentences = (*content.plan.tight_rules(voice.lang), *_idle(voice))
    return Section("money", voice.say("section.money"), sentences, tuple(sheets))


def _idle(voice: Voice) -> list[str]:
    """Money that stays in a pot, and why; each pot once, with its weightiest cause."""
    found = voice.content.margins
    if found is None:
        return []
    causes = found.idle.drop_duplicates("pot_id").to_dict("records")
    return [
        cause_text(
            str(row["cause"]),
            "idle",
            voice.lang,
            pot=voice.name("pot_id", str(row["pot_id"])),
            amount=voice.euro(row["unspent_eur"]),
        )
        for row in causes
    ]


def _of(table: pd.DataFrame, scenario_id: str) -> pd.DataFrame:
    return table[table["scenario_id"] == scenario_id] if len(table) else table


def _ends(voice: Voice, table: pd.DataFrame, side: str, how: Voice | Saying) -> list[str]:
    """Where a move begins or ends: an offer by name, or what kind of money of which pot."""
    kinds, ids = table[f"{side}_kind"].tolist(), table[f"{side}_id"].tolist()
    return [_end(voice, str(kind), str(id), how) for kind, id in zip(kinds, ids, strict=True)]


def _end(voice: Voice, kind: str, id: str, how: Voice | Saying) -> str:
    if kind in ("released", "raised"):
        return how.name("offer_id", id)
    return f"{voice.word(kind)}: {how.name('pot_id', id)}" if id else voice.word(kind)


def _side(voice: Voice, tables: Tables, table: pd.DataFrame, side: str) -> Sheet:
    label = f"{side}_label"
    table = table.assign(**{label: _ends(voice, table, side, voice)})
    department = f"{side}_department_id"
    named = [voice.name("department_id", str(id)) if id else "" for id in table[department].tolist()]
    table = table.assign(department_label=named)
    own = labelled(**{label: voice.say(f"column.{side}"), "department_label": voice.say("column.department")})
    shown = (label, "department_label", "amount_eur")
    return tables.sheet("releases" if side == "from" else "uses", table, shown, own=own)


def largest(voice: Voice, table: pd.DataFrame, side: str, how: Voice | Saying) -> str:
    """The largest amounts with names and money as ``how`` writes them; what is withheld is only counted."""
    top = table[table["amount_eur"].notna()].sort_values("amount_eur", ascending=False, kind="stable").head(NAMED)
    pairs = zip(_ends(voice, top, side, how), top["amount_eur"].tolist(), strict=True)
    return voice.listed([f"{name} ({how.euro(float(eur))})" for name, eur in pairs], len(table))


def tradeoffs(voice: Voice, tables: Tables) -> Section | None:
    """Curves of best plans, where the proposal lies on them, and what the next step costs."""
    curves = voice.content.curves
    if not curves:
        return None
    sentences: list[str] = []
    sheets: list[Sheet] = []
    for against, curve in curves.items():
        sentences.append(next_step(voice, curve, against))
        sheets += _curve(voice, tables, curve, against)
    return Section("tradeoffs", voice.say("section.tradeoffs"), tuple(filter(None, sentences)), tuple(sheets))


def _curve(voice: Voice, tables: Tables, curve: Frontier, against: str) -> list[Sheet]:
    kind = "euro" if _AXIS[against] == "eur" else "share"
    axis = voice.say(f"axis.{against}")
    own = labelled(
        {"axis": kind, "axis_change": f"{kind}_change"},
        axis=axis,
        axis_change=axis,
        point_label=voice.say("column.point"),
        step_label=voice.say("column.step"),
    )
    points = curve.points.assign(point_label=[voice.say("curve.point", point=point) for point in curve.points["point"]])
    marks = curve.marks.assign(point_label=[voice.word(str(mark)) for mark in curve.marks["mark"]])
    table = pd.concat([points, marks], ignore_index=True).sort_values("axis", kind="stable")
    shown = ("point_label", "axis", "coverage_value", "weighted_coverage", "covered_units")
    remarks = " ".join(remark.text(voice.lang) for remark in curve.remarks)
    whole = tables.sheet(f"curve_{against}", table, shown, own=own, remarks=remarks)
    steps = curve.segments
    labels = [
        voice.say("curve.step", first=first, second=second)
        for first, second in zip(steps["from_point"].tolist(), steps["to_point"].tolist(), strict=True)
    ]
    shown = ("step_label", "axis_change", "covered_units_change", "coverage_worth_eur", "contains_chosen")
    step = tables.sheet(f"steps_{against}", steps.assign(step_label=labels), shown, own=own)
    return [whole, step] if len(steps) else [whole]


def next_step(voice: Voice, curve: Frontier, against: str) -> str:
    """What the step from the proposal towards less re-steering (more equality, less money) costs in coverage."""
    steps = curve.segments[curve.segments["contains_chosen"].astype(bool)]
    if steps.empty:
        return voice.say(f"next.{against}.none")
    step = steps.iloc[-1]
    change = float(step["axis_change"])
    amount = voice.euro(abs(change)) if _AXIS[against] == "eur" else number(abs(change) * 100, voice.lang, 1)
    return voice.say(
        f"next.{against}",
        amount=amount,
        units=voice.change(float(step["covered_units_change"])),
        worth=voice.euro(abs(float(step["coverage_worth_eur"]))),
    )


def budgets(voice: Voice, tables: Tables) -> Section | None:
    """Less and more money: what a cut costs in persons, and in which order more money would help."""
    found = voice.content.ladder
    if found is None:
        return None
    steps = {float(row["budget_share"]): row for row in by_key(found.steps, "budget_share").values()}
    sentences = [voice.say("budgets.intro", pots=voice.listed([voice.name("pot_id", pot) for pot in found.pots]))]
    for share in (0.9, 1.1):
        if share in steps and 1.0 in steps:
            row, own = steps[share], steps[1.0]
            known = row["status"] == "optimal"
            key = "less" if share < 1 else "more"
            units = {
                "units": voice.units(float(row["covered_units"])) if known else "",
                "own": voice.units(float(own["covered_units"])),
                "lowest": voice.percent(float(row["lowest_space_coverage"])) if known else "",
            }
            sentences.append(voice.say(f"budgets.{key}" if known else f"budgets.{key}_none", **units))
    sentences += [remark.text(voice.lang) for remark in found.remarks]
    shown = (
        "budget_share", "budget_eur", "status", "weighted_coverage", "lowest_space_coverage", "covered_units",
        "duplication_eur", "price_eur",
    )  # fmt: skip
    sheets = [tables.sheet("ladder", found.steps, shown), _order(voice, tables, found.offers), *_next(voice, tables)]
    return Section("budgets", voice.say("section.budgets"), tuple(sentences), tuple(sheets))


def _next(voice: Voice, tables: Tables) -> list[Sheet]:
    """In which pot the next thousand euros do most, and where."""
    found = voice.content.margins
    if found is None or found.step.empty:
        return []
    step = voice.exact_euro(found.step_eur)
    shown: tuple[str, ...] = ("pot_id", "value_per_eur", "covered_units_gain")
    sheets = [tables.sheet("next_euro", found.step, shown, step=step)]
    if len(found.effects):
        shown = ("pot_id", "space_id", "need_id", "covered_units_change")
        sheets.append(tables.sheet("next_where", found.effects, shown, step=step))
    return sheets


def _order(voice: Voice, tables: Tables, offers: pd.DataFrame) -> Sheet:
    """Offers in the order in which money reaches them; those that never change last."""
    levels = [str(name) for name in offers.columns if str(name).startswith("at_")]
    table = offers.sort_values(["grows_until", "enters", "offer_id"], ascending=[False, True, True], kind="stable")
    heads = {name: percent(float(name.removeprefix("at_")), voice.lang, 0) for name in levels}
    heads["baseline_capacity"] = voice.word("today")
    own = labelled(dict.fromkeys(heads, "units"), **heads)
    return tables.sheet("order", table, ("offer_id", "baseline_capacity", *levels, "enters", "grows_until"), own=own)


def timing(voice: Voice, tables: Tables) -> Section | None:
    """When changes may take effect, what is bound in the coming years, and what waiting means."""
    content = voice.content
    if not content.is_proposal:
        return None
    case = content.plan.variant.case
    offers = OfferFacts(case)
    changed = _of(content.comparison.offers, content.proposal)
    changed = offers.beside(changed[changed["kind"] != "same"], "contract_end", "notice_months", "instrument")
    changed["committed_capacity"] = offers.of(offers_of(case).committed, changed["offer_id"])
    changed = changed.sort_values("change_eur", kind="stable")
    measures = content.comparison.measures.set_index("scenario_id")["covered_units"]
    sentences = (
        voice.say(
            "timing.delay",
            today=voice.units(float(measures[content.status_quo])),
            plan=voice.units(float(measures[content.proposal])),
        ),
        voice.say("timing.notice"),
    )
    shown: tuple[str, ...] = (
        "offer_id", "provider_id", "kind", "change_eur", "committed_capacity", "contract_end", "notice_months",
        "instrument",
    )  # fmt: skip
    sheets = [tables.sheet("notice", changed, shown)]
    if len(case["pot_years"]):
        shown = ("pot_id", "year", "amount_eur", "reason")
        sheets.append(
            tables.sheet("pot_years", _years(case["pot_years"]).rename(columns={"amount": "amount_eur"}), shown)
        )
    if len(case["commitments"]):
        shown = ("offer_id", "year", "min_capacity", "reason")
        sheets.append(tables.sheet("commitments", _years(case["commitments"]), shown))
    return Section("timing", voice.say("section.timing"), sentences, tuple(sheets))


def _years(table: pd.DataFrame) -> pd.DataFrame:
    """A year is a name, not a quantity: it is written without a thousands separator."""
    return table.assign(year=table["year"].map(lambda year: f"{float(year):.0f}"))
