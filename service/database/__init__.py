"""The database: where it runs, how it is migrated, how it is reached."""
