"""What the pages of officers and administrators share: who may open them, and forms at a desk."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final
from uuid import UUID

from api import codes
from api.web import desk, filled, forms, refusals
from api.web.page import at as address
from api.web.reader import Reader
from service import access, organisations
from service.access import Right
from service.refusals import Forbidden, VersionChanged

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import date

    from starlette.requests import Request
    from starlette.responses import Response

    from api.web.forms import Field, Form
    from ledger.refusals import Refusal
    from service.books import Books
    from service.organisations import Organisation

PAGE: Final = 50
"""So much of a list stands on one page."""
MOST_SUGGESTED: Final = 200
_VERSION: Final = forms.whole(1, 10**9 - 1)
_LOOK_AFTER: Final = (Right.REGISTER, Right.ADMINISTER)


async def refuse_others(books: Books, *rights: Right) -> None:
    """Pass who holds one of some rights on anything: else the page says that it is another's.

    Raises `Forbidden`.
    """
    if await access.homes(books, *(rights or _LOOK_AFTER)) == []:
        raise Forbidden("This page is for officers who look after organisations and people.")


async def may_house(books: Books, right: Right) -> bool:
    """Whether somebody holds a right on the whole house."""
    try:
        await access.authorise_house(books, right)
    except Forbidden:
        return False
    return True


async def form_page(
    request: Request,
    books: Books,
    form: Form,
    *,
    title: str,
    path: Sequence[tuple[str, str]],
    sent: Mapping[str, str],
    error: Refusal | None = None,
    now: Mapping[str, str] | None = None,
    template: str = "form.html",
    **shown: Any,  # noqa: ANN401 - a template shows what it is given
) -> Response:
    """A form at a desk, with what was typed in it and what of it was refused.

    `now` is what is kept by now, which stands beside each field where somebody else changed it.
    """
    reader = Reader.of(request)
    changed = now if isinstance(error, VersionChanged) else None
    return await desk.render(
        request,
        books,
        template,
        form=replace(form, fields=forms.chosen(reader, form.fields)),
        title=title,
        path=[*path, ("", title)],
        sent=sent,
        wrong=forms.wrong(error, sent),
        said=refusals.of_error(reader, error),
        missing=reader.says(forms.MISSING),
        again=reader.says(forms.AGAIN),
        changed=changed or {},
        **{"about": "", "notes": (), "aim": None, **shown},
    )


def carried(sent: Mapping[str, str], record: object, fields: Sequence[Field]) -> Mapping[str, str]:
    """What stands in a form of something kept: what was typed, or what is kept."""
    return sent or forms.kept(fields, record)


def version(sent: Mapping[str, str]) -> int:
    """The version that somebody had before her. Raises `VersionChanged`."""
    try:
        return _VERSION(sent.get("version", ""))
    except ValueError:
        sentence = "The form does not say which version it changes. Open it again."
        raise VersionChanged(sentence) from None


def key(books: Books, sent: Mapping[str, str]) -> str:
    """What a form is known by: it is the same for as long as it stands on a page."""
    return filled.prose(dict(sent), "key") or codes.fresh(books.now)


def number(books: Books, what: object, key: str) -> UUID:
    """The number of what somebody makes by a form: the same, when it is sent once more."""
    return UUID(codes.derived(repr(what), books.actor, key))


async def suggested(books: Books, *, below: str | None = None) -> list[Organisation]:
    """Organisations among which one may choose while one types a code."""
    return await organisations.organisations(books, under=below, limit=MOST_SUGGESTED)


def holds(from_on: date, to_on: date, on: date) -> bool:
    """Whether something with an open end holds on a day."""
    return from_on <= on < to_on


def about(code: str) -> str:
    """The page that says what an organisation is, and what may be done with it."""
    return address("organisations", code, "about")
