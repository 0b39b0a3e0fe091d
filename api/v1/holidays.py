"""Holidays: days that due dates may move off."""

from __future__ import annotations

from datetime import date
from http import HTTPStatus

from fastapi import APIRouter
from pydantic import ConfigDict

from api.dependencies import FirstOn, LastOn, ReadBooks, WriteBooks
from api.errors import declared, with_body
from api.fields import Answer, Asked, Day, Name
from service import access
from service.access import Right
from service.loans import holidays

router = APIRouter(prefix="/holidays", tags=["holidays"])


class HolidayAsked(Asked):
    """A day that due dates may move off."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"day": "2026-08-14", "name": "Independence Day"}]}
    )

    day: Day
    name: Name


class HolidayAnswer(Answer):
    """A day that due dates may move off."""

    day: date
    name: str


class HolidayList(Answer):
    """Holidays in order."""

    items: list[HolidayAnswer]


@router.get("", responses=declared())
async def list_holidays(
    books: ReadBooks, first_on: FirstOn = None, last_on: LastOn = None
) -> HolidayList:
    """Holidays in order, from one day to another."""
    found = await holidays.holidays(books, first_on=first_on, last_on=last_on)
    return HolidayList(items=[HolidayAnswer(day=day, name=name) for day, name in found])


@router.post("", status_code=HTTPStatus.CREATED, responses=with_body())
async def add_holiday(asked: HolidayAsked, books: WriteBooks) -> HolidayAnswer:
    """Add a holiday; one that is known stays as it is. Schedules already frozen do not move."""
    await access.authorise_house(books, Right.ADMINISTER)
    await holidays.add(books, [(asked.day, asked.name)])
    return HolidayAnswer(day=asked.day, name=asked.name)
