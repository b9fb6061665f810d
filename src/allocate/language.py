"""Sentences and numbers in German and English.

Every room keeps its sentences in a ``texts.csv`` (columns ``key``, ``de``, ``en``) beside its code, so that a planner
can read and correct them without reading code. Numbers are written by Babel in the reader's locale.
"""

from __future__ import annotations

import csv
import math
import re
from collections.abc import Callable, Mapping, Sequence
from contextvars import ContextVar
from decimal import Decimal, InvalidOperation
from functools import cache, cached_property, lru_cache
from importlib import resources
from string import Formatter
from typing import Any

LANGUAGES = ("de", "en")
# Before a number that somebody reads; what programs read (JSON, CSV, cells of workbooks that are numbers) has "-".
MINUS = "\N{MINUS SIGN}"
# The rounding of a computer, as a share of a number.
_TRACE = 1e-9

# What a sentence is filled with, by the names in its braces.
type Words = dict[str, object]


class Texts:
    """The sentences of one room: ``say(key, lang, **values)``.

    ``package`` is the dotted package that holds ``file``. The file is read on first use.
    Raises ``KeyError`` for an unknown key or language: a missing sentence is a fault of the program, not of the user.
    """

    def __init__(self, package: str, file: str = "texts.csv") -> None:
        self._package = package
        self._file = file

    @cached_property
    def sentences(self) -> dict[str, dict[str, str]]:
        """All sentences: key -> language -> text."""
        source = resources.files(self._package).joinpath(self._file)
        lines = source.read_text(encoding="utf-8").splitlines()
        return {row["key"]: {lang: row[lang] for lang in LANGUAGES} for row in csv.DictReader(lines)}

    def say(self, key: str, lang: str, **values: object) -> str:
        """The sentence ``key`` in ``lang`` with ``values`` filled in.

        ``{count:Angebot|Angebote}`` is the form that goes with the number ``count`` (which may be written already); the
        number itself is said by ``{count}``. A language with more forms than two names them in the order of its rules.
        """
        return filled(worded(self.sentences, key)[lang], lang, values)

    def spoken(self, lang: str) -> Callable[..., str]:
        """``say`` in one language, called with a key and what fills the sentence."""
        return lambda key, **values: self.say(key, lang, **values)


def worded[Row](rows: Mapping[str, Row], key: str) -> Row:
    """The row ``key`` of a table of texts; where the case reckons in places, the one that speaks of places, if any.

    A sentence about money has a sister ``key@places`` where a case without money says something else in its place.
    """
    return rows[f"{key}@{PLACES}"] if reckons_in_places() and f"{key}@{PLACES}" in rows else rows[key]


def filled(sentence: str, lang: str, values: Mapping[str, object]) -> str:
    """A sentence of a table of texts with ``values`` filled in: words agree with numbers, money has its currency."""
    text = in_currency(sentence, lang)
    # The formatter that knows forms is written in Python; long tables of findings go the short way.
    said = _bounded(_SPEAKERS[lang].vformat(text, (), values) if "|" in text else text.format(**values))
    return _OF_PLACES.sub(r"\1n", said) if lang == "de" and reckons_in_places() else said


_LOCALES = {"de": "de_DE", "en": "en_GB"}
# Behind these words German has places in the dative, which an amount of money has not.
_OF_PLACES = re.compile(r"(\b(?:von|mit|bei|(?<!bis )zu|aus|nach) [+−]?[\d.]+ Plätze)\b")
# "At most nothing" is nothing: what cannot be negative is then said as it is.
_AT_MOST_NOTHING = re.compile(r"\b(?:höchstens|at most) (?=(?:[A-Z]{3}\s|[^\w\s])?0(?:[.,]0+)?(?![.,]?\d))")


def _bounded(sentence: str) -> str:
    return _AT_MOST_NOTHING.sub("", sentence)


class _Speaker(Formatter):
    """Fills sentences in; a format with ``|`` between its words chooses one of them by a number."""

    def __init__(self, lang: str) -> None:
        self._lang = lang

    def format_field(self, value: Any, format_spec: str) -> str:
        if "|" not in format_spec:
            return str(super().format_field(value, format_spec))
        forms = format_spec.split("|")
        return forms[_form(str(value), self._lang, len(forms))]


_SPEAKERS = {lang: _Speaker(lang) for lang in LANGUAGES}


@cache
def _form(written: str, lang: str, count: int) -> int:
    """Which of ``count`` forms goes with a number as it is written: ``1``, ``1,5``, ``1.234``."""
    # Babel is slow to import, and most commands say no number of things.
    from babel import Locale  # noqa: PLC0415

    rule = Locale.parse(_LOCALES[lang]).plural_form
    try:
        form = str(rule(Decimal(written.replace(MINUS, "-"))))
    except InvalidOperation:  # written in the reader's notation, hence not a bare "1"
        form = "other"
    tags = [*sorted(rule.tags - {"other"}), "other"]
    return min(tags.index(form), count - 1)


def number(value: float, lang: str, digits: int = 0) -> str:
    """``value`` with thousands separators and ``digits`` decimals in the reader's locale; blank for NaN."""
    return "" if math.isnan(value) else _written(value, lang, digits)


@lru_cache(maxsize=20_000)
def _written(value: float, lang: str, digits: int) -> str:
    """The same number stands in many tables, sheets and sentences of a report."""
    # Babel is slow to import, and most commands print no number before they know there is one.
    from babel.numbers import format_decimal  # noqa: PLC0415

    pattern = "#,##0" + ("." + "0" * digits if digits else "")
    text: str = format_decimal(_unsigned_zero(value, digits), format=pattern, locale=_LOCALES[lang])
    return text.replace("-", MINUS)


def as_it_is(value: float, lang: str, most: int = 6) -> str:
    """``value`` with the decimals it has, at most ``most``: ``1,5``, ``2`` and ``12.000`` in German."""
    return number(value, lang, len(f"{value:.{most}f}".rstrip("0").partition(".")[2]) if math.isfinite(value) else 0)


def in_language(value: object, lang: str) -> object:
    """A value of a sentence: of words by language the reader's, a number with a fraction as the reader writes it."""
    if isinstance(value, Mapping):
        return value[lang]
    return as_it_is(value, lang) if isinstance(value, float) else value


def first_of(parts: Sequence[str], most: int) -> str:
    """``a, b …``: the first ``most`` things of a list, with a sign that there are more."""
    return ", ".join(parts[:most]) + (" …" if len(parts) > most else "")


EURO = "EUR"
# The word in the place of a currency where a case states no money: today's places are what is shared out.
PLACES = "places"
_SIGNS = {EURO: "€"}
_PLACE_WORDS = {"de": ("Platz", "Plätze"), "en": ("place", "places")}
# The currency of the case that was read, or asked about, last. Sentences, tables and pictures are written in it.
_CURRENCY: ContextVar[str] = ContextVar("currency", default=EURO)
# What sentences and labels call money where the case reckons in euros; ids and JSON keys (``moved_eur``) are no words.
_MONEY_WORDS = re.compile(r"€|(?<![\w{-])(?:EUR|[Ee]uros?)(?![\w}-])")


def reckon_in(code: str) -> None:
    """Write money in this currency from now on (in this thread): the one of the case at hand; blank means euros."""
    code = code.strip()
    _CURRENCY.set(EURO if code in ("", "€", "Euro", "euro", "eur") else code)


def currency() -> str:
    """The code of the currency in which money is written now, for example ``EUR`` or ``PLN``."""
    return _CURRENCY.get()


def reckons_in_places() -> bool:
    """Whether the case at hand states no money, so that places are counted where others count euros."""
    return currency() == PLACES


def money_sign(lang: str) -> str:
    """``€``, or the code of a currency that has no sign here; ``Plätze`` or ``places`` where there is no money."""
    if reckons_in_places():
        return _PLACE_WORDS[lang][1]
    return _SIGNS.get(currency(), currency())


def in_currency(text: str, lang: str) -> str:
    """A sentence, label or unit that speaks of euros, in the currency of the case at hand."""
    if currency() == EURO:
        return text
    code = money_sign(lang).replace("{", "{{").replace("}", "}}")
    return _MONEY_WORDS.sub(lambda _: code, text)


def euro(value: float, lang: str, digits: int = 0) -> str:
    """An amount of money in the currency of the case at hand; blank for NaN.

    ``1.234 €`` or ``1.234 PLN`` in German, ``€1,234`` or ``PLN 1,234`` in English; where there is no money ``1.234
    Plätze`` and ``1,234 places``.
    """
    text = number(value, lang, digits)
    if text and reckons_in_places():
        return f"{text} {_PLACE_WORDS[lang][_form(text, lang, 2)]}"
    sign = money_sign(lang)
    if not text or lang == "de":
        return f"{text} {sign}" if text else ""
    sign = sign if currency() in _SIGNS else f"{sign} "
    return f"{MINUS}{sign}{text[1:]}" if text.startswith(MINUS) else f"{sign}{text}"


def money_pattern(lang: str) -> str:
    """How spreadsheets write whole amounts of money: ``#,##0 "€"`` in German, ``"€"#,##0`` in English."""
    sign = money_sign(lang).replace('"', "")
    if lang == "de" or reckons_in_places():
        return f'#,##0 "{sign}"'
    return f'"{sign}"#,##0' if currency() in _SIGNS else f'"{sign} "#,##0'


_NO_BREAK = "\u00a0"
_MAGNITUDES = (
    "Tsd.",
    "Mio.",
    "Mrd.",
    "Tausend",
    "Million",
    "Millionen",
    "Milliarden",
    "thousand",
    "million",
    "billion",
)
_UNITS = (
    *("%", "‰", "Prozent", "Prozentpunkt", "Prozentpunkte", "Prozentpunkten", "per cent", "percentage"),
    *("Punkt", "Punkte", "Punkten", "Platz", "Plätze", "Plätzen", "Stunde", "Stunden", "Person", "Personen"),
    *("Jahr", "Jahre", "Jahren", "Monat", "Monate", "Monaten"),
    *("point", "points", "place", "places", "hour", "hours", "person", "persons", "people"),
    *("year", "years", "month", "months"),
)
_MONEY = ("€", EURO, "Euro", "euro", "euros")
# What a page does not wrap or must not find changed: tags with their attributes, scripts, styles, what is typed into.
_NO_SENTENCE = re.compile(r"(<(script|style|textarea)\b.*?</\2>|<[^>]*>)", re.DOTALL)


def unparted(text: str) -> str:
    """``text`` for a page or a paper: no line ends between a number and its unit (``48 %``, ``EUR 1.2 million``).

    Only what is set in lines of its own width needs it; terminals, CSV and JSON keep plain spaces, so that they can be
    searched.
    """
    return _seams(currency()).sub(_NO_BREAK, text)


def unparted_html(html: str) -> str:
    """A page whose sentences are ``unparted``; attributes, scripts, styles and what can be edited stay as they are."""
    parts = _NO_SENTENCE.split(html)
    # A split by two groups gives: sentence, what is between, name of the kind of it or None, sentence, ...
    return "".join(unparted(part) if at % 3 == 0 else part for at, part in enumerate(parts) if at % 3 != 2 and part)


@cache
def _seams(code: str) -> re.Pattern[str]:
    """The spaces at which a number, written with this currency, must not be parted."""
    money = "|".join(map(re.escape, dict.fromkeys((*_MONEY, code))))
    units = "|".join(map(re.escape, (*_MAGNITUDES, *_UNITS)))
    magnitudes = "|".join(f"(?<={re.escape(one)})" for one in _MAGNITUDES)
    # A code stands as a word of its own; a sign may follow anything.
    before = "|".join(
        rf"(?<={r'\b' if one.isalpha() else ''}{re.escape(one)})" for one in dict.fromkeys(("€", EURO, code))
    )
    return re.compile(
        rf"(?<=\d) (?=(?:{units}|{money})(?!\w))|(?:{magnitudes}) (?=(?:{money})(?!\w))|(?:{before}) (?=[{MINUS}-]?\d)"
    )


def is_nothing(text: str) -> bool:
    """Whether a written number is zero."""
    return not re.search("[1-9]", text)


def percent(share: float, lang: str, digits: int = 1) -> str:
    """A share 0..1 as per cent, ``48,0 %`` in German and ``48.0%`` in English; blank for NaN."""
    text = number(share * 100, lang, digits)
    if not text:
        return ""
    return f"{text} %" if lang == "de" else f"{text}%"


def no_less(value: float, digits: int = 0) -> float:
    """``value`` with at most so many decimals, rounded up: what holds at most stays true as it is written.

    What the rounding of a computer adds to a number of so many decimals is none of it. NaN and infinity stay.
    """
    scale = 10.0**digits
    return math.ceil(value * scale - _TRACE * max(1.0, abs(value * scale))) / scale if math.isfinite(value) else value


def no_more(value: float, digits: int = 0) -> float:
    """The same rounded down: what holds at least stays true as it is written."""
    return -no_less(-value, digits)


def signed(text: str) -> str:
    """``text`` of a positive number with a plus sign, for columns that show change."""
    return text if not text or text.startswith(("-", MINUS)) else f"+{text}"


def _unsigned_zero(value: float, digits: int) -> float:
    """Keep ``-0`` out of tables: what rounds to zero is written as zero."""
    return 0.0 if abs(value) < 0.5 * 10.0**-digits else value
