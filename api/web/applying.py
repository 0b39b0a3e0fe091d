"""The page of a loan application: what it comes to is worked out before anyone signs."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any, Final

from fastapi import Query, Request, Response

from api.v1.terms import MOST_INSTALMENTS
from api.web import filled, places, refusals
from api.web.doors import form, to_read, to_write
from api.web.filled import Wrong
from api.web.forms import whole
from api.web.loans import percent
from api.web.members import choose
from api.web.page import at, go, render
from api.web.reader import Reader
from api.web.route import router
from ledger.calendar import business_date
from ledger.money import MoneyMalformed
from ledger.refusals import Refusal
from service import access, members, organisations
from service.access import Right
from service.loans import applications, eligibility, holidays, products
from service.loans.agreement import Agreement
from service.loans.applications import Application
from service.loans.due_dates import counted
from service.loans.preview import Preview, preview
from service.loans.terms import Contract, ContractContradicts, Product
from service.members import MemberState, Only
from service.refusals import AlreadyExists, Malformed, NotEligible, NotFound

if TYPE_CHECKING:
    from datetime import date

    from service.books import Books, WritableBooks

pages = router()

TRIED: Final = "PREVIEW"
"""Stands where a loan that is written down has its code."""
_TERM: Final = whole(1, MOST_INSTALMENTS)
NTH_OF_DAY: Final = 9
Code = Annotated[str, Query(max_length=100)]


@dataclass(frozen=True, slots=True)
class Tried:
    """A loan as it would be, and what comes of it."""

    contract: Contract
    preview: Preview
    doubts: str | None
    """Why by its rules she could not have it; None where nothing speaks against it."""

    @property
    def instalment(self) -> int:
        """The first instalment at which anything is asked for, in paisa."""
        asked = [part.instalment.total for part in self.preview.parts]
        return next((total for total in asked if total), 0)

    @property
    def cost(self) -> int:
        """All that it costs beside what is lent, in paisa."""
        return self.preview.total_charge + self.preview.total_fees

    @property
    def yearly(self) -> str:
        """Per cent a year, to one place, of what she has in hand; empty where it is nothing."""
        cost = self.preview.yearly_cost
        return f"{cost:.1f}" if cost else ""


@pages.get("/loans/new")
async def new_loan(
    request: Request, organisation: Code = "", member: Code = "", after: Code = ""
) -> Response:
    """An application to fill in."""
    async with to_read(request) as books:
        code = organisation or await places.own_co(books)
        if code is None:
            to, right = "/loans/new", Right.PREPARE
            return await choose(request, books, to=to, tab="loans", after=after, right=right)
        return await _page(request, books, {"organisation": code, "member": member})


@pages.post("/loans/new")
async def apply(request: Request) -> Response:
    """Work out what a loan comes to; or apply for it."""
    sent = await form(request)
    try:
        if sent.get("do") != "apply":
            async with to_read(request) as books:
                return await _page(request, books, sent, tried=await _tried(books, sent))
        async with to_write(request, sent) as books:
            code = await _apply(books, sent)
    except ContractContradicts as error:
        unfit = Malformed(str(error).removeprefix(f"loan {TRIED}: "))
        async with to_read(request) as books:
            return await _page(request, books, sent, error=unfit)
    except Refusal as error:
        async with to_read(request) as books:
            return await _page(request, books, sent, error=error)
    return go(at("applications", code))


async def _apply(books: WritableBooks, sent: dict[str, str]) -> str:
    """Keep the application; the same one sent again is the one that is kept. Its code."""
    asked = await _agreement(books, sent, _filled(sent, whole=True), books_now(books))
    for nth in range(1, NTH_OF_DAY + 1):
        code = f"{asked.member}.{asked.applied_on:%Y%m%d}" + (f".{nth}" if nth > 1 else "")
        application = Application(
            code=code,
            lender=asked.lender,
            member=asked.member,
            organisation=None,
            product=asked.product,
            amount=asked.principal,
            instalments=asked.instalments,
            purpose=asked.purpose or "",
            mip=filled.prose(sent, "mip"),
            applied_on=asked.applied_on,
        )
        try:
            kept = (await applications.application(books, code)).application
        except NotFound:
            await applications.apply(books, application)
            return code
        if kept == application:
            return code
    raise AlreadyExists("There are many applications of hers today already. Look at them first.")


async def _tried(books: Books, sent: dict[str, str]) -> Tried:
    """What comes of a loan. Raises `Malformed`, `ContractContradicts`, `NotFound`."""
    on = books_now(books)
    asked = await _agreement(books, sent, _filled(sent, whole=False), on)
    await access.authorise(books, Right.READ, asked.lender)
    return await worked_out(books, asked, on)


async def worked_out(books: Books, asked: Agreement, on: date) -> Tried:
    """What comes of what would be agreed on a day. Raises `ContractContradicts`, `NotFound`."""
    product = products.in_force(await products.products(books), asked.product, on)
    days_off = [day for day, _ in await holidays.holidays(books, first_on=on)]
    contract = contract_of(asked, product)
    found = await asyncio.to_thread(preview, contract, on=on, holidays=days_off)
    return Tried(contract, found, await _doubts(books, asked, product))


def contract_of(asked: Agreement, product: Product) -> Contract:
    """A loan as it would be if it were handed over today. Raises `ContractContradicts`."""
    return Contract(
        code=TRIED,
        product=product,
        principal=asked.principal,
        disbursed_on=asked.disbursed_on,
        first_due_on=asked.first_due_on,
        instalments=asked.instalments,
    )


async def _doubts(books: Books, asked: Agreement, product: Product) -> str | None:
    if not asked.member:
        return None
    try:
        await eligibility.refuse_ineligible(books, asked, product)
    except NotEligible as refusal:
        return str(refusal)
    return None


@dataclass(frozen=True, slots=True)
class _Sums:
    amount: int
    instalments: int


def _filled(sent: dict[str, str], *, whole: bool) -> _Sums:
    """The figures of a form, and that nothing is missing. Raises `Malformed`."""
    wrong = [
        Wrong(name, "")
        for name in ("product", *(("member", "purpose") if whole else ()))
        if not sent.get(name, "").strip()
    ]
    amount = instalments = 0
    try:
        amount = filled.amount_of(sent.get("amount", ""))
    except MoneyMalformed:
        amount = 0
    if amount <= 0:
        wrong.append(Wrong("amount", sent.get("amount", "")))
    try:
        instalments = _TERM(sent.get("term", ""))
    except ValueError:
        wrong.append(Wrong("term", sent.get("term", "")))
    if wrong:
        raise filled.wrongly_filled(wrong)
    return _Sums(amount, instalments)


async def _agreement(books: Books, sent: dict[str, str], sums: _Sums, on: date) -> Agreement:
    """What would be agreed, if it were handed over today. Raises `NotFound`."""
    code = sent.get("product", "")
    product = products.in_force(await products.products(books), code, on)
    lender, member = sent.get("organisation", ""), sent.get("member") or None
    if member:
        members.refuse_strangers(await members.organisations_of(books, [member]), lender)
    return Agreement(
        code=TRIED,
        lender=lender,
        member=member,
        organisation=None,
        product=code,
        principal=sums.amount,
        applied_on=on,
        approved_on=on,
        resolution=None,
        disbursed_on=on,
        first_due_on=counted(on, product.frequency, product.every),
        instalments=sums.instalments,
        purpose=filled.prose(sent, "purpose"),
    )


def books_now(books: Books) -> date:
    """Today, as these books have it."""
    return business_date(books.now)


async def _page(
    request: Request,
    books: Books,
    sent: dict[str, str],
    *,
    tried: Tried | None = None,
    error: Refusal | None = None,
) -> Response:
    code = sent.get("organisation", "")
    await access.authorise(books, Right.PREPARE, code)
    on = books_now(books)
    known = await products.products(books)
    begun = [
        versions
        for versions in known.values()
        if versions[0].from_on is None or versions[0].from_on <= on
    ]
    shown: dict[str, Any] = {
        "home": await organisations.organisation(books, code),
        "members": await members.members(books, code, only=Only(MemberState.ACTIVE)),
        "products": [products.in_force(known, versions[0].code, on) for versions in begun],
    }
    return render(
        request,
        "apply.html",
        caller=books.caller,
        sent=sent,
        tried=tried,
        percent=percent,
        wrong=filled.wrong_fields(error),
        said=refusals.of_error(Reader.of(request), error),
        **shown,
    )
