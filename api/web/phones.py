"""Where somebody is signed in: phones and browsers, and how to end what is not to go on there."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple
from uuid import UUID

from fastapi import Request, Response

from api.credentials import DEVICE_COOKIE
from api.web.doors import to_read, written
from api.web.page import render
from api.web.reader import Reader
from api.web.refusals import of_error
from api.web.route import router
from ledger.calendar import BUSINESS_ZONE
from service import devices, entrance, sessions
from service.refusals import Malformed

if TYPE_CHECKING:
    from datetime import datetime

    from ledger.refusals import Refusal
    from service.books import Books, WritableBooks
    from service.devices import Device
    from service.sessions import Session

pages = router()


def _(message: str) -> str:
    return message


DONE: Final = {
    "leave": _("You are signed out there, and your PIN is no longer good on it."),
    "close": _("It is closed: nobody is signed in on it, and no PIN is good there."),
    "end": _("You are signed out there."),
    "others": _("You are signed out everywhere but here."),
}
_SYSTEMS: Final = ("Android", "iPhone", "iPad", "Windows", "Macintosh", "Linux")
_BROWSERS: Final = {
    "SamsungBrowser": "Samsung Internet",
    "Edg": "Edge",
    "OPR": "Opera",
    "Firefox": "Firefox",
    "Chrome": "Chrome",
    "Safari": "Safari",
}
"""By what browsers call themselves; most also call themselves those that stand below."""


class Place(NamedTuple):
    """A phone, or a browser on no phone that is known, where somebody is or may be signed in."""

    device: Device | None
    session: Session | None
    """The one that was used last, if any lives."""
    pin_since: datetime | None
    here: bool

    @property
    def browser(self) -> str:
        """What it calls itself, in the words of its maker."""
        agent = self.session.agent if self.session else ""
        system = [one for one in _SYSTEMS if one in agent][:1]
        browser = [said for name, said in _BROWSERS.items() if f"{name}/" in agent][:1]
        return ", ".join(browser + system)


@pages.get("/phones")
async def phones_page(request: Request, done: str = "") -> Response:
    """Where one is signed in, or has a PIN."""
    async with to_read(request) as books:
        return await _page(request, books, done=done)


@pages.post("/phones")
async def end(request: Request) -> Response:
    """Sign out elsewhere: of one phone, of one browser, or of all."""

    async def again(
        request: Request, books: Books, _sent: dict[str, str], error: Refusal
    ) -> Response:
        return await _page(request, books, error=error)

    return await written(request, _end, again)


async def _end(books: WritableBooks, sent: dict[str, str]) -> str:
    what, _separator, which = sent.get("do", "").partition(":")
    current = books.caller.session if books.caller else None
    async with books.secrets():
        if what == "leave":
            await entrance.leave(books, _number(which))
        elif what == "close":
            await devices.revoke(books, _number(which))
        elif what == "end":
            await sessions.end(books, books.actor, _number(which))
        elif what == "others":
            await sessions.end_all(books, books.actor, but=current)
        else:
            raise Malformed("do: there is no such thing to do. Choose from the page.")
    return f"/phones?done={what}"


def _number(said: str) -> UUID:
    try:
        return UUID(said)
    except ValueError:
        raise Malformed("do: there is no such thing to do. Choose from the page.") from None


async def _page(
    request: Request, books: Books, *, done: str = "", error: Refusal | None = None
) -> Response:
    reader = Reader.of(request)
    places = await _places(books, request.cookies.get(DEVICE_COOKIE))
    return render(
        request,
        "phones.html",
        caller=books.caller,
        tab="more",
        said=of_error(reader, error),
        done=reader.says(DONE[done]) if done in DONE else "",
        places=places,
        elsewhere=any(place.session for place in places if not place.here),
        zone=BUSINESS_ZONE,
    )


async def _places(books: Books, secret: str | None) -> list[Place]:
    """Where the caller is or may be signed in: this one first, then what was used last."""
    current = books.caller.session if books.caller else None
    async with books.secrets():
        mine = await devices.of_person(books, books.actor)
        pins = await devices.pins_of(books, books.actor)
        here = await devices.of_secret(books, secret)
        living = await sessions.living(books, books.actor)
    known = {device.id for device in mine}
    latest = {one.device: one for one in sorted(living, key=lambda one: one.used_at)}
    places = [
        Place(device, latest.get(device.id), pins.get(device.id), device.id == here)
        for device in mine
    ]
    places += [
        Place(None, one, None, one.id == current and here not in known)
        for one in living
        if one.device not in known and not (one.id == current and here in known)
    ]
    return sorted(places, key=_first_here_then_latest)


def _first_here_then_latest(place: Place) -> tuple[bool, float]:
    used = place.session.used_at.timestamp() if place.session else 0.0
    return (not place.here, -used)
