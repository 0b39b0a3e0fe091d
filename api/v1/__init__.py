"""The first version of the API: one module for each noun."""

from __future__ import annotations

from typing import Final

from fastapi import APIRouter

from api.v1 import (
    accounts,
    audit,
    balances,
    batches,
    books,
    devices,
    dues,
    events,
    guarantees,
    holidays,
    imports,
    jobs,
    keys,
    limits,
    loan_applications,
    loan_changes,
    loan_previews,
    loans,
    me,
    members,
    nominations,
    organisations,
    packs,
    people,
    products,
    recoveries,
    reports,
    requests,
    reserves,
    sessions,
    sheets,
    statements,
    tokens,
    written_off_loans,
)

ROUTERS: Final = (
    batches.router,
    sheets.router,  # first: they are asked for most, and the first that fits is taken
    organisations.router,
    members.router,
    nominations.router,
    events.router,
    books.router,
    accounts.router,
    balances.router,
    products.router,
    holidays.router,
    loans.router,
    guarantees.router,
    written_off_loans.router,
    loan_previews.router,
    loan_applications.router,
    loan_changes.router,
    dues.router,
    reserves.router,
    reports.router,
    statements.router,
    packs.router,
    requests.router,
    limits.router,
    imports.router,
    jobs.router,
    audit.router,
    sessions.router,
    me.router,
    devices.router,
    recoveries.router,
    people.router,
    keys.router,
    tokens.router,
)

router = APIRouter(prefix="/v1")
for part in ROUTERS:
    router.include_router(part)
