"""Pages of members: all of a CO with what they saved, and each one's passbook."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, Final

from fastapi import Query, Request, Response

from api.web import desk, passbook, places, registering
from api.web.desk import Known, On
from api.web.doors import to_read
from api.web.page import render
from api.web.qr import qr
from api.web.route import router
from ledger.calendar import business_date
from service import access, members, organisations, savings
from service.access import Right
from service.members import MemberState, Only

if TYPE_CHECKING:
    from service.books import Books
    from service.members import Member

pages = router()

ALL: Final = 10_000
"""Members of a CO, which has a few dozen."""
Code = Annotated[str, Query(max_length=100)]
Words = Annotated[str, Query(max_length=100)]
PageNo = Annotated[int, Query(ge=1, le=10_000)]


@pages.get("/members")
async def members_page(
    request: Request, organisation: Code = "", q: Words = "", after: Code = ""
) -> Response:
    """The members of a CO, each with what she has saved; those of a name or a number."""
    async with to_read(request) as books:
        code = organisation or await places.own_co(books)
        if code is None:
            return await choose(request, books, to="/members", tab="members", after=after)
        book = await access.authorise(books, Right.READ, code)
        home = await organisations.organisation(books, code)
        found = await _found(books, code, q.strip())
        today = business_date(books.now)
        saved = await savings.savings(books, today, in_books=[book])
        return render(
            request,
            "members.html",
            caller=books.caller,
            tab="members",
            home=home,
            q=q,
            may_register=await registering.may_amend(books, code),
            members=found,
            on=today,
            saved={one.member: one.compulsory + one.voluntary for one in saved},
            total=sum(one.compulsory + one.voluntary for one in saved),
        )


@pages.get("/members/{code}")
async def passbook_page(
    request: Request, code: str, page: PageNo = 1, on: On = "", known: Known = ""
) -> Response:
    """A member's passbook: what she saved and owes, what is next, and all that happened."""
    async with to_read(request) as books:
        days = desk.days(books, on, known)
        found = await members.member(books, code)
        home = found.organisation
        await access.authorise(books, Right.READ, home)
        whole = await access.may(books, Right.IDENTIFY, home)
        told = await passbook.of_member(books, found, days.on, known_by=days.known_by, page=page)
        return render(
            request,
            "passbook.html",
            caller=books.caller,
            tab="members",
            member=found if whole else members.masked(found),
            home=await organisations.organisation(books, home),
            qr=qr(f"{request.base_url}members/{code}"),
            told=told,
            days=days,
            to=days.link,
            page=page,
            laid=passbook.laid_out,
            may_prepare=await access.may(books, Right.PREPARE, home),
            may_amend=await registering.may_amend(books, home),
        )


async def choose(
    request: Request,
    books: Books,
    *,
    to: str,
    tab: str,
    after: str = "",
    right: Right = Right.READ,
) -> Response:
    """The COs that one may choose from, where one has none of one's own; those after `after`."""
    found = await places.cos(books, right, after)
    return render(
        request,
        "choose.html",
        caller=books.caller,
        tab=tab,
        places=found[: places.MOST_SHOWN],
        more=found[places.MOST_SHOWN - 1].code if len(found) > places.MOST_SHOWN else None,
        to=to,
    )


async def _found(books: Books, organisation: str, words: str) -> list[Member]:
    """Members whose name has these words in it, or whose number they are."""
    only: dict[str, Any] = {"name": words or None}
    now = await members.members(
        books, organisation, only=Only(state=MemberState.ACTIVE, **only), limit=ALL
    )
    left = await members.members(
        books, organisation, only=Only(state=MemberState.EXITED, **only), limit=ALL
    )
    by_number = await members.named(books, [words]) if words else []
    return [*[one for one in by_number if one.organisation == organisation], *now, *left]
