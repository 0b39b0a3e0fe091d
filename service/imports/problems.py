"""What is wrong with a bundle, in words that whoever prepared it can act on."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, Final

if TYPE_CHECKING:
    from collections.abc import Iterable

MOST_PROBLEMS: Final = 1_000
"""Reading stops here: whoever has a thousand problems to mend does not need them all."""
MOST_SHOWN: Final = 60
"""Characters of a value that a message repeats."""


@dataclass(frozen=True, slots=True, order=True)
class Problem:
    """One thing wrong: where, what, and what to do about it.

    `line` is the physical line on which the record starts, 0 where it is the whole file;
    `column` is empty where it is the whole record.
    """

    file: str
    line: int
    column: str
    what: str
    todo: str

    def __str__(self) -> str:
        """The place, then a sentence for what is wrong and one for what to do."""
        place = f"{self.file} line {self.line}" if self.line else self.file
        if self.column:
            place += f", {self.column}"
        return f"{place}: {self.what}. {self.todo}"


class BundleRefused(Exception):
    """The bundle cannot be loaded; every problem found says what to do."""

    code: ClassVar[str] = "bundle_refused"

    def __init__(self, problems: Iterable[Problem], *, cut_short: bool = False) -> None:
        self.problems: Final = tuple(sorted(problems))
        self.cut_short: Final = cut_short
        super().__init__(self.problems)

    def __str__(self) -> str:
        """All problems, one a line, under a line that counts them."""
        count = len(self.problems)
        head = f"The bundle is refused: {count} problem{'' if count == 1 else 's'}."
        if self.cut_short:
            head = f"The bundle is refused: the first {count} problems, where reading stopped."
        return "\n".join([head, *map(str, self.problems)])


class EnoughProblems(Exception):
    """So many problems that reading stops."""


class Findings:
    """Gathers problems and warnings; raises `EnoughProblems` when the list is full.

    Warnings never refuse a bundle. Past the same number they are no longer kept.
    """

    def __init__(self) -> None:
        self.problems: list[Problem] = []
        self.warnings: list[Problem] = []

    def refuse(self, problems: Iterable[Problem]) -> None:
        """Keep these problems."""
        for problem in problems:
            if len(self.problems) == MOST_PROBLEMS:
                raise EnoughProblems
            self.problems.append(problem)

    def warn(self, warnings: Iterable[Problem]) -> None:
        """Keep these warnings, as far as there is room."""
        for warning in warnings:
            if len(self.warnings) == MOST_PROBLEMS:
                return
            self.warnings.append(warning)


def shown(text: str) -> str:
    """A value between quotes, cut to a readable length, with what is invisible spelled out."""
    cut = text if len(text) <= MOST_SHOWN else text[:MOST_SHOWN] + "…"
    spelled = (char if char.isprintable() else f"\\u{ord(char):04x}" for char in cut)
    return f'"{"".join(spelled)}"'
