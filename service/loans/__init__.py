"""Loans: pure rules from a product's terms to what a loan owes on any day."""
