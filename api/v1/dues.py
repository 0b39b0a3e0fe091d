"""What a coming meeting is to bring, and its sheet, filled in from that."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any

from fastapi import APIRouter, Query
from pydantic import Field

from api.dependencies import KnownBy, ReadBooks
from api.errors import declared
from api.fields import Answer, Code, Day, Rupees
from ledger.refusals import MomentUnsettled
from service.collection import dues
from service.collection.dues import BorrowerDue, LoanDue, MeetingDues, Owed, Parts
from service.refusals import NotFound
from service.sheets.sheet import SheetLineKind

router = APIRouter(tags=["loans"])


class PartsAnswer(Answer):
    """An amount by what it is for."""

    principal: Rupees
    charge: Rupees
    fine: Rupees
    total: Rupees

    @classmethod
    def of(cls, found: Parts) -> PartsAnswer:
        """The answer for an amount."""
        return cls(**found._asdict(), total=found.total)


class OwedAnswer(Answer):
    """What the meeting is to bring: of one loan, or of several."""

    overdue: PartsAnswer = Field(description="Of loans in arrears: fallen due and not paid.")
    in_grace: PartsAnswer = Field(
        description="Fallen due and not paid, of loans within their days of grace."
    )
    falling_due: PartsAnswer = Field(
        description="From the day after `as_of` to the meeting, less what is paid ahead."
    )
    to_pay: PartsAnswer = Field(description="All three together.")
    pay_off: Rupees = Field(description="What closes it on the day of the meeting, fines and all.")

    @classmethod
    def of(cls, found: Owed) -> OwedAnswer:
        """The answer for what is owed."""
        return cls(**_owed(found))


class LoanDueAnswer(OwedAnswer):
    """What the meeting is to bring of one loan."""

    loan: str
    fund: str
    outstanding_principal: Rupees
    days_past_due: int

    @classmethod
    def of_loan(cls, found: LoanDue) -> LoanDueAnswer:
        """The answer for a loan."""
        return cls(
            loan=found.loan,
            fund=found.fund,
            outstanding_principal=found.outstanding,
            days_past_due=found.days_past_due,
            **_owed(found.owed),
        )


class BorrowerDueAnswer(Answer):
    """A member, or an organisation that borrows: what she usually saves, and her loans."""

    member: str | None
    organisation: str | None
    name: str | None = Field(description="Null where whoever asks may not see it.")
    usual_saving: Rupees = Field(
        description="Her compulsory saving when she last saved; 0.00 where she never did."
    )
    loans: list[LoanDueAnswer]
    totals: OwedAnswer

    @classmethod
    def of(cls, found: BorrowerDue) -> BorrowerDueAnswer:
        """The answer for a borrower."""
        return cls(
            member=found.member,
            organisation=found.organisation,
            name=found.name,
            usual_saving=found.usual_saving,
            loans=[LoanDueAnswer.of_loan(loan) for loan in found.loans],
            totals=OwedAnswer.of(found.owed),
        )


class PrefilledLine(Answer):
    """A line as a sheet takes it."""

    member: str
    kind: SheetLineKind
    amount: Rupees
    loan: str | None


class DuesAnswer(Answer):
    """What the meeting of a day is to bring."""

    organisation: str
    on: date
    as_of: date = Field(description="The day at whose close it was so.")
    saved_on: date | None = Field(description="The last closed meeting before.")
    items: list[BorrowerDueAnswer] = Field(
        description="The members of the organisation and everybody else who owes it."
    )
    totals: OwedAnswer
    usual_saving: Rupees
    prefilled: list[PrefilledLine] = Field(
        description="The lines of its sheet, if every member saves and pays so."
    )

    @classmethod
    def of(cls, found: MeetingDues) -> DuesAnswer:
        """The answer for a meeting."""
        return cls(
            organisation=found.organisation,
            on=found.on,
            as_of=found.as_of,
            saved_on=found.saved_on,
            items=[BorrowerDueAnswer.of(one) for one in found.borrowers],
            totals=OwedAnswer.of(found.owed),
            usual_saving=found.usual_saving,
            prefilled=[
                PrefilledLine(member=m, kind=kind, amount=amount, loan=loan)
                for m, kind, amount, loan in (
                    (line.member, line.kind, line.amount, line.loan) for line in found.lines
                )
            ],
        )


def _owed(found: Owed) -> dict[str, Any]:
    return {
        "overdue": PartsAnswer.of(found.overdue),
        "in_grace": PartsAnswer.of(found.in_grace),
        "falling_due": PartsAnswer.of(found.falling_due),
        "to_pay": PartsAnswer.of(found.to_pay),
        "pay_off": found.pay_off,
    }


@router.get("/organisations/{code}/dues", responses=declared(NotFound, MomentUnsettled))
async def get_dues(
    code: Code,
    books: ReadBooks,
    on: Annotated[Day, Query(description="The day of the meeting.")],
    as_of: Annotated[
        Day | None,
        Query(
            description="As known at the close of this day; without it today, or the day before"
            " the meeting where that is earlier."
        ),
    ] = None,
    known_by: KnownBy = None,
) -> DuesAnswer:
    """What a meeting of a lender is to bring: per borrower and loan, and as lines of its sheet."""
    found = await dues.of_meeting(books, code, on, as_of=as_of, known_by=known_by)
    return DuesAnswer.of(found)
