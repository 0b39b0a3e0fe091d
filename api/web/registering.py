"""Members at a desk: registered with what is asked first, and amended, a few fields a page."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Annotated, Final

from fastapi import Query, Request, Response
from pydantic import TypeAdapter

from api.v1.members import Cnic
from api.web import forms, officers
from api.web.doors import to_read, written
from api.web.forms import Field, Form, Kind, whole
from api.web.page import at as address
from api.web.reader import Reader
from api.web.route import router
from service import access, members, organisations
from service.access import Right
from service.members import Gender, Member

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ledger.refusals import Refusal
    from service.books import Books, WritableBooks

pages = router()

Code = Annotated[str, Query(max_length=100)]
_CNIC: Final = TypeAdapter(Cnic)
_HIGHEST_SCORE: Final = 100


def _(message: str) -> str:
    return message


def _cnic(typed: str) -> str:
    """Reads an identity number, with or without its dashes."""
    bare = typed.strip().replace("-", "").replace(" ", "")
    return str(_CNIC.validate_python(f"{bare[:5]}-{bare[5:12]}-{bare[12:]}"))


def _phone(typed: str) -> str:
    """Reads a mobile number, as it is dialled at home or from abroad."""
    bare = typed.strip().replace(" ", "").replace("-", "").removeprefix("+92").removeprefix("0")
    return str(forms.PHONE.validate_python(f"+92 {bare[:3]} {bare[3:]}"))


_CARD: Final = Field(
    "cnic",
    _("Identity card"),
    Kind.CODE,
    hint=_("Thirteen digits; it may stay empty."),
    reads=_cnic,
    how=_("Write the thirteen digits of the card, like 12345-1234567-1."),
)
PHONE: Final = Field(
    "phone",
    _("Mobile number"),
    Kind.CODE,
    reads=_phone,
    how=_("Write a mobile number like 0300 1234567."),
)
_SHE: Final = (
    Field("name", _("Name"), must=True),
    Field("name_ur", _("Name in Urdu"), rtl=True),
    Field("father_or_husband", _("Father or husband")),
    Field(
        "gender",
        _("Woman or man"),
        Kind.CHOICE,
        must=True,
        choices=((Gender.FEMALE.value, _("Woman")), (Gender.MALE.value, _("Man"))),
    ),
    _CARD,
    Field("joined_on", _("Member since"), Kind.DAY, must=True),
)
NEW: Final = (
    Field("code", _("Code"), Kind.CODE, must=True, hint=_("It stays for ever.")),
    *_SHE,
)
HOUSEHOLD: Final = (
    PHONE,
    Field("household", _("Household"), Kind.CODE, hint=_("The same for all who live together.")),
    Field(
        "psc",
        _("Poverty score"),
        Kind.WHOLE,
        reads=whole(0, _HIGHEST_SCORE),
        how=_("Write a number from 0 to 100."),
    ),
    Field("psc_on", _("Day of its survey"), Kind.DAY),
)
PARTS: Final = {"edit": _SHE, "household": HOUSEHOLD}
"""What of a member is amended on which page."""
_IDENTIFY: Final = frozenset({"cnic", "phone"})


@pages.get("/members/new")
async def new_page(request: Request, organisation: Code = "") -> Response:
    """A member to register."""
    async with to_read(request) as books:
        return await _new(request, books, {"organisation": organisation})


@pages.post("/members/new")
async def register(request: Request) -> Response:
    """Register a member of a CO; what is odd about her is said, and hinders nothing."""
    return await written(request, _register, _new, _registered)


async def _register(books: WritableBooks, sent: dict[str, str]) -> str:
    made = _member(sent)
    await members.admit(books, made)
    return address("members", made.code, "household")


async def _registered(books: Books, sent: dict[str, str]) -> str | None:
    """The page of a member who is registered as a form asks; None where that is not so."""
    made = _member(sent)
    same = await members.member(books, made.code) == made
    return address("members", made.code, "household") if same else None


def _member(sent: dict[str, str]) -> Member:
    said, home = forms.read(NEW, sent), sent.get("organisation", "")
    return Member(**said | {"gender": Gender(said["gender"]), "organisation": home})


@pages.get("/members/{code}/edit")
async def edit_page(request: Request, code: str) -> Response:
    """Who she is, to be changed."""
    async with to_read(request) as books:
        return await _amend_page(code, "edit", request, books, {})


@pages.post("/members/{code}/edit")
async def edit(request: Request, code: str) -> Response:
    """Change who she is."""
    return await _amend(request, code, "edit")


@pages.get("/members/{code}/household")
async def household_page(request: Request, code: str) -> Response:
    """Her household, telephone and poverty score, to be changed."""
    async with to_read(request) as books:
        return await _amend_page(code, "household", request, books, {})


@pages.post("/members/{code}/household")
async def household(request: Request, code: str) -> Response:
    """Change her household, telephone and poverty score."""
    return await _amend(request, code, "household")


async def may_amend(books: Books, organisation: str) -> bool:
    """Whether somebody registers and amends the members of a CO."""
    return await access.may(books, Right.REGISTER, organisation) or await access.may(
        books, Right.PREPARE, organisation
    )


async def _amend(request: Request, code: str, part: str) -> Response:

    async def act(books: WritableBooks, sent: dict[str, str]) -> str:
        found = await members.member(books, code)
        said = forms.read(await _fields(books, found, part), sent)
        if "gender" in said:
            said["gender"] = Gender(said["gender"])
        await members.amend(books, replace(found, **said, version=officers.version(sent)))
        return address("members", code)

    async def done(books: Books, sent: dict[str, str]) -> str | None:
        found = await members.member(books, code)
        same = forms.says(found, forms.read(await _fields(books, found, part), sent))
        return address("members", code) if same else None

    return await written(request, act, partial(_amend_page, code, part), done)


async def _fields(books: Books, found: Member, part: str) -> Sequence[Field]:
    """The fields of a page, without those that somebody is not to see."""
    if await access.may(books, Right.IDENTIFY, found.organisation):
        return PARTS[part]
    return [one for one in PARTS[part] if one.name not in _IDENTIFY]


async def _new(
    request: Request, books: Books, sent: dict[str, str], error: Refusal | None = None
) -> Response:
    code = sent.get("organisation", "")
    home = await organisations.organisation(books, code)
    await access.authorise(books, Right.REGISTER, code, or_right=Right.PREPARE)
    reader = Reader.of(request)
    return await officers.form_page(
        request,
        books,
        Form("/members/new", NEW, reader.says(_("Register")), carried={"organisation": code}),
        title=reader.says(_("A new member")),
        about=reader.words.text(reader.name(home)),
        path=[(f"/members?organisation={code}", reader.says(_("Members")))],
        word="members",
        sent=sent,
        error=error,
    )


async def _amend_page(
    code: str,
    part: str,
    request: Request,
    books: Books,
    sent: dict[str, str],
    error: Refusal | None = None,
) -> Response:
    found = await members.member(books, code)
    await access.authorise(books, Right.READ, found.organisation)
    await access.authorise(books, Right.REGISTER, found.organisation, or_right=Right.PREPARE)
    reader = Reader.of(request)
    fields = tuple(await _fields(books, found, part))
    titles = {"edit": _("Who she is"), "household": _("Household and telephone")}
    return await officers.form_page(
        request,
        books,
        Form(
            address("members", code, part),
            fields,
            reader.says(_("Keep")),
            carried={"version": str(found.version)},
        ),
        title=reader.says(titles[part]),
        about=reader.words.text(f"{reader.name(found)} · {code}"),
        path=[
            (f"/members?organisation={found.organisation}", reader.says(_("Members"))),
            (address("members", code), reader.words.text(reader.name(found))),
        ],
        word="members",
        template="member.html",
        aim=found,
        sent=sent or forms.kept(fields, found),
        now=forms.kept(fields, found),
        error=error,
        notes=[reader.says(_DOUBTS[one.partition(":")[0]]) for one in members.doubts(found)],
        other=next(
            (address("members", code, one), reader.says(titles[one]))
            for one in PARTS
            if one != part
        ),
        may_leave=await access.may(books, Right.PREPARE, found.organisation),
    )


_DOUBTS: Final[dict[str, str]] = {
    "cnic": _(
        "The last digit of an identity card is odd for men and even for women; hers is not."
        " Look at the card again. It is kept as it is."
    ),
    "psc_on": _("A poverty score and the day of its survey go together; one of them is missing."),
}
"""What is odd about her, by the field; a warning hinders nothing."""
