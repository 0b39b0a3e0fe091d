"""Everything the institutions' rules refuse, beside what the engine refuses.

Codes are stable; `api/errors.py` maps them to HTTP, `docs/reference/errors.md` explains them.
"""

from __future__ import annotations

from ledger.refusals import Refusal


class NotFound(Refusal):
    """There is nothing of this code."""

    code = "not_found"


class AlreadyExists(Refusal):
    """The code belongs to something else already."""

    code = "already_exists"


class Malformed(Refusal):
    """The request contradicts itself or leaves something out."""

    code = "malformed"


class VersionChanged(Refusal):
    """Somebody changed it in the meantime; read it again."""

    code = "version_changed"


class BoxChanged(Refusal):
    """The cash box held something else before the meeting than its count was made from."""

    code = "box_changed"


class FederationContradicts(Refusal):
    """An organisation has one parent or none on any day, and never itself above it."""

    code = "federation_contradicts"


class NotTheParent(Refusal):
    """A fee goes to the organisation that one belongs to on that day."""

    code = "not_the_parent"


class MemberOfAnother(Refusal):
    """The member belongs to another organisation."""

    code = "member_of_another"


class LoanOfAnother(Refusal):
    """The loan is not between this lender and this borrower."""

    code = "loan_of_another"


class StepNotAllowed(Refusal):
    """The loan is not in a state in which this is done: the reference has the table."""

    code = "step_not_allowed"


class OwnLoan(Refusal):
    """Nobody decides on a loan that she applied for, entered, or is to get."""

    code = "own_loan"


class NotEligible(Refusal):
    """The lending rules do not lend so much, or not to this borrower."""

    code = "not_eligible"


class LoanCancelled(Refusal):
    """The loan was approved, and cancelled before it was paid out."""

    code = "loan_cancelled"


class LoanNotPaidOut(Refusal):
    """The loan is not paid out by that day."""

    code = "loan_not_paid_out"


class LoanAlreadyPaidOut(Refusal):
    """A loan is paid out once, in full."""

    code = "loan_already_paid_out"


class GuarantorsMissing(Refusal):
    """A loan is paid out once as many members stand surety for it as its product asks for."""

    code = "guarantors_missing"


class GuaranteeNeeded(Refusal):
    """While a loan runs, its security is replaced by as much and never lowered."""

    code = "guarantee_needed"


class LoanWrittenOff(Refusal):
    """What comes in on a written-off loan is a recovery, not a repayment."""

    code = "loan_written_off"


class LoanNotWrittenOff(Refusal):
    """Only a written-off loan has recoveries; this one has repayments."""

    code = "loan_not_written_off"


class DisbursementDiffers(Refusal):
    """A disbursement has the amount and the day of its loan."""

    code = "disbursement_differs"


class RepaymentAboveOwed(Refusal):
    """An organisation repays no more than it owes."""

    code = "repayment_above_owed"


class WriteOffNotWhole(Refusal):
    """A write-off takes the whole outstanding principal."""

    code = "write_off_not_whole"


class ReserveTooSmall(Refusal):
    """The loan-loss reserve does not hold so much on that day, or on a later one."""

    code = "reserve_too_small"


class SchemeContradicts(Refusal):
    """The classes of a reserve scheme contradict each other, or leave a gap."""

    code = "scheme_contradicts"


class RefinanceFallsShort(Refusal):
    """A loan that pays off another is as much as that takes, and its fees."""

    code = "refinance_falls_short"


class NothingToAccrue(Refusal):
    """No loan of the fund has earned charge that is not income already."""

    code = "nothing_to_accrue"


class AccruedLater(Refusal):
    """Charge is accrued in the order of days, and a later day is accrued already."""

    code = "accrued_later"


class NothingSaved(Refusal):
    """A settlement is made out of savings, and the member has none."""

    code = "nothing_saved"


class YearClosed(Refusal):
    """A year is closed once, and years are closed in their order."""

    code = "year_closed"


class NothingToClose(Refusal):
    """No income and no costs are open at the end of the year."""

    code = "nothing_to_close"


class SheetNotDraft(Refusal):
    """A closed sheet is corrected by a reversal, never changed."""

    code = "sheet_not_draft"


class SheetNotClosed(Refusal):
    """Only a closed sheet can be reversed."""

    code = "sheet_not_closed"


class NotSignedIn(Refusal):
    """Say first who you are: sign in."""

    code = "not_signed_in"


class Forbidden(Refusal):
    """Your roles do not allow this there."""

    code = "forbidden"


class SheetNotSubmitted(Refusal):
    """Only a submitted sheet that waits for nobody is taken back."""

    code = "sheet_not_submitted"


class RequestDecided(Refusal):
    """The request waits no longer: somebody decided it, or its maker withdrew it."""

    code = "request_decided"


class OwnRequest(Refusal):
    """Nobody decides on what they asked for themselves, whatever roles they hold."""

    code = "own_request"


class NotTheMaker(Refusal):
    """Only who asked for it withdraws a request."""

    code = "not_the_maker"


class SignInRefused(Refusal):
    """The name, or what is to prove it, is wrong."""

    code = "sign_in_refused"


class TooManyAttempts(Refusal):
    """Too many attempts failed in a row; wait before the next."""

    code = "too_many_attempts"

    def __init__(self, wait: int) -> None:
        super().__init__(f"Too many attempts failed. Try again in {wait} seconds.")
        self.wait = wait
        """In seconds."""


class PasswordWeak(Refusal):
    """A password is long enough and not easily guessed."""

    code = "password_weak"


class PinWeak(Refusal):
    """A PIN is not easily guessed."""

    code = "pin_weak"


class DeviceUnknown(Refusal):
    """A PIN belongs to a device that is registered; this is none."""

    code = "device_unknown"


class OwnAppointment(Refusal):
    """Nobody appoints themselves, or ends or restores an appointment or an account of their own."""

    code = "own_appointment"


class RequestWaits(Refusal):
    """It waits for a second officer; withdraw the request first."""

    code = "request_waits"


class DifferenceChanged(Refusal):
    """It would do something else by now than what was asked and seen."""

    code = "difference_changed"
