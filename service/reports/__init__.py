"""Reports by name, as tables: every figure from the ledger's rows and the contracts.

A report is a function of open books and a `Query`; the table in `registry` is all there
are. Each has the columns of its reference file, where there is one, sorted by its key, without
rows of zeros; the measures of a portfolio are all there, also those that come to nothing.
"""
