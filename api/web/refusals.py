"""What a refusal means, in words for a page; the sentence of the service stands beneath."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final, NamedTuple

from api import errors

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
}
"""By the stable code of the refusal."""
SAYS_ALL: Final = frozenset(
    {"sign_in_refused", "not_signed_in", "device_unknown", "path_unknown", "too_many_attempts"}
)
"""Those of which the service's own sentence says no more."""
ELSE: Final = _("This could not be done.")
DETAILS: Final = frozenset(
    {
        _("An amount is written like 1680.00, a day like 20-11-2026."),
        _("The two are not the same. Choose six digits again."),
        _("This is missing. Fill it in."),
        _("See what stands beside each field."),
        _("This is missing. Choose who you are, and enter your PIN."),
        _("Say why it is refused."),
        _("Tick whoever pays, or take her amounts away."),
        _("Nothing is different from what was written. Change what is wrong."),
    }
)
"""The sentences of the pages' own forms; those of the service are in English."""
_FIELD: Final = re.compile(r"^[a-z_]+: (.)")


class Shown(NamedTuple):
    """A refusal as a page says it."""

    code: str
    means: str
    detail: str
    status: int
    translated: bool = False
    """Whether the detail, too, is in the reader's language."""


def shown(reader: Reader, found: errors.Said) -> Shown:
    """A refusal, for a reader."""
    detail = "" if found.code in SAYS_ALL else found.detail
    means = reader.says(MEANS.get(found.code, ELSE))
    own = _FIELD.sub(lambda field: field[1].upper(), detail, count=1)
    if own in DETAILS:
        return Shown(found.code, means, reader.says(own), found.status, translated=True)
    return Shown(found.code, means, detail, found.status)


def of_error(reader: Reader, error: Exception | None) -> Shown | None:
    """What an error means, for a reader; nothing, where there was none."""
    return None if error is None else shown(reader, errors.said(reader.request, error))
