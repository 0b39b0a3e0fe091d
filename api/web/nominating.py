"""Who is nominated to an organisation, by those that belong to it."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Annotated, Any, Final

from fastapi import Query, Request, Response

from api.web import desk, forms, officers
from api.web.doors import to_read, written
from api.web.forms import Field, Form, Kind
from api.web.page import go
from api.web.reader import Reader
from api.web.route import router
from ledger.calendar import business_date
from service import access, members, nominations, organisations
from service.access import Right
from service.federation import FOREVER
from service.members import MemberState, Only
from service.nominations import Nomination, Office
from service.organisations import OrganisationKind
from service.refusals import Malformed

if TYPE_CHECKING:
    from ledger.refusals import Refusal
    from service.books import Books, WritableBooks
    from service.members import Member

pages = router()

Code = Annotated[str, Query(max_length=100)]


def _(message: str) -> str:
    return message


OFFICES: Final = {
    Office.PRESIDENT: _("president"),
    Office.MANAGER: _("manager"),
    Office.TREASURER: _("treasurer"),
}
_CHOICES: Final = tuple((office.value, said) for office, said in OFFICES.items())
NEW: Final = (
    Field("member", _("Who is nominated"), Kind.CODE, must=True, hint=_("The code of a member.")),
    Field("role", _("Her office where she comes from"), Kind.CHOICE, must=True, choices=_CHOICES),
    Field("from_on", _("From"), Kind.DAY, must=True),
    Field("to_on", _("Until before"), Kind.DAY, hint=_("Empty while no end is known.")),
)
END: Final = (Field("to_on", _("From which day it no longer holds"), Kind.DAY, must=True),)


@pages.get("/nominations")
async def list_page(request: Request, at: Code = "") -> Response:
    """Who is nominated to an organisation: those who are, then those who were."""
    async with to_read(request) as books:
        await officers.refuse_others(books, Right.REGISTER)
        if not at and await desk.own(books) is None:
            return go(desk.address("/organisations", kind=OrganisationKind.VO.value))
        home = await desk.place(books, at)
        await access.authorise(books, Right.READ, home.code)
        found = await nominations.nominations(books, home.code)
        today = business_date(books.now)
        people = await members.named(books, {one.member for one in found})
        reader = Reader.of(request)
        return await desk.render(
            request,
            books,
            "nominations.html",
            at=home,
            word="nominations",
            now=[one for one in found if one.to_on > today],
            over=[one for one in reversed(found) if one.to_on <= today],
            people={one.code: one for one in people},
            offices={one.value: reader.says(said) for one, said in OFFICES.items()},
            below=await organisations.organisations(
                books, parent=home.code, right=Right.READ, limit=officers.PAGE
            ),
            may=await access.may(books, Right.REGISTER, home.code),
            address=desk.address,
        )


@pages.get("/nominations/new")
async def new_page(request: Request, at: Code = "") -> Response:
    """A member to nominate."""
    async with to_read(request) as books:
        return await _new(request, books, {"at": at})


@pages.post("/nominations/new")
async def nominate(request: Request) -> Response:
    """Nominate a member to the organisation above."""
    return await written(request, _nominate, _new, _nominated)


async def _nominate(books: WritableBooks, sent: dict[str, str]) -> str:
    made = _nomination(sent)
    await nominations.nominate_one(books, made)
    return desk.address("/nominations", at=made.organisation)


async def _nominated(books: Books, sent: dict[str, str]) -> str | None:
    """The list that has the nomination of a form already; None where it has not."""
    made = _nomination(sent)
    kept = await nominations.nominations(books, made.organisation)
    return desk.address("/nominations", at=made.organisation) if made in kept else None


def _nomination(sent: dict[str, str]) -> Nomination:
    said = forms.read(NEW, sent)
    until = said["to_on"] or FOREVER
    role = Office(said["role"])
    return Nomination(said["member"], sent.get("at", ""), role, said["from_on"], until)


@pages.get("/nominations/end")
async def end_page(
    request: Request, at: Code = "", member: Code = "", role: Code = "", since: Code = ""
) -> Response:
    """A nomination that is to end."""
    async with to_read(request) as books:
        sent = {"at": at, "member": member, "role": role, "since": since}
        return await _end(request, books, sent)


@pages.post("/nominations/end")
async def end(request: Request) -> Response:
    """End a nomination on a day."""

    async def act(books: WritableBooks, sent: dict[str, str]) -> str:
        to_on = forms.read(END, sent)["to_on"]
        role, since = _which(sent)
        over = Nomination(sent.get("member", ""), sent.get("at", ""), role, since, to_on)
        await nominations.end(books, over)
        return desk.address("/nominations", at=over.organisation)

    return await written(request, act, _end)


def _which(sent: dict[str, str]) -> tuple[Office, date]:
    """Which nomination a form ends. Raises `Malformed`."""
    if sent.get("role") not in set(Office):
        raise Malformed("role: open the nomination from its list.")
    return Office(sent["role"]), forms.day(sent.get("since", ""))


async def _new(
    request: Request, books: Books, sent: dict[str, str], error: Refusal | None = None
) -> Response:
    home = await organisations.organisation(books, sent.get("at", ""))
    await access.authorise(books, Right.REGISTER, home.code)
    reader = Reader.of(request)
    return await officers.form_page(
        request,
        books,
        Form(
            "/nominations/new",
            NEW,
            reader.says(_("Nominate")),
            carried={"at": home.code},
            suggested={"member": await _candidates(books, home.code)},
        ),
        title=reader.says(_("Nominate a member")),
        about=reader.words.text(reader.name(home)),
        path=[(desk.address("/nominations", at=home.code), reader.says(_("Nominations")))],
        word="nominations",
        at=home,
        sent=sent,
        error=error,
    )


async def _candidates(books: Books, code: str) -> list[Member]:
    """Who may be nominated: members of its COs, or whom its parts have nominated to them."""
    today = business_date(books.now)
    found: list[Member] = []
    for one in await organisations.organisations(books, parent=code, limit=officers.PAGE):
        if one.kind is OrganisationKind.CO:
            found += await members.members(books, one.code, only=Only(MemberState.ACTIVE))
        else:
            sent = await nominations.nominations(books, one.code)
            holding = {each.member for each in sent if each.to_on > today}
            found += await members.named(books, holding)
        if len(found) >= officers.MOST_SUGGESTED:
            break
    return found[: officers.MOST_SUGGESTED]


async def _end(
    request: Request, books: Books, sent: dict[str, str], error: Refusal | None = None
) -> Response:
    home = await organisations.organisation(books, sent.get("at", ""))
    await access.authorise(books, Right.REGISTER, home.code)
    who: Any = await members.member(books, sent.get("member", ""))
    role, since = _which(sent)
    reader = Reader.of(request)
    carried = {name: sent[name] for name in ("at", "member", "role", "since")}
    said = reader.words.text(f"{reader.name(who)} · {who.code} · {reader.says(OFFICES[role])}")
    return await officers.form_page(
        request,
        books,
        Form("/nominations/end", END, reader.says(_("End it")), carried=carried),
        title=reader.says(_("End a nomination")),
        about=said + " · " + reader.words.short(since),
        path=[(desk.address("/nominations", at=home.code), reader.says(_("Nominations")))],
        word="nominations",
        at=home,
        sent=sent,
        error=error,
    )
