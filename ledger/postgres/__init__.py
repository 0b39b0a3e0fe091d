"""The engine's only SQL, on asyncpg connections; `post` is the only writer of entries.

A `Connection` here is already inside a transaction, which its caller commits.
"""
