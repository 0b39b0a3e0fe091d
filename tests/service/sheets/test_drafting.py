"""From a sheet to its entry, on a position made by hand: pure, and to the paisa."""

from __future__ import annotations

from datetime import date

import pytest

from ledger.entries import AccountKey, Line
from ledger.positions import Account, Move, Position
from service.accounts import OWN, compulsory, voluntary
from service.loans.agreement import Agreement
from service.loans.contracts import Loan
from service.loans.plan import schedule
from service.loans.terms import Contract
from service.refusals import (
    DisbursementDiffers,
    LoanAlreadyPaidOut,
    LoanNotPaidOut,
    LoanOfAnother,
    LoanWrittenOff,
    Malformed,
)
from service.sheets import drafting
from service.sheets.sheet import Sheet, SheetLine, SheetLineKind
from tests.support.world import PRODUCTS

ON = date(2026, 2, 1)
BOOK = 7
NOTHING = Position({}, {})


def _sheet(*lines: SheetLine, counted: int | None, on: date = ON) -> Sheet:
    return Sheet("S-1", "CO-01", on, ("Zainab",), counted, lines)


def _line(kind: SheetLineKind, amount: int, loan: str | None = None) -> SheetLine:
    return SheetLine("Zainab", kind, amount, loan)


def _loan(product: str, principal: int) -> Loan:
    """A loan of CO-01 to Zainab, paid out on 1 January, due from 1 February."""
    agreement = Agreement(
        code="L-1",
        lender="CO-01",
        member="Zainab",
        organisation=None,
        product=product,
        principal=principal,
        applied_on=date(2026, 1, 1),
        approved_on=date(2026, 1, 1),
        resolution=None,
        disbursed_on=date(2026, 1, 1),
        first_due_on=ON,
        instalments=3,
        purpose=None,
    )
    contract = Contract(
        code="L-1",
        product=PRODUCTS[product],
        principal=principal,
        disbursed_on=agreement.disbursed_on,
        first_due_on=ON,
        instalments=3,
    )
    return Loan(agreement, contract, schedule(contract, ()), BOOK, None)


def _paid_out(loan: Loan, *, written_off: int = 0) -> Position:
    """The book once the loan is paid out, and perhaps written off."""
    position = Position({}, {}, {(BOOK, loan.code): {"5100": written_off}})
    moves = [Move(date(2026, 1, 1), reversal=False, debit=loan.agreement.principal, credit=0)]
    if written_off:
        moves.append(Move(ON, reversal=False, debit=0, credit=written_off))
    position.moved[BOOK, loan.asset] = moves
    return position


def _drafted(
    sheet: Sheet, position: Position = NOTHING, *, loan: Loan | None = None, history: bool = False
) -> tuple[Line, ...]:
    loans = {loan.code: loan} if loan else {}
    return drafting.draft(sheet, BOOK, loans, position, actor="clerk", history=history).lines


def _text(lines: tuple[Line, ...]) -> list[str]:
    return [
        f"{'dr' if line.debit else 'cr'} {line.account} {line.debit or line.credit}"
        for line in lines
    ]


@pytest.mark.parametrize(
    ("kind", "account"),
    [
        (SheetLineKind.SAVING_COMPULSORY, "2000 own Zainab"),
        (SheetLineKind.SAVING_VOLUNTARY, "2010 own Zainab"),
        (SheetLineKind.MEMBERSHIP_FEE, "4000 own"),
        (SheetLineKind.FINE, "4010 own"),
        (SheetLineKind.DONATION, "4200 own"),
    ],
)
def test_what_is_brought_is_credited_where_it_belongs(kind: SheetLineKind, account: str) -> None:
    """Cash in, and the member's savings or the group's income up."""
    lines = _drafted(_sheet(_line(kind, 500), counted=500))
    assert _text(lines) == ["dr 1000 own 500", f"cr {account} 500"]


def test_fees_fines_and_donations_name_the_member_that_they_are_of() -> None:
    """The account has no party, so the line says it."""
    lines = _drafted(_sheet(_line(SheetLineKind.FINE, 500), counted=500))
    assert lines[1].subject == "Zainab"


def test_lines_are_taken_in_the_order_of_their_kinds() -> None:
    """Whatever the order on the paper: a withdrawal may use what the same sheet brings."""
    sheet = _sheet(
        _line(SheetLineKind.WITHDRAWAL, 300),
        _line(SheetLineKind.SAVING_VOLUNTARY, 200),
        _line(SheetLineKind.SAVING_COMPULSORY, 100),
        counted=0,
    )
    assert _text(_drafted(sheet)) == [
        "dr 1000 own 300",
        "cr 1000 own 300",
        "cr 2000 own Zainab 100",
        "cr 2010 own Zainab 200",
        "dr 2010 own Zainab 200",
        "dr 2000 own Zainab 100",
    ]


def test_a_withdrawal_takes_voluntary_savings_as_far_as_every_later_day_allows() -> None:
    """Savings of 900 that a later sheet has drawn down to 400 give no more than 400."""
    account = Account(1, voluntary("Zainab"), None, -40_000, ((date(2026, 3, 1), 50_000),))
    position = Position({}, {(BOOK, voluntary("Zainab")): account})
    sheet = _sheet(_line(SheetLineKind.WITHDRAWAL, 60_000), counted=-60_000)
    assert _text(_drafted(sheet, position)) == [
        "cr 1000 own 60000",
        "dr 2010 own Zainab 40000",
        "dr 2000 own Zainab 20000",
    ]


@pytest.mark.parametrize(
    ("counted", "line"),
    [(500, None), (507, "cr 4990 own 7"), (490, "dr 5990 own 10"), (-1, "dr 5990 own 501")],
)
def test_the_count_makes_up_the_difference(counted: int, line: str | None) -> None:
    """Over or short, in the fund own; cash is what was counted."""
    lines = _drafted(_sheet(_line(SheetLineKind.FINE, 500), counted=counted))
    cash = sum(o.debit - o.credit for o in lines if o.account == AccountKey("1000", OWN))
    assert cash == counted
    assert _text(lines)[-1] == (line or "cr 4010 own 500")


def test_a_sheet_whose_cash_is_not_counted_is_refused() -> None:
    """A draft may wait for it; an entry may not."""
    with pytest.raises(Malformed, match="not counted yet"):
        _drafted(_sheet(_line(SheetLineKind.FINE, 500), counted=None))


def test_a_repayment_splits_into_charge_principal_and_what_is_over() -> None:
    """Flat 18% a year on 600 over three months is 27, and 23 too many are kept as savings."""
    loan = _loan("FLAT", 60_000)
    sheet = _sheet(_line(SheetLineKind.REPAYMENT, 65_000, "L-1"), counted=65_000)
    assert _text(_drafted(sheet, _paid_out(loan), loan=loan)) == [
        "dr 1000 own 65000",
        "cr 4100 own 2700",
        "cr 1300 own L-1 60000",
        "cr 2010 own Zainab 2300",
    ]


def test_money_of_another_fund_has_cash_of_its_own() -> None:
    """The principal is CIF; what is over, and what is counted too much, is own."""
    loan = _loan("QH-CIF", 60_000)
    sheet = _sheet(_line(SheetLineKind.REPAYMENT, 65_000, "L-1"), counted=65_100)
    assert _text(_drafted(sheet, _paid_out(loan), loan=loan)) == [
        "dr 1000 cif 60000",
        "dr 1000 own 5100",
        "cr 1300 cif L-1 60000",
        "cr 2010 own Zainab 5000",
        "cr 4990 own 100",
    ]


def test_a_disbursement_opens_the_loan() -> None:
    """Principal up, cash of the loan's fund down."""
    loan = _loan("QH-CIF", 60_000)
    sheet = _sheet(
        _line(SheetLineKind.DISBURSEMENT, 60_000, "L-1"), counted=-60_000, on=date(2026, 1, 1)
    )
    assert _text(_drafted(sheet, loan=loan)) == ["cr 1000 cif 60000", "dr 1300 cif L-1 60000"]


def test_a_history_may_pay_a_loan_out_twice_until_one_is_reversed() -> None:
    """A meeting that was entered twice stands twice for a while; a live one never does."""
    loan = _loan("QH", 60_000)
    again = _sheet(
        _line(SheetLineKind.DISBURSEMENT, 60_000, "L-1"), counted=-60_000, on=date(2026, 1, 1)
    )
    assert _drafted(again, _paid_out(loan), loan=loan, history=True)
    with pytest.raises(LoanAlreadyPaidOut):
        _drafted(again, _paid_out(loan), loan=loan)


@pytest.mark.parametrize(
    ("line", "on", "refusal"),
    [
        (_line(SheetLineKind.DISBURSEMENT, 59_999, "L-1"), date(2026, 1, 1), DisbursementDiffers),
        (_line(SheetLineKind.DISBURSEMENT, 60_000, "L-1"), ON, DisbursementDiffers),
        (_line(SheetLineKind.REPAYMENT, 100, "L-1"), ON, LoanNotPaidOut),
        (_line(SheetLineKind.REPAYMENT, 100), ON, Malformed),
        (SheetLine("Amina", SheetLineKind.REPAYMENT, 100, "L-1"), ON, LoanOfAnother),
    ],
)
def test_what_does_not_agree_with_the_loan_is_refused_and_names_its_line(
    line: SheetLine, on: date, refusal: type[Exception]
) -> None:
    """The refusal says which line it is about, so that a form can show it there."""
    loan = _loan("QH", 60_000)
    with pytest.raises(refusal) as refused:
        _drafted(_sheet(line, counted=0, on=on), loan=loan)
    assert getattr(refused.value, "about") is line  # noqa: B009 - every refusal has it


def test_a_repayment_of_a_written_off_loan_is_refused() -> None:
    """It is a recovery."""
    loan = _loan("QH", 60_000)
    sheet = _sheet(_line(SheetLineKind.REPAYMENT, 100, "L-1"), counted=100)
    with pytest.raises(LoanWrittenOff):
        _drafted(sheet, _paid_out(loan, written_off=60_000), loan=loan)


def test_a_loan_of_another_lender_is_refused() -> None:
    """The meeting is of CO-02, the loan of CO-01."""
    loan = _loan("QH", 60_000)
    line = _line(SheetLineKind.REPAYMENT, 100, "L-1")
    sheet = Sheet("S-1", "CO-02", ON, ("Zainab",), 100, (line,))
    with pytest.raises(LoanOfAnother, match="between CO-01 and Zainab, not between CO-02"):
        _drafted(sheet, _paid_out(loan), loan=loan)


def test_a_sheet_asks_for_every_account_that_it_may_move() -> None:
    """What is not read under the lock could be opened a second time."""
    loan = _loan("QH-CIF", 60_000)
    lines = (
        _line(SheetLineKind.REPAYMENT, 65_000, "L-1"),
        _line(SheetLineKind.WITHDRAWAL, 100),
        _line(SheetLineKind.DONATION, 100),
    )
    sheet = _sheet(*lines, counted=65_001)
    asked = drafting.reads(sheet, BOOK, {"L-1": loan})
    moved = {(BOOK, line.account) for line in _drafted(sheet, _paid_out(loan), loan=loan)}
    assert moved <= asked.accounts
    assert {(BOOK, compulsory("Zainab")), (BOOK, voluntary("Zainab"))} <= asked.accounts
    assert (asked.books, asked.since) == (frozenset([BOOK]), ON)
