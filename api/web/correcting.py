"""Pages that ask for a correction: a closed sheet with other lines, or taken back whole."""

from __future__ import annotations

import re
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Annotated, Final

from fastapi import Query, Request, Response

from api import codes
from api.web import filled as forms
from api.web import refusals
from api.web.doors import fields, to_read, to_write, written
from api.web.filled import Filled, Wrong
from api.web.meeting import BROUGHT, Card, Giving, Line, Meeting, cash_of, meeting
from api.web.page import at, go, render
from api.web.reader import Reader
from api.web.route import router
from api.web.sheets import shown
from ledger.calendar import business_date
from ledger.refusals import Refusal
from service import access, bookkeeping, members, organisations
from service.access import Right
from service.loans import contracts
from service.loans.terms import fees_of
from service.refusals import Malformed, SheetNotClosed
from service.requests import sheets as officers
from service.requests import store as requests
from service.sheets import store
from service.sheets.sheet import Sheet, SheetLineKind, SheetState

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import date

    from service.books import Books, WritableBooks
    from service.loans.contracts import Loan
    from service.members import Member

pages = router()

_UNFIT: Final = re.compile(r"[^A-Za-z0-9-]", re.ASCII)
_REVISION: Final = re.compile(r"^(.*)\.r(\d{1,3})$", re.ASCII)
Code = Annotated[str, Query(max_length=100)]


@pages.get("/sheets/{code}/correct")
async def correct_page(request: Request, code: str, member: Code = "") -> Response:
    """A closed sheet with all that was written in its form, to be changed where it is wrong."""
    async with to_read(request) as books:
        return await _page(request, books, code, opened=member)


@pages.post("/sheets/{code}/correct")
async def correct(request: Request, code: str) -> Response:
    """Ask a second officer for the sheet as it should have been."""
    pairs = await fields(request)
    sent, filled = dict(pairs), Filled.of(pairs)
    try:
        async with to_write(request, sent) as books:
            wrong = await _closed(books, code)
            found = await as_written(books, wrong)
            on = forms.day_of(sent.get("day", ""), await _usual_day(books, wrong))
            reason = reason_of(sent)
            right = await _right(books, filled, found, wrong, sent)
            _refuse_the_same(wrong, right)
            asked = await officers.correct(
                books,
                code,
                right,
                on=on,
                reason=reason,
                resolution=None,
                key=key_of(sent, code),
            )
    except Refusal as error:
        async with to_read(request) as books:
            return await _page(request, books, code, sent=sent, filled=filled, error=error)
    return go(at("requests", asked.code))


@pages.get("/sheets/{code}/reverse")
async def reverse_page(request: Request, code: str) -> Response:
    """A closed sheet that is to be taken back whole."""
    async with to_read(request) as books:
        return await _reversal(code, request, books, {})


@pages.post("/sheets/{code}/reverse")
async def reverse(request: Request, code: str) -> Response:
    """Ask a second officer to take a sheet back."""

    async def act(books: WritableBooks, sent: dict[str, str]) -> str:
        key, wrong = key_of(sent, code), await _closed(books, code)
        asked = await officers.reverse(
            books,
            code,
            code=codes.derived("reversal", code, key),
            on=forms.day_of(sent.get("day", ""), await _usual_day(books, wrong)),
            reason=reason_of(sent),
            resolution=None,
            key=key,
        )
        return at("requests", asked.code)

    return await written(request, act, partial(_reversal, code))


async def as_written(books: Books, sheet: Sheet) -> Meeting:
    """The meeting of a sheet, with all that the sheet says in place of what was due."""
    found = await meeting(books, sheet.organisation, sheet.held_on, sheet.code)
    lent = await _lent(books, sheet)
    hers = {card.member.code: card.member for card in found.cards}
    gone = {line.member for line in sheet.lines} | set(sheet.present)
    hers |= {one.code: one for one in await members.named(books, gone - set(hers))}
    asked = {card.member.code: card.due for card in found.cards}
    cards = tuple(
        Card(place, one, tuple(_written(one.code, sheet, asked.get(one.code, ()), lent)))
        for place, one in enumerate(hers.values(), start=1)
    )
    given = tuple(_given(sheet, lent, hers))
    handed = {one.loan for one in given}
    waiting = tuple(one for one in found.to_give if one.loan not in handed)
    return replace(found, cards=cards, to_give=(*given, *waiting))


def _written(
    member: str, sheet: Sheet, asked: Sequence[Line], lent: dict[str, Loan]
) -> Iterator[Line]:
    """What she brought by the sheet, line by line; and a line for each loan that she has."""
    lines = {(one.kind, one.loan): one.amount for one in sheet.lines if one.member == member}
    for kind in (SheetLineKind.SAVING_COMPULSORY, *BROUGHT):
        amount = lines.get((kind, None), 0)
        if amount or kind is SheetLineKind.SAVING_COMPULSORY:
            yield Line(kind, amount)
    purposes = {line.loan: line.purpose for line in asked if line.loan}
    paid = [loan for kind, loan in lines if kind is SheetLineKind.REPAYMENT and loan]
    purposes |= {loan: lent[loan].agreement.purpose for loan in paid}
    for loan, purpose in sorted(purposes.items()):
        amount = lines.get((SheetLineKind.REPAYMENT, loan), 0)
        yield Line(SheetLineKind.REPAYMENT, amount, loan=loan, purpose=purpose)


def _given(sheet: Sheet, lent: dict[str, Loan], hers: dict[str, Member]) -> Iterator[Giving]:
    """The loans that were handed over."""
    for line in sheet.lines:
        if line.kind is SheetLineKind.DISBURSEMENT and line.loan:
            loan = lent[line.loan]
            fees = fees_of(loan.contract)
            yield Giving(
                line.loan,
                hers[line.member],
                line.amount,
                line.amount - fees.deducted,
                fees.up_front,
                loan.agreement.resolution,
                loan.agreement.purpose,
            )


def revised(code: str) -> str:
    """The code of the sheet that takes another's place: `.r1`, and so on."""
    match = _REVISION.match(code)
    stem, last = (match[1], int(match[2])) if match else (code, 0)
    return f"{stem}.r{last + 1}"


def _refuse_the_same(wrong: Sheet, right: Sheet) -> None:
    was, will_be = (
        (sorted(map(str, one.lines)), sorted(one.present), one.cash_counted)
        for one in (wrong, right)
    )
    if was == will_be:
        raise Malformed("Nothing is different from what was written. Change what is wrong.")


async def _right(
    books: Books, filled: Filled, found: Meeting, wrong: Sheet, sent: dict[str, str]
) -> Sheet:
    """The sheet as it should have been. Raises `Malformed`."""
    right = forms.sheet_of(filled, found, counted=wrong.cash_counted)
    if sent.get("cash") != "stays":
        taken, given = cash_of(right, await _lent(books, right))
        right = replace(right, cash_counted=taken - given)
    return replace(right, code=revised(wrong.code))


async def _page(
    request: Request,
    books: Books,
    code: str,
    *,
    sent: dict[str, str] | None = None,
    filled: Filled | None = None,
    error: Refusal | None = None,
    opened: str = "",
) -> Response:
    wrong = await _closed(books, code)
    reader = Reader.of(request)
    taken, given = cash_of(wrong, await _lent(books, wrong))
    said = sent or {}
    figures = shown(reader)
    by_fault = figures.pop("opened")
    return render(
        request,
        "correct.html",
        caller=books.caller,
        meeting=await as_written(books, wrong),
        nth=1,
        action=at("sheets", code, "correct"),
        mode="correction",
        filled=filled or Filled.of_sheet(wrong),
        wrong=forms.wrong_fields(error),
        opened=lambda fields, member: member == opened or by_fault(fields, member),
        said=refusals.of_error(reader, error),
        key=said.get("key") or codes.fresh(books.now),
        reason=said.get("reason", ""),
        on=said.get("day", ""),
        today=await _usual_day(books, wrong),
        stays=said.get("cash", "agrees" if wrong.cash_counted == taken - given else "stays"),
        counted=wrong.cash_counted or 0,
        waiting=await requests.waiting_about(books, wrong.organisation, code),
        **figures,
    )


async def _reversal(
    code: str,
    request: Request,
    books: Books,
    sent: dict[str, str],
    error: Refusal | None = None,
) -> Response:
    wrong = await _closed(books, code)
    reader = Reader.of(request)
    taken, given = cash_of(wrong, await _lent(books, wrong))
    return render(
        request,
        "reverse.html",
        caller=books.caller,
        sheet=wrong,
        home=await organisations.organisation(books, wrong.organisation),
        taken=taken,
        given=given,
        said=refusals.of_error(reader, error),
        wrong=forms.wrong_fields(error),
        key=sent.get("key") or codes.fresh(books.now),
        reason=sent.get("reason", ""),
        on=sent.get("day", ""),
        today=await _usual_day(books, wrong),
        waiting=await requests.waiting_about(books, wrong.organisation, code),
    )


async def _closed(books: Books, code: str) -> Sheet:
    """A sheet that may be corrected, for who may. Raises `SheetNotClosed`, `Forbidden`."""
    kept = await store.load(books, code)
    await access.authorise(books, Right.PREPARE, kept.sheet.organisation)
    if kept.state is not SheetState.CLOSED:
        raise SheetNotClosed(
            f"Sheet {code} is {kept.state}. Only one that is written is corrected."
        )
    return kept.sheet


async def _usual_day(books: Books, sheet: Sheet) -> date:
    """The day of the meeting, so that nothing counts twice in between; today if it is closed."""
    closed_to = (await bookkeeping.head(books, sheet.organisation)).closed_to
    if closed_to is None or closed_to < sheet.held_on:
        return sheet.held_on
    return business_date(books.now)


async def _lent(books: Books, sheet: Sheet) -> dict[str, Loan]:
    lent = {line.loan for line in sheet.lines if line.loan}
    return await contracts.loans(books, lent) if lent else {}


def reason_of(sent: dict[str, str]) -> str:
    """Why something is asked for. Raises `Malformed` where nothing is said."""
    reason = forms.prose(sent, "reason")
    if not reason:
        raise forms.wrongly_filled([Wrong("reason", "")])
    return reason


def key_of(sent: dict[str, str], code: str) -> str:
    """The key under which a form asks: the same form sent twice asks once."""
    return f"{code}.{_UNFIT.sub('', sent.get('key', ''))[:40] or 'page'}"
