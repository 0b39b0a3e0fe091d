"""The collection sheet of one meeting: the unit of work of a CO."""
