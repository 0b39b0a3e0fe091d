"""What the accounts of the chart are called, in words for a page."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from api.web.reader import Reader


def _(message: str) -> str:
    """Marks a string for the catalogues; it is said where the reader is known."""
    return message


TITLES: Final = {
    "1000": _("Cash in hand"),
    "1010": _("Cash in transit"),
    "1100": _("Bank account"),
    "1110": _("Mobile wallet"),
    "1200": _("Deposits placed with VO / LSO"),
    "1300": _("Loans to members, principal"),
    "1310": _("Loans to organisations, principal"),
    "1320": _("Service charge receivable"),
    "1390": _("Loan-loss reserve"),
    "1400": _("Due from organisations"),
    "1500": _("Equipment and in-kind assets"),
    "2000": _("Member savings, compulsory"),
    "2010": _("Member savings, voluntary"),
    "2100": _("Deposits from member organisations"),
    "2200": _("Borrowings"),
    "2300": _("Due to organisations"),
    "2400": _("Grants to pass on (IGG)"),
    "3000": _("General fund, accumulated surplus"),
    "3100": _("Community Investment Fund capital"),
    "3200": _("Endowment, donated equity"),
    "3900": _("Opening balances"),
    "4000": _("Membership fees"),
    "4010": _("Fines"),
    "4100": _("Service charges on loans"),
    "4200": _("Local donations, cash"),
    "4210": _("Local donations, in kind"),
    "4310": _("Grants, government"),
    "4320": _("Grants, donors"),
    "4330": _("Grants, NGOs"),
    "4340": _("Grants, private sector"),
    "4350": _("Grants, RSP"),
    "4400": _("Bank profit"),
    "4900": _("Recoveries and other income"),
    "4990": _("Cash over"),
    "5000": _("Running costs"),
    "5100": _("Loan losses"),
    "5200": _("Profit paid to savers"),
    "5300": _("Zakat, tax and bank charges withheld"),
    "5900": _("In-kind contributions used"),
    "5990": _("Cash short"),
}
"""By the code of the account; a test compares them with the chart."""


def title(reader: Reader, code: str) -> str:
    """What an account is called."""
    return reader.says(TITLES[code]) if code in TITLES else code
