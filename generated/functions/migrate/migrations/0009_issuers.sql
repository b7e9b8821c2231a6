-- migration: expand
-- Whose certificates count of a caller: the authorities that may have signed them (RFC 2253). Without a value: any that the
-- load balancer verifies by.

ALTER TABLE callers ADD COLUMN issuers text[] CHECK (cardinality(issuers) > 0);
