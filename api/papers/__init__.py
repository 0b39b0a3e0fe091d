"""Papers: HTML made into PDF by a child process that may use so much and no more."""
