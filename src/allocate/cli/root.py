"""The command ``allocate``: a table of commands, each imported when it is asked for.

A command is one row of ``commands.csv`` (its section in the help, where its function stands, a runnable
example, one line of help in German and English) and one module with its ``<module>.csv`` of sentences.
Nothing else is registered.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from importlib import import_module, resources
from typing import Any, override

import click

from allocate import __version__
from allocate.cli.guard import ReaderLeftError
from allocate.cli.options import PlannerCommand, lang_option
from allocate.cli.speech import lang, say

SECTIONS = ("start", "plan", "understand", "share")


@dataclass(frozen=True)
class Entry:
    """One row of ``commands.csv``; ``target`` is ``module:function`` inside ``allocate.cli``."""

    command: str
    section: str
    target: str
    example: str
    de: str
    en: str

    @property
    def examples(self) -> list[str]:
        """The runnable command lines that end the command's help."""
        return self.example.splitlines()

    def load(self) -> PlannerCommand:
        """Import the command and let it speak the language of the moment."""
        module, function = self.target.split(":")
        command = getattr(import_module(f"allocate.cli.{module}"), function)
        if not isinstance(command, PlannerCommand):
            raise TypeError(f"{self.target} is not a command")
        command.speak(f"{module}.csv", self.examples)
        return command


@cache
def entries() -> dict[str, Entry]:
    """All commands in the order of the help."""
    source = resources.files("allocate.cli").joinpath("commands.csv")
    with source.open(encoding="utf-8") as stream:
        rows = [Entry(**row) for row in csv.DictReader(stream)]
    return {row.command: row for row in sorted(rows, key=lambda row: SECTIONS.index(row.section))}


@contextmanager
def _pipe_watched() -> Iterator[None]:
    try:
        yield
    except BrokenPipeError as error:
        raise ReaderLeftError from error
    except SystemExit as stop:
        # What draws the tables ends the program by itself when nobody reads them any longer.
        if isinstance(stop.__context__, BrokenPipeError):
            raise ReaderLeftError from stop
        raise


class Root(click.Group):
    """The group of all commands; it knows their names and one-line helps without importing them."""

    @override
    def make_context(self, *words: Any, **settings: Any) -> click.Context:
        """As click does it; a reader who leaves while the help is written is told apart from a missing plan."""
        with _pipe_watched():
            return super().make_context(*words, **settings)

    @override
    def invoke(self, ctx: click.Context) -> Any:
        """As click does it; a reader who leaves while the answer is written is told apart from a missing plan."""
        with _pipe_watched():
            return super().invoke(ctx)

    @override
    def list_commands(self, ctx: click.Context) -> list[str]:
        """The names of all commands."""
        return list(entries())

    @override
    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command of that name, imported now."""
        entry = entries().get(cmd_name)
        return entry.load() if entry else None

    @override
    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """As click does, but an unknown command is answered with the nearest names."""
        name = args[0]
        if name not in entries() and not name.startswith("-") and not ctx.resilient_parsing:
            raise click.NoSuchCommand(name, possibilities=entries(), ctx=ctx)
        return super().resolve_command(ctx, args)

    @override
    def collect_usage_pieces(self, ctx: click.Context) -> list[str]:
        """The placeholders behind ``allocate`` in the usage line."""
        return [say("metavar.options"), say("metavar.command")]

    @override
    def format_help_text(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """What the program is for."""
        formatter.write_paragraph()
        with formatter.indentation():
            formatter.write_text(say("root.help"))

    @override
    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """One list of commands for each step of the work."""
        for section in SECTIONS:
            rows = [(name, getattr(row, lang())) for name, row in entries().items() if row.section == section]
            if rows:
                with formatter.section(say(f"section.{section}")):
                    formatter.write_dl(rows)

    @override
    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """The few options of the group, in the language of the moment."""
        for parameter in self.params:
            if isinstance(parameter, click.Option):
                parameter.help = say(f"option.{parameter.name}")
        super().format_options(ctx, formatter)

    @override
    def format_epilog(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Where to begin."""
        formatter.write_paragraph()
        formatter.write_text(say("root.epilog"))


def _version(ctx: click.Context, _parameter: click.Parameter, asked: bool) -> None:
    if asked and not ctx.resilient_parsing:
        click.echo(f"allocate {__version__}")
        ctx.exit()


@click.group(cls=Root, invoke_without_command=True, add_help_option=False)
@lang_option
@click.option("--version", is_flag=True, is_eager=True, expose_value=False, callback=_version)
@click.help_option("-h", "--help")
@click.pass_context
def root(ctx: click.Context, lang: str | None) -> None:  # noqa: ARG001  (read before parsing, see speech)
    """Without a command: the help."""
    if ctx.invoked_subcommand is None:
        click.echo(ctx.get_help())
