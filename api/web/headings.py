"""What statements and reports are called, and their columns and cells: in words for a page.

The service names them for programs (`entry_no`); here is what a reader is told instead. A test
holds this against all that there are.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from api.web import sentences

if TYPE_CHECKING:
    from api.web.reader import Reader


def _(message: str) -> str:
    """Marks a string for the catalogues; it is said where the reader is known."""
    return message


TITLES: Final = {
    "day-book": _("Day book"),
    "cash-book": _("Cash book"),
    "general-ledger": _("General ledger"),
    "account-statement": _("Statement of an account"),
    "trial-balance": _("Trial balance"),
    "receipts-and-payments": _("Receipts and payments"),
    "income-and-expenditure": _("Income and expenditure"),
    "balance-sheet": _("Balance sheet"),
    "dcbo": _("Demand, collection, balance, overdue"),
    "on-time-collection": _("On-time collection"),
    "cif-statement": _("Statement of the Community Investment Fund"),
    "reversal-log": _("Reversals"),
    "number-gaps": _("Gaps in the numbers"),
    "passbook": _("Passbook"),
    "journal": _("Journal"),
    "schedules": _("Loan schedules"),
    "member-savings": _("Members' savings"),
    "rollup": _("Roll-up and consolidation"),
    "loans": _("Loans"),
    "par": _("Loans at risk (PAR)"),
    "portfolio": _("Loans at risk, loans maturing"),
    "mobilisation": _("Resources mobilised"),
}
"""By the name of a statement or report."""

COLUMNS: Final = {
    "about": _("About"),
    "account": _("Account"),
    "actor": _("By"),
    "after": _("Up to before"),
    "ahead": _("Paid ahead"),
    "ahead_before": _("Paid ahead before"),
    "amount": _("Amount"),
    "as_of": _("As on"),
    "balance": _("Balance"),
    "borrower": _("Borrower"),
    "brought_forward": _("Brought forward"),
    "carried_forward": _("Carried forward"),
    "category": _("Category"),
    "charge": _("Service charge"),
    "closing": _("Closing"),
    "closing_eliminated": _("Closing, eliminated"),
    "code": _("Code"),
    "compulsory": _("Regular saving"),
    "consolidated": _("Consolidated"),
    "covered": _("Covered"),
    "credit": _("Credit"),
    "credit_eliminated": _("Credit, eliminated"),
    "days": _("Days late"),
    "days_past_due": _("Days late"),
    "debit": _("Debit"),
    "debit_eliminated": _("Debit, eliminated"),
    "demand": _("Demand"),
    "denominator": _("Of"),
    "due_charge": _("Charge due"),
    "due_on": _("Due on"),
    "due_principal": _("Principal due"),
    "eliminated": _("Eliminated"),
    "entry_no": _("Voucher"),
    "event": _("Document"),
    "fallen_due": _("Fallen due"),
    "first_no": _("First number"),
    "fund": _("Fund"),
    "given": _("Given"),
    "kind": _("Kind"),
    "known_by": _("As known on"),
    "last_no": _("Last number"),
    "late": _("Paid late"),
    "loan": _("Loan"),
    "measure": _("Measure"),
    "meeting_on": _("Meeting"),
    "member": _("Member"),
    "moved": _("Moved"),
    "moved_eliminated": _("Moved, eliminated"),
    "n": _("Line"),
    "narrative": _("What for"),
    "node": _("Organisation"),
    "numerator": _("At risk"),
    "on": _("Day"),
    "on_time": _("Paid on time"),
    "on_time_percent": _("On time, in a hundred"),
    "opening": _("Opening"),
    "opening_eliminated": _("Opening, eliminated"),
    "org": _("Organisation"),
    "organisation": _("Organisation"),
    "outstanding": _("Loan left"),
    "outstanding_principal": _("Principal left"),
    "overdue": _("Overdue"),
    "overdue_charge": _("Overdue charge"),
    "overdue_fine": _("Overdue fine"),
    "overdue_principal": _("Overdue principal"),
    "paid": _("Paid out"),
    "paid_charge": _("Charge paid"),
    "paid_fine": _("Fine paid"),
    "paid_principal": _("Principal paid"),
    "part": _("Section"),
    "party": _("For whom"),
    "period": _("Period"),
    "posted_at": _("Written on"),
    "posted_before": _("Written before"),
    "principal": _("Principal"),
    "received": _("Received"),
    "reference": _("Document"),
    "rescheduled": _("Rescheduled"),
    "returned": _("Returned"),
    "reversed_actor": _("Was written by"),
    "reversed_posted_at": _("Was written on"),
    "reversed_reference": _("Was of document"),
    "reversed_value_date": _("Was of day"),
    "reverses": _("Reverses voucher"),
    "subject": _("About"),
    "tier": _("Tier"),
    "total": _("Total"),
    "unpaid": _("Unpaid"),
    "value_date": _("Day"),
    "voluntary": _("Extra saving"),
    "what": _("What was found"),
    "written_off": _("Written off"),
}
"""By the name of a column."""

CELLS: Final = {
    "part": {
        "opening": _("Opening"),
        "line": "",
        "closing": _("Closing"),
        "receipts": _("Received"),
        "payments": _("Paid out"),
        "moved": _("Moved with an organisation"),
        "income": _("Income"),
        "expenditure": _("Expenditure"),
        "surplus": _("Surplus"),
        "assets": _("Assets"),
        "liabilities": _("Liabilities"),
        "funds": _("Funds"),
        "capital": _("Capital"),
        "borrowed": _("Borrowed"),
        "lent": _("Lent"),
        "eliminated": _("Eliminated"),
    },
    "kind": {"normal": "", "reversal": _("Reversal"), "close": _("Closing of the year")},
    "fund": {"own": _("Own"), "cif": _("CIF"), "igg": _("IGG"), "project": _("Project")},
    "tier": {
        "outside": _("From outside"),
        "member": _("Member"),
        "CO": _("CO"),
        "VO": _("VO"),
        "LSO": _("LSO"),
    },
    "category": {
        "savings_deposited": _("Savings"),
        "savings_withdrawn": _("Savings withdrawn"),
        "membership_fees": _("Membership fees"),
        "fines": _("Fines"),
        "donations_cash": _("Local donations, cash"),
        "donations_in_kind": _("Local donations, in kind"),
        "government": _("Grants, government"),
        "donors": _("Grants, donors"),
        "ngos": _("Grants, NGOs"),
        "private_sector": _("Grants, private sector"),
        "rsp": _("Grants, RSP"),
    },
    "what": {"missing": _("Missing"), "moment steps back": _("Steps back in time")},
}
"""By the name of a column, what is said for what the service has in it."""

MEASURES: Final = {
    "par": _("More than %(n)s days late"),
    "par_or_rescheduled": _("More than %(n)s days late, or rescheduled"),
    "rescheduled": _("Rescheduled"),
    "maturing": _("Ends within %(n)s days"),
}
"""What a portfolio is measured by, of how many days."""


def title(reader: Reader, name: str) -> str:
    """What a statement or report is called."""
    return reader.says(TITLES[name]) if name in TITLES else name


def column(reader: Reader, name: str) -> str:
    """What a column is called."""
    return reader.says(COLUMNS[name]) if name in COLUMNS else name


def cell(reader: Reader, column_name: str, said: str) -> str:
    """What stands in a column for a text of the service: words, or else the text itself."""
    if column_name == "measure":
        return _measure(reader, said)
    if column_name == "narrative":
        return sentences.told(reader, said)
    words = CELLS.get(column_name, {}).get(said)
    return said if words is None else words and reader.says(words)


def _measure(reader: Reader, said: str) -> str:
    days = "".join(filter(str.isdecimal, said))
    kind = said.replace(f"_{days}", "", 1)
    return reader.says(MEASURES[kind]) % {"n": days} if kind in MEASURES else said
