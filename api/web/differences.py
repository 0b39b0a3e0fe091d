"""What a request would do, as its page shows it: what was and will be, and the entries."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from api.web.accounts import title
from api.web.sheets import kinds
from ledger.money import MoneyMalformed, parse_rupees
from service import members
from service.refusals import NotFound
from service.requests import operations
from service.sheets import store

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterable, Iterator

    from api.web.reader import Reader
    from service.books import Books
    from service.requests.request import Requested
    from service.sheets.sheet import Sheet

_NOTHING: Final = "-"


class Change(NamedTuple):
    """One figure that will be otherwise; an amount in paisa, or whatever else it says."""

    what: str
    member: Any
    was: Any
    will_be: Any


class Side(NamedTuple):
    """One line of an entry, in paisa; `about` is for whom its account is, or what it names."""

    title: str
    code: str
    about: str
    debit: int
    credit: int


@dataclass(frozen=True, slots=True)
class Entry:
    """An entry that it writes."""

    organisation: str
    on: date
    reversal: bool
    narrative: str
    lines: tuple[Side, ...]

    @property
    def total(self) -> int:
        """Either side of it, in paisa."""
        return sum(line.debit for line in self.lines)


@dataclass(frozen=True, slots=True)
class Shown:
    """What a request would do."""

    changes: tuple[Change, ...]
    entries: tuple[Entry, ...]
    people: dict[str, Any]
    """The members whom the entries name, by code."""
    schedule: tuple[dict[str, Any], ...]
    """What falls due when, of a loan that is to be agreed or changed; amounts in paisa."""
    still_owed: tuple[dict[str, Any], ...]
    """What stays on her loans after a settlement, in paisa."""


async def shown(books: Books, reader: Reader, asked: Requested) -> Shown:
    """What a request would do, for a reader."""
    difference = asked.difference
    entries = tuple(_entries(reader, difference.get("entries", ())))
    named = {line.about for entry in entries for line in entry.lines if line.about}
    changes = [one async for one in _changes(books, reader, asked)]
    after = difference.get("after") or {}
    return Shown(
        tuple(changes),
        entries,
        {one.code: one for one in await members.named(books, named)},
        _rows(after, "schedule") or _rows(after, "instalments"),
        _rows(after, "still_owed"),
    )


def _entries(reader: Reader, entries: Iterable[dict[str, Any]]) -> Iterator[Entry]:
    for one in entries:
        lines = tuple(
            Side(
                title(reader, line["code"]),
                line["code"],
                line["party"] or line["subject"] or "",
                parse_rupees(line["debit"]),
                parse_rupees(line["credit"]),
            )
            for line in one["lines"]
        )
        on = date.fromisoformat(one["value_date"])
        yield Entry(one["organisation"], on, one["kind"] == "reversal", one["narrative"], lines)


async def _changes(books: Books, reader: Reader, asked: Requested) -> AsyncIterator[Change]:
    """What was and will be, by what is asked."""
    wish = asked.wish
    if wish.do == "correct_sheet":
        right = operations.SHEET.validate_python(wish.content["right"])
        try:
            wrong = (await store.load(books, wish.content["sheet"])).sheet
        except NotFound:
            return
        names = {line.member for line in (*wrong.lines, *right.lines)}
        hers = {one.code: one for one in await members.named(books, names)}
        for change in _of_sheets(reader, wrong, right, hers):
            yield change
        return
    before, after = (asked.difference.get(side) or {} for side in ("before", "after"))
    labels = _labels(reader)
    for name in dict.fromkeys((*before, *after)):
        sides = before.get(name), after.get(name)
        was, will_be = (_plain(side) for side in sides)
        if name in labels and was != will_be and not any(isinstance(one, list) for one in sides):
            yield Change(labels[name], None, was, will_be)


def _of_sheets(
    reader: Reader, wrong: Sheet, right: Sheet, hers: dict[str, Any]
) -> Iterator[Change]:
    """Line by line what is otherwise, then the cash."""

    def _(message: str) -> str:
        return reader.says(message)

    was, will_be = (
        {(line.member, line.kind, line.loan): line.amount for line in sheet.lines}
        for sheet in (wrong, right)
    )
    called = kinds(reader)
    for key in dict.fromkeys((*was, *will_be)):
        if was.get(key, 0) != will_be.get(key, 0):
            member, kind, loan = key
            what = called[kind] + (f" {loan}" if loan else "")
            yield Change(what, hers.get(member, member), was.get(key, 0), will_be.get(key, 0))
    for member in sorted(set(wrong.present) ^ set(right.present)):
        there = _("present"), _("absent")
        said = there if member in wrong.present else there[::-1]
        yield Change(_("Attendance"), hers.get(member, member), *said)
    if wrong.cash_counted != right.cash_counted:
        cash = _("Cash of the meeting")
        yield Change(cash, None, wrong.cash_counted or 0, right.cash_counted or 0)


def _plain(value: Any) -> Any:  # noqa: ANN401 - JSON is as wide as it is
    """A value as a page shows it: paisa, a day, or text; lists and dicts are shown elsewhere."""
    if value is None or value == "":
        return _NOTHING
    if isinstance(value, str):
        try:
            return parse_rupees(value) if "." in value else date.fromisoformat(value)
        except (MoneyMalformed, ValueError):
            return value
    return str(value)


def _rows(after: dict[str, Any], name: str) -> tuple[dict[str, Any], ...]:
    """The rows that a difference has under a name, amounts in paisa."""
    rows = after.get(name)
    if not isinstance(rows, list):
        return ()
    return tuple({key: _plain(value) for key, value in row.items()} for row in rows)


def _labels(reader: Reader) -> dict[str, str]:
    """What the parts of a difference are called; those that are not here are not shown."""

    def _(message: str) -> str:
        return reader.says(message)

    return {
        "left_on": _("Last day of membership"),
        "cancelled_on": _("Cancelled on"),
        "principal": _("Amount of the loan"),
        "instalments": _("Instalments"),
        "product": _("Rules"),
        "purpose": _("What for"),
        "first_due_on": _("First due on"),
        "resolution": _("Resolution"),
        "outstanding_principal": _("Loan left"),
        "overdue": _("Late"),
        "member": _("Member"),
        "pledged": _("Pledged"),
        "from_on": _("From"),
        "to_on": _("Until"),
        "parent": _("Belongs to"),
        "back_dated_days": _("Days back that one officer may write alone"),
        "withdrawal": _("Withdrawal that one officer may write alone"),
    }


def title_of(reader: Reader, asked: Requested) -> str:
    """What a request asks for, in words."""
    known = _titles(reader)
    if (asked.wish.content.get("event") or {}).get("kind") == "reversal":
        return known["reversal"]
    return known.get(asked.wish.kind.value) or known.get(asked.wish.do, asked.wish.do)


def about_of(asked: Requested) -> str:
    """The code of whom or what a request is about: of an event, whom it concerns."""
    event = asked.wish.content.get("event") or {}
    return str(event.get("counterparty") or event.get("loan") or asked.wish.about)


def _titles(reader: Reader) -> dict[str, str]:
    """What is asked for, by its kind where that says more, or by the operation that does it."""

    def _(message: str) -> str:
        return reader.says(message)

    return {
        "close_sheet": _("Write the sheet of a meeting"),
        "reverse_sheet": _("Take back the sheet of a meeting"),
        "correct_sheet": _("Correct the sheet of a meeting"),
        "record_event": _("Write something outside a meeting"),
        "reversal": _("Take back what was written outside a meeting"),
        "settlement": _("Settle with a member who leaves"),
        "write_off": _("Write off a loan"),
        "refinance": _("Pay off a loan by another"),
        "transfer": _("Send money to another organisation"),
        "year_end": _("Close the year"),
        "agree_loan": _("Give a loan"),
        "change_loan": _("Change a loan"),
        "undo_change": _("Take back the change of a loan"),
        "cancel_loan": _("Cancel a loan"),
        "stand_surety": _("Stand surety for a loan"),
        "release_guarantee": _("Release who stands surety"),
        "move_organisation": _("Move an organisation"),
        "add_product": _("Write down rules for loans"),
        "add_reserve_scheme": _("Change how loans are reserved for"),
        "set_limits": _("Change what one officer may do alone"),
        "amend_member": _("A member leaves, or comes back"),
        "import_bundle": _("Load books"),
    }
