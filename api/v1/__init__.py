"""The first version of the API: one module for each noun."""

from __future__ import annotations

from typing import Final

from fastapi import APIRouter

from api.v1 import (
    accounts,
    balances,
    books,
    events,
    holidays,
    loans,
    members,
    organisations,
    products,
    reports,
    sheets,
)

ROUTERS: Final = (
    organisations.router,
    members.router,
    sheets.router,
    events.router,
    books.router,
    accounts.router,
    balances.router,
    products.router,
    holidays.router,
    loans.router,
    reports.router,
)

router = APIRouter(prefix="/v1")
for part in ROUTERS:
    router.include_router(part)
