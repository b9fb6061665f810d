"""Which language the command line speaks, and the sentences it says.

The language is decided once, before any help is built: ``--lang``, else ``ALLOCATE_LANG``, else ``LC_ALL``,
``LC_MESSAGES`` or ``LANG``, else English. Click's own words ("Usage", "No such option") come from
``locale/de/LC_MESSAGES/click.mo``, which is compiled from the ``click.po`` beside it.
"""

from __future__ import annotations

import gettext
import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cache
from itertools import pairwise
from pathlib import Path

from allocate.cli.harmless import harmless
from allocate.language import LANGUAGES, Texts

_DEFAULT = "en"
_DOMAIN = "click"
_LOCALES = Path(__file__).parent / "locale"
_SPOKEN: ContextVar[str] = ContextVar("spoken", default=_DEFAULT)


def decide(words: Sequence[str], environment: Mapping[str, str] | None = None) -> str:
    """The language asked for by the command line or the environment; what is unknown is passed over."""
    environment = os.environ if environment is None else environment
    asked = [word.removeprefix("--lang=") for word in words if word.startswith("--lang=")]
    asked += [after for word, after in pairwise(words) if word == "--lang"]
    if asked and asked[-1] in LANGUAGES:
        return asked[-1]
    own = environment.get("ALLOCATE_LANG", "")[:2].lower()
    if own in LANGUAGES:
        return own
    # As in POSIX, the first of these that is set decides, even if it names a language we do not speak.
    system = next((environment[key] for key in ("LC_ALL", "LC_MESSAGES", "LANG") if environment.get(key)), "")
    return system[:2].lower() if system[:2].lower() in LANGUAGES else _DEFAULT


@contextmanager
def speaking(lang: str) -> Iterator[None]:
    """Speak ``lang`` inside the block, click's own words included."""
    before, domain = os.environ.get("LANGUAGE"), gettext.textdomain()
    token = _SPOKEN.set(lang)
    gettext.bindtextdomain(_DOMAIN, str(_LOCALES))
    gettext.textdomain(_DOMAIN)
    os.environ["LANGUAGE"] = lang
    try:
        yield
    finally:
        _SPOKEN.reset(token)
        gettext.textdomain(domain)
        if before is None:
            os.environ.pop("LANGUAGE", None)
        else:
            os.environ["LANGUAGE"] = before


def lang() -> str:
    """The language being spoken."""
    return _SPOKEN.get()


@cache
def texts(file: str = "texts.csv") -> Texts:
    """The sentences of one file of this room: the shared ``texts.csv`` or a command's ``<module>.csv``."""
    return Texts("allocate.cli", file)


def say(key: str, file: str = "texts.csv", **values: object) -> str:
    """A sentence in the language being spoken."""
    return harmless(texts(file).say(key, lang(), **values))


def said(key: str, file: str = "texts.csv") -> bool:
    """Whether a file has the sentence ``key``."""
    return key in texts(file).sentences
