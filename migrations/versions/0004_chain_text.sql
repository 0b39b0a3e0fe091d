-- The text whose SHA-256 is the hash of an entry, apart from the hashing of it, so that an
-- auditor can be handed the text.

CREATE FUNCTION ledger.sealed_text(e ledger.entry, opened text, body text) RETURNS text
LANGUAGE sql STABLE PARALLEL SAFE RETURN concat(
    'amanat-entry-1;', (e).book_id, '|', (e).no, '|', to_char((e).value_date::timestamp, 'YYYY-MM-DD'),
    '|', (extract(epoch FROM (e).posted_at) * 1000000)::bigint,
    '|', (extract(epoch FROM (e).recorded_at) * 1000000)::bigint,
    '|', (e).kind, '|', ledger.sealed((e).narrative), ledger.sealed((e).actor),
    ledger.sealed((e).reference), ledger.sealed((e).key),
    (e).part, '|', encode((e).request_digest, 'hex'), '|', (e).reverses,
    '|', (e).counterpart_book, '|', (e).counterpart_no,
    '|', encode((e).prev_hash, 'hex'), '|', opened, '#', body);

CREATE OR REPLACE FUNCTION ledger.seal(e ledger.entry, opened text, body text) RETURNS bytea
LANGUAGE sql STABLE PARALLEL SAFE
RETURN sha256(convert_to(ledger.sealed_text(e, opened, body), 'UTF8'));

REVOKE ALL ON FUNCTION ledger.sealed_text FROM PUBLIC;
GRANT EXECUTE ON FUNCTION ledger.sealed_text TO amanat_app;
