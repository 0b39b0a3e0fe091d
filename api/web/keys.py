"""Keys of machines at a desk: listed, made, rotated and revoked; a secret is shown once."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from typing import TYPE_CHECKING, Annotated, Final, Literal
from uuid import UUID

from fastapi import Query, Request, Response

from api.web import desk, forms, officers
from api.web.appointing import BELOW, ORGANISATION
from api.web.doors import form, to_read, to_write, written
from api.web.forms import Field, Form, Kind
from api.web.page import go
from api.web.people import ROLES
from api.web.reader import Reader
from api.web.refusals import of_error
from api.web.route import router
from ledger.calendar import BUSINESS_ZONE
from ledger.refusals import Refusal
from service import keys
from service.access import Right, Role
from service.keys import Key, Scope

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from service.books import Books, WritableBooks

pages = router()

Code = Annotated[str, Query(max_length=100)]
OVERLAP: Final = timedelta(hours=24)


def _(message: str) -> str:
    return message


SCOPES: Final = {
    Scope.READ: _("Read"),
    Scope.IDENTIFY: _("Read, with identity and telephone numbers"),
    Scope.PREPARE: _("Read, and prepare sheets and entries"),
    Scope.REGISTER: _("Read, and register organisations and members"),
}
_OF: Final = tuple(
    (role.value, ROLES[role])
    for role in (Role.ACCOUNTANT, Role.TREASURER, Role.FIELD_OFFICER, Role.AUDITOR)
)
NEW: Final = (
    Field("code", _("Code"), Kind.CODE, must=True, hint=_("It stays for ever.")),
    Field("name", _("Which machine, and what for"), must=True),
    Field("role", _("As what"), Kind.CHOICE, must=True, choices=_OF),
    ORGANISATION,
    BELOW,
    Field(
        "scope",
        _("What it may do"),
        Kind.CHOICE,
        must=True,
        choices=tuple((scope.value, said) for scope, said in SCOPES.items()),
    ),
    Field("expires_at", _("Good until the end of"), Kind.DAY, must=True),
)


@pages.get("/keys")
async def keys_page(request: Request, after: Code = "") -> Response:
    """The keys that one administers."""
    async with to_read(request) as books:
        return await _list(request, books, {}, after=after)


@pages.get("/keys/new")
async def new_page(request: Request) -> Response:
    """A key to make."""
    async with to_read(request) as books:
        return await _new(request, books, {})


@pages.post("/keys/new")
async def issue(request: Request) -> Response:
    """Make a key for a machine; the page shows its first secret, once."""

    async def act(books: WritableBooks, sent: dict[str, str]) -> tuple[str, str]:
        said = forms.read(NEW, sent)
        scopes = tuple(sorted({Scope.READ, Scope(said["scope"])}))
        ends = datetime.combine(said["expires_at"], time.max, BUSINESS_ZONE)
        key = Key(said["code"], said["name"], said["organisation"], scopes, ends)
        number = _number(books, key.code, sent)
        _made, secret = await keys.issue(
            books, key, role=Role(said["role"]), below=said["below"], number=number
        )
        return key.code, secret

    return await _told(request, act, _new)


@pages.post("/keys/{code}/rotate")
async def rotate(request: Request, code: str) -> Response:
    """Make a new secret; those so far stay good for a day."""

    async def act(books: WritableBooks, sent: dict[str, str]) -> tuple[str, str]:
        number = _number(books, code, sent)
        _made, secret = await keys.rotate(books, code, overlap=OVERLAP, number=number)
        return code, secret

    return await _told(request, act, _list, code)


@pages.post("/keys/{code}/revoke")
async def revoke(request: Request, code: str) -> Response:
    """Revoke a key with all its secrets, at once."""

    async def act(books: WritableBooks, _sent: dict[str, str]) -> str:
        await keys.revoke(books, code)
        return "/keys"

    return await written(request, act, _list)


@pages.get("/keys/{code}/{_done}")
async def back(code: str, _done: Literal["rotate", "revoke"]) -> Response:  # noqa: ARG001 - of the address
    """To the keys: what a form's answer has as its address is asked for again, too."""
    return go("/keys")


async def _told(
    request: Request,
    act: Callable[[WritableBooks, dict[str, str]], Awaitable[tuple[str, str]]],
    again: Callable[[Request, Books, dict[str, str], Refusal], Awaitable[Response]],
    code: str = "",
) -> Response:
    """Make a secret and show it, once: a form that was sent before makes no other."""
    sent = await form(request)
    try:
        async with to_write(request, sent) as books:
            told = await act(books, sent)
    except Refusal as error:
        async with to_read(request) as books:
            code = code or sent.get("code", "").strip()
            if await _made_before(books, code, sent):
                return await _list(request, books, {}, told=(code, ""))
            return await again(request, books, sent, error)
    async with to_read(request) as books:
        return await _list(request, books, {}, told=told)


def _number(books: Books, code: str, sent: dict[str, str]) -> UUID:
    """The number of the secret that a form makes."""
    return officers.number(books, code, officers.key(books, sent))


async def _made_before(books: Books, code: str, sent: dict[str, str]) -> bool:
    """Whether a form made its secret when it was sent before."""
    number = _number(books, code, sent)
    found = await keys.keys(books, code=code)
    return any(one.id == number for _key, secrets in found for one in secrets)


async def _list(
    request: Request,
    books: Books,
    _sent: dict[str, str],
    error: Refusal | None = None,
    *,
    after: str = "",
    told: tuple[str, str] | None = None,
) -> Response:
    """The keys; `told` is a key with its secret, empty where that was told before."""
    await officers.refuse_others(books, Right.ADMINISTER)
    found = await keys.keys(books, after=after, limit=officers.PAGE + 1)
    shown = found[: officers.PAGE]
    reader = Reader.of(request)
    return await desk.render(
        request,
        books,
        "keys.html",
        word="keys",
        found=shown,
        now=books.now,
        key_of_form=officers.key(books, {}),
        told=told,
        scopes={scope: reader.says(said) for scope, said in SCOPES.items()},
        next=desk.address("/keys", after=shown[-1][0].code) if len(found) > officers.PAGE else "",
        zone=BUSINESS_ZONE,
        said=of_error(reader, error),
    )


async def _new(
    request: Request, books: Books, sent: dict[str, str], error: Refusal | None = None
) -> Response:
    await officers.refuse_others(books, Right.ADMINISTER)
    reader = Reader.of(request)
    return await officers.form_page(
        request,
        books,
        Form(
            "/keys/new",
            NEW,
            reader.says(_("Make the key")),
            carried={"key": officers.key(books, sent)},
            suggested={"organisation": await officers.suggested(books)},
        ),
        title=reader.says(_("A new key")),
        path=[("/keys", reader.says(_("Keys of machines")))],
        word="keys",
        sent=sent,
        error=error,
    )
