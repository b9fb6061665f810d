"""Arguments: what a public function takes is what its annotations say, and anything else is told as our own error.

``runs: Annotated[int, Within(0)]`` is a whole number of at least 0; ``lang`` is always one of our languages. The
annotations that occur are read here: classes, ``None``, unions, ``Literal``, collections of one kind, pairs, functions,
and the aliases of such. What cannot be told apart here (a name that only type checkers know) is left to the function.
"""

from __future__ import annotations

import builtins
import math
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import update_wrapper
from inspect import Parameter, Signature, isfunction, signature, unwrap
from numbers import Integral, Real
from types import NoneType, UnionType
from typing import Annotated, Any, Literal, TypeAliasType, TypeGuard, Union, cast, get_args, get_origin

from allocate.errors import UsageError
from allocate.language import LANGUAGES

_LONGEST = 60  # letters of a wrong value that are shown


@dataclass(frozen=True)
class Within:
    """The bounds of a number, or of each number of a collection; ``above``, ``below``: the bound itself is outside."""

    least: float = -math.inf
    most: float = math.inf
    above: bool = False
    below: bool = False

    def holds(self, value: float) -> bool:
        """Whether a number is inside; what is no number, or has no end, never is."""
        low = value > self.least if self.above else value >= self.least
        high = value < self.most if self.below else value <= self.most
        return low and high and math.isfinite(value)

    def __str__(self) -> str:
        """The bounds in signs that every reader knows: ``≥ 0, ≤ 1``."""
        low = f"{'>' if self.above else '≥'} {self.least:g}" if math.isfinite(self.least) else ""
        high = f"{'<' if self.below else '≤'} {self.most:g}" if math.isfinite(self.most) else ""
        return ", ".join(filter(None, (low, high)))


type Share = Annotated[float, Within(0, 1)]
type Positive = Annotated[float, Within(0, above=True)]
type NotNegative = Annotated[float, Within(0)]
type Count = Annotated[int, Within(0)]


def arguments_checked[Function: Callable[..., Any]](function: Function) -> Function:
    """Refuse what a function does not take before it begins.

    Raises ``UsageError``: ``type-unexpected`` for a value of another kind, ``value-outside`` for a number outside its
    bounds, each with the name of the parameter.
    """
    read: list[tuple[Signature, dict[str, list[_Kind]]]] = []

    def checking(*given: Any, **named: Any) -> Any:
        if not read:
            read.append(_expected(function))
        own, kinds = read[0]
        for name, value in own.bind(*given, **named).arguments.items():
            if name in kinds:
                for place, one in _each(own.parameters[name], value):
                    _expect(one, kinds[name], place)
        return function(*given, **named)

    return cast("Function", update_wrapper(checking, function))


def methods_checked[Owner: type](owner: Owner) -> Owner:
    """Let every public method that a class defines refuse what it does not take."""
    for name, member in list(vars(owner).items()):
        if isfunction(member) and not name.startswith("_"):
            setattr(owner, name, arguments_checked(member))
        elif isinstance(member, staticmethod) and not name.startswith("_"):
            setattr(owner, name, staticmethod(arguments_checked(member.__func__)))
    return owner


def kinds_of(function: Callable[..., Any]) -> dict[str, list[_Kind]]:
    """The kinds that each parameter of a function takes."""
    return _expected(function)[1]


def _each(parameter: Parameter, value: Any) -> Iterator[tuple[str, Any]]:
    """What was given for a parameter, each by the name under which it was given."""
    if parameter.kind is Parameter.VAR_POSITIONAL:
        yield from ((parameter.name, one) for one in value)
    elif parameter.kind is Parameter.VAR_KEYWORD:
        yield from value.items()
    else:
        yield parameter.name, value


def _expect(value: object, kinds: Sequence[_Kind], name: str) -> None:
    chosen = next((kind for kind in kinds if kind.fits(value)), None)
    if chosen is None:
        expected = " / ".join(dict.fromkeys(map(str, kinds)))
        raise UsageError("type-unexpected", place=name, expected=expected, given=_shown(value))
    for bounds, one in chosen.numbers(value):
        if math.isnan(one):
            raise UsageError("type-unexpected", place=name, expected=str(chosen), given=_shown(one))
        if bounds != Within() and not bounds.holds(one):
            raise UsageError("value-outside", place=name, given=_shown(one), bounds=str(bounds))


def _expected(function: Callable[..., Any]) -> tuple[Signature, dict[str, list[_Kind]]]:
    """The signature, and the kinds of its parameters as far as they can be read; ``self`` is the caller's own."""
    inner, own = unwrap(function), signature(function)
    names = _Names(inner.__globals__)
    kinds = {}
    for at, (name, parameter) in enumerate(own.parameters.items()):
        if at == 0 and name == "self":
            continue
        hint = parameter.annotation
        if name == "lang":
            hint = Literal[LANGUAGES]
        elif isinstance(hint, str):
            hint = eval(hint, {}, names)
        kinds[name] = _kinds(object if hint is Parameter.empty else hint)
    return own, kinds


class _Unknown:
    """What an annotation names that exists for type checkers alone; its parts and members are as unknown."""

    def __getattr__(self, _name: str) -> _Unknown:
        return self

    def __or__(self, _other: object) -> _Unknown:
        return self

    __ror__ = __or__

    def __getitem__(self, _part: object) -> _Unknown:
        return self


class _Names(dict[str, Any]):
    """The names an annotation may use: those of its module and of Python, and unknown ones."""

    def __init__(self, own: Mapping[str, Any]) -> None:
        super().__init__(own)

    def __missing__(self, name: str) -> Any:
        return getattr(builtins, name, _Unknown())


@dataclass(frozen=True)
class _Kind:
    """One kind that a parameter takes: a class, ``None``, a ``Literal``, a collection or a function; its bounds."""

    hint: Any
    bounds: tuple[Within, ...] = ()

    @property
    def origin(self) -> Any:
        """What a collection, a mapping or a function is; None of a class."""
        return get_origin(self.hint)

    @property
    def counts(self) -> bool:
        """Whether it is a number."""
        return self.hint in (int, float)

    def inside(self, part: int = -1) -> list[_Kind]:
        """The kinds of what a collection holds; ``part``: keys and values of a mapping."""
        return _kinds([one for one in get_args(self.hint) if one is not Ellipsis][part])

    def fits(self, value: object) -> bool:
        """Whether a value is of this kind, whatever its bounds."""
        if self.origin is Literal:
            return isinstance(value, str) and value in get_args(self.hint)
        if self.origin is not None:
            return self._fits_whole(value)
        if self.hint in (Any, object) or isinstance(self.hint, _Unknown):
            return True
        return value is None if self.hint in (None, NoneType) else _is_a(value, self.hint)

    def _fits_whole(self, value: object) -> bool:
        if issubclass(self.origin, Callable):  # type: ignore[arg-type]
            return callable(value)
        if issubclass(self.origin, Mapping):
            return isinstance(value, Mapping) and all(
                any(kind.fits(one) for kind in self.inside(part))
                for part, ones in enumerate((list(value), list(value.values())))
                for one in ones
            )
        return _is_several(value) and all(any(kind.fits(one) for kind in self.inside()) for one in value)

    def numbers(self, value: Any) -> Iterator[tuple[Within, float]]:
        """The numbers of a value that fits, with their bounds; a number without bounds is still a number."""
        if self.counts:
            yield from ((bounds, float(value)) for bounds in self.bounds or (Within(),))
        elif isinstance(value, Mapping) or (self.origin not in (None, Literal) and _is_several(value)):
            for one in value.values() if isinstance(value, Mapping) else value:
                kind = next(kind for kind in self.inside() if kind.fits(one))
                yield from kind.numbers(one)

    def __str__(self) -> str:
        """The kind in a few words of Python, as they stand in the signature."""
        if self.origin is Literal:
            return " / ".join(map(repr, get_args(self.hint)))
        if self.origin is None:
            return "None" if self.hint in (None, NoneType) else str(getattr(self.hint, "__name__", self.hint))
        if issubclass(self.origin, Callable):  # type: ignore[arg-type]
            return "function"
        return f"{self.origin.__name__}[{' / '.join(map(str, self.inside()))}]"


def _kinds(hint: Any, bounds: tuple[Within, ...] = ()) -> list[_Kind]:
    """The kinds that an annotation allows: aliases and unions are taken apart."""
    parts = get_args(hint)
    if isinstance(get_origin(hint), TypeAliasType):
        return [_Kind(object)]  # an array of numpy, which the function reads itself
    if isinstance(hint, TypeAliasType):
        return _kinds(hint.__value__, bounds)
    if get_origin(hint) is Annotated:
        return _kinds(parts[0], (*bounds, *(one for one in parts[1:] if isinstance(one, Within))))
    if get_origin(hint) in (Union, UnionType):
        return [kind for part in parts for kind in _kinds(part, bounds)]
    return [_Kind(hint, bounds)]


def _is_several(value: object) -> TypeGuard[Collection[object]]:
    """Whether a value is a list, a tuple, a set, an array or a column: neither a text nor a table."""
    is_table = isinstance(value, Mapping) or hasattr(value, "columns")
    return isinstance(value, Collection) and not isinstance(value, str | bytes) and not is_table


def _is_a(value: object, kind: type) -> bool:
    """Whether a value is of a class; numbers of numpy are numbers, yes and no are none."""
    is_yes_or_no = isinstance(value, bool) or type(value).__name__ == "bool"
    if kind is bool:
        return is_yes_or_no
    if kind in (int, float):
        return isinstance(value, Integral if kind is int else Real) and not is_yes_or_no
    return isinstance(value, kind)


def _shown(value: object) -> str:
    """A wrong value in a few letters: its kind, and what it is where that is short."""
    said = repr(value) if isinstance(value, str | int | float | bool | None) else ""
    if isinstance(value, list | tuple | set) and len(repr(value)) <= _LONGEST:
        said = repr(value)
    return f"{type(value).__name__} {said[:_LONGEST]}".strip()
