"""The last chapters: is it lawful, how shall we know whether it worked, and what all of it rests on."""

from __future__ import annotations

import math

import pandas as pd

from allocate.inputs import dictionary
from allocate.inputs.in_places import WRITTEN, is_in_places
from allocate.inputs.names import need_units
from allocate.language import number
from allocate.report.columns import WITHHELD, labelled, written_date
from allocate.report.sections.section import Section, Sheet
from allocate.report.sections.tables import Tables
from allocate.report.wording import Voice, aims_said
from allocate.results.allocation import Allocation
from allocate.results.disclosure import Mask
from allocate.results.floor_kinds import TARGET, minima, missed, targets
from allocate.solve.solution import Status
from allocate.town.build_provision import offers_of

SMALLEST = 1e-6  # what deviates by less is said to be below that


def law(voice: Voice, tables: Tables) -> Section:
    """Duties, floors, earmarks, plurality, commitments and equal treatment, each with its basis."""
    content = voice.content
    plan, case = content.plan, content.plan.variant.case
    sentences = [voice.say("law.intro")]
    if plan.has_plan and plan.certificate is not None and plan.status is not Status.EVALUATED:
        worst = _tiny(plan.certificate.primal_violation, voice)
        rules = _entered(plan)
        entered, absent = (
            [voice.say(f"law.rule.{one}") for one in rules if rules[one] is there] for there in (True, False)
        )
        if not plan.certificate.verified:
            sentences.append(voice.say("law.uncertified", worst=worst))
        elif entered:
            sentences.append(voice.say("law.certified", rules=", ".join(entered), worst=worst))
        if absent:
            sentences.append(voice.say("law.absent", rules=", ".join(absent)))
    if plan.has_plan:
        floors, aims = minima(plan), targets(plan)
        if len(floors):
            key = "law.missed" if missed(floors) else "law.met"
            sentences.append(voice.say(key, missed=missed(floors), total=len(floors)))
        sentences += aims_said(voice, aims)
    sheets = [*_floors(voice, tables), _duties(voice, tables), *_earmarks(tables), _plurality(voice, tables)]
    committed = case["offers"][case["offers"]["committed_capacity"] > 0]
    if len(committed):
        shown = ("offer_id", "committed_capacity", "capacity", "contract_end", "notice_months", "instrument")
        own = content.shown.offers[["offer_id", "capacity"]]
        committed = committed.merge(own, on="offer_id", how="left", validate="one_to_one")
        sheets.append(tables.sheet("bound", committed, shown))
    if not is_in_places(case):
        rates = case["offers"].sort_values(["theme_id", "unit", "unit_cost"], kind="stable")
        shown = ("theme_id", "offer_id", "provider_id", "unit", "unit_cost", "instrument")
        sheets.append(tables.sheet("rates", rates, shown))
    return Section(
        "law", voice.say("section.law"), tuple(sentences), tuple(filter(None, sheets)), note=voice.say("law.note")
    )


def _entered(plan: Allocation) -> dict[str, bool]:
    """Which kinds of rules the town has entered at all; what is not entered cannot be met."""
    case = plan.variant.case
    pots = case["pots"]
    lists = any(pots[name].ne("").any() for name in ("departments", "themes", "spaces", "offers"))
    entered = {
        "floors": bool(len(plan.floors)),
        "commitments": bool(offers_of(case).committed.any()),
        "plurality": bool(case["plurality"]["assessment"].eq("wanted").any()),
    }
    if not is_in_places(case):
        entered["earmarks"] = bool(lists or pots["max_share"].lt(1).any() or len(case["eligibility"]))
    return entered


def _tiny(deviation: float, voice: Voice) -> str:
    """A deviation for readers to whom 2e-15 says nothing: how small it is at most, or the number itself."""
    smallest = number(SMALLEST, voice.lang, 6)
    return voice.say("law.below", number=smallest) if deviation < SMALLEST else number(deviation, voice.lang, 6)


def _floors(voice: Voice, tables: Tables) -> list[Sheet]:
    """What must be met, and apart from it what is only aimed at."""
    plan = voice.content.plan
    if not plan.has_plan:
        return []
    found = []
    for key, rows in (("floors", minima(plan)), ("targets", targets(plan))):
        if len(rows):
            table = rows.assign(place_label=[voice.floor_place(str(id)) for id in rows["scope_id"].tolist()])
            own = labelled(place_label=voice.say("column.place"))
            if key == "targets":
                own |= labelled(floor_id=voice.word(TARGET).capitalize())
            shown = ("floor_id", "need_id", "place_label", "floor_kind", "required", "achieved", "met", "legal_basis")
            found.append(tables.sheet(key, table.sort_values("met", kind="stable"), shown, own=own))
    return found


def _duties(voice: Voice, tables: Tables) -> Sheet:
    content = voice.content
    needs = content.plan.variant.case["needs"][["need_id", "duty", "legal_basis"]]
    gains = content.comparison.gains
    shown = ["need_id", "duty", "legal_basis"]
    if len(gains) and content.is_proposal:
        own = gains[(gains["scenario_id"] == content.proposal) & (gains["by"] == "need")]
        own = own.rename(columns={"id": "key"})[["key", "demand", "coverage_before", "coverage"]]
        needs = needs.merge(own, left_on="need_id", right_on="key", how="left", validate="one_to_one")
        return tables.sheet("duties", needs, (*shown, "coverage_before", "coverage"), hidden=tables.of_needs(needs))
    return tables.sheet("duties", needs, shown)


def _earmarks(tables: Tables) -> list[Sheet]:
    """Every pot with its funder, what it is for, and what the plan spends from it; none where there is no money."""
    content = tables.content
    if is_in_places(content.case):
        return []
    voice = tables.voice
    case = content.plan.variant.case
    pots = case["pots"][["pot_id", "funder", "departments", "themes", "pooled", "max_share"]]
    money = content.shown.pots[["pot_id", "amount_eur", "spent_eur"]]
    table = pots.merge(money, on="pot_id", how="left", validate="one_to_one")
    table = table.assign(
        departments=[voice.each("department_id", str(cell)) for cell in table["departments"].tolist()],
        themes=[voice.each("theme_id", str(cell)) for cell in table["themes"].tolist()],
    )
    shown = ("pot_id", "funder", "departments", "themes", "pooled", "max_share", "amount_eur", "spent_eur")
    return [tables.sheet("earmarks", table, shown)]


def _plurality(voice: Voice, tables: Tables) -> Sheet | None:
    table = voice.content.plan.variant.case["plurality"]
    if not len(table):
        return None
    table = table.assign(
        offer_labels=[voice.each("offer_id", str(cell)) for cell in table["offers"].tolist()],
        place_label=[voice.floor_place(str(id)) for id in table["scope_id"].tolist()],
    )
    own = labelled(offer_labels=voice.say("column.offers"), place_label=voice.say("column.place"))
    shown = (
        "name", "need_id", "place_label", "assessment", "offer_labels", "min_share_each", "max_share_provider",
        "min_demand_share", "reason",
    )  # fmt: skip
    return tables.sheet("plurality", table, shown, own=own)


def indicators(voice: Voice, tables: Tables) -> Section | None:
    """What to look at in two years: today's value and the one that the proposal aims at."""
    content = voice.content
    gains = content.comparison.gains
    if not content.is_proposal or not len(gains):
        return None
    own = gains[(gains["scenario_id"] == content.proposal) & (gains["by"] == "need")]
    units = need_units(content.plan.variant.case, voice.lang)
    needs = own.rename(columns={"id": "need_id"}).assign(unit=own["id"].map(units).fillna(""))
    labels = labelled(
        {"unit": "text"},
        covered_before=voice.say("column.units_today"),
        covered=voice.say("column.units_aim"),
        coverage_before=voice.say("column.today"),
        coverage=voice.say("column.aim"),
        unit=voice.say("column.unit"),
    )
    shown: tuple[str, ...] = ("need_id", "unit", "demand", "covered_before", "covered", "coverage_before", "coverage")
    sheets = [tables.sheet("indicators_needs", needs, shown, own=labels, hidden=tables.of_needs(needs))]
    spaces = gains[(gains["scenario_id"] == content.proposal) & (gains["by"] == "space")]
    spaces = spaces.rename(columns={"id": "space_id"})
    shown = ("space_id", "coverage_before", "coverage")
    sheets.append(tables.sheet("indicators_spaces", spaces, shown, own=labels, hidden=tables.of_spaces(spaces)))
    year = content.plan.variant.case.parameter("plan_year")
    first = voice.say("indicators.intro", year=year) if year else voice.say("indicators.intro_no_year")
    sentences = (first, voice.say("indicators.effect"))
    return Section("indicators", voice.say("section.indicators"), sentences, tuple(sheets))


def _bound(value: float) -> str:
    """A number that is not exceeded, with one figure: ``2e-12``."""
    if not value > 0:
        return "0"
    power = math.floor(math.log10(value))
    return f"{math.ceil(value / 10.0**power - 1e-9) * 10.0**power:.0e}"


def method(voice: Voice, tables: Tables) -> Section:
    """How it was calculated: settings, weights, scenarios and their changes, sources, fingerprint, version, date."""
    content = voice.content
    plan = content.plan
    sentences = [
        voice.say("method.intro"),
        voice.say(
            "method.version",
            version=content.version,
            date=written_date(content.date.isoformat(), voice.lang),
            case=content.case.name,
        ),
        voice.say("method.fingerprint", fingerprint=content.fingerprint),
    ]
    if plan.has_plan and plan.certificate is not None and plan.status is not Status.EVALUATED:
        sentences.append(
            voice.say(
                "method.certificate",
                solver=plan.solver or "highs",
                gap=_bound(plan.certificate.gap),
                worst=_bound(plan.certificate.primal_violation),
            )
        )
    sentences += [
        voice.say("method.no_learning"),
        voice.say("method.small", threshold=voice.units(content.mask.threshold)),
    ]
    if content.omitted:
        names = voice.listed([voice.say(f"omitted.{name}") for name in content.omitted])
        sentences.append(voice.say("method.omitted", names=names))
    sheets: list[Sheet | None] = [
        _settings(voice, tables),
        _weights(tables),
        _segments(tables),
        _scenarios(voice, tables),
    ]
    sheets += [_changes(voice, tables), _sources(voice, tables)]
    return Section("method", voice.say("section.method"), tuple(sentences), tuple(filter(None, sheets)))


def _settings(voice: Voice, tables: Tables) -> Sheet:
    case = voice.content.plan.variant.case
    table = case["parameters"]
    if is_in_places(case):
        table = table[~table["parameter"].isin(["currency", "cost_growth", "pot_growth"])]
    known = dictionary.parameters()
    meaning = [
        str(own) or (known[name].meaning(voice.lang) if name in known else "")
        for name, own in zip(table["parameter"].tolist(), table["meaning"].tolist(), strict=True)
    ]
    if voice.lang == "en":
        meaning = [
            known[name].meaning("en") if name in known else own
            for name, own in zip(table["parameter"].tolist(), meaning, strict=True)
        ]
    shown = ("parameter", "value", "meaning")
    value = table["value"]
    if voice.lang == "de":  # a year keeps its four digits, so only the decimal sign is changed
        decimal = value.str.fullmatch(r"-?\d+\.\d+")
        value = value.mask(decimal, value.str.replace(".", ",", regex=False))
    return tables.sheet("settings", table.assign(value=value, meaning=meaning), shown)


def _weights(tables: Tables) -> Sheet:
    """The weight of every need in this plan, and in every other set of weights of the case."""
    content = tables.content
    case = content.plan.variant.case
    needs = case["needs"][["need_id", "weight", "wanted_reserve"]].rename(columns={"weight": "need_weight"})
    sets = case["weight_sets"]
    own = labelled({"wanted_reserve": "share"}, wanted_reserve=tables.voice.say("column.wanted_reserve"))
    shown = ["need_id", "need_weight"]
    for name in dict.fromkeys(sets["weight_set"].tolist()):
        other = sets[sets["weight_set"] == name].set_index("need_id")["weight"]
        column = f"weight_{name}"
        needs = needs.assign(**{column: needs["need_id"].map(other)})
        own |= labelled({column: "plain"}, **{column: str(name)})
        shown.append(column)
    return tables.sheet("weights", needs, (*shown, "wanted_reserve"), own=own)


def _segments(tables: Tables) -> Sheet:
    table = tables.content.plan.variant.case["segments"]
    says = {"from": "from_share", "to": "to_share", "value": "worth", "segment": "segment"}
    heads = {name: tables.voice.say(f"column.{key}") for name, key in says.items()}
    own = labelled({"value": "plain"}, **heads)
    return tables.sheet("segments", table, ("segment", "from", "to", "value"), own=own)


def _scenarios(voice: Voice, tables: Tables) -> Sheet:
    plans = voice.content.plans
    rows = [
        {
            "scenario_id": id,
            "title": plan.scenario.label(voice.lang),
            "status": str(plan.status),
            "pooling": plan.scenario.pooling,
            "floor_sets": ", ".join(plan.scenario.floor_sets),
            "weight_set": plan.scenario.weight_set,
            "max_moved": plan.scenario.max_moved if plan.scenario.max_moved < float("inf") else float("nan"),
            "question": plan.scenario.question,
        }
        for id, plan in plans.items()
    ]
    shown = ("scenario_id", "title", "status", "pooling", "floor_sets", "weight_set", "max_moved", "question")
    return tables.sheet("scenarios", pd.DataFrame(rows), shown)


def _changes(voice: Voice, tables: Tables) -> Sheet | None:
    """Every cell that a scenario of the report changes, with its reason."""
    logs = [
        plan.variant.changes.rename(columns={"scenario_id": "set_in"}).assign(scenario_id=id)
        for id, plan in voice.content.plans.items()
        if len(plan.variant.changes)
    ]
    if not logs:
        return None
    shown = ("scenario_id", "table", "key", "column", "old", "new", "reason", "source")
    return tables.sheet("changes", _without_small(pd.concat(logs, ignore_index=True), voice.content.mask), shown)


def _without_small(changes: pd.DataFrame, mask: Mask) -> pd.DataFrame:
    """Changes of a withheld demand without its old and new number."""
    of_cell = changes["table"].eq("demand") & changes["column"].eq("demand")
    hidden = of_cell & changes["key"].isin(["|".join(cell) for cell in mask.hidden])
    numbers = {name: changes[name].astype(object).mask(hidden, WITHHELD) for name in ("old", "new")}
    return changes.assign(**numbers)


def _sources(voice: Voice, tables: Tables) -> Sheet:
    """Every table with the file it was read from, and every source and date its rows name."""
    case = voice.content.case
    rows = []
    for name, table in case.tables.items():
        if not len(table) or (name in WRITTEN and is_in_places(case)):
            continue
        columns = [column for column in ("source", "as_of", "method") if column in table.columns]
        named = table[columns].astype("str").drop_duplicates() if columns else pd.DataFrame([{}])
        place = case.sources.get(name)
        rows += [
            {
                "table": name,
                "file": place.place() if place is not None else voice.say("method.default"),
                "count": len(table),
                "source": str(row.get("source", "")),
                "as_of": str(row.get("as_of", "")),
                "how_known": str(row.get("method", "")),
            }
            for row in named.to_dict("records")
        ]
    own = labelled({"count": "count"}, how_known=voice.say("column.how_known"), count=voice.say("column.count"))
    shown = ("table", "file", "count", "source", "as_of", "how_known")
    return tables.sheet("sources", pd.DataFrame(rows), shown, own=own)
