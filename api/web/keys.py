"""Keys of machines at a desk: listed, made, rotated and revoked; a secret is shown once."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from typing import TYPE_CHECKING, Annotated, Any, Final

from fastapi import Query, Request, Response

from api.web import desk, forms, officers
from api.web.doors import form, to_read, to_write
from api.web.forms import Field, Form, Kind
from api.web.people import BELOW, ORGANISATION, ROLES
from api.web.reader import Reader
from api.web.refusals import of_error
from api.web.route import router
from ledger.calendar import BUSINESS_ZONE
from ledger.refusals import Refusal
from service import keys
from service.access import Right, Role
from service.keys import Key, Scope

if TYPE_CHECKING:
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
        return await _list(request, books, after=after)


@pages.get("/keys/new")
async def new_page(request: Request) -> Response:
    """A key to make."""
    async with to_read(request) as books:
        return await _new(request, books, {})


@pages.post("/keys/new")
async def issue(request: Request) -> Response:
    """Make a key for a machine; the page shows its first secret, once."""
    sent = await form(request)
    try:
        async with to_write(request, sent) as books:
            said = forms.read(NEW, sent)
            scopes = tuple(sorted({Scope.READ, Scope(said["scope"])}))
            ends = datetime.combine(said["expires_at"], time.max, BUSINESS_ZONE)
            key = Key(said["code"], said["name"], said["organisation"], scopes, ends)
            _made, secret = await keys.issue(
                books, key, role=Role(said["role"]), below=said["below"]
            )
    except Refusal as error:
        async with to_read(request) as books:
            return await _new(request, books, sent, error)
    async with to_read(request) as books:
        return await _list(request, books, told=(key.code, secret))


@pages.post("/keys/{code}/rotate")
async def rotate(request: Request, code: str) -> Response:
    """Make a new secret; those so far stay good for a day."""

    async def act(books: WritableBooks) -> tuple[str, str]:
        _made, secret = await keys.rotate(books, code, overlap=OVERLAP)
        return code, secret

    return await _act(request, act)


@pages.post("/keys/{code}/revoke")
async def revoke(request: Request, code: str) -> Response:
    """Revoke a key with all its secrets, at once."""

    async def act(books: WritableBooks) -> None:
        await keys.revoke(books, code)

    return await _act(request, act)


async def _act(request: Request, act: Any) -> Response:  # noqa: ANN401 - what is done to a key, which may tell a secret
    sent = await form(request)
    try:
        async with to_write(request, sent) as books:
            told = await act(books)
    except Refusal as error:
        async with to_read(request) as books:
            return await _list(request, books, error=error)
    async with to_read(request) as books:
        return await _list(request, books, told=told)


async def _list(
    request: Request,
    books: Books,
    *,
    after: str = "",
    told: tuple[str, str] | None = None,
    error: Refusal | None = None,
) -> Response:
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
            suggested={"organisation": await officers.suggested(books)},
        ),
        title=reader.says(_("A new key")),
        path=[("/keys", reader.says(_("Keys of machines")))],
        word="keys",
        sent=sent,
        error=error,
    )
