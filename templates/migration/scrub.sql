-- Takes everything that looks like a card number out of a copy of another environment's database, before the copy
-- is used here. Run it as the owner of the tables, on the copy, never on the original:
--
--     psql "${COPY:?}" --set ON_ERROR_STOP=1 --file migration/scrub.sql && vacuumdb --full --analyze "${COPY:?}"
--
-- It is one transaction: either nothing that looks like a card number is left in any table, or it fails, says in which
-- columns and in how many rows, and has changed nothing. Texts and JSON are cleaned; of anything else (numbers, binary
-- data, views that hold rows) nobody knows what a number means there, so it is only reported. A column that was
-- looked at by a person, and holds no card numbers, is named like this before:
--
--     SET scrub.looked_at = 'public.orders.created_ms, public.audit.sequence';
--
-- The old rows and the samples of statistics are gone after the VACUUM. What was found is by length and check digit,
-- as the functions do it (payments/cards.py); encrypted or otherwise encoded numbers no script can find.

BEGIN;

CREATE FUNCTION pg_temp.luhn(digits text) RETURNS boolean LANGUAGE sql IMMUTABLE AS $$
    SELECT sum(CASE WHEN place % 2 = 1 THEN digit WHEN digit > 4 THEN digit * 2 - 9 ELSE digit * 2 END) % 10 = 0
    FROM (
        SELECT place, CAST(substr(digits, length(digits) + 1 - place, 1) AS integer) AS digit
        FROM generate_series(1, length(digits)) AS place
    ) AS numbered
$$;

-- Plain digits: full-width ones and other compatibility forms, and those of the large scripts.
CREATE FUNCTION pg_temp.plain(value text) RETURNS text LANGUAGE sql IMMUTABLE AS $$
    SELECT translate(
        normalize(value, NFKC),
        '٠١٢٣٤٥٦٧٨٩۰۱۲۳۴۵۶۷۸۹०१२३४५६७८९',
        '012345678901234567890123456789'
    )
$$;

CREATE FUNCTION pg_temp.is_card(run text) RETURNS boolean LANGUAGE plpgsql IMMUTABLE AS $$
DECLARE
    digits text := regexp_replace(run, '[^0-9]', '', 'g');
    start integer;
    number text;
BEGIN
    IF length(digits) BETWEEN 12 AND 19 AND pg_temp.luhn(digits) THEN
        RETURN true;
    END IF;
    -- Numbers of the large schemes, where other digits (an expiry date, a CVC) are glued on.
    FOR start IN 1 .. length(digits) - 13 LOOP
        number := substring(substr(digits, start) FROM
            '^(?:4[0-9]{15}|5[1-5][0-9]{14}|2[2-7][0-9]{14}|3[47][0-9]{13}|3[0689][0-9]{12}|35[0-9]{14}|6[0-9]{15})');
        IF number IS NOT NULL AND pg_temp.luhn(number) THEN
            RETURN true;
        END IF;
    END LOOP;
    RETURN false;
END
$$;

-- Every run of 12 or more digits, in groups however they are parted.
CREATE FUNCTION pg_temp.runs(value text) RETURNS SETOF text LANGUAGE sql IMMUTABLE AS $$
    SELECT found[1]
    FROM regexp_matches(value, '([0-9](?:[[:space:]._\-\u00ad\u2010-\u2015]{0,2}[0-9]){11,})', 'g') AS found
$$;

CREATE FUNCTION pg_temp.holds_card(value text) RETURNS boolean LANGUAGE sql IMMUTABLE AS $$
    SELECT EXISTS (SELECT FROM pg_temp.runs(pg_temp.plain(value)) AS run WHERE pg_temp.is_card(run))
$$;

CREATE FUNCTION pg_temp.scrubbed(value text, instead text) RETURNS text LANGUAGE plpgsql IMMUTABLE AS $$
DECLARE
    result text := pg_temp.plain(value);
    run text;
BEGIN
    FOR run IN SELECT DISTINCT piece FROM pg_temp.runs(result) AS piece WHERE pg_temp.is_card(piece) LOOP
        result := replace(result, run, instead);
    END LOOP;
    RETURN result;
END
$$;

-- Columns that can hold a number: not dates, truth values, addresses, enumerations, ranges or UUIDs.
CREATE TEMPORARY VIEW scrub_columns AS
SELECT
    format('%I.%I.%I', nspname, relname, attname) AS name,
    format('%I.%I', nspname, relname) AS place,
    quote_ident(attname) AS col,
    -- Its text; in JSON's, escaped digits are written out and escaped line ends part groups as plain ones do.
    format(
        CASE
            WHEN typname IN ('json', 'jsonb') THEN
                'regexp_replace(CAST(CAST(%I AS jsonb) AS text), ''\\[bfnrt]'', '' '', ''g'')'
            WHEN typname = 'bytea' THEN 'encode(%I, ''escape'')'
            ELSE 'CAST(%I AS text)'
        END,
        attname
    ) AS look,
    format_type(atttypid, atttypmod) AS type,
    CASE
        WHEN typname IN ('json', 'jsonb') THEN '0'
        WHEN typcategory = 'S' OR typname IN ('_text', '_varchar', '_bpchar') THEN '[removed]'
    END AS instead,
    relkind IN ('r', 'p') AND attgenerated = '' AS can_change
FROM pg_attribute
JOIN pg_class ON pg_class.oid = attrelid
JOIN pg_namespace ON pg_namespace.oid = relnamespace
JOIN pg_type ON pg_type.oid = atttypid
WHERE relkind IN ('r', 'p', 'm', 'f') AND NOT relispartition AND attnum > 0 AND NOT attisdropped
AND nspname NOT LIKE 'pg\_%' AND nspname <> 'information_schema'
AND typcategory NOT IN ('B', 'D', 'E', 'G', 'I', 'R', 'T') AND typname <> 'uuid';

DO $$
DECLARE
    this record;
    counted bigint;
    left_over text := '';
BEGIN
    FOR this IN SELECT * FROM scrub_columns WHERE instead IS NOT NULL AND can_change ORDER BY name LOOP
        BEGIN
            EXECUTE format(
                'UPDATE %s SET %s = CAST(pg_temp.scrubbed(%s, %L) AS %s) WHERE pg_temp.holds_card(%3$s)',
                this.place, this.col, this.look, this.instead, this.type
            );
            GET DIAGNOSTICS counted = ROW_COUNT;
            IF counted > 0 THEN
                RAISE NOTICE '%: % rows cleaned', this.name, counted;
            END IF;
        EXCEPTION WHEN OTHERS THEN
            -- A constraint wants it as it is. The error would quote the row; the count below tells of it without.
            RAISE NOTICE '%: cannot be cleaned (%)', this.name, SQLSTATE;
        END;
    END LOOP;

    -- What triggers, casts or anything else made of it counts, not what was meant.
    FOR this IN SELECT * FROM scrub_columns ORDER BY name LOOP
        EXECUTE format('SELECT count(*) FROM %s WHERE pg_temp.holds_card(%s)', this.place, this.look) INTO counted;
        IF counted > 0 AND this.name <> ALL (
            regexp_split_to_array(coalesce(current_setting('scrub.looked_at', true), ''), '[[:space:]]*,[[:space:]]*')
        ) THEN
            left_over := left_over || format(E'\n  %s: %s rows', this.name, counted);
        END IF;
    END LOOP;
    IF EXISTS (SELECT FROM pg_largeobject_metadata) THEN
        left_over := left_over || E'\n  large objects: nobody can look into them';
    END IF;
    IF left_over <> '' THEN
        RAISE EXCEPTION 'what looks like card numbers is left, and nothing was changed:%', left_over
            USING HINT = 'Remove these columns or rows in the copy, or name those that a person looked at in scrub.looked_at.';
    END IF;
END
$$;

COMMIT;
