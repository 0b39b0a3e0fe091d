"""A loan tried on the command line: terms from a file, what comes of it as tables."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pydantic import ValidationError
from rich.console import Group
from rich.table import Table
from rich.text import Text

from api.v1.loan_previews import PreviewAsked
from ledger.money import grouped_rupees

if TYPE_CHECKING:
    from api.v1.loan_previews import PreviewAnswer


class TermsMalformed(ValueError):
    """What stands in the file is no loan to try."""


def tried(text: str) -> PreviewAnswer:
    """What comes of the loan that a text in JSON describes, as for `POST /v1/loan-previews`.

    Without books there are no products to name, and no holidays. Raises `TermsMalformed`, and what
    contradicts itself.
    """
    try:
        asked = PreviewAsked.model_validate_json(text)
    except ValidationError as trouble:
        said = (f"{'.'.join(map(str, one['loc']))}: {one['msg']}" for one in trouble.errors())
        raise TermsMalformed("; ".join(said)) from None
    if asked.terms is None:
        raise TermsMalformed("product: there are no books here to find it in. Give terms.")
    return asked.tried(asked.product_of(asked.terms), [])


def tables(found: PreviewAnswer) -> Group:
    """The instalments, the payments, and what it all comes to."""
    parts = _table("Instalment", "Due", "Principal", "Charge", "Fine", "Unpaid", "")
    for part in found.instalments:
        unpaid = part.unpaid_principal + part.unpaid_charge + part.unpaid_fine
        amounts = map(grouped_rupees, (part.principal, part.charge, part.fine, unpaid))
        parts.add_row(str(part.n), str(part.due_on), *amounts, "overdue" if part.overdue else "")
    payments = _table("Paid", "Amount", "Fine", "Charge", "Principal", "Over")
    for paid in found.payments:
        amounts = map(
            grouped_rupees, (paid.amount, paid.fine, paid.charge, paid.principal, paid.over)
        )
        payments.add_row(str(paid.on), *amounts)
    return Group(parts, *([payments] if found.payments else []), Text("\n".join(_sums(found))))


def _sums(found: PreviewAnswer) -> list[str]:
    figures = found.figures
    overdue = figures.overdue_principal + figures.overdue_charge + figures.overdue_fine
    cost = found.yearly_cost_percent
    standing = (
        f"On {figures.as_of}: outstanding {grouped_rupees(figures.outstanding_principal)},"
        f" overdue {grouped_rupees(overdue)}, {figures.days_past_due} days late;"
        f" {grouped_rupees(found.pay_off)} pay it off."
    )
    costs = (
        f"Charge {grouped_rupees(found.total_charge)}, fees {grouped_rupees(found.total_fees)},"
        f" fines {grouped_rupees(found.total_fines)}."
    )
    yearly = [] if cost is None else [f"It costs {cost:.2f} % a year."]
    return [standing, " ".join([costs, *yearly])]


def _table(first: str, *others: str) -> Table:
    table = Table(box=None, pad_edge=False)
    table.add_column(first)
    for name in others:
        table.add_column(name, justify="right")
    return table
