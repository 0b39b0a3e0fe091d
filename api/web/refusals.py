"""What a refusal means, in words for a page; beneath it the sentence of the service."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from api import errors
from api.web import sentences

if TYPE_CHECKING:
    from api.web.reader import Reader


def _(message: str) -> str:
    """Marks a string for the catalogues; it is said where the reader is known."""
    return message


MEANS: Final = {
    "not_signed_in": _("Sign in first."),
    "sign_in_refused": _("The name, or what proves that it is you, is wrong. Try again."),
    "too_many_attempts": _("Too many attempts. Wait a little, then try again."),
    "too_many_requests": _("Too much at once. Wait a little, then try again."),
    "forbidden": _("You may not do this. Ask someone who may."),
    "not_found": _("There is no such thing here."),
    "path_unknown": _("There is no such page."),
    "pin_weak": _("This PIN is too easy to guess. Choose another."),
    "device_unknown": _("This phone is not registered. Sign in with your password."),
    "malformed": _("Something is not filled in right. See below."),
    "money_malformed": _("An amount is not written right. Write it like 1680.00."),
    "already_exists": _("This is written already, with other figures."),
    "key_reused": _("This was sent already, with other figures."),
    "sheet_not_draft": _("This sheet is written already. Ask for a correction."),
    "request_waits": _("This waits for a second officer already."),
    "own_request": _("You asked for this yourself. Another officer decides."),
    "request_decided": _("This is decided already."),
    "difference_changed": _("The books have moved on. Refuse this, and ask again."),
    "version_changed": _("Somebody else has changed this. Look at it again."),
    "box_changed": _("The cash box has changed since it was counted from."),
    "member_of_another": _("She is no member here any more."),
    "loan_of_another": _("This loan is not hers."),
    "loan_not_paid_out": _("This loan is not paid out yet."),
    "loan_already_paid_out": _("This loan is paid out already."),
    "loan_cancelled": _("This loan is cancelled."),
    "loan_written_off": _("This loan is written off. Enter the money as a recovery."),
    "guarantors_missing": _("Guarantors are still missing for this loan."),
    "not_eligible": _("By the rules of this loan she cannot have it."),
    "floor_passed": _("There is not so much there."),
    "savings_pledged": _("These savings are pledged for a loan."),
    "period_closed": _("The books are closed up to this day."),
    "dated_in_future": _("This day is still to come."),
    "entry_empty": _("Nothing is filled in."),
    "own_appointment": _("Nobody does this for themselves. Ask another administrator."),
    "federation_contradicts": _("It cannot belong there from that day. Choose another one."),
    "bundle_refused": _("These files cannot be loaded yet. All that is to be mended stands below."),
    "body_too_large": _("This is too large to be sent here."),
    "own_loan": _("This concerns your own money. Another officer decides."),
    "paper_too_long": _("This is too long for a paper. Choose fewer days, or take XLSX or CSV."),
    "papers_unavailable": _("Papers cannot be made here. Whoever runs the service is to be told."),
    "too_busy": _("Very many are at work. Try again in a moment; nothing is lost."),
    "database_unavailable": _("The books cannot be reached. Try again; nothing is lost."),
    "timed_out": _("This took too long. Try again; nothing counts twice."),
    "account_faces_another": _("This account belongs to dealings with another organisation."),
    "accrued_later": _("The service charge of a later day is income already."),
    "already_reversed": _("This is taken back already."),
    "body_too_slow": _("This arrived too slowly. Send it again; nothing counts twice."),
    "book_unknown": _("There is no such book."),
    "closing_moves_money": _("Closing a year moves no money."),
    "code_unknown": _("There is no such account in the chart."),
    "contract_contradicts": _("This loan does not fit its rules."),
    "product_contradicts": _("These rules contradict each other."),
    "disbursement_differs": _("This is not how the loan was agreed."),
    "entry_unbalanced": _("Debits and credits are not equal."),
    "guarantee_needed": _("This loan still needs its surety."),
    "halves_disagree": _("The two books of this transfer do not agree."),
    "if_match_missing": _("It does not say what it changes. Open the page again."),
    "line_malformed": _("A line of this is not right."),
    "loan_not_written_off": _("This loan is not written off. Enter the money as a repayment."),
    "moment_unsettled": _(
        "Something of that moment may still be on its way. Ask for an earlier one."
    ),
    "not_the_maker": _("Somebody else asked for this. Refuse it instead."),
    "not_the_parent": _("It does not belong to that organisation on this day."),
    "nothing_saved": _("There are no savings to settle with."),
    "nothing_to_accrue": _("There is no service charge to take as income."),
    "nothing_to_close": _("There is no income and no cost to close."),
    "password_weak": _("This password is too easy to guess. Choose another."),
    "refinance_falls_short": _("The new loan does not pay off the old one."),
    "repayment_above_owed": _("This is more than is owed."),
    "reserve_too_small": _("There is not so much in the reserve."),
    "reversal_of_reversal": _("What was taken back is entered again, not taken back once more."),
    "reversal_too_early": _("Nothing is taken back before the day it was written for."),
    "scheme_contradicts": _("The classes of the reserve do not fit together."),
    "sheet_not_closed": _("This sheet is not written yet."),
    "sheet_not_submitted": _("This sheet waits for nobody."),
    "step_not_allowed": _("This cannot be done with the loan now."),
    "text_malformed": _("A text is too long, or has a character that cannot be kept."),
    "unexpected": _("Something went wrong here. Nothing was kept; try again."),
    "write_off_not_whole": _("The whole principal that is left is written off, or none."),
    "year_closed": _("This year is closed already."),
    "not_ready": _("The service is being set up. Try again in a moment."),
}
"""By the stable code of the refusal."""
SAYS_ALL: Final = frozenset(
    {"sign_in_refused", "not_signed_in", "device_unknown", "path_unknown", "too_many_attempts"}
)
"""Those of which the service's own sentence says no more."""
ELSE: Final = _("This could not be done.")


class Shown(NamedTuple):
    """A refusal as a page says it."""

    code: str
    means: str
    detail: str
    status: int
    translated: bool = False
    """Whether the detail, too, is in the reader's language."""


def shown(reader: Reader, code: str, detail: str, status: int) -> Shown:
    """A refusal by its code, its sentence and its status, for a reader."""
    detail = "" if code in SAYS_ALL else detail
    means = reader.says(MEANS.get(code, ELSE))
    words = sentences.said(reader, detail) if detail else None
    return Shown(code, means, words or detail, status, translated=bool(words))


def of_error(reader: Reader, error: Exception | None) -> Shown | None:
    """What an error means, for a reader; nothing, where there was none."""
    if error is None:
        return None
    found = errors.said(reader.request, error)
    return shown(reader, found.code, found.detail, found.status)
