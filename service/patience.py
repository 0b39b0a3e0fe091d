"""How long PostgreSQL bears with a transaction: with what people wait for, and with steady work.

The server ends what takes longer, also for a process that is frozen, or gone without a word.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

STEADY: Final = "amanat job"
"""What the server shows a transaction of the house's steady work as."""
FOR_PERSONS: Final = (
    "SET LOCAL statement_timeout = '30s'; SET LOCAL lock_timeout = '10s';"
    " SET LOCAL idle_in_transaction_session_timeout = '90s'"
)
"""How long a statement for somebody may take, and wait for others; and rest in between."""


@dataclass(frozen=True, slots=True)
class Patience:
    """With a transaction of the house's steady work, in seconds; whoever works has no say in it."""

    statement_s: float
    """For one statement, with all that it waits for."""
    rest_s: float
    """For the next statement to come."""
    absence_s: float
    """How long a statement goes on for somebody whose connection is closed."""

    def said(self) -> str:
        """The same as settings of a transaction, which `STEADY` marks as such."""
        return "; ".join(
            (
                f"SET LOCAL statement_timeout = {self.statement_s * 1000:.0f}",
                f"SET LOCAL idle_in_transaction_session_timeout = {self.rest_s * 1000:.0f}",
                f"SET LOCAL client_connection_check_interval = {self.absence_s * 1000:.0f}",
                f"SET LOCAL application_name = '{STEADY}'",
            )
        )
