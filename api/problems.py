"""Problem details (RFC 9457): the one shape of every answer that is not a success."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING, Any, Final

from pydantic import BaseModel, Field
from starlette.responses import Response

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

MEDIA_TYPE: Final = "application/problem+json"
RETRY_AFTER_SECONDS: Final = 1


class FieldProblem(BaseModel):
    """One thing wrong with one part of the request."""

    where: str = Field(description="The part of the request: body, query, path or header.")
    pointer: str = Field(description="A JSON pointer into it (RFC 6901).", examples=["/amount"])
    detail: str = Field(description="What is wrong, and what to do.")


class Problem(BaseModel):
    """Why a request is refused."""

    type: str = Field(description="Where the code is explained.")
    title: str = Field(description="What the code means.")
    status: int
    code: str = Field(description="Stable: programs decide by it.", examples=["floor_passed"])
    detail: str = Field(description="A sentence for people: what is wrong and what to do.")
    errors: list[FieldProblem] | None = None


def problem(
    status: HTTPStatus,
    *,
    code: str,
    title: str,
    detail: str,
    errors: Sequence[FieldProblem] = (),
    headers: Mapping[str, str] | None = None,
) -> Response:
    """The answer."""
    found = described(status, code=code, title=title, detail=detail, errors=errors)
    extra = dict(headers or {})
    if status is HTTPStatus.SERVICE_UNAVAILABLE:
        extra["Retry-After"] = str(RETRY_AFTER_SECONDS)
    return Response(
        found.model_dump_json(exclude_none=True), status, headers=extra, media_type=MEDIA_TYPE
    )


def described(
    status: HTTPStatus,
    *,
    code: str,
    title: str,
    detail: str,
    errors: Sequence[FieldProblem] = (),
) -> Problem:
    """The problem. Half characters in what it repeats of the request are replaced."""
    return Problem(
        type=f"/docs/errors#{code}",
        title=title,
        status=status,
        code=code,
        detail=_whole(detail) or title,
        errors=list(errors) or None,
    )


def field_problem(where: str, path: Sequence[Any], detail: str) -> FieldProblem:
    """A problem at a path of names and places within a part of the request."""
    pointer = "".join(f"/{_escaped(str(step))}" for step in path)
    return FieldProblem(where=where, pointer=_whole(pointer), detail=_whole(detail))


def _escaped(step: str) -> str:
    return step.replace("~", "~0").replace("/", "~1")


def _whole(text: str) -> str:
    return text.encode("utf-8", "replace").decode("utf-8")
