-- What the books must know of an organisation before a sheet of it is posted:
-- $1 the organisation, $2 the sheet's code, $3 everybody who is on it, $4 the key.
SELECT
    o.book_id, o.kind, access.may('prepare', o.book_id) AS open,
    l.organisation IS NOT NULL AS limited, l.back_dated_days, l.withdrawal,
    ARRAY(SELECT service.codes_taken(ARRAY[$2::text])) AS taken,
    EXISTS(
        SELECT FROM service.request AS r WHERE r.organisation = o.code AND r.key = $4
    ) AS asked,
    ARRAY(
        SELECT p.code FROM unnest($3::text []) AS p (code)
        WHERE NOT EXISTS (SELECT FROM service.member AS m WHERE m.code = p.code)
    ) AS unknown,
    ARRAY(
        SELECT m.code FROM service.member AS m
        WHERE m.code = ANY($3::text []) AND m.organisation <> o.code
    ) AS strangers
FROM service.organisation AS o
LEFT JOIN service.limits AS l ON l.organisation = o.code
WHERE o.code = $1
