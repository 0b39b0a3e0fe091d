"""Forms of one noun each, as tables: what a field is called, and how what is typed is read.

What the API asks of a field is asked here too, by the same types; everything that cannot be
meant is said at once, beside its field, and what was typed stays.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import date
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Final

from pydantic import TypeAdapter

from api import fields as api_fields
from api.web import filled, words
from api.web.filled import Wrong
from ledger.money import rupees
from ledger.refusals import Refusal
from service.refusals import AlreadyExists, Malformed

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from api.web.reader import Reader


def _(message: str) -> str:
    """Marks a string for the catalogues; it is said where the reader is known."""
    return message


class Kind(StrEnum):
    """How a field looks."""

    TEXT = "text"
    CODE = "code"
    DAY = "day"
    WHOLE = "whole"
    AMOUNT = "amount"
    PROSE = "prose"
    CHOICE = "choice"
    TICK = "tick"


MISSING: Final = _("This is missing. Fill it in.")
AGAIN: Final = _("Look at this again.")
_HOW: Final = {
    Kind.TEXT: _("Write it without line breaks, and not longer than one line."),
    Kind.CODE: _("A code has no slash and no spaces around it."),
    Kind.DAY: _("Write a day like 20-11-2026."),
    Kind.WHOLE: _("Write a number, like 12."),
    Kind.AMOUNT: _("Write an amount like 1680.00."),
    Kind.PROSE: _("Say it in a few words."),
    Kind.CHOICE: _("Choose one of these."),
    Kind.TICK: "",
}
_NAMED: Final = re.compile(r"^([a-z_]+): ")
_WHOLE: Final = re.compile(r"0*(\d{1,9})", re.ASCII)


@dataclass(frozen=True, slots=True)
class Field:
    """One field of a form. What is typed is read by `reads`, which raises `ValueError`."""

    name: str
    label: str
    kind: Kind = Kind.TEXT
    must: bool = False
    hint: str = ""
    reads: Callable[[str], Any] | None = None
    how: str = ""
    """What to write instead, where it cannot be read."""
    choices: tuple[tuple[str, str], ...] = ()
    """What one chooses from, each with what it is called."""
    rtl: bool = False
    """Whether it is written in Urdu."""

    @property
    def help(self) -> str:
        """What to write."""
        return self.how or _HOW[self.kind]

    def read(self, typed: str) -> Any:  # noqa: ANN401 - as its kind is
        """What is meant. Raises `ValueError`, `Refusal`."""
        if self.reads is not None:
            return self.reads(typed)
        if self.choices and typed not in {value for value, _said in self.choices}:
            raise ValueError(typed)
        return _READS[self.kind](typed)


def _name(typed: str) -> str:
    return str(_NAME.validate_python(" ".join(typed.split())))


def _prose(typed: str) -> str:
    return str(_PROSE.validate_python(" ".join(typed.split())))


def _code(typed: str) -> str:
    return str(_CODE.validate_python(typed.strip()))


def whole(least: int, most: int) -> Callable[[str], int]:
    """Reads a whole number within bounds."""

    def read(typed: str) -> int:
        match = _WHOLE.fullmatch(filled.digits(typed))
        if match is None or not least <= int(match[1]) <= most:
            raise ValueError(typed)
        return int(match[1])

    return read


def day(typed: str) -> date:
    """Reads a day as people type it. Raises `Malformed`."""
    if not typed.strip():
        raise filled.wrongly_filled([Wrong("on", typed)])
    return filled.day_of(typed, date.max)


def _amount(typed: str) -> int:
    paisa = filled.amount_of(typed)
    if paisa < 0:
        raise ValueError(typed)
    return paisa


_NAME: Final = TypeAdapter(api_fields.Name)
_PROSE: Final = TypeAdapter(api_fields.Prose)
_CODE: Final = TypeAdapter(api_fields.Code)
PHONE: Final = TypeAdapter(api_fields.Phone)
_READS: Final[dict[Kind, Callable[[str], Any]]] = {
    Kind.TEXT: _name,
    Kind.CODE: _code,
    Kind.DAY: day,
    Kind.WHOLE: whole(0, 10**6),
    Kind.AMOUNT: _amount,
    Kind.PROSE: _prose,
    Kind.CHOICE: str,
    Kind.TICK: bool,
}


@dataclass(frozen=True, slots=True)
class Form:
    """A form as a page shows it: where it goes, its fields, its button, what it carries along."""

    to: str
    fields: tuple[Field, ...]
    button: str
    carried: Mapping[str, str] = field(default_factory=dict)
    """What goes along unseen."""
    suggested: Mapping[str, Iterable[Any]] = field(default_factory=dict)
    """Of a field of codes: things with a code and a name, to choose from."""
    icon: str = "check"


def read(fields: Iterable[Field], sent: Mapping[str, str]) -> dict[str, Any]:
    """What a form means; an empty field is None. Raises `Malformed` about all that is wrong."""
    meant: dict[str, Any] = {}
    wrong: list[Wrong] = []
    for one in fields:
        typed = sent.get(one.name, "")
        meant[one.name] = False if one.kind is Kind.TICK else None
        if not typed.strip():
            if one.must:
                wrong.append(Wrong(one.name, ""))
            continue
        try:
            meant[one.name] = one.read(typed)
        except (ValueError, Refusal):
            wrong.append(Wrong(one.name, typed))
    if wrong:
        raise filled.wrongly_filled(wrong, _("See what stands beside each field."))
    return meant


def wrong(error: Refusal | None, sent: Mapping[str, str]) -> dict[str, str]:
    """The fields that a refusal is about: those it names; a code that it says is taken."""
    found = filled.wrong_fields(error)
    if error is None or found:
        return found
    if isinstance(error, Malformed) and (named := _NAMED.match(str(error))):
        return {named[1]: "?"}
    code = sent.get("code", "").strip()
    return {"code": "?"} if isinstance(error, AlreadyExists) and f" {code} " in str(error) else {}


def typed(value: Any) -> str:  # noqa: ANN401 - as it is kept
    """A value as a person would type it."""
    if value is None or value is False:
        return ""
    if value is True:
        return "on"
    if isinstance(value, date):
        return "" if value == date.max else words.typed(value)
    return str(getattr(value, "value", value))


def kept(fields: Iterable[Field], record: object) -> dict[str, str]:
    """What stands in a form of something that is kept."""
    return {
        one.name: rupees(found)
        if one.kind is Kind.AMOUNT and (found := getattr(record, one.name, None)) is not None
        else typed(getattr(record, one.name, None))
        for one in fields
    }


def says(record: object, said: Mapping[str, Any]) -> bool:
    """Whether what is kept is just what a form says, as far as it has the form's fields."""
    return all(getattr(record, name, value) == value for name, value in said.items())


def chosen(reader: Reader, fields: Iterable[Field]) -> tuple[Field, ...]:
    """Fields as a reader sees them: in her language."""
    return tuple(
        replace(
            one,
            label=reader.says(one.label),
            hint=reader.says(one.hint) if one.hint else "",
            how=reader.says(one.help) if one.help else "",
            choices=tuple((value, reader.says(said)) for value, said in one.choices),
        )
        for one in fields
    )
