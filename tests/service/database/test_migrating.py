"""Migrations that rewrite what is there already."""

from __future__ import annotations

from datetime import date
from typing import Final

from service.database.migrate import migrate
from tests.support.database import empty_database, execute, fetch

DAY: Final = date(2026, 6, 30)
KEPT_BEFORE: Final = """
    SET session_replication_role = replica;
    INSERT INTO service.organisation (code, book_id, kind, name, formed_on)
        VALUES ('CO-1', 7, 'CO', 'One', '2020-01-01'), ('LSO-1', 8, 'LSO', 'Two', '2020-01-01');
    INSERT INTO service.product VALUES ('P', 'Any', 'own', 'zero', 'bullet', 0, 'year', 'month', 3,
        100, 100, 'half_up', 0, 0, 0, 'scheduled', 'stay');
    INSERT INTO service.loan (code, lender, member, organisation, product, principal, applied_on,
            approved_on, first_due_on, instalments)
        SELECT code, lender, member, organisation, 'P', 900, '2026-01-01', '2026-01-01',
            '2026-02-01', 3
        FROM (VALUES ('L-1', 'CO-1', 'M-1', NULL), ('L-2', 'LSO-1', NULL, 'CO-1'))
            AS l (code, lender, member, organisation);
    INSERT INTO service.job_run (id, job, business_date, started_at, asked_by)
        VALUES (gen_random_uuid(), 'arrears', '2026-06-30', now(), 'schedule');
    INSERT INTO service.job_step
        SELECT 'arrears', '2026-06-30', s.step, id, now()
        FROM service.job_run, unnest(ARRAY['loans', 'portfolio_at_risk']) AS s (step);
    INSERT INTO service.loan_arrears
        SELECT '2026-06-30', loan, 900, 900, 0, 0, 0, 900, 0, 40, id
        FROM service.job_run, unnest(ARRAY['L-1', 'L-2']) AS loan;
    INSERT INTO service.portfolio_at_risk
        SELECT '2026-06-30', 'CO-1', days, late, 900, id
        FROM service.job_run,
            unnest(ARRAY[1, 30, 60, 90, 180, 365], ARRAY[900, 900, 0, 0, 0, 0]) AS r (days, late);
"""


def test_what_jobs_kept_before_dues_is_carried_over(postgres_url: str) -> None:
    """Loans name their lender, six rows of a node become one, and days that were done stay so."""
    with empty_database(postgres_url) as url:
        migrate(url, to="0009")
        execute(url, KEPT_BEFORE)
        migrate(url)
        lent = "SELECT loan, lender_book, borrower_book FROM service.loan_arrears ORDER BY loan"
        assert fetch(url, lent) == [("L-1", 7, None), ("L-2", 8, 7)]
        risks = fetch(url, "SELECT * FROM service.portfolio_at_risk")
        assert [row[:-1] for row in risks] == [(DAY, "CO-1", 900, 900, 900, 0, 0, 0, 0)]
        steps = "SELECT step FROM service.job_step ORDER BY step"
        assert fetch(url, steps) == [("dues",), ("loans",), ("portfolio_at_risk",)]
