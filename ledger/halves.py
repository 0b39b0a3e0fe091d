"""Transfers: two halves in two books, both or neither, and agreeing (I8)."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from ledger.refusals import HalvesDisagree

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ledger.entries import Draft, Entry


def refuse_disagreeing_halves(drafts: Sequence[Draft]) -> None:
    """Both halves, naming each other, on one day, and what they owe each other mirrored."""
    for i, draft in enumerate(drafts):
        if draft.counterpart is not None and not 0 <= draft.counterpart < len(drafts):
            raise HalvesDisagree("A half of a transfer is missing.")
        if draft.reverses is not None:
            _refuse_half_reversal(drafts, draft, draft.reverses)
        if draft.counterpart is None:
            continue
        other = drafts[draft.counterpart]
        agree = (
            other.counterpart == i
            and other.book != draft.book
            and other.value_date == draft.value_date
            and (faced := _faced(draft, other.book))
            and faced == {fund: -net for fund, net in _faced(other, draft.book).items()}
        )
        if not agree:
            raise HalvesDisagree("The two halves of a transfer must agree in day and amount.")


def _refuse_half_reversal(drafts: Sequence[Draft], draft: Draft, entry: Entry) -> None:
    if draft.counterpart is None:
        agree = entry.counterpart is None
    else:
        other = drafts[draft.counterpart].reverses
        agree = other is not None and other.ref == entry.counterpart
    if not agree:
        raise HalvesDisagree("A transfer is reversed in both books together.")


def _faced(draft: Draft, book: int) -> dict[str, int]:
    """Debits less credits by fund on the accounts that face another book."""
    nets: defaultdict[str, int] = defaultdict(int)
    for line in draft.lines:
        if line.faces == book:
            nets[line.account.fund] += line.debit - line.credit
    return dict(nets)


def steps_of(drafts: Sequence[Draft]) -> list[int]:
    """How many microseconds after the moment each book learns of a draft of the request.

    One more than of the book's draft before it, and as many as of the other half.
    """
    steps = [0] * len(drafts)
    for _ in range(len(drafts) + 1):
        before = list(steps)
        next_step: dict[int, int] = {}
        for i, draft in enumerate(drafts):
            other = 0 if draft.counterpart is None else steps[draft.counterpart]
            steps[i] = max(steps[i], next_step.get(draft.book, 0), other)
            next_step[draft.book] = steps[i] + 1
        if steps == before:
            return steps
    raise HalvesDisagree("The halves of transfers stand in another order in each book.")
