"""The records of one file: lines in, lists of fields out, going on past a damaged one."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from service.imports.lines import Lines, RecordTooLong
from service.imports.problems import Findings, Problem

if TYPE_CHECKING:
    from collections.abc import Iterator

MOST_FIELD_CHARACTERS: Final = 2**16

_CLOSE_IT: Final = 'Write a quote inside a quoted field twice: "".'


@dataclass(frozen=True, slots=True)
class Record:
    """The fields of one record, and the line on which it starts.

    `fields` is empty where they could not be told apart; a record that is not `sound` has
    been reported, and makes no row.
    """

    line: int
    fields: list[str]
    sound: bool


def records(lines: Lines, file: str, findings: Findings) -> Iterator[Record]:
    """Every record of the file, the header included; blank lines are reported, not given.

    An unclosed quote takes the lines up to the next quote with it: they are lost together,
    and reported at the line where the quote stands.
    """
    reader = csv.reader(lines, strict=True)
    while True:
        lines.begin_record()
        line = lines.number + 1
        try:
            fields, problem = _next_fields(reader, lines)
        except StopIteration:
            return
        if problem is not None:
            findings.refuse([Problem(file, line, "", *problem)])
        if problem is not _BLANK:
            yield Record(line, fields, sound=problem is None and not lines.spoiled)


def _next_fields(
    reader: Iterator[list[str]], lines: Lines
) -> tuple[list[str], tuple[str, str] | None]:
    """The next record and what is wrong with it; raises `StopIteration` behind the last."""
    try:
        fields = next(reader)
    except RecordTooLong:
        return [], ("this record goes on over too many lines", "Look for a missing quote.")
    except csv.Error as error:
        return [], _said_plainly(str(error))
    if not fields and not lines.spoiled:
        return [], _BLANK
    return fields, _too_large(fields, lines)


_BLANK: Final = ("this line is empty", "Take it out.")


def _too_large(fields: list[str], lines: Lines) -> tuple[str, str] | None:
    if lines.record_bytes <= MOST_FIELD_CHARACTERS:
        return None
    if max(map(len, fields), default=0) <= MOST_FIELD_CHARACTERS:
        return None
    return (f"a field is longer than {MOST_FIELD_CHARACTERS} characters", "Shorten it.")


def _said_plainly(error: str) -> tuple[str, str]:
    """The csv module's words for damage, as words for whoever prepared the file."""
    if "unexpected end" in error:
        return (
            "a quote is opened here and never closed: the file may have been cut off",
            "Compare the file with its source. " + _CLOSE_IT,
        )
    if "expected after" in error:
        return ("a quoted field that begins here is followed by other text", _CLOSE_IT)
    return ("a field that begins here is too long to read", "Look for a missing quote.")
