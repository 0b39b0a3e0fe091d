"""Devices that several people share, each with a PIN of their own."""

from __future__ import annotations

from datetime import datetime
from http import HTTPStatus
from uuid import UUID

from fastapi import APIRouter, Request, Response
from pydantic import ConfigDict, Field

from api.credentials import give_device
from api.dependencies import ReadBooks, WriteBooks
from api.errors import declared, with_body
from api.fields import Answer, Asked, Name
from service import devices, entrance, sessions
from service.devices import Device
from service.refusals import NotFound

router = APIRouter(prefix="/devices", tags=["sign-in"])


class DeviceAsked(Asked):
    """A device to register: the one that asks."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"name": "Telephone of CO-01"}]})

    name: Name


class DeviceAnswer(Answer):
    """A registered device."""

    id: UUID
    name: str
    registered_by: str
    registered_at: datetime

    @classmethod
    def of(cls, found: Device) -> DeviceAnswer:
        """The answer for a device."""
        return cls(**{name: getattr(found, name) for name in Device.__slots__})


class DeviceRegistered(DeviceAnswer):
    """A device with its secret, which is in its cookie, too, and is not shown again."""

    secret: str = Field(repr=False)


class DeviceList(Answer):
    """The devices that the caller registered or has a PIN on, oldest first."""

    items: list[DeviceAnswer]


@router.post("", status_code=HTTPStatus.CREATED, responses=with_body())
async def register_device(
    asked: DeviceAsked, books: WriteBooks, request: Request, response: Response
) -> DeviceRegistered:
    """Register this device, in a session that was begun with the password."""
    async with books.secrets():
        await entrance.require_password(books)
        device, secret = await devices.register(books, asked.name)
        if books.caller is not None and books.caller.session is not None:
            await sessions.settle_on(books, books.caller.session, device.id)
    give_device(request, response, secret)
    return DeviceRegistered(**dict(DeviceAnswer.of(device)), secret=secret)


@router.get("", responses=declared())
async def list_devices(books: ReadBooks) -> DeviceList:
    """The caller's devices."""
    async with books.secrets():
        found = await devices.of_person(books, books.actor)
    return DeviceList(items=[DeviceAnswer.of(device) for device in found])


@router.delete("/{number}", status_code=HTTPStatus.NO_CONTENT, responses=declared(NotFound))
async def revoke_device(number: UUID, books: WriteBooks) -> None:
    """Revoke a device of the caller's; its sessions end, its PINs are forgotten."""
    async with books.secrets():
        await devices.revoke(books, number)
