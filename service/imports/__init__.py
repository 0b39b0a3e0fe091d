"""Reading an onboarding bundle: ten CSV files in, typed rows or every problem out.

Everything that the files alone can show is checked here. What depends on balances (floors,
repayments above what is owed) is found when the rows are posted. Start with
`service.imports.reading.read_bundle`; nothing here knows a database or a clock.
"""
