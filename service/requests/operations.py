"""What a request does when it is approved, by the name under which it was kept.

Each operation is an action of the service, given what was asked as JSON has it. It runs twice:
when it is asked, to see that it can be done and what it makes, and then nothing of it
stays; and when it is approved.
"""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any, Final

from pydantic import TypeAdapter

from ledger.money import rupees
from service import federation, guarantees, limits, members
from service.events import actions as events
from service.events import corrections, owing
from service.events.event import Event, EventKind
from service.guarantees import Surety
from service.limits import Limits
from service.loans import amending, contracts, products
from service.loans.agreement import Agreement
from service.loans.plan import FineImposed, RateChange, Reschedule
from service.loans.terms import Product
from service.members import Member
from service.refusals import Malformed
from service.requests.request import Done
from service.reserves import scheme as reserve_schemes
from service.reserves.scheme import Scheme
from service.sheets import actions as sheets
from service.sheets.sheet import Sheet

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from service.books import WritableBooks
    from service.loans.plan import Instalment

    Operation = Callable[[WritableBooks, dict[str, Any], str], Awaitable[Done]]

SHEET: Final = TypeAdapter(Sheet)
EVENT: Final = TypeAdapter(Event)
AGREEMENT: Final = TypeAdapter(Agreement)
CHANGES: Final[dict[str, TypeAdapter[Any]]] = {
    kind.__name__: TypeAdapter(kind) for kind in (RateChange, Reschedule, FineImposed)
}
SURETY: Final = TypeAdapter(Surety)
PRODUCT: Final = TypeAdapter(Product)
LIMITS: Final = TypeAdapter(Limits)
MEMBER: Final = TypeAdapter(Member)
SCHEME: Final = TypeAdapter(Scheme)


def plain(adapter: TypeAdapter[Any], record: object) -> dict[str, Any]:
    """A record as JSON has it; amounts stay whole paisa."""
    found: dict[str, Any] = adapter.dump_python(record, mode="json")
    return found


async def _close_sheet(books: WritableBooks, content: dict[str, Any], key: str) -> Done:
    code = content["sheet"]
    _, posted = await sheets.close(books, code, key=key)
    return Done(code, f"/v1/sheets/{code}", posted.refs)


async def _reverse_sheet(books: WritableBooks, content: dict[str, Any], key: str) -> Done:
    code = content["code"]
    posted = await corrections.reverse_sheet(
        books,
        content["sheet"],
        code=code,
        on=date.fromisoformat(content["on"]),
        reason=content["reason"],
        resolution=content["resolution"],
        key=key,
    )
    return Done(code, f"/v1/events/{code}", posted.refs)


async def _correct_sheet(books: WritableBooks, content: dict[str, Any], key: str) -> Done:
    right = SHEET.validate_python(content["right"])
    posted = await corrections.correct_sheet(
        books,
        content["sheet"],
        right,
        on=date.fromisoformat(content["on"]),
        reason=content["reason"],
        resolution=content["resolution"],
        key=key,
    )
    return Done(right.code, f"/v1/sheets/{right.code}", posted.refs)


async def _record_event(books: WritableBooks, content: dict[str, Any], key: str) -> Done:
    event = EVENT.validate_python(content["event"])
    posted = await events.record(books, event, key=key)
    after = None
    if event.kind is EventKind.SETTLEMENT:
        after = {"still_owed": await owing.still_owed(books, event)}
    return Done(event.code, f"/v1/events/{event.code}", posted.refs, after=after)


async def _agree_loan(books: WritableBooks, content: dict[str, Any], _key: str) -> Done:
    agreement = AGREEMENT.validate_python(content["agreement"])
    await contracts.agree(books, agreement)
    loan = (await contracts.loans(books, [agreement.code]))[agreement.code]
    after = plain(AGREEMENT, agreement) | {
        "principal": rupees(agreement.principal),
        "schedule": [_part(part) for part in loan.schedule],
    }
    return Done(agreement.code, f"/v1/loans/{agreement.code}", after=after)


async def _change_loan(books: WritableBooks, content: dict[str, Any], _key: str) -> Done:
    change = CHANGES[content["kind"]].validate_python(content["change"])
    code = content["loan"]
    before = await terms_now(books, code)
    reason, resolution = content["reason"], content["resolution"]
    await amending.agree(books, code, change, reason=reason, resolution=resolution)
    after = await terms_now(books, code)
    return Done(code, f"/v1/loans/{code}", before=before, after=after)


async def _undo_change(books: WritableBooks, content: dict[str, Any], _key: str) -> Done:
    code = content["loan"]
    before = await terms_now(books, code)
    await amending.undo(books, code, content["n"])
    return Done(code, f"/v1/loans/{code}", before=before, after=await terms_now(books, code))


async def _cancel_loan(books: WritableBooks, content: dict[str, Any], _key: str) -> Done:
    code, on = content["loan"], content["on"]
    await amending.cancel(books, code, date.fromisoformat(on))
    return Done(code, f"/v1/loans/{code}", after={"cancelled_on": on})


async def terms_now(books: WritableBooks, code: str) -> dict[str, Any]:
    """What a loan asks for and owes today, for who decides whether it is to be otherwise."""
    _, planned, found = await amending.standing_now(books, code)
    return {
        "outstanding_principal": rupees(found.outstanding_principal),
        "overdue": rupees(found.overdue_principal + found.overdue_charge + found.overdue_fine),
        "days_past_due": found.days_past_due,
        "instalments": [_part(part) for part in planned.instalments],
    }


def _part(part: Instalment) -> dict[str, str]:
    return {
        "due_on": part.due_on.isoformat(),
        "principal": rupees(part.principal),
        "charge": rupees(part.charge),
    }


async def _stand_surety(books: WritableBooks, content: dict[str, Any], _key: str) -> Done:
    asked = SURETY.validate_python(content["surety"])
    before = None
    if asked.replaces is not None:
        before = guarantees.said(await guarantees.one(books, asked.loan, asked.replaces))
    made = await guarantees.stand(books, asked)
    return Done(asked.loan, _guarantees(asked.loan), before=before, after=guarantees.said(made))


async def _release_guarantee(books: WritableBooks, content: dict[str, Any], _key: str) -> Done:
    loan, n, on = content["loan"], content["n"], date.fromisoformat(content["on"])
    before = await guarantees.one(books, loan, n)
    after = await guarantees.release(books, loan, n, on=on)
    return Done(
        loan, _guarantees(loan), before=guarantees.said(before), after=guarantees.said(after)
    )


def _guarantees(loan: str) -> str:
    return f"/v1/loans/{loan}/guarantees"


async def _move_organisation(books: WritableBooks, content: dict[str, Any], _key: str) -> Done:
    organisation, to, on = content["organisation"], content["to"], content["on"]
    day = date.fromisoformat(on)
    before = await federation.parent_of(books, organisation, day)
    await federation.move(books, organisation, to=to, on=day)
    at = f"/v1/organisations/{organisation}/memberships"
    return Done(organisation, at, before={"parent": before}, after={"parent": to, "from_on": on})


async def _add_product(books: WritableBooks, content: dict[str, Any], _key: str) -> Done:
    product = PRODUCT.validate_python(content["product"])
    if product.version == 1:
        await products.add(books, [product])
    else:
        await products.add_version(books, product)
    steps = {name: rupees(getattr(product, name)) for name in ("charge_step", "instalment_step")}
    return Done(product.code, "/v1/products", after=plain(PRODUCT, product) | steps)


async def _add_reserve_scheme(books: WritableBooks, content: dict[str, Any], _key: str) -> Done:
    scheme = SCHEME.validate_python(content["scheme"])
    before = await reserve_schemes.scheme_on(books, scheme.from_on)
    await reserve_schemes.add(books, scheme)
    said = plain(SCHEME, before), plain(SCHEME, scheme)
    at = "/v1/reserve-schemes"
    return Done(scheme.from_on.isoformat(), at, before=said[0], after=said[1])


async def _set_limits(books: WritableBooks, content: dict[str, Any], _key: str) -> Done:
    organisation = content["organisation"]
    to = LIMITS.validate_python(content["limits"])
    before = await limits.limits(books, organisation)
    await limits.set_limits(books, organisation, to)
    at = f"/v1/organisations/{organisation}/limits"
    return Done(organisation, at, before=_said(before), after=_said(to))


async def _amend_member(books: WritableBooks, content: dict[str, Any], _key: str) -> Done:
    amended = MEMBER.validate_python(content["member"])
    before = await members.member(books, amended.code)
    await members.amend(books, amended)
    at = f"/v1/members/{amended.code}"
    left = [None if m.left_on is None else m.left_on.isoformat() for m in (before, amended)]
    return Done(amended.code, at, before={"left_on": left[0]}, after={"left_on": left[1]})


async def _import_bundle(_books: WritableBooks, _content: dict[str, Any], _key: str) -> Done:
    raise Malformed("The bundle is not kept. Send the same file to POST /v1/imports to approve it.")


def _said(found: Limits) -> dict[str, Any]:
    withdrawal = None if found.withdrawal is None else rupees(found.withdrawal)
    return {"back_dated_days": found.back_dated_days, "withdrawal": withdrawal}


OPERATIONS: Final[dict[str, Operation]] = {
    "close_sheet": _close_sheet,
    "reverse_sheet": _reverse_sheet,
    "correct_sheet": _correct_sheet,
    "record_event": _record_event,
    "agree_loan": _agree_loan,
    "change_loan": _change_loan,
    "undo_change": _undo_change,
    "cancel_loan": _cancel_loan,
    "stand_surety": _stand_surety,
    "release_guarantee": _release_guarantee,
    "move_organisation": _move_organisation,
    "add_product": _add_product,
    "add_reserve_scheme": _add_reserve_scheme,
    "set_limits": _set_limits,
    "amend_member": _amend_member,
    "import_bundle": _import_bundle,
}
