"""Loan-loss reserves: the dated scheme of classes, and what each book's loans ask for by it."""
