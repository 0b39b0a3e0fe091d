"""HTTP: parse, one action of the service, present. No SQL, no rules."""
