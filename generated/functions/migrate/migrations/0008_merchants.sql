-- migration: expand
-- What the spec said of a merchant last. A status that was set by hand stays until the spec says something else of it.

-- `absent`: it has left the spec. Without a value: the spec has said nothing since this column is here.
ALTER TABLE merchants ADD COLUMN declared text
    CHECK (declared IN ('active', 'suspended', 'closed', 'absent'));
