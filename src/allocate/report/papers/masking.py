"""Masking: a case in which providers have stable labels instead of names, for drafts before a hearing.

The names are replaced in the case itself, before anything is calculated, so that no sentence, table, picture or file
made from it can tell them. Labels depend on the ids of the providers alone: the same case gives the same labels.
"""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import replace
from functools import cached_property

import pandas as pd

from allocate.bench.weighting import free_names
from allocate.inputs.case import Case
from allocate.language import Texts

_TEXTS = Texts("allocate.report", "texts_page.csv")
# Tables whose names may be said: a word that occurs in one of them does not give a provider away.
_PUBLIC = ("spaces", "regions", "needs", "themes", "departments")
# A shorter word (a legal form, an article) is no name unless it is written like one: AWO, DRK, SkF.
_SHORTEST, _INITIALS = 4, 3
_LEGAL_FORMS = {"gbr", "ohg"}
_WORD = re.compile(r"[^\W\d_]+")


def _is_a_name(word: str) -> bool:
    """Whether a single word can tell a provider: long enough, or initials."""
    initials = len(word) == _INITIALS and sum(letter.isupper() for letter in word) > 1
    return len(word) >= _SHORTEST or (initials and word.casefold() not in _LEGAL_FORMS)


def mask_providers(case: Case, lang: str) -> Case:
    """The case with labels (``Provider X03``, id ``X03``) wherever a provider is named.

    Replaced are providers' ids, their whole names anywhere in any table, and single words of a name that belong to this
    provider alone (``Elisabeth`` in the name of its offer). What else ``providers`` tells is left out. The fingerprint
    stays that of the case itself.
    """
    return Veil(case, lang).case


class Veil:
    """Replaces what tells a provider by its label."""

    def __init__(self, case: Case, lang: str) -> None:
        self._case = case
        self._lang = lang

    @cached_property
    def labels(self) -> dict[str, str]:
        """Provider id -> id of its label, numbered in an order that tells nothing."""
        ids = {*self._case["providers"]["provider_id"], *self._case["offers"]["provider_id"]} - {""}
        order = sorted(ids, key=lambda id: hashlib.sha256(id.encode()).hexdigest())
        width = max(2, len(str(len(order))))
        return {id: f"X{number:0{width}d}" for number, id in enumerate(order, start=1)}

    def name(self, label: str) -> str:
        """The name that stands for a label."""
        return _TEXTS.say("masked.provider", self._lang, label=label)

    def text(self, text: str) -> str:
        """A text without names of providers."""
        return self._pattern.sub(lambda found: self._words[found.group().casefold()], text)

    def table(self, table: pd.DataFrame) -> pd.DataFrame:
        """A table beside the case (suggestions) without names of providers."""
        masked = table.copy()
        for column in masked.columns:
            if pd.api.types.is_string_dtype(masked[column]):
                masked[column] = self._replaced(masked[column], self.text)
        return masked

    def groups(self, ballots: pd.DataFrame) -> pd.DataFrame:
        """Ballots (column ``group``) whose groups name no provider; groups that differ stay apart."""
        labels: dict[str, str] = {}
        for group in dict.fromkeys(ballots["group"].tolist()):
            text = self.text(group)
            labels[group] = free_names([text], labels.values())[text]
        return ballots.assign(group=ballots["group"].map(labels).astype("str"))

    @cached_property
    def case(self) -> Case:
        """The masked case."""
        tables = {name: self._table(name, table) for name, table in self._case.tables.items()}
        sources = {
            name: replace(source, file=self.text(source.file), sheet=self.text(source.sheet))
            for name, source in self._case.sources.items()
        }
        veiled = replace(self._case, name=self.text(self._case.name), tables=tables, sources=sources)
        # Who asks for the inputs of this page must find the town's own; the checks were passed by its own tables.
        return veiled._known(checked=True, fingerprint=self._case.fingerprint)

    def _table(self, name: str, table: pd.DataFrame) -> pd.DataFrame:
        if name == "providers":
            return self._providers(table)
        masked = table.copy()
        for column in masked.columns:
            if column == "provider_id":
                masked[column] = masked[column].map(lambda id: self.labels.get(id, id))
            elif pd.api.types.is_string_dtype(masked[column]):
                masked[column] = self._replaced(masked[column], self.text)
        return self._changes(table, masked) if name == "changes" else masked

    def _providers(self, table: pd.DataFrame) -> pd.DataFrame:
        masked = table.copy()
        masked["provider_id"] = table["provider_id"].map(self.labels)
        masked["name"] = masked["provider_id"].map(self.name)
        others = [column for column in masked.columns if column not in ("provider_id", "name")]
        return masked.drop(columns=others)

    def _changes(self, changes: pd.DataFrame, masked: pd.DataFrame) -> pd.DataFrame:
        """A change that names a provider by id names it by its label; what renames one tells no name."""
        of_offers = (changes["table"] == "offers") & (changes["column"] == "provider_id")
        of_providers = changes["table"] == "providers"
        label = {name: changes[name].map(lambda id: self.labels.get(id, id)) for name in ("value", "key")}
        masked["value"] = masked["value"].where(~of_offers, label["value"])
        masked["key"] = masked["key"].where(~of_providers, label["key"])
        renamed = of_providers & (changes["column"] != "provider_id")
        masked["value"] = masked["value"].where(~renamed, label["key"].map(self.name))
        return masked

    @staticmethod
    def _replaced(cells: pd.Series, say: Callable[[str], str]) -> pd.Series:
        words = {cell: say(cell) for cell in cells.unique().tolist()}
        return cells.map(words).astype("str")

    @cached_property
    def _words(self) -> dict[str, str]:
        """What gives a provider away (in lower case) -> the name of its label."""
        found: dict[str, str] = {}
        for id, label in self.labels.items():
            names = [name.strip() for name in self._names.get(id, [])]
            telling = [word for name in names for word in (name, *self._own_words(id, name))]
            # An id that is a word of its own gives its provider away as well; ``PR04`` alone does not.
            telling += [id] if id.isalpha() and _is_a_name(id) else []
            found |= {word.casefold(): self.name(label) for word in telling if word}
        return found

    def _own_words(self, id: str, name: str) -> list[str]:
        """The words of a name that no other provider, no public name and no offer of another provider has."""
        offers = self._case["offers"]
        others = _words_of(offers.loc[offers["provider_id"] != id, "name"])
        return [
            word
            for word in _WORD.findall(name)
            if _is_a_name(word)
            and self._counted[word.casefold()] == 1
            and word.casefold() not in self._public
            and word.casefold() not in others
        ]

    @cached_property
    def _counted(self) -> Counter[str]:
        """Of how many providers' names each word is part."""
        return Counter(word for names in self._names.values() for word in _words_of(names))

    @cached_property
    def _names(self) -> dict[str, list[str]]:
        """All names of each provider: the table may hold them in several languages and in short."""
        table = self._case["providers"]
        columns = [column for column in table.columns if column.startswith(("name", "short"))]
        rows = table[columns].astype("str").to_numpy().tolist()
        return dict(zip(table["provider_id"].tolist(), rows, strict=True))

    @cached_property
    def _public(self) -> set[str]:
        names = [column for table in _PUBLIC for column in self._case[table].get("name", pd.Series(dtype="str"))]
        groups = [*self._case["needs"]["target_group"].tolist(), *self._case["needs"]["target_group_en"].tolist()]
        return _words_of([*names, *groups, *self._case["spaces"]["region_name"].tolist()])

    @cached_property
    def _pattern(self) -> re.Pattern[str]:
        """All telling words, the longest first, standing alone (a part of a longer word is another word)."""
        words = sorted(self._words, key=len, reverse=True)
        if not words:
            return re.compile(r"(?!)")
        whole = "|".join(re.escape(word) for word in words)
        return re.compile(rf"(?<![^\W\d_])(?:{whole})(?![^\W\d_])", re.IGNORECASE)


def _words_of(names: Iterable[str]) -> set[str]:
    return {word.casefold() for name in names for word in _WORD.findall(str(name))}
