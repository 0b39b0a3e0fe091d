"""The page of a loan application: what was asked for, what the rules say, and what comes of it."""

from __future__ import annotations

import re
from contextlib import asynccontextmanager
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any, Final

from fastapi import Request, Response

from api import codes
from api.web import filled, refusals
from api.web.applying import TRIED, Tried, worked_out
from api.web.correcting import key_of
from api.web.doors import to_read, written
from api.web.filled import Wrong
from api.web.loans import borrowers, percent, states
from api.web.page import at, go, render
from api.web.reader import Reader
from api.web.route import router
from ledger.calendar import business_date
from ledger.money import MoneyMalformed, rupees
from service import access, organisations, people
from service.access import Right
from service.loans import applications, products
from service.loans.agreement import Agreement
from service.loans.applications import Appraisal, Ending, Kept
from service.loans.due_dates import counted
from service.loans.life import LoanState
from service.loans.terms import ContractContradicts
from service.refusals import Malformed
from service.requests import lending
from service.requests import store as requests

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from ledger.refusals import Refusal
    from service.books import Books, WritableBooks

pages = router()

_NUMBER: Final = re.compile(r"\d{1,9}", re.ASCII)
OPEN: Final = frozenset({LoanState.APPLIED, LoanState.APPRAISED})


@pages.get("/applications/{code}")
async def application_page(request: Request, code: str) -> Response:
    """What was applied for, what its rules say, and what may be done with it."""
    async with to_read(request) as books:
        return await _page(code, request, books, {})


@pages.post("/applications/{code}/appraise")
async def appraise(request: Request, code: str) -> Response:
    """Enter what somebody found who looked into it."""

    async def act(books: WritableBooks, sent: dict[str, str]) -> str:
        found = Appraisal(business_date(books.now), _amount(sent), _said(sent, "findings"))
        await applications.appraise(books, code, found, version=_version(sent))
        return at("applications", code)

    return await written(request, act, partial(_page, code))


@pages.post("/applications/{code}/end")
async def end(request: Request, code: str) -> Response:
    """End it without a loan: the meeting declined it, or she took it back."""

    async def act(books: WritableBooks, sent: dict[str, str]) -> str:
        ending = Ending.WITHDRAWN if sent.get("ending") == "withdrawn" else Ending.DECLINED
        today, because = business_date(books.now), _said(sent, "because")
        await applications.end(
            books, code, ending, on=today, because=because, version=_version(sent)
        )
        return at("applications", code)

    return await written(request, act, partial(_page, code))


@pages.post("/applications/{code}/approve")
async def ask_approval(request: Request, code: str) -> Response:
    """Ask a second officer to approve the loan that comes of it."""

    async def act(books: WritableBooks, sent: dict[str, str]) -> str:
        async with _contradiction_said(code):
            kept = await applications.application(books, code)
            agreed = replace(
                await _agreement(books, kept),
                principal=_amount(sent),
                resolution=filled.prose(sent, "resolution") or None,
            )
            asked = await lending.agree_loan(books, agreed, key=key_of(sent, code))
        return at("requests", asked.code)

    return await written(request, act, partial(_page, code))


@asynccontextmanager
async def _contradiction_said(code: str) -> AsyncIterator[None]:
    """What the rules cannot make a loan of is something that was filled in wrong."""
    try:
        yield
    except ContractContradicts as error:
        raise Malformed(str(error).removeprefix(f"loan {code}: ")) from error


async def _agreement(books: Books, kept: Kept) -> Agreement:
    """What would be agreed today of what was applied for, as far as it was found good."""
    asked, on = kept.application, business_date(books.now)
    product = products.in_force(await products.products(books), asked.product, on)
    return Agreement(
        code=asked.code,
        lender=asked.lender,
        member=asked.member,
        organisation=asked.organisation,
        product=asked.product,
        principal=kept.appraisal.amount if kept.appraisal else asked.amount,
        applied_on=asked.applied_on,
        approved_on=on,
        resolution=None,
        disbursed_on=None,
        first_due_on=counted(on, product.frequency, product.every),
        instalments=asked.instalments,
        purpose=asked.purpose,
    )


async def _tried(books: Books, kept: Kept) -> Tried | str:
    """What comes of it by its rules, if it were given today; or why nothing can."""
    on = business_date(books.now)
    try:
        return await worked_out(books, replace(await _agreement(books, kept), disbursed_on=on), on)
    except ContractContradicts as error:
        return str(error).removeprefix(f"loan {TRIED}: ")


def _amount(sent: dict[str, str]) -> int:
    """The amount of a form, in paisa. Raises `Malformed`."""
    typed = sent.get("amount", "")
    try:
        amount = filled.amount_of(typed)
    except MoneyMalformed:
        amount = 0
    if amount <= 0:
        raise filled.wrongly_filled([Wrong("amount", typed)])
    return amount


def _said(sent: dict[str, str], field: str) -> str:
    """Words that have to be there. Raises `Malformed`."""
    words = filled.prose(sent, field)
    if not words:
        raise filled.wrongly_filled([Wrong(field, "")])
    return words


def _version(sent: dict[str, str]) -> int | None:
    typed = sent.get("version", "")
    return int(typed) if _NUMBER.fullmatch(typed) else None


async def _page(
    code: str,
    request: Request,
    books: Books,
    sent: dict[str, str],
    error: Refusal | None = None,
) -> Response:
    kept = await applications.application(books, code)
    asked = kept.application
    await access.authorise_either(books, Right.READ, asked.lender, asked.organisation)
    if kept.state is LoanState.APPROVED:
        return go(at("loans", code))
    reader = Reader.of(request)
    is_open = kept.state in OPEN
    officers = [one for one in (kept.entered_by, kept.appraised_by, kept.ended_by) if one]
    shown: dict[str, Any] = {
        "home": await organisations.organisation(books, asked.lender),
        "people": await borrowers(books, [], [kept]),
        "officers": {one.code: one for one in await people.named(books, officers)},
        "waiting": await requests.waiting_about(books, asked.lender, code) if is_open else [],
    }
    return render(
        request,
        "application.html",
        caller=books.caller,
        tab="loans",
        applied=kept,
        tried=await _tried(books, kept) if is_open else None,
        may_prepare=is_open and await access.may(books, Right.PREPARE, asked.lender),
        may_approve=is_open and await access.may(books, Right.APPROVE, asked.lender),
        states=states(reader),
        percent=percent,
        sent={
            "amount": rupees(kept.appraisal.amount if kept.appraisal else asked.amount),
            "findings": kept.appraisal.findings if kept.appraisal else "",
            "because": "",
            "resolution": "",
            **sent,
        },
        key=sent.get("key") or codes.fresh(books.now),
        wrong=filled.wrong_fields(error),
        said=refusals.of_error(reader, error),
        **shown,
    )
