"""Markup: the one parser of the XML inside workbooks, of every kind and for every question.

It reads a part once from front to back (expat), in time and memory that grow with the part and not faster, and it
refuses document types: without them there are neither entities to unfold nor files or addresses to fetch. Names are
local ones, whatever prefix a writer gives them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import IO
from xml.parsers.expat import ExpatError, ParserCreate

type Attributes = dict[str, str]
type Start = Callable[[Attributes], None]
type End = Callable[[], None]


class DamagedMarkup(ValueError):
    """A part that is no well-formed XML, or declares a document type."""


class _Handlers[T](dict[str, T | None]):
    """Handlers by the name as a part writes it, prefix included; None for elements that nobody asks for."""

    def __init__(self, known: Mapping[str, T]) -> None:
        super().__init__()
        self._known = known

    def __missing__(self, name: str) -> T | None:
        self[name] = self._known.get(local(name))
        return self[name]


def parse(
    stream: IO[bytes],
    starts: Mapping[str, Start],
    ends: Mapping[str, End] | None = None,
    text: Callable[[str], None] | None = None,
) -> None:
    """Read a part; call the handlers of elements by their local name, and ``text`` with every piece of text.

    Raises ``DamagedMarkup``, and whatever a handler raises.
    """
    opened, closed = _Handlers(starts), _Handlers(ends or {})

    def start(name: str, attributes: Attributes) -> None:
        handler = opened[name]
        if handler is not None:
            handler(attributes)

    def end(name: str) -> None:
        handler = closed[name]
        if handler is not None:
            handler()

    parser = ParserCreate()
    parser.buffer_text = True
    parser.StartElementHandler = start
    parser.StartDoctypeDeclHandler = _refuse
    if ends:
        parser.EndElementHandler = end
    if text is not None:
        parser.CharacterDataHandler = text
    try:
        parser.ParseFile(stream)
    except ExpatError as failure:
        raise DamagedMarkup(str(failure)) from failure


def local(name: str) -> str:
    """A name without its prefix."""
    return name.rpartition(":")[2]


def attribute(attributes: Attributes, name: str) -> str:
    """The attribute of that local name, ``""`` where there is none."""
    return next((value for key, value in attributes.items() if local(key) == name), "")


def _refuse(*_: object) -> None:
    raise DamagedMarkup("a document type is declared")
