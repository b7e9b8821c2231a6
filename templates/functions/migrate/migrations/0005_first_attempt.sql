-- The function that decides a payment delivers its record itself, right after the commit. The relay leaves it this time,
-- so that the two do not meet. Functions of the release before name no time either, and get this one.

ALTER TABLE outbox ALTER COLUMN next_attempt_at SET DEFAULT now() + interval '30 seconds';
