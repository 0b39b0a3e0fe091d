"""Making a page: a template, the reader's language, and what every page has."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any, Final

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup
from starlette.responses import RedirectResponse

from api.web import assets, language
from api.web.words import Words, plain_rupees, typed
from ledger.calendar import business_date

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from starlette.requests import Request
    from starlette.responses import Response

    from api.web.language import Language
    from service.books import Caller

GROUPING_COOKIE: Final = "amanat_grouping"
THOUSANDS: Final = "thousands"
_HTML: Final = "text/html; charset=utf-8"
POLICY: Final = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self';"
    " manifest-src 'self'; worker-src 'self'; form-action 'self'; base-uri 'none';"
    " frame-ancestors 'none'"
)


@dataclass(frozen=True, slots=True)
class Reader:
    """Whoever reads a page, and how: filled in by the request."""

    request: Request
    language: Language
    words: Words

    @classmethod
    def of(cls, request: Request) -> Reader:
        """The reader that a request shows."""
        spoken = language.of_request(request)
        lakhs = request.cookies.get(GROUPING_COOKIE) != THOUSANDS
        return cls(request, spoken, Words(spoken, lakhs=lakhs))

    def says(self, message: str) -> str:
        """A string in the reader's language."""
        return language.translations(self.language.code).gettext(message)

    def name(self, named: Any) -> str:  # noqa: ANN401 - whatever has a name, and may have one in Urdu
        """What somebody or something is called in the reader's script, where that is known."""
        own = getattr(named, "name_ur", None) if self.language.direction == "rtl" else None
        return str(own or named.name)


def render(
    request: Request,
    template: str,
    *,
    status: int = 200,
    caller: Caller | None = None,
    headers: Mapping[str, str] | None = None,
    **shown: Any,  # noqa: ANN401 - a template shows what it is given
) -> Response:
    """A page. `caller` is whoever is signed in; with them, forms carry the session's token."""
    reader = Reader.of(request)
    content = written(reader, template, caller=caller, **shown)
    answer = assets.packed_answer(
        request, content.encode(), _HTML, cache_control="no-store", status=status
    )
    answer.headers["Content-Security-Policy"] = POLICY
    answer.headers["Content-Language"] = reader.language.code
    answer.headers.update(headers or {})
    return answer


def written(
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
            csrf=caller.csrf if caller else "",
            m=words.money,
            n=words.number,
            day=words.day,
            short=words.short,
            text=words.text,
            name=lambda named: words.text(reader.name(named)),
            field=plain_rupees,
            typed=typed,
            **shown,
        )
    )


def offline(request: Request, languages: Iterable[Language]) -> Response:
    """The page for where there is no internet, in all languages: it knows nobody."""
    content = offline_text(request, languages)
    answer = assets.packed_answer(request, content.encode(), _HTML, cache_control="no-cache")
    answer.headers["Content-Security-Policy"] = POLICY
    return answer


def offline_text(request: Request, languages: Iterable[Language]) -> str:
    """Its text."""
    parts = [
        (one, Markup(written(Reader(request, one, Words(one)), "offline_part.html")))  # noqa: S704 - a template escaped it
        for one in languages
    ]
    return written(
        Reader(request, language.ENGLISH, Words(language.ENGLISH)), "offline.html", parts=parts
    )


def go(to: str) -> Response:
    """On to another page, after something was done."""
    return RedirectResponse(to, 303)


def today(request: Request) -> Any:  # noqa: ANN401 - a date, by the clock of the service
    """Today in Karachi."""
    return business_date(request.app.state.serving.clock())


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
