"""What every command shares: its options, the request they make up, and how it comes by its help texts."""

from __future__ import annotations

import os
import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import wraps
from pathlib import Path
from typing import Any, TextIO

import click
from click.shell_completion import CompletionItem

from allocate.cli import towns
from allocate.cli.drawn import BY_YEARS, tables_of
from allocate.cli.harmless import harmless
from allocate.cli.numbers import Number
from allocate.cli.paths import Reads, Writes, form_of, read_and_written, refuse_endings
from allocate.cli.speech import lang as spoken
from allocate.cli.speech import said, say
from allocate.examples import shipped
from allocate.files import protecting, refuse
from allocate.language import LANGUAGES

FORMATS = ("table", "json", "csv")
ENDINGS = {".txt": "table", ".json": "json", ".csv": "csv"}
"""What the ending of ``--out`` says about the form of the answer, unless a command has endings of its own."""


@dataclass(frozen=True)
class Request:
    """How the answer is wanted.

    ``format`` is ``table``, ``json`` or ``csv``; ``out`` the file it goes to (None: standard output);
    ``table`` the name of one table of the answer (blank: the command's first); ``stream`` is where the answer
    is written, kept apart from everything a solver may print; ``quiet`` leaves out progress and hints. ``command``:
    whose tables they are (``tables.csv``).
    """

    lang: str
    format: str
    quiet: bool
    out: Path | None
    stream: TextIO
    table: str = ""
    command: str = ""

    @property
    def tables(self) -> list[str]:
        """The tables to be drawn: the one asked for, else those that the command draws unasked."""
        return [self.table] if self.table else [name for name, one in tables_of(self.command).items() if one.at_once]

    def columns(self, table: str) -> tuple[str, ...]:
        """The columns of a table of the command as they are drawn, the most important first; none: all of them."""
        known = tables_of(self.command)
        return known[table].columns if table in known else ()


class PlannerCommand(click.Command):
    """A command whose help stands in CSV files, in German and English."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Parse, and compose the letters of all plain words (paths stay as the file system has them)."""
        rest = super().parse_args(ctx, args)
        for parameter in self.params:
            if parameter.type is click.STRING and parameter.name in ctx.params:
                ctx.params[parameter.name] = _as_ids_are(ctx.params[parameter.name])
        return rest

    def speak(self, file: str, examples: list[str]) -> None:
        """Take the help from ``file`` (``<command>.help``, ``<command>.option.<name>``) or the shared texts."""
        self.help = say(f"{self.name}.help", file)
        heading = say("help.examples" if len(examples) > 1 else "help.example")
        self.options_metavar = say("metavar.options")
        self.epilog = "\n".join(["\b", heading, *(f"  {example}" for example in examples)])
        for parameter in self.params:
            key = f"{parameter.param_type_name}.{parameter.name}"
            own = f"{self.name}.{key}"
            if isinstance(parameter, click.Option | click.Argument):
                parameter.help = say(own, file) if said(own, file) else say(key)
                if parameter.name == "table" and isinstance(parameter.type, click.Choice):
                    # Ten names do not fit between the brackets in front of the sentence.
                    parameter.help += " " + ", ".join(parameter.type.choices)
            if said(f"metavar.{parameter.name}"):
                parameter.metavar = _placeholder(parameter, say(f"metavar.{parameter.name}"))


def _as_ids_are(value: Any) -> Any:
    """Words with their letters composed, as ids are compared: a keyboard or a terminal may write ü as two signs."""
    if isinstance(value, tuple):
        return tuple(_as_ids_are(one) for one in value)
    return unicodedata.normalize("NFC", value) if isinstance(value, str) else value


def _placeholder(parameter: click.Parameter, word: str) -> str:
    """The word for a value; click leaves the signs for "optional" and "several" to whoever names it."""
    if not isinstance(parameter, click.Argument):
        return word
    several = f"{word}..." if parameter.nargs != 1 else word
    return several if parameter.required else f"[{several}]"


def lang_option[F: Callable[..., Any]](function: F) -> F:
    """``--lang de|en``. Its value was read before parsing began; here it is only checked."""
    return click.option("--lang", type=click.Choice(LANGUAGES))(function)


def command(
    name: str, *, endings: Mapping[str, str] | None = ENDINGS
) -> Callable[[Callable[..., int | None]], PlannerCommand]:
    """Make a function a command with the shared options.

    ``endings`` says which endings ``--out`` may have, and the format each stands for (None: ``--out`` is a folder).
    No path that the command writes may be one that it reads; that is refused before the function is called.

    The function gets a ``Request`` first, then its own parameters by name, and returns an exit code (None:
    0). While it runs, standard output is closed to everybody else: the answer goes through
    ``allocate.cli.output.emit``.
    """

    def decorate(function: Callable[..., int | None]) -> PlannerCommand:
        @wraps(function)
        def run(
            lang: str | None,
            format: str | None,
            quiet: bool,
            out: Path | None,
            table: str | None = None,
            **own: Any,
        ) -> int:
            from allocate.cli.guard import reserved_stdout
            from allocate.cli.interrupt import prompt_interrupt

            form = form_of(format, out, endings)
            ctx = click.get_current_context()
            read, written = read_and_written(ctx)
            written += [out] if out and endings is not None else []
            inputs = [*read, *shipped().values(), *towns.cases_beside([*written, *([out] if out else [])])]
            with prompt_interrupt(), reserved_stdout() as stream, protecting(inputs):
                refuse(*written)
                refuse_endings(ctx)
                request = Request(lang or spoken(), form, quiet, out, stream, table or "", name)
                return function(request, **own) or 0

        shared = (
            lang_option,
            click.option("--format", type=click.Choice(FORMATS)),
            click.option("--quiet", "-q", is_flag=True),
            click.option("-o", "--out", type=Writes(folder=True)),
            click.help_option("-h", "--help"),
        )
        for add in reversed(shared):
            add(run)
        # Click collects parameters from the last decorator to the first; the shared ones belong behind the
        # own ones.
        collected = run.__click_params__  # type: ignore[attr-defined]
        run.__click_params__ = collected[-len(shared) :] + collected[: -len(shared)]  # type: ignore[attr-defined]
        return click.command(name, cls=PlannerCommand, add_help_option=False)(run)

    return decorate


def option(*names: str, **settings: Any) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """An option of one command; its help is the text ``<command>.option.<name>``, else ``option.<name>``."""
    return click.option(*names, **settings)


def case_argument[F: Callable[..., Any]](function: F) -> F:
    """CASE: a folder of CSV files or a workbook, or the name of a town that comes with the program."""
    decorate = click.argument("case", type=Reads(), callback=_resolve, is_eager=True)
    return decorate(function)


def scenario_option[F: Callable[..., Any]](function: F) -> F:
    """``-s ID``, exactly one; the parameter is called ``scenario``."""
    decorate = click.option("-s", "--scenario", required=True, shell_complete=complete_scenario)
    return decorate(function)


def scenarios_option[F: Callable[..., Any]](function: F) -> F:
    """``-s ID``, any number; none means all. The parameter ``scenarios`` is a tuple of ids."""
    decorate = click.option("-s", "--scenario", "scenarios", multiple=True, shell_complete=complete_scenario)
    return decorate(function)


def solver_options[F: Callable[..., Any]](function: F) -> F:
    """``--solver NAME`` and ``--time-limit S``."""
    return click.option("--solver", default="highs", show_default=True)(time_limit_option(function))


def time_limit_option[F: Callable[..., Any]](function: F) -> F:
    """``--time-limit S``: seconds of wall time, by default none."""
    return click.option("--time-limit", type=Number(min=0, min_open=True))(function)


def table_option[F: Callable[..., Any]](function: F) -> F:
    """``--table NAME``: which one of the command's tables to show; it arrives as ``request.table``."""
    names = dict.fromkeys([*tables_of(function.__name__), *tables_of(function.__name__ + BY_YEARS)])
    return click.option("--table", type=click.Choice(list(names)))(function)


def cases_argument[F: Callable[..., Any]](function: F) -> F:
    """CASE..., at least one; the parameter ``cases`` is a tuple of paths."""
    return click.argument("cases", type=Reads(), nargs=-1, required=True, callback=_resolve_all, is_eager=True)(
        function
    )


def executor_option[F: Callable[..., Any]](function: F) -> F:
    """``--executor``: who does the work; its name, ``serial`` by default."""
    return click.option("--executor", default="serial", show_default=True)(function)


def _resolve(_ctx: click.Context, _parameter: click.Parameter, value: Path) -> Path:
    return towns.find(value)


def _resolve_all(_ctx: click.Context, _parameter: click.Parameter, values: tuple[Path, ...]) -> tuple[Path, ...]:
    return tuple(map(towns.find, values))


def complete_scenario(ctx: click.Context, _parameter: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """Scenario ids for the shell, without pandas, which is too slow for a TAB key."""
    # While the option's value is still missing, click has not yet told the arguments apart: CASE is the first of them.
    case = ctx.params.get("case") or next(iter(ctx.args), None)
    known = towns.scenarios_at_a_glance(case) if isinstance(case, str | os.PathLike) else {}
    # An id that a terminal would obey is not offered; what is typed must be the id itself.
    offered = {key: title for key, title in known.items() if key.startswith(incomplete) and harmless(key) == key}
    return [CompletionItem(key, help=harmless(title)) for key, title in offered.items()]
