"""The session of an analyst: the path from a case to certified plans, and every question about them as a method."""

from __future__ import annotations

from allocate.model.own_rules import Extra
from allocate.questions.planning import Planning
from allocate.questions.program import Program, program_of
from allocate.questions.question import question
from allocate.questions.showing import Showing
from allocate.questions.understanding import Understanding


class Session(Planning, Understanding, Showing):
    """Questions about one case, answered by one solver: what every command asks is a method of the same name.

    ``solver`` is ``highs`` or ``pulp:NAME``. Plans are canonical: the same case gives the same plan whatever the
    solver and the order of rows. Methods take the options of their command under the same names and in the same units;
    what they give has the tables of the command as frames, and its JSON by ``to_json``. Several threads may ask one
    session: its answers are made one after the other. Raises ``UsageError`` for an unknown scenario or solver and for
    arguments of another type, ``InputError`` for a case whose tables do not pass the checks, ``SolverMissing``, and
    ``CertificateError`` for a plan that fails the independent check.
    """

    @question
    def program(self, scenario: str, *, scaled: bool = False, extra: Extra | None = None) -> Program:
        """The linear program of a scenario with its names, for other solvers and libraries: ``allocate export``.

        ``scaled``: with rows, columns and objective of a size that solvers count exactly in. Raises ``UsageError``.

        >>> session.program("pooled").rows.get_level_values("family")[0]
        'balance'
        """
        return program_of(self, scenario, scaled=scaled)
