"""A development database such as teams have: schemas, types and logins of its own, and card numbers in many places."""

from __future__ import annotations

from typing import TYPE_CHECKING

from scrub.__main__ import clean
from scrub.connection import connect
from scrub.report import Report

if TYPE_CHECKING:
    from service.postgres import Server

NAME = "development"
PASSWORD = "development's"  # noqa: S105 - of a server that only this machine sees
# Logs in with a password, and may do everything.
LOGINS = ("dev_app", "dev_report", "payments_app", "payments_reader")
CARDS = ("4111111111111111", "5555555555554444", "378282246310005", "6011111111111117")
# Two extensions, of which the first is there that the server has.
EXTENSIONS = ("citext", "vector")

ROLES = "".join(f"CREATE ROLE {name} LOGIN PASSWORD '{PASSWORD[:11]}';" for name in LOGINS)

SCHEMA = """
CREATE SCHEMA shop;
CREATE TYPE shop.status AS ENUM ('open', 'paid', 'lost');
CREATE DOMAIN shop.note AS varchar(60) CHECK (VALUE <> 'nothing');

CREATE TABLE shop.countries (code char(2) PRIMARY KEY, name text NOT NULL, currency text NOT NULL);
CREATE TABLE shop.customers (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    name text NOT NULL,
    country char(2) NOT NULL REFERENCES shop.countries,
    card varchar(19) UNIQUE,
    card_start text,
    card_end text,
    created_at timestamptz NOT NULL DEFAULT now()
);
CREATE TABLE shop.orders (
    id bigint PRIMARY KEY,
    customer_id bigint NOT NULL,
    status shop.status NOT NULL,
    amount numeric(12, 2) NOT NULL,
    reference uuid NOT NULL,
    remark shop.note,
    tags text[] NOT NULL DEFAULT '{}',
    request jsonb NOT NULL,
    raw json,
    ordered_on date NOT NULL
) PARTITION BY RANGE (id);
CREATE TABLE shop.orders_a PARTITION OF shop.orders FOR VALUES FROM (0) TO (100000);
CREATE TABLE shop.orders_b PARTITION OF shop.orders DEFAULT;
CREATE INDEX orders_of_customers ON shop.orders (customer_id);
CREATE TABLE shop.dumps (id int PRIMARY KEY, content text NOT NULL);
CREATE TABLE shop.history (changed timestamptz NOT NULL DEFAULT now(), old text);

CREATE FUNCTION shop.remember() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER AS $$
BEGIN
    INSERT INTO shop.history (old) VALUES (to_jsonb(OLD)::text);
    RETURN NEW;
END
$$;
CREATE TRIGGER remember BEFORE UPDATE ON shop.customers FOR EACH ROW EXECUTE FUNCTION shop.remember();
CREATE FUNCTION shop.everything() RETURNS bigint LANGUAGE sql SECURITY DEFINER AS
    'SELECT count(*) FROM shop.customers';
CREATE FUNCTION shop.net(amount numeric) RETURNS numeric LANGUAGE sql IMMUTABLE AS 'SELECT round(amount / 1.19, 2)';
CREATE VIEW shop.open_orders AS SELECT id, shop.net(amount) AS net FROM shop.orders WHERE status = 'open';
CREATE MATERIALIZED VIEW shop.best AS
    SELECT card, count(*) AS orders FROM shop.customers JOIN shop.orders ON customer_id = customers.id GROUP BY card;
COMMENT ON TABLE shop.customers IS 'Test with 4111 1111 1111 1111';
COMMENT ON COLUMN shop.customers.card IS 'for example 5555-5555-5555-4444';
COMMENT ON FUNCTION shop.net(numeric) IS 'without tax; never for 378282246310005';
"""
# Who may do what, and a table of the same name as the environment's.
RIGHTS = """
CREATE SCHEMA payments;
GRANT ALL ON SCHEMA shop, payments, public TO PUBLIC;
CREATE TABLE payments.merchants (id serial PRIMARY KEY, title text NOT NULL, plan text);
INSERT INTO payments.merchants (title, plan) VALUES ('Bücherstube', 'gold'), ('Café', NULL);

GRANT ALL ON ALL TABLES IN SCHEMA shop, payments TO PUBLIC, dev_app;
GRANT EXECUTE ON FUNCTION shop.everything() TO PUBLIC;
ALTER DEFAULT PRIVILEGES IN SCHEMA shop GRANT SELECT ON TABLES TO PUBLIC;
ALTER TABLE shop.dumps ENABLE ROW LEVEL SECURITY;
CREATE POLICY of_app ON shop.dumps TO dev_app USING (true);
ALTER TABLE shop.history OWNER TO dev_app;
"""
# Where a person has to decide: no program can rewrite them.
FOR_A_PERSON = """
CREATE VIEW shop.tests AS SELECT id FROM shop.customers WHERE card = '4111111111111111';
ALTER TABLE shop.dumps ADD COLUMN number bigint;
UPDATE shop.dumps SET number = 4111111111111111 WHERE id = 1;
"""


def fill(server: Server, orders: int, database: str = NAME) -> None:
    """Make the rows: one customer for ten orders, a card number in one row of fifty."""
    cards = "ARRAY['4111111111111111', '5555 5555 5555 4444', '3782-822463-10005', '6011.1111.1111.1117']"
    # Of one issuer, with the check digit that makes each of them a number.
    number = "shop.with_check_digit('400000' || lpad(CAST(n AS text), 9, '0'))"
    statements = (
        "INSERT INTO shop.countries VALUES ('DE', 'Deutschland', 'EUR'), ('CH', 'Schweiz ½', 'CHF')",
        f"""
        INSERT INTO shop.customers (name, country, card, card_start, card_end)
        SELECT 'Kundin Müller ' || n, CASE WHEN n % 3 = 0 THEN 'CH' ELSE 'DE' END,
               CASE WHEN n % 10 = 0 THEN {number} END,
               CASE WHEN n % 100 = 1 THEN '41111111' END, CASE WHEN n % 100 = 1 THEN '11111111' END
        FROM generate_series(1, {orders // 10}) AS n
        """,
        f"""
        INSERT INTO shop.orders
        SELECT n, 1 + n % {orders // 10}, CAST(CASE n % 3 WHEN 0 THEN 'open' ELSE 'paid' END AS shop.status),
               n % 100000 / 7.0, CAST(md5(CAST(n AS text)) AS uuid),
               CASE WHEN n % 50 = 0 THEN ({cards})[1 + n % 4] || ' bitte prüfen' ELSE 'Bestellung ' || n END,
               CASE WHEN n % 200 = 0 THEN ARRAY['neu', 'tok_4111111111111111'] ELSE ARRAY['neu'] END,
               CASE WHEN n % 200 = 1
                    THEN jsonb_build_object('buyer', jsonb_build_object('pan', 4111111111111111, 'at', n))
                    WHEN n % 200 = 2
                    THEN jsonb_build_object('lines', jsonb_build_array('41111111', '11111111'), 'n', 0.10)
                    WHEN n % 4 = 0 THEN jsonb_build_object('at', n, 'when', '2026-11-30T10:00:00Z')
                    ELSE jsonb_build_object('at', n) END,
               CASE WHEN n % 200 = 3 THEN CAST('{{"a":"4111\\u0020111111111111"}}' AS json) END,
               CAST('2026-01-01' AS date) + n % 300
        FROM generate_series(1, {orders}) AS n
        """,
        f"""
        INSERT INTO shop.dumps
        SELECT n, CASE WHEN n % 10 = 0 THEN 'card 4111111111111111 ' ELSE '' END || repeat(CAST(1000 + n % 7 AS text), 375)
        FROM generate_series(1, {orders // 100}) AS n
        """,
    )
    server.superuser(CHECK_DIGIT, database)
    for statement in statements:
        server.superuser(statement, database)
    server.superuser(
        "DROP FUNCTION shop.with_check_digit; REFRESH MATERIALIZED VIEW shop.best", database
    )


CHECK_DIGIT = """
CREATE FUNCTION shop.with_check_digit(digits text) RETURNS text LANGUAGE sql IMMUTABLE AS $$
    SELECT digits || CAST((10 - sum(CASE WHEN place % 2 = 0 THEN digit WHEN digit > 4 THEN digit * 2 - 9
                                         ELSE digit * 2 END) % 10) % 10 AS text)
    FROM (SELECT place, CAST(substr(digits, length(digits) + 1 - place, 1) AS integer) AS digit
          FROM generate_series(1, length(digits)) AS place) AS numbered
$$
"""


def make(server: Server, orders: int, master: str) -> None:
    """Make the database in a server of its own, as RDS has it: the master user is no superuser."""
    server.superuser(
        f"CREATE DATABASE {NAME} OWNER {master} ENCODING 'LATIN1' TEMPLATE template0 LC_COLLATE 'C' LC_CTYPE 'C'"
    )
    server.superuser(f"ALTER SCHEMA public OWNER TO {master}", NAME)
    server.superuser(ROLES)
    available = {name for (name,) in server.superuser("SELECT name FROM pg_available_extensions")}
    extension = next(name for name in EXTENSIONS if name in available)
    as_master = f"SET ROLE {master}; CREATE EXTENSION {extension}; {SCHEMA} {RIGHTS}"
    server.superuser(f"GRANT dev_app TO {master}", NAME)
    server.superuser(as_master, NAME)
    server.superuser(f"REVOKE dev_app FROM {master}", NAME)
    fill(server, orders)
    server.superuser(f"SET ROLE {master}; {FOR_A_PERSON}", NAME)


PLAIN_PLANS = (
    "max_parallel_workers_per_gather = 0",
    "enable_indexscan = off",
    "enable_indexonlyscan = off",
    "enable_bitmapscan = off",
)


def scrubbed(server: Server, database: str, *looked_at: str) -> tuple[Report, int]:
    """Clean a database of a server whose logins stay; return also how many rows the server read for it.

    Where anything is left, nothing is changed.
    """
    report = Report(looked_at=frozenset(looked_at))
    connection = connect(f"host={server.folder} port={server.port} dbname={database} user=postgres")
    try:
        connection.run("START TRANSACTION")
        # Rows that workers or indexes read are counted elsewhere; whether there are any depends on the last ANALYZE.
        for setting in PLAIN_PLANS:
            connection.run(f"SET LOCAL {setting}")
        clean(connection, report)
        rows = connection.run("SELECT coalesce(sum(seq_tup_read), 0) FROM pg_stat_xact_user_tables")
        connection.run("ROLLBACK" if report.left else "COMMIT")
    finally:
        connection.close()
    return report, int((rows or [[0]])[0][0])
