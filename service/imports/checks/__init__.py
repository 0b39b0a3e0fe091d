"""Everything that must hold between the ten files, as far as the files alone can show it.

Each check is a function from all rows to problems, and each stands alone: it passes over
what another check reports. What depends on balances is found when the rows are posted.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from service.imports.checks import (
    codes,
    doubts,
    event_loans,
    events,
    federation,
    lending,
    people,
    reversals,
    sheets,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from service.imports.problems import Findings, Problem
    from service.imports.registers import Known

    Check = Callable[[Known], Iterator[Problem]]

CHECKS: Final[tuple[Check, ...]] = (
    codes.codes_used_twice,
    federation.federation_codes,
    federation.empty_periods,
    federation.two_parents,
    federation.circles,
    people.members_of_no_co,
    people.members_gone_before_they_came,
    people.nomination_codes,
    people.nominations_used_twice,
    lending.products_in_contradiction,
    lending.loan_codes,
    lending.grace_without_end,
    sheets.sheet_rows,
    sheets.sheet_line_rows,
    sheets.sheet_lines_used_twice,
    sheets.sheet_line_loans,
    events.event_rows,
    events.event_columns,
    events.event_counterparties,
    events.fees_to_others,
    event_loans.event_loan_codes,
    event_loans.event_loans,
    reversals.reversals,
    reversals.loans_paid_out_twice,
    codes.moments_used_twice,
    codes.amounts_beyond_reach,
)
"""What refuses a bundle."""

DOUBTS: Final[tuple[Check, ...]] = (
    doubts.odd_organisations,
    doubts.odd_members,
    doubts.odd_sheets,
    doubts.odd_events,
    doubts.loans_never_paid_out,
    doubts.histories_before_their_organisation,
)
"""What is worth a look, and refuses nothing."""


def check(known: Known, findings: Findings) -> None:
    """Run every check; raises `EnoughProblems` when the list of problems is full."""
    for find in CHECKS:
        findings.refuse(find(known))
    for doubt in DOUBTS:
        findings.warn(doubt(known))
