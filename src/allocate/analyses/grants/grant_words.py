"""Telling: what a list of grants says, in sentences; and that it says nothing of needs and coverage."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from allocate.analyses.grants.ledger import FUNDING, SEVERAL_PAYERS, SEVERAL_RECIPIENTS, TRACE
from allocate.inputs import dictionary
from allocate.inputs.dictionary import choice_word
from allocate.inputs.names import names_of
from allocate.language import Texts, euro, percent

if TYPE_CHECKING:
    from allocate.analyses.grants.who_pays import Grants

TEXTS = Texts("allocate.analyses.grants")
# How each table is shown, the most important column first.
SHOWN = {
    "groups": ("grant_key", "amount_eur", "amount_share", "grants", "recipients", "payers", "bounded_eur", "last_end"),
    "years": ("year", "bound_eur", "grants", "ending_eur", "freed_eur", "open_eur"),
    "ends": ("end", "grants", "amount_eur", "free_from", "freed_eur"),
    "shared": ("purpose", "amount_eur", "how_shared", "recipient_names", "payer_names", "payer_split"),
    "repeated": ("recipient", "purpose", "payer", "amount_eur", "grants", "grant_ids"),
    "rows": ("grant_id", "recipient", "purpose", "payer", "amount_eur", "end", "duty"),
}
_DUTIES = (*dictionary.table("grants")["duty"].choices, "")


def sentences(found: Grants, lang: str) -> list[str]:
    """How much is paid, what is bound by which duty, what ends, what is shared; what the list cannot say."""
    said = [_total(found, lang), *_duty(found, lang), _ends(found, lang), *_later(found, lang), *_shared(found, lang)]
    if found.source == FUNDING:
        said.append(TEXTS.say("source.funding", lang))
    return [*said, TEXTS.say("no-coverage", lang)]


def title_of(found: Grants, name: str, lang: str) -> str:
    """What a table, or the sums of a dimension, is called."""
    return TEXTS.say(
        f"title.{name}", lang, case=found.case.town_name, year="" if found.year is None else found.year
    ).strip()


def as_read(found: Grants, table: pd.DataFrame, lang: str) -> pd.DataFrame:
    """A table as people read it: groups by their names, payers' shares beside each other, no end in a word."""
    if "by" in table.columns:
        departments = names_of(found.case, "department_id", lang)
        named = [
            departments.get(key, key) if by == "department" else choice_word(key, lang) if by == "duty" and key else key
            for by, key in zip(table["by"], table["key"], strict=True)
        ]
        return table.assign(grant_key=[text or TEXTS.say("unstated-row", lang) for text in named])
    if "payer_shares" in table.columns:
        split = [shares_text(shares, lang) if len(shares) > 1 else "" for shares in table["payer_shares"]]
        return table.assign(payer_split=split)
    if "duty" in table.columns:
        # The same word as in the sums by grade of duty.
        table = table.assign(duty=[choice_word(one, lang) if one else "" for one in table["duty"]])
    if "end" in table.columns:
        return table.assign(end=table["end"].where(table["end"].ne(""), TEXTS.say("without-end", lang)))
    return table


def shares_text(shares: list[float], lang: str) -> str:
    """The payers' shares beside each other, ``62,6 % : 37,4 %``."""
    return " : ".join(percent(share, lang) for share in shares)


def _total(found: Grants, lang: str) -> str:
    running = found.rows[found.rows["amount_eur"].abs() > TRACE]
    counts = {name: len(found.by(name)) for name in ("recipient", "payer")}
    when = TEXTS.say("in-year", lang, year=found.year) if found.year is not None else TEXTS.say("a-year", lang)
    return TEXTS.say(
        "total.funding" if found.source == FUNDING else "total", lang, grants=running["grant_id"].nunique(),
        recipients=counts["recipient"], payers=counts["payer"], amount=euro(found.total_eur, lang), when=when,
    )  # fmt: skip


def _duty(found: Grants, lang: str) -> list[str]:
    """The sums by grade of duty, the strictest first; nothing where no row names one."""
    sums = found.by("duty").set_index("key")["amount_eur"]
    if not any(sums.index != ""):
        return []
    named = [(duty, float(sums[duty])) for duty in _DUTIES if duty in sums.index]
    parts = [
        f"{choice_word(duty, lang) if duty else TEXTS.say('unstated', lang)} {euro(eur, lang)}" for duty, eur in named
    ]
    return [TEXTS.say("duty", lang, parts=", ".join(parts))]


def _ends(found: Grants, lang: str) -> str:
    dated = found.ends[found.ends["end"].ne("")]
    if dated.empty:
        return TEXTS.say("ends.none", lang)
    rest = float(found.ends.loc[found.ends["end"].eq(""), "amount_eur"].sum())
    last = dated.iloc[-1]
    values = {"count": int(dated["grants"].sum()), "amount": euro(float(last["freed_eur"]), lang)}
    key = "ends.rest" if rest > TRACE else "ends.all"
    return TEXTS.say(key, lang, **values, last=_date(str(last["end"]), lang), rest=euro(rest, lang))


def _later(found: Grants, lang: str) -> list[str]:
    """How many grants begin only after the year of the sums, which leave them out."""
    if found.year is None:
        return []
    rows = found.rows
    begins = rows["starts"].str[:4].gt(str(found.year)) | rows["year"].gt(found.year)
    running = rows.loc[rows["amount_eur"].abs() > TRACE, "grant_id"]
    count = rows.loc[begins & ~rows["grant_id"].isin(running), "grant_id"].nunique()
    return [TEXTS.say("later", lang, count=count, year=str(found.year))] if count else []


def _shared(found: Grants, lang: str) -> list[str]:
    if found.shared.empty:
        return [TEXTS.say("shared.none", lang)]
    kinds = found.shared["how_shared"]
    recipients, payers = int(kinds.ne(SEVERAL_PAYERS).sum()), int(kinds.ne(SEVERAL_RECIPIENTS).sum())
    said = [TEXTS.say("shared", lang, recipients=recipients, payers=payers)]
    if len(found.repeated):
        said.append(TEXTS.say("repeated", lang, count=len(found.repeated)))
    return said


def _date(day: str, lang: str) -> str:
    return ".".join(reversed(day.split("-"))) if lang == "de" else day
