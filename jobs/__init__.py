"""What runs beside the service or from the command line: nightly work, and `amanat`."""
