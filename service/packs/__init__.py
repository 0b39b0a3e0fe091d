"""The auditor pack: a book, or all below an organisation, for a period, proof and all, as one ZIP.

Everything in it is as known by one moment and read in one snapshot. `contents` says what goes in,
`archive` makes the ZIP and its manifest as they are sent, `verify.py` goes along: it proves the
pack without us.
"""
