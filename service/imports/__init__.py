"""Onboarding: a bundle of ten CSV files in, its whole history posted or every problem out.

`reading.read_bundle` checks everything that the files alone can show, and knows neither
database nor clock. `loading.load` posts it in one transaction; what the books refuse is
found by posting, and reported in the same words.
"""
