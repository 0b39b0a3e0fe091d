"""Tables as files: what their columns are, and their rows as CSV and as a spreadsheet (XLSX)."""
