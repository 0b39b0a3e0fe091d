"""The page on which a member leaves: her savings pay what she owes, a second officer decides."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING

from fastapi import Request, Response

from api import codes
from api.web import filled as forms
from api.web import refusals
from api.web.correcting import key_of, reason_of
from api.web.doors import to_read, written
from api.web.page import at, render
from api.web.reader import Reader
from api.web.route import router
from ledger.calendar import business_date
from service import access, members, organisations, savings
from service.access import Right
from service.accounts import PaidBy
from service.events.event import Event, EventKind
from service.loans import contracts
from service.loans.life import LoanState
from service.loans.today import LoanToday, today
from service.requests import asking
from service.requests import store as requests
from service.requests.request import Requested

if TYPE_CHECKING:
    from ledger.refusals import Refusal
    from service.books import Books, WritableBooks
    from service.loans.contracts import Loan
    from service.members import Member

pages = router()

MOST_LOANS = 1_000


@dataclass(frozen=True, slots=True)
class Settling:
    """What she has and what she owes today, in paisa."""

    saved: int
    pledged: int
    loans: tuple[tuple[Loan, LoanToday], ...]

    @property
    def owed(self) -> int:
        """What pays off all her loans."""
        return sum(stands.pay_off for _, stands in self.loans)

    @property
    def left(self) -> int:
        """What she gets in hand, or still owes where it is below zero."""
        return self.saved - self.owed


@pages.get("/members/{code}/exit")
async def exit_page(request: Request, code: str) -> Response:
    """What she has and owes, before she leaves."""
    async with to_read(request) as books:
        return await _page(code, request, books, {})


@pages.post("/members/{code}/exit")
async def leave(request: Request, code: str) -> Response:
    """Ask a second officer to settle with her, or, where she saved nothing, to let her go."""

    async def act(books: WritableBooks, sent: dict[str, str]) -> str:
        asked = await _ask(books, await _hers(books, code), sent)
        return at("requests", asked.code) if isinstance(asked, Requested) else at("members", code)

    return await written(request, act, partial(_page, code))


async def _ask(books: WritableBooks, member: Member, sent: dict[str, str]) -> object:
    on = forms.day_of(sent.get("day", ""), business_date(books.now))
    reason, key = reason_of(sent), key_of(sent, member.code)
    found = await _settling(books, member)
    if not found.saved:
        leaving = replace(member, left_on=on)
        return await asking.amend_member(books, leaving, reason=reason, key=key)
    event = Event(
        code=codes.derived("event", member.organisation, key),
        organisation=member.organisation,
        kind=EventKind.SETTLEMENT,
        happened_on=on,
        fund=None,
        paid_by=PaidBy.BANK if sent.get("paid_by") == "bank" else PaidBy.CASH,
        amount=None,
        counterparty=member.code,
        narrative=reason,
    )
    return await asking.record(books, event, key=key)


async def _settling(books: Books, member: Member) -> Settling:
    on = business_date(books.now)
    lent = await contracts.of_lender(
        books, member.organisation, member=member.code, limit=MOST_LOANS
    )
    stand = [(loan, await today(books, loan, on)) for loan in lent]
    saved = await savings.of_member(books, member.code, on)
    return Settling(
        saved.compulsory + saved.voluntary,
        await savings.pledged(books, member.code, on),
        tuple(pair for pair in stand if pair[1].state is LoanState.PAID_OUT),
    )


async def _hers(books: Books, code: str) -> Member:
    found = await members.member(books, code)
    await access.authorise(books, Right.PREPARE, found.organisation)
    return found


async def _page(
    code: str,
    request: Request,
    books: Books,
    sent: dict[str, str],
    error: Refusal | None = None,
) -> Response:
    member = await _hers(books, code)
    return render(
        request,
        "exit.html",
        caller=books.caller,
        tab="members",
        member=member,
        home=await organisations.organisation(books, member.organisation),
        found=await _settling(books, member),
        said=refusals.of_error(Reader.of(request), error),
        wrong=forms.wrong_fields(error),
        key=sent.get("key") or codes.fresh(books.now),
        reason=sent.get("reason", ""),
        on=sent.get("day", ""),
        paid_by=sent.get("paid_by", "cash"),
        today=business_date(books.now),
        waiting=await requests.waiting_about(books, member.organisation, code),
    )
