"""Pages of the entrance: a password, a PIN on a shared phone, the language, and out again."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Final

from fastapi import Query, Request, Response

from api.credentials import DEVICE_COOKIE, give_device, give_session, take_session
from api.dependencies import visit
from api.serving import serving
from api.web import language, refusals, resuming
from api.web.doors import form, to_read, to_write
from api.web.page import go, render
from api.web.reader import GROUPING_COOKIE, THOUSANDS, Reader
from api.web.route import router
from ledger.refusals import Refusal
from service import devices, entrance, passwords, sessions
from service.entrance import Entrance
from service.refusals import Malformed

if TYPE_CHECKING:
    from service.sessions import Begun

pages = router()

_A_YEAR: Final = 365 * 24 * 60 * 60
Next = Annotated[str, Query(max_length=500)]


@pages.get("/login")
async def password_page(request: Request, next: Next = "/") -> Response:  # noqa: A002 - its name in the address
    """Where somebody signs in with a password; with a PIN, where the phone has any."""
    return _login(request, {"next": next})


def _login(request: Request, sent: dict[str, str], error: Exception | None = None) -> Response:
    said = refusals.of_error(Reader.of(request), error)
    return render(
        request,
        "login.html",
        said=said,
        next=local(sent.get("next")),
        typed_name=sent.get("name", ""),
        carried=resuming.of(request, sent),
    )


@pages.post("/login")
async def sign_in_by_password(request: Request) -> Response:
    """Sign in with a password."""
    sent = await form(request)
    held = request.cookies.get(DEVICE_COOKIE)
    try:
        resuming.refuse_foreign(request)
        _refuse_empty(sent, "name", "password")
        door = await _door(request)
        begun = await door.by_password(sent["name"].strip(), sent["password"], device=held)
    except Refusal as error:
        return _login(request, sent, error)
    if carried := resuming.of(request, sent):
        answer = resuming.resumed(request, carried | {"resume": local(carried["resume"])}, begun)
        give_session(request, answer, begun.token)
        return answer
    here = await door.people_here(held)
    known = any(one.code == begun.person for one in here)
    return _signed_in(request, begun, local(sent.get("next")) if known else "/pin/new")


@pages.get("/pin")
async def pin_page(request: Request, next: Next = "/") -> Response:  # noqa: A002 - its name in the address
    """Where the people of a phone sign in, each with a PIN."""
    return await _pin(request, {"next": next})


async def _pin(request: Request, sent: dict[str, str], error: Exception | None = None) -> Response:
    found = await (await _door(request)).people_here(request.cookies.get(DEVICE_COOKIE))
    return render(
        request,
        "pin.html",
        said=refusals.of_error(Reader.of(request), error),
        people=found,
        next=local(sent.get("next")),
        chosen=sent.get("name", ""),
    )


@pages.post("/pin")
async def sign_in_by_pin(request: Request) -> Response:
    """Sign in with a PIN, on the phone where it was set."""
    sent = await form(request)
    held = request.cookies.get(DEVICE_COOKIE)
    try:
        resuming.refuse_foreign(request)
        _refuse_empty(sent, "name", "pin")
        begun = await (await _door(request)).by_pin(sent["name"], sent["pin"], device=held)
    except Refusal as error:
        return await _pin(request, sent, error)
    return _signed_in(request, begun, local(sent.get("next")))


@pages.get("/pin/new")
async def new_pin_page(request: Request) -> Response:
    """Where somebody sets a PIN on the phone that she holds."""
    async with to_read(request) as books:
        return render(request, "new_pin.html", caller=books.caller, said=None)


@pages.post("/pin/new")
async def set_pin(request: Request) -> Response:
    """Set a PIN; the phone is registered with the first."""
    sent = await form(request)
    held = request.cookies.get(DEVICE_COOKIE)
    answer = go("/")
    try:
        if sent.get("pin", "") != sent.get("again", ""):
            raise Malformed("again: the two are not the same. Choose six digits again.")
        passwords.refuse_weak_pin(sent.get("pin", ""))
        hashed = await serving(request).hasher.hash(sent["pin"])
        async with to_write(request, sent) as books:
            async with books.secrets():
                await entrance.require_password(books)
                if await devices.of_secret(books, held) is None:
                    device, held = await devices.register(books, "phone")
                    if books.caller is not None and books.caller.session is not None:
                        await sessions.settle_on(books, books.caller.session, device.id)
                    give_device(request, answer, held)
            await entrance.set_pin(books, held, hashed)
    except Refusal as error:
        said = refusals.of_error(Reader.of(request), error)
        async with to_read(request) as books:
            return render(request, "new_pin.html", caller=books.caller, said=said)
    return answer


@pages.post("/logout")
async def sign_out(request: Request) -> Response:
    """Lock: the session ends; what waits on the phone stays there."""
    sent = await form(request)
    answer = go("/pin")
    async with to_write(request, sent) as books:
        if books.caller is not None and books.caller.session is not None:
            async with books.secrets():
                await sessions.end(books, books.actor, books.caller.session)
    take_session(request, answer)
    return answer


@pages.get("/language/{code}")
async def choose_language(request: Request, code: str, back: Next = "/") -> Response:
    """Speak this language from now on."""
    answer = go(local(back))
    if code in language.offered():
        _remember(request, answer, language.COOKIE, code)
    return answer


@pages.get("/grouping/{how}")
async def choose_grouping(request: Request, how: str, back: Next = "/") -> Response:
    """Write large numbers in lakhs and crores, or in thousands and millions."""
    answer = go(local(back))
    _remember(request, answer, GROUPING_COOKIE, THOUSANDS if how == THOUSANDS else "lakhs")
    return answer


def local(address: str | None) -> str:
    """An address of this service to go on to; home for any other."""
    if not address or address[0] != "/" or not address.isprintable():
        return "/"
    return "/" if address[1:2] in {"/", "\\"} else address


def _signed_in(request: Request, begun: Begun, at: str) -> Response:
    answer = go(at)
    give_session(request, answer, begun.token)
    return answer


def _remember(request: Request, answer: Response, name: str, value: str) -> None:
    secure = request.url.scheme == "https"
    answer.set_cookie(name, value, max_age=_A_YEAR, path="/", secure=secure, samesite="lax")


def _refuse_empty(sent: dict[str, str], *names: str) -> None:
    for name in names:
        if not sent.get(name, "").strip():
            raise Malformed(f"{name}: this is missing. Fill it in.")


async def _door(request: Request) -> Entrance:
    with_ = serving(request)
    agent = request.headers.get("User-Agent", "")
    return Entrance(with_.engine, with_.hasher, await visit(request), agent)
