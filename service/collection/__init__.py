"""What members and organisations are asked for, and what comes in: dues, register, on-time rate.

What a loan asks for and what covers it is worked out from its moves (`cover`), loan by loan, by
the very rules of `service.loans`. It disregards grace: what has fallen due is asked for, and is
on time or not by its due date. Lateness is by the total paid, so no figure depends on the order
in which a book learned of payments. Definitions: docs/guides/lending-reports.md.
"""
