"""Keys of machines: made, rotated and revoked by administrators."""

from __future__ import annotations

from datetime import datetime, timedelta
from http import HTTPStatus
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Request, Response
from pydantic import ConfigDict, Field

from api.dependencies import ReadBooks, WriteBooks
from api.errors import declared, with_body
from api.fields import Answer, Asked, Code, Moment, Name
from api.paging import LINKED, After, Limit, cut
from api.v1.people import PersonCode
from service import keys
from service.access import Role
from service.keys import MOST_OVERLAP, Key, Scope, Secret
from service.refusals import AlreadyExists, NotFound

router = APIRouter(prefix="/keys", tags=["people"])

HOURS_OF_A_DAY = 24
MOST_HOURS = MOST_OVERLAP // timedelta(hours=1)


class KeyAsked(Asked):
    """A machine that is to ask by itself: its role, and what of that it may use."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "code": "warehouse",
                    "name": "Figures for the district",
                    "organisation": "LSO-01",
                    "role": "auditor",
                    "below": True,
                    "scopes": ["read"],
                    "expires_at": "2027-06-30T23:59:59+05:00",
                }
            ]
        }
    )

    code: PersonCode
    name: Name
    organisation: Code | None = Field(description="Null: the whole house, with all below.")
    role: Annotated[Role, Field(strict=False)]
    below: bool
    scopes: Annotated[
        tuple[Annotated[Scope, Field(strict=False)], ...],
        Field(strict=False, min_length=1, max_length=len(Scope)),
    ]
    expires_at: Moment

    def key(self) -> Key:
        """As the service knows it."""
        scopes = tuple(sorted(set(self.scopes)))
        return Key(self.code, self.name, self.organisation, scopes, self.expires_at)


class RotationAsked(Asked):
    """How long the secrets so far are good beside the new one."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"overlap_hours": 24}]})

    overlap_hours: Annotated[int, Field(ge=0, le=MOST_HOURS)] = HOURS_OF_A_DAY


class SecretAnswer(Answer):
    """One secret of a key, without the secret."""

    id: UUID
    made_at: datetime
    expires_at: datetime
    revoked_at: datetime | None

    @classmethod
    def of(cls, found: Secret) -> SecretAnswer:
        """The answer for a secret."""
        return cls(**{name: getattr(found, name) for name in Secret.__slots__})


class KeyAnswer(Answer):
    """A machine's key."""

    code: str
    name: str
    organisation: str | None
    scopes: list[Scope]
    expires_at: datetime
    revoked_at: datetime | None
    secrets: list[SecretAnswer]

    @classmethod
    def of(cls, found: Key, secrets: list[Secret]) -> KeyAnswer:
        """The answer for a key."""
        kept = {name: getattr(found, name) for name in Key.__slots__}
        return cls(
            **{**kept, "scopes": list(found.scopes)},
            secrets=[SecretAnswer.of(secret) for secret in secrets],
        )


class SecretMade(Answer):
    """A new secret, for POST /v1/token; it is not shown again."""

    client_id: str
    client_secret: str = Field(repr=False)
    id: UUID
    expires_at: datetime

    @classmethod
    def of(cls, code: str, made: Secret, secret: str) -> SecretMade:
        """The answer for a new secret."""
        return cls(client_id=code, client_secret=secret, id=made.id, expires_at=made.expires_at)


class KeyPage(Answer):
    """Keys in the order of their codes."""

    items: list[KeyAnswer]


@router.get("", responses={200: LINKED, **declared()})
async def list_keys(
    books: ReadBooks, request: Request, response: Response, limit: Limit = 100, after: After = ""
) -> KeyPage:
    """The keys that the caller administers."""
    found = await keys.keys(books, after=after, limit=limit + 1)
    page = cut(found, limit, lambda pair: pair[0].code, request=request, response=response)
    return KeyPage(items=[KeyAnswer.of(key, secrets) for key, secrets in page])


@router.post("", status_code=HTTPStatus.CREATED, responses=with_body(AlreadyExists, NotFound))
async def issue_key(asked: KeyAsked, books: WriteBooks, response: Response) -> SecretMade:
    """Make a key for a machine, within what the caller administers, with its first secret."""
    made, secret = await keys.issue(books, asked.key(), role=asked.role, below=asked.below)
    response.headers["Cache-Control"] = "no-store"
    return SecretMade.of(asked.code, made, secret)


@router.delete("/{code}", status_code=HTTPStatus.NO_CONTENT, responses=declared(NotFound))
async def revoke_key(code: Code, books: WriteBooks) -> None:
    """Revoke a key; its secrets and access tokens are good no longer, at once."""
    await keys.revoke(books, code)


@router.post("/{code}/secrets", status_code=HTTPStatus.CREATED, responses=with_body(NotFound))
async def rotate_secret(
    code: Code, asked: RotationAsked, books: WriteBooks, response: Response
) -> SecretMade:
    """Make a new secret for a key; the others stay good for a while."""
    overlap = timedelta(hours=asked.overlap_hours)
    made, secret = await keys.rotate(books, code, overlap=overlap)
    response.headers["Cache-Control"] = "no-store"
    return SecretMade.of(code, made, secret)


@router.delete(
    "/{code}/secrets/{number}", status_code=HTTPStatus.NO_CONTENT, responses=declared(NotFound)
)
async def revoke_secret(code: Code, number: UUID, books: WriteBooks) -> None:
    """Revoke one secret of a key, with the access tokens that were given for it, at once."""
    await keys.revoke_secret(books, code, number)
