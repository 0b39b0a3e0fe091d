"""Everything the engine refuses, each with a stable code.

A refusal is a value before it is an error: `decide` returns it beside what it posts, and
whoever asked for a single posting has it raised. The first line of each docstring is its
sentence in `docs/reference/errors.md`.
"""

from __future__ import annotations

from typing import ClassVar


class Refusal(Exception):
    """The rules do not allow it; the sentence says what is wrong and what to do."""

    code: ClassVar[str] = "refused"
    about: object = None
    """The part of a document that is refused, where whoever drafted it said so."""


class BookUnknown(Refusal):
    """There is no book of this number."""

    code = "book_unknown"


class TextMalformed(Refusal):
    """A text holds a character that the books cannot keep, or is too long."""

    code = "text_malformed"


class LineMalformed(Refusal):
    """A line is either a debit or a credit of at least one paisa."""

    code = "line_malformed"


class EntryEmpty(Refusal):
    """An entry without lines says nothing and is not posted."""

    code = "entry_empty"


class EntryUnbalanced(Refusal):
    """Debits and credits of an entry differ, in total or within one fund."""

    code = "entry_unbalanced"


class ClosingMovesMoney(Refusal):
    """A year-end closing moves no money: it has no line on cash, a bank or a wallet."""

    code = "closing_moves_money"


class CodeUnknown(Refusal):
    """The chart of accounts has no such code."""

    code = "code_unknown"


class AccountFacesAnother(Refusal):
    """The account was opened facing another organisation."""

    code = "account_faces_another"


class FloorPassed(Refusal):
    """The account would fall below zero on some day."""

    code = "floor_passed"


class SavingsPledged(Refusal):
    """The savings would fall below what is pledged of them on some day."""

    code = "savings_pledged"


class PeriodClosed(Refusal):
    """The day lies in a period that is closed."""

    code = "period_closed"


class DatedInFuture(Refusal):
    """The value date lies after the day on which the entry is posted."""

    code = "dated_in_future"


class PostedAtRefused(Refusal):
    """Only an import into a book without entries says when something was posted."""

    code = "posted_at_refused"


class KeyReused(Refusal):
    """This idempotency key belongs to another request."""

    code = "key_reused"


class AlreadyReversed(Refusal):
    """The entry is reversed already."""

    code = "already_reversed"


class ReversalOfReversal(Refusal):
    """A reversal is not reversed; enter what is right again."""

    code = "reversal_of_reversal"


class ReversalTooEarly(Refusal):
    """A reversal is not dated before the entry that it reverses."""

    code = "reversal_too_early"


class ReversalNotMirrored(Refusal):
    """A reversal puts every line of its entry on the other side, and nothing else."""

    code = "reversal_not_mirrored"


class HalvesDisagree(Refusal):
    """The two halves of a transfer must name each other, on one day, for one amount."""

    code = "halves_disagree"


class MomentUnsettled(Refusal):
    """Postings of that moment may still be running; ask for an earlier one."""

    code = "moment_unsettled"
