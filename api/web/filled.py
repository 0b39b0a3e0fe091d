"""What somebody filled in on a sheet's form, as typed; and the sheet that it makes."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from datetime import date
from hashlib import sha256
from typing import TYPE_CHECKING, Final, NamedTuple

from ledger.money import MoneyMalformed, parse_rupees, rupees
from service.refusals import Malformed, MemberOfAnother, VersionChanged
from service.sheets.sheet import LOAN_KINDS, Sheet, SheetLine, SheetLineKind

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from api.web.meeting import Card, Meeting
    from ledger.refusals import Refusal

# Digits of other keyboards are digits, and separators are nothing.
_TYPED: Final = str.maketrans("۰۱۲۳۴۵۶۷۸۹٠١٢٣٤٥٦٧٨٩٫", "01234567890123456789.", ",٬ ")  # noqa: RUF001 - that is the point
_DAY: Final = re.compile(r"(\d{1,2})[-./](\d{1,2})[-./](\d{4})", re.ASCII)


# What may stand in a header: a code may be written in any script.
_PLAIN: Final = re.compile(r"[!-~]+", re.ASCII)
_YEARS: Final = range(1900, 2200)
MOST_WORDS: Final = 500
"""Characters of a reason, a purpose, a plan."""


class Wrong(NamedTuple):
    """A field that cannot be meant as it is filled in."""

    field: str
    typed: str


_HOW: Final = "An amount is written like 1680.00, a day like 20-11-2026."


def wrongly_filled(wrong: list[Wrong], how: str = _HOW) -> Malformed:
    """The refusal of a form in which something cannot be meant; it is about these fields."""
    refusal = Malformed(how)
    refusal.about = wrong
    return refusal


def wrong_fields(error: Refusal | None) -> dict[str, str]:
    """What stands in each field that a refusal is about, by its name."""
    about = getattr(error, "about", None)
    return {one.field: one.typed for one in about} if isinstance(about, list) else {}


@dataclass(frozen=True, slots=True)
class Filled:
    """A form as it was sent: ticks, attendance, amounts as typed."""

    paid: frozenset[str] = frozenset()
    here: dict[str, str] = field(default_factory=dict)
    given: frozenset[str] = frozenset()
    amounts: dict[str, str] = field(default_factory=dict)

    @classmethod
    def of(cls, sent: Iterable[tuple[str, str]]) -> Filled:
        """From the fields of a form."""
        sent = list(sent)
        return cls(
            frozenset(value for name, value in sent if name == "paid"),
            {name[5:]: value for name, value in sent if name.startswith("here:")},
            frozenset(value for name, value in sent if name == "given"),
            {name[2:]: value for name, value in sent if name.startswith("a:")},
        )

    @classmethod
    def of_sheet(cls, sheet: Sheet) -> Filled:
        """From a sheet that is kept."""
        brought = [one for one in sheet.lines if one.kind is not SheetLineKind.DISBURSEMENT]
        # Whoever sent her money with a neighbour was not there, and stays so.
        away = dict.fromkeys((line.member for line in brought), "no")
        return cls(
            frozenset(line.member for line in brought),
            away | dict.fromkeys(sheet.present, "yes"),
            frozenset(line.loan for line in sheet.lines if line not in brought and line.loan),
            {name_of(line.member, line.kind, line.loan): rupees(line.amount) for line in brought},
        )


def name_of(member: str, kind: SheetLineKind, loan: str | None) -> str:
    """The name of an amount's field, but for what all of them begin with."""
    return ":".join((member, kind.value, *([loan] if loan else [])))


def shown(
    filled: Filled | None, member: str, kind: SheetLineKind, loan: str | None, due: int
) -> str:
    """What stands in a field: what was typed, or what is due."""
    if filled is None or not (filled.amounts or filled.paid):
        return rupees(due) if due else ""
    ticked = member in filled.paid
    typed = filled.amounts.get(name_of(member, kind, loan))
    if typed is None:
        return "" if ticked or not due else rupees(due)
    return typed


def sheet_of(filled: Filled, meeting: Meeting, *, counted: int | None) -> Sheet:
    """The sheet that a form makes; what is due of who is not ticked does not count.

    Raises `Malformed`, also where an amount was entered for somebody who is not ticked;
    `MemberOfAnother` and `VersionChanged` for who is ticked but not there.
    """
    _refuse_gone(filled, meeting)
    wrong: list[Wrong] = []
    lines = [
        line
        for card in meeting.cards
        if card.member.code in filled.paid
        for line in _lines(filled, card.member.code, wrong)
    ]
    lines += [
        SheetLine(one.member.code, SheetLineKind.DISBURSEMENT, one.amount, one.loan)
        for one in meeting.to_give
        if one.loan in filled.given
    ]
    if wrong:
        raise wrongly_filled(wrong)
    if missed := [one for card in meeting.cards for one in _entered_unticked(filled, card)]:
        raise wrongly_filled(missed, "Tick whoever pays, or take her amounts away.")
    present = tuple(card.member.code for card in meeting.cards if _present(filled, card))
    return Sheet(
        meeting.code, meeting.organisation.code, meeting.on, present, counted, tuple(lines)
    )


def _refuse_gone(filled: Filled, meeting: Meeting) -> None:
    """Whoever is ticked has a card, or her money would be on no sheet."""
    on, home = meeting.on, meeting.organisation.code
    for member in sorted(filled.paid - {card.member.code for card in meeting.cards}):
        raise MemberOfAnother(f"{member} is no member of {home} on {on}. Return what she brought.")
    for loan in sorted(filled.given - {one.loan for one in meeting.to_give}):
        raise VersionChanged(f"Loan {loan} is not to be given on {on} any more. Look at it first.")


def _present(filled: Filled, card: Card) -> bool:
    """Whoever paid was there, unless it is said that she was not: neighbours bring it, too."""
    code = card.member.code
    return filled.here.get(code, "yes" if code in filled.paid else "no") == "yes"


def _entered_unticked(filled: Filled, card: Card) -> Iterator[Wrong]:
    """Amounts that somebody entered, and that would go lost, since she is not ticked."""
    if card.member.code in filled.paid:
        return
    due = {(line.kind, line.loan): line.due for line in card.due}
    for line in _lines(filled, card.member.code, []):
        if line.amount != due.get((line.kind, line.loan), 0):
            name = name_of(line.member, line.kind, line.loan)
            yield Wrong(f"a:{name}", filled.amounts[name])


def _lines(filled: Filled, member: str, wrong: list[Wrong]) -> Iterator[SheetLine]:
    for name, typed in filled.amounts.items():
        if not name.startswith(f"{member}:"):  # whose code may have a colon of its own
            continue
        kind, _, loan = name.removeprefix(f"{member}:").partition(":")
        if kind not in set(SheetLineKind):
            continue
        amount = _amount(name, typed, wrong)
        what = SheetLineKind(kind)
        if amount and (what in LOAN_KINDS) == bool(loan):
            yield SheetLine(member, what, amount, loan or None)


def _amount(name: str, typed: str, wrong: list[Wrong]) -> int:
    try:
        paisa = amount_of(typed)
    except MoneyMalformed:
        wrong.append(Wrong(f"a:{name}", typed))
        return 0
    if paisa < 0:
        wrong.append(Wrong(f"a:{name}", typed))
    return max(paisa, 0)


def prose(sent: Mapping[str, str], field: str) -> str:
    """Words as they are kept: in one line, none of it unseen, and not without end."""
    said = " ".join(sent.get(field, "").split())
    return "".join(letter for letter in said if letter.isprintable())[:MOST_WORDS].strip()


def digits(typed: str) -> str:
    """Digits as they are typed on whatever keyboard, in those of this program."""
    return typed.strip().translate(_TYPED)


def amount_of(typed: str) -> int:
    """An amount as people type it, in paisa; an empty field is none. Raises `MoneyMalformed`."""
    plain = digits(typed).removesuffix(".")
    return parse_rupees(plain) if plain else 0


def day_of(typed: str, otherwise: date) -> date:
    """A day as people type it, 20-11-2026. Raises `Malformed`."""
    if not typed.strip():
        return otherwise
    match = _DAY.fullmatch(digits(typed))
    try:
        if match is None:
            raise wrongly_filled([Wrong("on", typed)])
        day, month, year = (int(part) for part in match.groups())
        if year not in _YEARS:
            raise wrongly_filled([Wrong("on", typed)])
        return date(year, month, day)
    except ValueError as error:
        raise wrongly_filled([Wrong("on", typed)]) from error


def key_of(sheet: Sheet) -> str:
    """The key under which a sheet is sent: it changes only with what the sheet says."""
    lines = sorted(
        [line.member, line.kind.value, line.loan or "", line.amount] for line in sheet.lines
    )
    said = [sheet.code, sheet.held_on.isoformat(), sorted(sheet.present), sheet.cash_counted, lines]
    digest = sha256(json.dumps(said, separators=(",", ":")).encode()).hexdigest()
    known_by = sheet.code if _PLAIN.fullmatch(sheet.code) else "sheet"
    return f"{known_by}.{digest[:32]}"
