-- Payments, their decisions, and what guards them. Times are UTC by their type; amounts are minor units.

CREATE TABLE merchants (
    merchant_id text PRIMARY KEY CHECK (merchant_id ~ '^mer_[A-Za-z0-9]{6,32}$'),
    status text NOT NULL CHECK (status IN ('active', 'suspended', 'closed')),
    updated_at timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE payments (
    payment_uid bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    payment_id text NOT NULL CHECK (payment_id ~ '^[A-Za-z0-9_-]{8,64}$'),
    -- Not a reference: that a merchant is unknown is a decision too.
    merchant_id text NOT NULL CHECK (length(merchant_id) <= 100),
    amount_minor bigint NOT NULL CHECK (amount_minor > 0),
    currency text NOT NULL CHECK (currency ~ '^[A-Z]{3}$'),
    -- The token itself, which can be charged, is kept nowhere.
    payment_method_sha256 text NOT NULL CHECK (payment_method_sha256 ~ '^[0-9a-f]{64}$'),
    request_sha256 text NOT NULL CHECK (request_sha256 ~ '^[0-9a-f]{64}$'),
    received_at timestamptz NOT NULL
);
CREATE UNIQUE INDEX payments_by_id ON payments (payment_id, merchant_id);

CREATE TABLE decisions (
    payment_uid bigint PRIMARY KEY REFERENCES payments,
    decision text NOT NULL CHECK (decision IN ('accepted', 'rejected')),
    reasons text[] NOT NULL,
    -- Of accepted payments only, for the count of the last ones.
    accepted_merchant_id text,
    decided_at timestamptz NOT NULL,
    door text NOT NULL,
    -- As it was given, and will be given again.
    answer text NOT NULL,
    CHECK ((decision = 'accepted') = (cardinality(reasons) = 0)),
    CHECK ((decision = 'accepted') = (accepted_merchant_id IS NOT NULL))
);
CREATE INDEX decisions_accepted ON decisions (accepted_merchant_id, decided_at)
    WHERE accepted_merchant_id IS NOT NULL;

CREATE TABLE idempotency_keys (
    caller text NOT NULL,
    -- A digest: the key itself may be anything.
    key_sha256 text NOT NULL CHECK (key_sha256 ~ '^[0-9a-f]{64}$'),
    request_sha256 text NOT NULL CHECK (request_sha256 ~ '^[0-9a-f]{64}$'),
    answer text NOT NULL,
    expires_at timestamptz NOT NULL,
    PRIMARY KEY (caller, key_sha256)
);
CREATE INDEX idempotency_keys_expired ON idempotency_keys (expires_at);
