-- Login roles of the functions, by the name that the spec gives them; run each time, after the migrations.

DO $$
DECLARE
    application text := current_setting('payments.application_user');
    login text;
    kind text;
    former record;
BEGIN
    FOR login, kind IN
        VALUES
            (application, 'payments_writer'),
            (application || '_read', 'payments_reader'),
            (application || '_relay', 'payments_relay')
    LOOP
        IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = login) THEN
            EXECUTE format('CREATE ROLE %I LOGIN', login);
        END IF;
        EXECUTE format('GRANT %I TO %I', kind, login);
        -- On RDS: log in by IAM token, and by nothing else. The role exists nowhere else.
        IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'rds_iam') THEN
            EXECUTE format('GRANT rds_iam TO %I', login);
        END IF;
        -- Whoever had another name before the spec was changed may do nothing any more.
        FOR former IN
            SELECT member.rolname
            FROM pg_auth_members
            JOIN pg_roles AS granted ON granted.oid = pg_auth_members.roleid
            JOIN pg_roles AS member ON member.oid = pg_auth_members.member
            WHERE granted.rolname = kind AND member.rolname <> login AND member.rolname <> current_user
        LOOP
            EXECUTE format('REVOKE %I FROM %I', kind, former.rolname);
        END LOOP;
    END LOOP;
END
$$;
