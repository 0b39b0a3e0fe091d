"""The audit trail in words: of an organisation, of a person, or of the whole house."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, Final, NamedTuple

from fastapi import Query, Request, Response

from api.web import desk, trial
from api.web.desk import Code, Known, On
from api.web.doors import to_read
from api.web.filled import day_of
from api.web.reader import Reader
from api.web.route import router
from service import access, audit, organisations
from service.access import Right
from service.audit import About, Only
from service.refusals import Forbidden

if TYPE_CHECKING:
    from service.books import Books
    from service.organisations import Organisation

pages = router()

LINKS: Final = 100
"""Of a chain, on one page."""
_MOST_FIELDS: Final = 12
_MOST_CODES: Final = 5
_LONGEST: Final = 80


def _(message: str) -> str:
    """Marks a string for the catalogues; it is said where the reader is known."""
    return message


CHANGES: Final = {
    "inserted": _("New"),
    "updated": _("Changed"),
    "deleted": _("Removed"),
    "truncated": _("All removed"),
}
TABLES: Final = {
    "appointment": _("appointment"),
    "bundle": _("import"),
    "closing": _("closing of the books"),
    "device": _("telephone"),
    "event": _("entry outside a meeting"),
    "holiday": _("holiday"),
    "instalment": _("instalment"),
    "key": _("key of a machine"),
    "key_secret": _("secret of a machine"),
    "limits": _("limits"),
    "loan": _("loan"),
    "loan_application": _("application for a loan"),
    "loan_change": _("change of a loan"),
    "loan_guarantee": _("guarantee"),
    "member": _("member"),
    "membership": _("place in the federation"),
    "nomination": _("nomination"),
    "organisation": _("organisation"),
    "password": _("password"),
    "person": _("person"),
    "pin": _("PIN"),
    "pledge": _("pledge"),
    "product": _("loan product"),
    "recovery": _("code for a new password"),
    "request": _("request"),
    "reserve_class": _("class of reserves"),
    "reserve_scheme": _("scheme of reserves"),
    "role_right": _("right of a role"),
    "session": _("session"),
    "sheet": _("sheet"),
    "vault": _("lock of a telephone"),
}
"""What the tables that the trail follows are called; a test compares."""


class Field(NamedTuple):
    """What a change put in place of what."""

    name: str
    was: str
    now: str


class Change(NamedTuple):
    """One change in words: what was done, to what, to which of them; and the fields."""

    done: str
    what: str
    codes: list[str]
    fields: list[Field]
    read: str = ""
    """The address that an auditor asked for, instead."""


@pages.get("/audit")
async def audit_page(
    request: Request,
    at: Code = "",
    person: Code = "",
    house: Annotated[str, Query(max_length=5)] = "",
    first: Annotated[str, Query(alias="from", max_length=20)] = "",
    on: On = "",
    known: Known = "",
    actor: Code = "",
    action: Code = "",
    after: Annotated[int, Query(ge=0, le=2**62)] = 0,
) -> Response:
    """Links of a chain in words, by day, person and action."""
    async with to_read(request) as books:
        here = await (organisations.organisation(books, at) if at else desk.own(books))
        days = desk.days(books, on, known)
        first_on = day_of(first, days.on) if first.strip() else None
        about, code = _asked(here, person, house)
        only = Only(first_on, days.on, actor or None, action or None, days.known_by)
        links = await audit.page(books, about, code, after=after, limit=LINKS + 1, only=only)
        reader = Reader.of(request)
        kept = {
            "at": here.code if here else "",
            "person": person,
            "house": house,
            "actor": actor,
            "action": action,
        }
        kept["from"] = first if first_on else ""
        shown = links[:LINKS]
        return await desk.render(
            request,
            books,
            "audit.html",
            at=here,
            days=days,
            word="audit",
            about=about,
            person=person,
            house=about is About.HOUSE,
            actor=actor,
            action=action,
            first_on=first_on,
            links=[(link, [_change(reader, one) for one in link.changes]) for link in shown],
            later=days.link("/audit", **kept, after=shown[-1].no) if len(links) > LINKS else "",
            first_page=days.link("/audit", **kept) if after else "",
            of_house=await _may_house(books),
            **trial.names(reader),
        )


def _asked(here: Organisation | None, person: str, house: str) -> tuple[About, str]:
    """Whose trail is asked for; without any it is that of the house where one is at home there."""
    if person and not house:
        return About.PERSON, person
    return (About.HOUSE, "") if house or here is None else (About.ORGANISATION, here.code)


async def _may_house(books: Books) -> bool:
    """Whether the chain of the house is open to whoever asks."""
    try:
        await access.authorise_house(books, Right.ADMINISTER)
    except Forbidden:
        return False
    return True


def _change(reader: Reader, change: dict[str, Any]) -> Change:
    if "read" in change:
        return Change("", "", [], [], change["read"])
    before, after = change.get("before") or [], change.get("after") or []
    what = TABLES.get(change["table"])
    rows = (after or before)[:_MOST_CODES]
    return Change(
        reader.says(CHANGES[change["change"]]),
        reader.says(what) if what else change["table"],
        [str(row.get("code") or row.get("person") or "") for row in rows],
        _fields(before, after),
    )


def _fields(before: list[dict[str, Any]], after: list[dict[str, Any]]) -> list[Field]:
    """Field by field what a row was and is; of many rows those of the first."""
    was, now = (before or [{}])[0], (after or [{}])[0]
    found = [
        Field(name, _said(was.get(name)), _said(now.get(name)))
        for name in (now or was)
        if was.get(name) != now.get(name)
    ]
    return found[:_MOST_FIELDS]


def _said(value: Any) -> str:  # noqa: ANN401 - whatever JSON has
    said = "" if value is None else str(value)
    return said if len(said) <= _LONGEST else f"{said[:_LONGEST]}…"
