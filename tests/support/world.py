"""A small federation to act in: real actions on a real database, with a clock of the test's own.

Members are known by their names, amounts are paisa, and everything happens in the evening
of the day that the test gives. `told` reads entries back as an accountant writes them.
"""

from __future__ import annotations

from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from typing import TYPE_CHECKING, Final

from ledger.calendar import BUSINESS_ZONE
from ledger.money import Rounding, parse_rupees, rupees
from service import federation, members, organisations
from service.accounts import PaidBy
from service.books import read_books, write_books
from service.events import actions as event_actions
from service.events import store as event_store
from service.events.event import Event, EventKind
from service.federation import Membership
from service.imports.registering import product as product_of
from service.imports.rows import ProductRow
from service.loans import contracts
from service.loans.contracts import Agreement
from service.loans.terms import Charge, ChargeBasis, Frequency, OnHoliday, RatePer
from service.members import Gender, Member
from service.organisations import Organisation, OrganisationKind
from service.imports.kinds import Repayment
from service.accounts import Fund
from service.sheets import actions as sheet_actions
from service.sheets.sheet import Sheet, SheetLine, SheetLineKind

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Sequence

    from sqlalchemy.ext.asyncio import AsyncEngine

    from fractions import Fraction
    from ledger.entries import Entry
    from ledger.posting import Posted
    from service.books import Books, WritableBooks
    from service.sheets.store import StoredSheet
