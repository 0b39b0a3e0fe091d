"""Access tokens for machines: OAuth 2 client credentials (RFC 6749, 4.4).

This one route speaks the words of its standard, errors too: a form comes in, and what is
wrong is told as `error` and `error_description`.
"""

from __future__ import annotations

import base64
import binascii
from collections import Counter
from http import HTTPStatus
from typing import Final, Literal
from urllib.parse import parse_qsl, unquote_plus

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse
from pydantic import Field

from api.credentials import OPEN
from api.dependencies import Visiting
from api.errors import with_body
from api.fields import Answer
from api.serving import With
from service import tokens
from service.entrance import Entrance
from service.keys import Scope
from service.refusals import Malformed, SignInRefused, TooManyAttempts

router = APIRouter(prefix="/token", tags=["sign-in"])

FORM: Final = "application/x-www-form-urlencoded"
MOST_FIELDS: Final = 20
NO_STORE: Final = {"Cache-Control": "no-store", "Pragma": "no-cache"}


class TokenAnswer(Answer):
    """An access token."""

    access_token: str = Field(repr=False)
    token_type: Literal["Bearer"] = "Bearer"  # noqa: S105 - a kind of token
    expires_in: int = Field(description="In seconds.")
    scope: str


class TokenError(Answer):
    """Why there is none, in the words of RFC 6749."""

    error: Literal["invalid_request", "invalid_client", "unsupported_grant_type", "invalid_scope"]
    error_description: str


class _Refused(Exception):
    def __init__(self, error: str, description: str) -> None:
        super().__init__(description)
        self.error = error


BODY: Final = {
    "required": True,
    "content": {
        FORM: {
            "schema": {
                "type": "object",
                "required": ["grant_type"],
                "properties": {
                    "grant_type": {"type": "string", "const": "client_credentials"},
                    "scope": {
                        "type": "string",
                        "description": "Names between spaces; all of the key's without.",
                    },
                    "client_id": {"type": "string", "description": "Or by Basic."},
                    "client_secret": {"type": "string", "description": "Or by Basic."},
                },
            },
            "examples": {"read": {"value": {"grant_type": "client_credentials", "scope": "read"}}},
        }
    },
}


@router.post(
    "",
    response_model=TokenAnswer,
    responses={
        **with_body(TooManyAttempts),
        400: {"model": TokenError, "description": "The request is wrong."},
        401: {"model": TokenError, "description": "The client is not known by that secret."},
    },
    openapi_extra={**OPEN, "requestBody": BODY},
)
async def give_token(request: Request, visit: Visiting, with_: With) -> JSONResponse:
    """An access token for a machine's key, good for ten minutes."""
    try:
        return await _given(request, Entrance(with_.engine, with_.hasher, visit))
    except _Refused as refused:
        headers = dict(NO_STORE)
        status = HTTPStatus.BAD_REQUEST
        if refused.error == "invalid_client":
            status = HTTPStatus.UNAUTHORIZED
            headers["WWW-Authenticate"] = 'Basic realm="amanat", charset="UTF-8"'
        said = {"error": refused.error, "error_description": str(refused)}
        return JSONResponse(said, status, headers)


async def _given(request: Request, entrance: Entrance) -> JSONResponse:
    form = await _form(request)
    if (grant := form.get("grant_type")) != "client_credentials":
        error = "unsupported_grant_type" if grant else "invalid_request"
        raise _Refused(error, "Ask with grant_type=client_credentials.")
    key, secret = _client(request, form)
    try:
        given = await entrance.by_secret(key, secret, _scopes(form))
    except SignInRefused:
        raise _Refused("invalid_client", "There is no such key, or not with this secret.") from None
    except Malformed:
        raise _Refused("invalid_scope", "The key does not have all of these scopes.") from None
    said = TokenAnswer(
        access_token=given.token,
        expires_in=int(tokens.LASTS.total_seconds()),
        scope=" ".join(given.scopes),
    )
    return JSONResponse(said.model_dump(), headers=NO_STORE)


async def _form(request: Request) -> dict[str, str]:
    """The fields of the form, each at most once; empty ones count as left out."""
    if request.headers.get("Content-Type", "").partition(";")[0].strip().lower() != FORM:
        raise _Refused("invalid_request", f"Send the fields as {FORM}.")
    try:
        text = (await request.body()).decode()
        fields = parse_qsl(text, errors="strict", max_num_fields=MOST_FIELDS)
    except ValueError:
        raise _Refused("invalid_request", "The form cannot be read.") from None
    if any(times > 1 for times in Counter(name for name, _ in fields).values()):
        raise _Refused("invalid_request", "A field is there twice.")
    return dict(fields)


def _client(request: Request, form: dict[str, str]) -> tuple[str, str]:
    """The key and its secret, by Basic or in the form, never by both."""
    header = request.headers.getlist("Authorization")
    in_form = "client_secret" in form
    if len(header) + in_form > 1:
        raise _Refused("invalid_request", "Send the client's secret in one way.")
    key, secret = form.get("client_id", ""), form.get("client_secret", "")
    if header:
        named = key
        key, secret = _basic(header[0])
        if named and named != key:
            raise _Refused("invalid_request", "Two clients are named.")
    if not key or not secret or "\0" in key:
        raise _Refused("invalid_client", "Send client_id and client_secret, best by Basic.")
    return key, secret


def _basic(header: str) -> tuple[str, str]:
    scheme, _, encoded = header.partition(" ")
    try:
        text = base64.b64decode(encoded.strip(), validate=True).decode()
    except (binascii.Error, ValueError):
        text = ""
    key, colon, secret = text.partition(":")
    if scheme.lower() != "basic" or not colon:
        raise _Refused("invalid_client", "Authorization: Basic cannot be read.")
    return unquote_plus(key), unquote_plus(secret)


def _scopes(form: dict[str, str]) -> frozenset[str] | None:
    asked = form.get("scope")
    if asked is None:
        return None
    scopes = frozenset(asked.split(" "))
    if not scopes <= {scope.value for scope in Scope}:
        raise _Refused("invalid_scope", "There is no such scope.")
    return scopes
