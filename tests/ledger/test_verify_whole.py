"""What the proof asks of a stretch as a whole hides nothing that looking closely would find.

Whoever changes something here seals the book anew, so that no hash gives it away, and keeps
all else in order as far as the case allows.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import pytest

from ledger.postgres import verify
from tests.ledger.test_verify import write_history

if TYPE_CHECKING:
    import asyncpg

SEAL_ANEW: Final = """
    DO $$
    DECLARE e ledger.entry; before bytea;
    BEGIN
        FOR e IN SELECT * FROM ledger.entry ORDER BY book_id, no LOOP
            IF e.no > 1 THEN e.prev_hash := before; END IF;
            SELECT ledger.seal(e,
                coalesce((SELECT string_agg(ledger.sealed_account(
                        a.no, a.counterparty, a.code, a.fund, a.party), '' ORDER BY a.no)
                    FROM ledger.account a WHERE a.book_id = e.book_id AND a.opened_in = e.no), ''),
                (SELECT string_agg(ledger.sealed_line(
                        l.n, l.account_no, l.debit, l.credit, l.subject), '' ORDER BY l.n)
                    FROM ledger.line l WHERE l.book_id = e.book_id AND l.entry_no = e.no))
            INTO before;
            UPDATE ledger.entry SET prev_hash = e.prev_hash, hash = before
            WHERE book_id = e.book_id AND no = e.no;
            UPDATE ledger.book SET head_hash = before WHERE id = e.book_id;
        END LOOP;
    END $$
"""
TOTALS: Final = """
    UPDATE ledger.account a SET debit = l.debit, credit = l.credit, last_on = l.last_on
    FROM (SELECT book_id, account_no, sum(debit) AS debit, sum(credit) AS credit,
            max(value_date) AS last_on
        FROM ledger.line GROUP BY 1, 2) AS l
    WHERE l.book_id = a.book_id AND l.account_no = a.no
"""
DELTA: Final = "INSERT INTO ledger.delta VALUES (1, 1"


async def findings(connection: asyncpg.Connection, tampering: str) -> set[str]:
    """What the proof says after somebody changed something and sealed the books anew."""
    await write_history(connection)
    await connection.execute(f"SET session_replication_role = replica; {tampering}; {SEAL_ANEW}")
    return {str(finding) for finding in (await verify.verify(connection)).findings}


@pytest.mark.parametrize(
    ("tampering", "said"),
    [
        ("SELECT", None),  # sealing anew by itself is no change
        (
            (
                "UPDATE ledger.line SET debit = debit + 1 WHERE (book_id, entry_no, n) = (1, 2, 1);"
                " UPDATE ledger.delta SET debit = debit + 1"
                f" WHERE book_id = 1 AND entry_no = 2 AND debit > 0; {TOTALS}"
            ),
            "entry 2: I1: fund general is out of balance by 1 paisa",
        ),
        (
            (
                "UPDATE ledger.account SET fund = 'cif' WHERE book_id = 1 AND party = 'M-2';"
                " UPDATE ledger.delta SET fund = 'cif'"
                " WHERE book_id = 1 AND entry_no IN (4, 5) AND code = '2000'"
            ),
            "entry 4: I1: fund cif is out of balance by -70 paisa",
        ),
        (
            (
                "UPDATE ledger.line SET account_no = 9 WHERE (book_id, entry_no, n) = (1, 4, 2);"
                f" {TOTALS}"
            ),
            "entry 4: I2: a line names an account that is not there",
        ),
        (
            (
                "UPDATE ledger.entry SET value_date = '2026-02-01' WHERE (book_id, no) = (1, 2);"
                " UPDATE ledger.line SET value_date = '2026-02-01'"
                " WHERE (book_id, entry_no) = (1, 2);"
                " UPDATE ledger.delta SET value_date = '2026-02-01'"
                " WHERE (book_id, entry_no) = (1, 2);"
                f" {TOTALS}"
            ),
            "account 2: I6: the balance is -100 paisa at the end of 2026-02-01",
        ),
        (
            (
                "UPDATE ledger.entry SET kind = 'close' WHERE (book_id, no) = (1, 2);"
                " UPDATE ledger.line SET kind = 'close' WHERE (book_id, entry_no) = (1, 2);"
                " UPDATE ledger.delta SET kind = 'close' WHERE (book_id, entry_no) = (1, 2)"
            ),
            "entry 2: I1: a closing entry moves money",
        ),
        (
            (
                "UPDATE ledger.line SET debit = debit / 2, credit = credit / 2 WHERE book_id = 2;"
                " UPDATE ledger.delta SET debit = debit / 2, credit = credit / 2"
                f" WHERE book_id = 2; {TOTALS}"
            ),
            "entry 3: I8: the other half of the transfer is missing or disagrees",
        ),
        (
            f"{DELTA}, 97, 'general', '1000', NULL, 'normal', '2026-01-01', 0, 0)",
            "I2: what it turned over on 2026-01-01 is not what its lines say",
        ),
        (
            (
                f"{DELTA}, 97, 'general', '1000', NULL, 'normal', '2026-01-01', 5, 0);"
                f"{DELTA}, 98, 'general', '1000', NULL, 'normal', '2026-01-01', -5, 0)"
            ),
            "I2: what it turned over on 2026-01-01 is not what its lines say",
        ),
        (
            f"{DELTA}, 97, 'other', '1000', NULL, 'normal', '2026-01-01', 5, 5)",
            "I2: what it turned over on 2026-01-01 is not what its lines say",
        ),
        (
            "UPDATE ledger.delta SET kind = 'close' WHERE book_id = 1 AND entry_no = 2",
            "I2: what it turned over on 2026-03-01 is not what its lines say",
        ),
        (
            (
                "UPDATE ledger.delta SET code = '2010'"
                " WHERE book_id = 1 AND entry_no = 2 AND code = '2000'"
            ),
            "I2: what it turned over on 2026-03-01 is not what its lines say",
        ),
        (
            "UPDATE ledger.account SET debit = debit + 1 WHERE book_id = 1 AND no = 1",
            "account 1: I2: the total is not the sum of its lines",
        ),
        (
            "UPDATE ledger.account SET last_on = '-infinity' WHERE book_id = 1 AND no = 1",
            "account 1: I2: the total is not the sum of its lines",
        ),
    ],
)
async def test_what_was_sealed_anew_is_found(
    connection: asyncpg.Connection, tampering: str, said: str | None
) -> None:
    """By what it does to balances, accounts, totals, turnover or floors."""
    found = await findings(connection, tampering)
    if said is None:
        assert found == set()
    else:
        assert any(one.startswith("book 1 (CO-01)") and one.endswith(said) for one in found), found


async def test_a_line_of_nothing_has_turned_something_over(connection: asyncpg.Connection) -> None:
    """Where the table's own check was dropped: it is a line, and no turnover is kept of it."""
    found = await findings(
        connection,
        "ALTER TABLE ledger.line DROP CONSTRAINT line_check; INSERT INTO ledger.line"
        " SELECT 1, 2, max(no), 0, 0, '2026-03-01', 'normal', 3, '' FROM ledger.account"
        f" WHERE book_id = 1 AND counterparty IS NOT NULL; {TOTALS}",
    )
    assert found == {
        "book 1 (CO-01): I2: what it turned over on 2026-03-01 is not what its lines say"
    }
