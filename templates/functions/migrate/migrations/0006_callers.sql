-- Whose request it is: what an entry point verified of a caller, and the merchants that it may act for.

CREATE TABLE callers (
    channel text NOT NULL CHECK (channel IN ('api', 'load-balancer')),
    -- The id of an API key, or the subject of a client certificate (RFC 2253).
    credential text NOT NULL CHECK (length(credential) BETWEEN 1 AND 1000),
    -- Not a reference: merchants and callers are brought in by two calls.
    merchant_id text NOT NULL CHECK (merchant_id ~ '^mer_[A-Za-z0-9]{6,32}$'),
    PRIMARY KEY (channel, credential, merchant_id)
);

GRANT SELECT ON callers TO payments_reader, payments_writer;
