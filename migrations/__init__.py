"""The schema's history: frozen SQL beside each revision; schema.sql is what they make."""
