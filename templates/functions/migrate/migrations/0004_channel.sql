-- Column `door` becomes `channel`: the entry point of the request, `api` or `load-balancer`. Renaming rewrites no row.

ALTER TABLE decisions RENAME COLUMN door TO channel;

-- Functions of the release before still write `door` while `pulumi up` replaces them. A later migration drops it.
ALTER TABLE decisions ADD COLUMN door text;
CREATE FUNCTION decisions_channel() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    NEW.channel := NEW.door;
    RETURN NEW;
END
$$;
CREATE TRIGGER decisions_channel BEFORE INSERT ON decisions
    FOR EACH ROW WHEN (NEW.channel IS NULL) EXECUTE FUNCTION decisions_channel();
