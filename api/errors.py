"""The one table of refusal and HTTP status, and the handlers that answer by it.

409 is for what stands in the way already: a code or a key that is taken, a sheet that is
closed. 422 is for what would be wrong on any day, or by the rules of the books.
"""

from __future__ import annotations

import logging
import re
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from asyncpg import InterfaceError, PostgresError
from fastapi.exceptions import RequestValidationError
from sqlalchemy.exc import SQLAlchemyError
from starlette.exceptions import HTTPException

from api import database_errors, problems
from api import refusals as http
from api.credentials import challenge
from api.problems import MEDIA_TYPE, FieldProblem, field_problem, problem
from ledger import refusals as engine
from ledger.money import MoneyMalformed
from service import refusals as rules
from service.imports.problems import BundleRefused
from service.loans.terms import ContractContradicts, ProductContradicts

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from fastapi import FastAPI
    from starlette.requests import Request
    from starlette.responses import Response

    from api.problems import Problem

_BAD, _NOT_FOUND, _CONFLICT = HTTPStatus.BAD_REQUEST, HTTPStatus.NOT_FOUND, HTTPStatus.CONFLICT
_RULES, _AWAY = HTTPStatus.UNPROCESSABLE_ENTITY, HTTPStatus.SERVICE_UNAVAILABLE

STATUS: Final[dict[type[Exception], HTTPStatus]] = {
    http.JsonMalformed: _BAD,
    http.HttpMalformed: _BAD,
    rules.NotSignedIn: HTTPStatus.UNAUTHORIZED,
    rules.Forbidden: HTTPStatus.FORBIDDEN,
    http.PathUnknown: _NOT_FOUND,
    rules.NotFound: _NOT_FOUND,
    engine.BookUnknown: _NOT_FOUND,
    http.MethodNotAllowed: HTTPStatus.METHOD_NOT_ALLOWED,
    rules.AlreadyExists: _CONFLICT,
    engine.KeyReused: _CONFLICT,
    engine.AlreadyReversed: _CONFLICT,
    rules.SheetNotDraft: _CONFLICT,
    rules.SheetNotClosed: _CONFLICT,
    rules.SheetNotSubmitted: _CONFLICT,
    rules.RequestWaits: _CONFLICT,
    rules.BoxChanged: _CONFLICT,
    rules.RequestDecided: _CONFLICT,
    rules.DifferenceChanged: _CONFLICT,
    rules.OwnRequest: HTTPStatus.FORBIDDEN,
    rules.OwnAppointment: HTTPStatus.FORBIDDEN,
    rules.SignInRefused: HTTPStatus.UNAUTHORIZED,
    rules.TooManyAttempts: HTTPStatus.TOO_MANY_REQUESTS,
    rules.DeviceUnknown: _CONFLICT,
    rules.PasswordWeak: _RULES,
    rules.PinWeak: _RULES,
    rules.NotTheMaker: HTTPStatus.FORBIDDEN,
    rules.FederationContradicts: _CONFLICT,
    rules.StepNotAllowed: _CONFLICT,
    rules.OwnLoan: HTTPStatus.FORBIDDEN,
    rules.NotEligible: _RULES,
    rules.LoanCancelled: _CONFLICT,
    rules.LoanNotPaidOut: _CONFLICT,
    rules.LoanAlreadyPaidOut: _CONFLICT,
    rules.GuarantorsMissing: _CONFLICT,
    rules.GuaranteeNeeded: _CONFLICT,
    rules.LoanWrittenOff: _CONFLICT,
    rules.LoanNotWrittenOff: _CONFLICT,
    rules.AccruedLater: _CONFLICT,
    rules.YearClosed: _CONFLICT,
    rules.VersionChanged: HTTPStatus.PRECONDITION_FAILED,
    http.BodyTooSlow: HTTPStatus.REQUEST_TIMEOUT,
    http.BodyTooLarge: HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
    http.TooManyRequests: HTTPStatus.TOO_MANY_REQUESTS,
    http.TimedOut: HTTPStatus.GATEWAY_TIMEOUT,
    rules.Malformed: _RULES,
    rules.NotTheParent: _RULES,
    rules.MemberOfAnother: _RULES,
    rules.LoanOfAnother: _RULES,
    rules.DisbursementDiffers: _RULES,
    rules.RepaymentAboveOwed: _RULES,
    rules.WriteOffNotWhole: _RULES,
    rules.ReserveTooSmall: _RULES,
    rules.SchemeContradicts: _RULES,
    rules.RefinanceFallsShort: _RULES,
    rules.NothingToAccrue: _RULES,
    rules.NothingSaved: _RULES,
    rules.NothingToClose: _RULES,
    ProductContradicts: _RULES,
    ContractContradicts: _RULES,
    BundleRefused: _RULES,
    MoneyMalformed: _RULES,
    engine.Refusal: _RULES,
    engine.TextMalformed: _RULES,
    engine.LineMalformed: _RULES,
    engine.EntryEmpty: _RULES,
    engine.EntryUnbalanced: _RULES,
    engine.ClosingMovesMoney: _RULES,
    engine.CodeUnknown: _RULES,
    engine.AccountFacesAnother: _RULES,
    engine.FloorPassed: _RULES,
    engine.SavingsPledged: _RULES,
    engine.PeriodClosed: _RULES,
    engine.DatedInFuture: _RULES,
    engine.PostedAtRefused: _RULES,
    engine.ReversalOfReversal: _RULES,
    engine.ReversalTooEarly: _RULES,
    engine.ReversalNotMirrored: _RULES,
    engine.HalvesDisagree: _RULES,
    engine.MomentUnsettled: _RULES,
    http.PaperTooLong: _RULES,
    http.IfMatchMissing: HTTPStatus.PRECONDITION_REQUIRED,
    http.Unexpected: HTTPStatus.INTERNAL_SERVER_ERROR,
    http.DatabaseUnavailable: _AWAY,
    http.TooBusy: _AWAY,
    http.NotReady: _AWAY,
    http.PapersUnavailable: _AWAY,
}

_BY_STATUS: Final[dict[int, type[Exception]]] = {
    HTTPStatus.NOT_FOUND: http.PathUnknown,
    HTTPStatus.METHOD_NOT_ALLOWED: http.MethodNotAllowed,
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE: http.BodyTooLarge,
    HTTPStatus.REQUEST_TIMEOUT: http.BodyTooSlow,
}
"""What the framework's own errors mean; any other is `HttpMalformed`."""

_OF_DATABASE: Final = (SQLAlchemyError, PostgresError, InterfaceError, OSError)
_WORDS: Final = {
    "missing": "This is missing. Fill it in.",
    "extra_forbidden": "There is no such field here. Leave it out.",
}
MOST_FIELDS: Final = 50
"""As many fields are named in one answer: it is not many times as long as the request."""
_FIELD = re.compile(r"([a-z_]+): ")
_LOG = logging.getLogger(__name__)


def code_of(kind: type[Exception]) -> str:
    """The stable code: the refusal's own, or its name in small letters."""
    own = getattr(kind, "code", None)
    return own if isinstance(own, str) else re.sub(r"(?<!^)(?=[A-Z])", "_", kind.__name__).lower()


def title_of(kind: type[Exception]) -> str:
    """What the code means: the first line of its docstring."""
    return (kind.__doc__ or "").strip().partition("\n")[0]


def declared(*kinds: type[Exception]) -> dict[int | str, dict[str, Any]]:
    """These refusals as the `responses` of a route, beside those that every route has."""
    by_status: dict[int | str, list[str]] = {}
    everywhere = (
        rules.NotSignedIn,
        rules.Forbidden,
        rules.Malformed,
        http.TooManyRequests,
        http.Unexpected,
        http.DatabaseUnavailable,
        http.TooBusy,
        http.TimedOut,
    )
    for kind in dict.fromkeys((*kinds, *everywhere)):
        by_status.setdefault(STATUS[kind].value, []).append(f"`{code_of(kind)}`: {title_of(kind)}")
    schema = {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}}
    return {
        status: {"description": "\n\n".join(lines), "content": schema}
        for status, lines in sorted(by_status.items(), key=lambda item: int(item[0]))
    }


def with_body(*kinds: type[Exception]) -> dict[int | str, dict[str, Any]]:
    """The same for a route that takes a body."""
    return declared(*kinds, http.JsonMalformed, http.BodyTooSlow, http.BodyTooLarge)


def install(app: FastAPI) -> None:
    """Answer every error of the application by the table."""
    for kind in (*STATUS, RequestValidationError, HTTPException, *_OF_DATABASE, Exception):
        app.add_exception_handler(kind, _answered)


class Said(NamedTuple):
    """What is said of an error: its kind, a sentence, what it is about."""

    kind: type[Exception]
    detail: str
    errors: Sequence[FieldProblem] = ()
    headers: Mapping[str, str] | None = None

    @property
    def status(self) -> HTTPStatus:
        """The status of the answer."""
        return STATUS[self.kind]

    @property
    def code(self) -> str:
        """The stable code."""
        return code_of(self.kind)


def said(request: Request, error: Exception) -> Said:
    """What any error of a request means; what nobody expected is logged."""
    if isinstance(error, RequestValidationError):
        return _invalid(error)
    if isinstance(error, HTTPException):
        return _framework(error)
    if isinstance(error, _OF_DATABASE):
        refusal = database_errors.refusal(error)
        if refusal is not None:
            path, code = request.url.path, code_of(type(refusal))
            _LOG.warning("the database refused %s: %s", path, code)
            return Said(type(refusal), str(refusal))
    elif any(kind in STATUS for kind in type(error).__mro__):
        return _refused(request, error)
    _LOG.error("unexpected: %s %s", request.method, request.url.path, exc_info=error)
    return Said(http.Unexpected, "Something went wrong here. The operator's log says more.")


def answer(kind: type[Exception], detail: str, **more: Any) -> Response:  # noqa: ANN401 - as `problem` takes it
    """The problem of a kind of refusal, with a sentence."""
    return problem(
        STATUS[kind], code=code_of(kind), title=title_of(kind), detail=detail.strip(), **more
    )


def described(refusal: Exception) -> Problem:
    """The problem that a refusal is, as a part of a larger answer."""
    kind = _kind(refusal)
    return problems.described(
        STATUS[kind],
        code=code_of(kind),
        title=title_of(kind),
        detail=str(refusal),
        errors=_named_fields(refusal, "POST"),
    )


def _kind(error: Exception) -> type[Exception]:
    return next(kind for kind in type(error).__mro__ if kind in STATUS)


async def _answered(request: Request, error: Exception) -> Response:
    found = said(request, error)
    return answer(found.kind, found.detail, errors=found.errors, headers=found.headers)


def _refused(request: Request, error: Exception) -> Said:
    kind = _kind(error)
    headers = {}
    if STATUS[kind] is HTTPStatus.UNAUTHORIZED:
        headers["WWW-Authenticate"] = challenge(request)
    if isinstance(error, rules.TooManyAttempts):
        headers["Retry-After"] = str(error.wait)
    return Said(kind, str(error), _named_fields(error, request.method), headers)


_NAMING: Final = (rules.Malformed, rules.PasswordWeak, rules.PinWeak)
"""Refusals whose sentences begin with the field that they are about, where there is one."""


def _named_fields(error: Exception, method: str) -> list[FieldProblem]:
    if isinstance(error, BundleRefused):
        return [
            field_problem(
                p.file, [p.line, *([p.column] if p.column else [])], f"{p.what}. {p.todo}"
            )
            for p in error.problems
        ]
    detail = str(error)
    match = _FIELD.match(detail) if isinstance(error, _NAMING) else None
    where = "body" if method in {"POST", "PUT"} else "query"
    return [field_problem(where, [match[1]], detail[match.end() :])] if match else []


def _invalid(error: RequestValidationError) -> Said:
    errors = error.errors()
    if errors[0]["type"] == "json_invalid":
        return Said(http.JsonMalformed, "The body is not readable as JSON. Correct it.")
    found = list(_fields(errors[:MOST_FIELDS]))
    first = found[0]
    detail = f"{first.where} {first.pointer}: {first.detail}"
    if len(errors) > MOST_FIELDS:
        detail += f" There are {len(errors)} such problems; the first {MOST_FIELDS} are listed."
    return Said(rules.Malformed, detail, found)


def _fields(errors: Sequence[Any]) -> Iterator[FieldProblem]:
    for error in errors:
        where, *path = error["loc"]
        yield field_problem(where, path, _WORDS.get(error["type"], error["msg"]))


def _framework(error: HTTPException) -> Said:
    kind = _BY_STATUS.get(error.status_code, http.HttpMalformed)
    if error.status_code == HTTPStatus.BAD_REQUEST:
        kind = http.JsonMalformed
    return Said(kind, "", headers=error.headers)
