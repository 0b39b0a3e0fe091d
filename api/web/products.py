"""Lending rules at a desk: their versions, a new one that is tried before it is asked for."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from fractions import Fraction
from typing import TYPE_CHECKING, Annotated, Any, Final

from fastapi import Query, Request, Response

from api.v1.terms import MOST_GRACE_DAYS, MOST_INSTALMENTS
from api.web import desk, filled, forms, funds, officers
from api.web.applying import TRIED, Tried
from api.web.doors import form, to_read, to_write
from api.web.forms import Field, Form, Kind, whole
from api.web.loans import percent
from api.web.page import at as address
from api.web.page import go
from api.web.reader import Reader
from api.web.route import router
from ledger.calendar import business_date
from ledger.money import Rounding
from ledger.refusals import Refusal
from service import access
from service.access import Right
from service.accounts import Fund
from service.loans import holidays, products
from service.loans.due_dates import counted
from service.loans.preview import preview
from service.loans.terms import (
    Charge,
    ChargeBasis,
    Contract,
    ContractContradicts,
    Frequency,
    OnHoliday,
    Product,
    ProductContradicts,
    RatePer,
    Repayment,
)
from service.refusals import Malformed
from service.requests import asking

if TYPE_CHECKING:
    from datetime import date

    from service.books import Books

pages = router()

Code = Annotated[str, Query(max_length=100)]
MOST_PERCENT: Final = 1000
ONE_RUPEE: Final = 100


def _(message: str) -> str:
    return message


def _rate(typed: str) -> Fraction:
    """Reads a rate in per cent, as a fraction of one."""
    plain = filled.digits(typed)
    if not plain.replace(".", "", 1).isdecimal() or not plain.isascii():
        raise ValueError(typed)
    found = Fraction(plain)
    if found >= MOST_PERCENT:
        raise ValueError(typed)
    return found / 100


CHARGES: Final = {
    Charge.ZERO: _("none"),
    Charge.FLAT: _("on the whole amount, all the time"),
    Charge.DECLINING: _("on what is still owed"),
}
REPAYMENTS: Final = {
    Repayment.EQUAL_INSTALMENT: _("the same instalment each time"),
    Repayment.EQUAL_PRINCIPAL: _("the same part of the loan each time"),
    Repayment.BULLET: _("all of it at the end"),
}
PERS: Final = {
    RatePer.YEAR: _("a year"),
    RatePer.MONTH: _("a month"),
    RatePer.TERM: _("for the whole time"),
}
FREQUENCIES: Final = {
    Frequency.MONTH: _("every month"),
    Frequency.FORTNIGHT: _("every two weeks"),
    Frequency.WEEK: _("every week"),
}
_FUNDS: Final = {Fund.OWN: _("Own fund"), Fund.CIF: _("Community Investment Fund (CIF)")}


def _choices(said: dict[Any, str]) -> tuple[tuple[str, str], ...]:
    return tuple((one.value, name) for one, name in said.items())


_NAME: Final = Field("name", _("Name"), must=True)
WHO: Final = (
    Field("code", _("Code"), Kind.CODE, must=True, hint=_("It stays for ever.")),
    _NAME,
    Field("fund", _("Whose money"), Kind.CHOICE, must=True, choices=_choices(_FUNDS)),
)
TERMS: Final = (
    Field("charge", _("Service charge"), Kind.CHOICE, must=True, choices=_choices(CHARGES)),
    Field(
        "rate",
        _("Per cent"),
        Kind.CODE,
        reads=_rate,
        how=_("Write per cent like 18 or 1.5."),
        hint=_("Empty where there is no charge."),
    ),
    Field("rate_per", _("The rate is"), Kind.CHOICE, must=True, choices=_choices(PERS)),
    Field("repayment", _("It comes back"), Kind.CHOICE, must=True, choices=_choices(REPAYMENTS)),
    Field("frequency", _("How often"), Kind.CHOICE, must=True, choices=_choices(FREQUENCIES)),
    Field(
        "instalments",
        _("Usual number of instalments"),
        Kind.WHOLE,
        must=True,
        reads=whole(1, MOST_INSTALMENTS),
        how=_("Write a number from 1 to 520."),
    ),
)
REST: Final = (
    Field(
        "grace_days", _("Late only after so many days"), Kind.WHOLE, reads=whole(0, MOST_GRACE_DAYS)
    ),
    Field("from_on", _("For loans approved from"), Kind.DAY),
    Field("resolution", _("By which resolution"), Kind.PROSE, must=True),
    Field("amount", _("An example: how much is lent"), Kind.AMOUNT, must=True),
)


@pages.get("/products")
async def list_page(request: Request) -> Response:
    """All lending rules, as they are in force and in all their versions."""
    async with to_read(request) as books:
        await officers.refuse_others(books)
        found = await products.products(books)
        today = business_date(books.now)
        reader = Reader.of(request)
        return await desk.render(
            request,
            books,
            "products.html",
            word="products",
            found=[(versions, _current(versions, today)) for versions in found.values()],
            fund_name=lambda fund: funds.name(reader, fund),
            percent=percent,
            may=await officers.may_house(books, Right.ADMINISTER),
        )


@pages.get("/products/new")
async def new_page(request: Request, of: Code = "") -> Response:
    """Lending rules to write down: new ones, or the next version of some."""
    async with to_read(request) as books:
        return await _page(request, books, {"of": of})


@pages.post("/products/new")
async def add(request: Request) -> Response:
    """Step by step to lending rules, tried on an example; then ask another administrator."""
    sent = await form(request)
    try:
        if sent.get("do") != "ask":
            async with to_read(request) as books:
                return await _step(request, books, sent)
        async with to_write(request, sent) as books:
            made = await _product(books, sent)
            asked = await asking.add_product(books, made, key=officers.key(books, sent))
    except (ProductContradicts, ContractContradicts) as error:
        unfit = Malformed(str(error).partition(": ")[2])
        async with to_read(request) as books:
            return await _page(request, books, sent, error=unfit)
    except Refusal as error:
        async with to_read(request) as books:
            return await _page(request, books, sent, error=error)
    return go(address("requests", asked.code))


def _current(versions: tuple[Product, ...], on: date) -> Product | None:
    begun = [one for one in versions if one.from_on is None or one.from_on <= on]
    return begun[-1] if begun else None


def _steps(last: Product | None) -> tuple[tuple[Field, ...], ...]:
    """The fields of each step: few on a page."""
    return ((_NAME, *TERMS), REST) if last else (WHO, TERMS, REST)


async def _step(request: Request, books: Books, sent: dict[str, str]) -> Response:
    """One step on or back; behind the last the example is worked out."""
    steps = _steps(await _last(books, sent))
    at = _at(sent, steps)
    if sent.get("do") == "back":
        return await _page(request, books, sent | {"step": str(max(at - 1, 0))})
    forms.read(steps[at], sent)
    if at + 1 < len(steps):
        return await _page(request, books, sent | {"step": str(at + 1)})
    return await _page(request, books, sent, tried=await _tried(books, sent))


def _at(sent: dict[str, str], steps: tuple[tuple[Field, ...], ...]) -> int:
    typed = sent.get("step", "0")
    return min(int(typed), len(steps) - 1) if typed in {"0", "1", "2"} else 0


async def _product(books: Books, sent: dict[str, str]) -> Product:
    """The lending rules of a form. Raises `Malformed`, `NotFound`, `ProductContradicts`."""
    last = await _last(books, sent)
    said = forms.read([field for step in _steps(last) for field in step], sent)
    said.pop("amount")
    said |= {
        "charge": Charge(said["charge"]),
        "rate": said["rate"] or Fraction(0),
        "rate_per": RatePer(said["rate_per"]),
        "repayment": Repayment(said["repayment"]),
        "frequency": Frequency(said["frequency"]),
        "grace_days": said["grace_days"] or 0,
    }
    if last:
        if said["from_on"] is None:
            raise filled.wrongly_filled([filled.Wrong("from_on", "")])
        return replace(last, version=last.version + 1, **said)
    return Product(**_DEFAULTS | said)


_DEFAULTS: Final[dict[str, Any]] = {
    "charge_step": ONE_RUPEE,
    "instalment_step": ONE_RUPEE,
    "rounding": Rounding.HALF_UP,
    "grace_principal": 0,
    "grace_charge": 0,
    "charge_basis": ChargeBasis.SCHEDULED,
    "on_holiday": OnHoliday.NEXT,
}


async def _last(books: Books, sent: dict[str, str]) -> Product | None:
    return await products.newest(books, sent["of"]) if sent.get("of") else None


async def _tried(books: Books, sent: dict[str, str]) -> Tried:
    """An example loan under rules before anyone asks for them."""
    made = await _product(books, sent)
    amount = forms.read(REST, sent)["amount"]
    on = business_date(books.now)
    days_off = [day for day, _name in await holidays.holidays(books, first_on=on)]
    contract = Contract(
        code=TRIED,
        product=made,
        principal=amount,
        disbursed_on=on,
        first_due_on=counted(on, made.frequency, made.every),
        instalments=made.instalments,
    )
    found = await asyncio.to_thread(preview, contract, on=on, holidays=days_off)
    return Tried(contract, found, None)


async def _page(
    request: Request,
    books: Books,
    sent: dict[str, str],
    *,
    tried: Tried | None = None,
    error: Refusal | None = None,
) -> Response:
    await access.authorise_house(books, Right.ADMINISTER)
    last = await _last(books, sent)
    reader = Reader.of(request)
    steps = _steps(last)
    at = _at(sent, steps)
    begun = {"rate_per": "year", "frequency": "month", "amount": "20000.00"}
    if last:
        begun |= forms.kept((_NAME, *TERMS), last) | {
            "rate": percent(last.rate),
            "grace_days": str(last.grace_days),
        }
    filled_in = begun | sent
    elsewhere = [one.name for n, step in enumerate(steps) if n != at for one in step]
    carried = {name: filled_in.get(name, "") for name in elsewhere} | {
        "of": last.code if last else "",
        "step": str(at),
        "key": officers.key(books, sent),
    }
    whole_way = at + 1 == len(steps)
    return await officers.form_page(
        request,
        books,
        Form(
            "/products/new",
            steps[at],
            reader.says(_("Try it on the example") if whole_way else _("Next")),
            carried,
            icon="find" if whole_way else "on",
        ),
        title=reader.says(_("A new version of lending rules") if last else _("New lending rules")),
        about=reader.words.text(f"{last.name} · {last.code}") if last else "",
        path=[("/products", reader.says(_("Lending rules")))],
        word="products",
        template="product.html",
        sent=filled_in,
        error=error,
        tried=tried,
        percent=percent,
        at_step=(at + 1, len(steps)),
    )
