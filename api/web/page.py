"""Making a page: a template, the reader's language, and what every page has."""

from __future__ import annotations

from functools import cache
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import quote

from jinja2 import Environment, PackageLoader, StrictUndefined
from starlette.responses import RedirectResponse

from api.serving import serving
from api.web import assets, language, sentences
from api.web.reader import Reader
from api.web.words import typed
from ledger.calendar import business_date
from service.access import Role

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date

    from starlette.requests import Request
    from starlette.responses import Response

    from api.web.refusals import Shown
    from service.books import Caller

_HTML: Final = "text/html; charset=utf-8"
_AT_A_DESK: Final = frozenset(
    {Role.TREASURER, Role.FIELD_OFFICER, Role.AUDITOR, Role.ADMINISTRATOR}
)
"""Roles whose work is done at a desk."""
POLICY: Final = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self';"
    " manifest-src 'self'; worker-src 'self'; form-action 'self'; base-uri 'none';"
    " frame-ancestors 'none'"
)


def render(
    request: Request,
    template: str,
    *,
    said: Shown | None = None,
    caller: Caller | None = None,
    headers: Mapping[str, str] | None = None,
    **shown: Any,  # noqa: ANN401 - a template shows what it is given
) -> Response:
    """A page. `caller` is whoever is signed in; with them, forms carry the session's token.

    `said` is what was refused, if anything was; the page has its status then.
    """
    reader = Reader.of(request)
    content = text_of(reader, template, said=said, caller=caller, **shown)
    answer = assets.packed_answer(
        request,
        content.encode(),
        _HTML,
        cache_control="no-store",
        status=said.status if said else HTTPStatus.OK,
    )
    answer.headers["Content-Security-Policy"] = POLICY
    answer.headers["Content-Language"] = reader.language.code
    answer.headers.update(headers or {})
    return answer


def text_of(
    reader: Reader,
    template: str,
    *,
    caller: Caller | None = None,
    **shown: Any,  # noqa: ANN401 - a template shows what it is given
) -> str:
    """The text of a page, or of a part of one, for a reader."""
    words, url = reader.words, reader.request.url
    return (
        _environment(reader.language.code)
        .get_template(template)
        .render(
            reader=reader,
            lang=reader.language,
            others=[one for one in language.offered().values() if one is not reader.language],
            here=url.path + (f"?{url.query}" if url.query else ""),
            asset=assets.address,
            caller=caller,
            desk_work=at_a_desk(caller),
            csrf=caller.csrf if caller else "",
            m=words.money,
            n=words.number,
            day=words.day,
            short=words.short,
            text=words.text,
            narrated=lambda said: words.text(sentences.told(reader, said)),
            name=lambda named: words.text(reader.name(named)),
            typed=typed,
            **shown,
        )
    )


def at_a_desk(caller: Caller | None) -> bool:
    """Whether somebody's work is done at a desk, and not at meetings."""
    return caller is not None and not _AT_A_DESK.isdisjoint(caller.roles)


def at(*parts: str) -> str:
    """The address of a page: each part as an address writes it, whatever letters a code has."""
    return "/" + "/".join(quote(part, safe="") for part in parts)


def go(to: str) -> Response:
    """On to another page, after something was done."""
    return RedirectResponse(to, 303)


def today(request: Request) -> date:
    """Today in Karachi, by the clock of the service."""
    return business_date(serving(request).clock())


@cache
def _environment(code: str) -> Environment:
    made = Environment(
        loader=PackageLoader("api.web"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        extensions=["jinja2.ext.i18n"],
    )
    made.install_gettext_translations(language.translations(code), newstyle=True)  # type: ignore[attr-defined] # added by the extension
    return made
