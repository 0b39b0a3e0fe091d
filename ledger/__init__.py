"""The double-entry engine: money, accounts, entries, posting, balances, roll-up, proofs.

It knows no members, loans, HTTP, settings or clock. Its pure modules hold every rule;
`ledger.postgres` holds the only SQL, and the only writer of entries.
"""
