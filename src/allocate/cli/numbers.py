"""Numbers on the command line, in German or English notation; one that could be read twice is refused.

Every numeric option of every command has one of these types, so that ``100.000`` means the same everywhere: nothing,
until it is written in a way that can be read only once.
"""

from __future__ import annotations

from typing import Any, override

import click

from allocate.cli.speech import lang
from allocate.errors import UsageError


class Number(click.FloatRange):
    """A number: ``0.5``, ``0,5``, ``1 000``, ``1.000,5``."""

    @override
    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """The number, within the bounds of the option."""
        return super().convert(_read(self, value, param, ctx), param, ctx)


class Whole(click.IntRange):
    """A whole number: ``100``, ``1 000``."""

    @override
    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """The whole number, within the bounds of the option."""
        number = _read(self, value, param, ctx)
        whole = isinstance(number, float) and number.is_integer()
        return super().convert(int(number) if whole else value, param, ctx)


def _read(kind: click.ParamType[Any], value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
    if not isinstance(value, str):
        return value
    from allocate.inputs.numerals import number_of

    try:
        return number_of(value)
    except UsageError as refused:
        kind.fail(refused.sentence(lang()), param, ctx)
