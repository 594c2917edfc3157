-- admin: what the desks need.  What was handed in cannot be altered; a vote, a message and
-- a line of the audit cannot be taken away.
GRANT SELECT (name, public_key, match_key) ON desk TO 'openhall_admin'@'localhost';
GRANT SELECT, INSERT, UPDATE (salt, wrapped_key, removed_at, factor, factor_step)
	ON admin TO 'openhall_admin'@'localhost';
GRANT SELECT, INSERT, DELETE ON factor_code TO 'openhall_admin'@'localhost';
GRANT SELECT, INSERT, DELETE ON desk_key TO 'openhall_admin'@'localhost';
GRANT SELECT, INSERT, DELETE ON invitation TO 'openhall_admin'@'localhost';
GRANT SELECT, INSERT ON invitation_key TO 'openhall_admin'@'localhost';
GRANT SELECT, INSERT, UPDATE (expires_at, pending), DELETE ON session TO 'openhall_admin'@'localhost';
GRANT SELECT, INSERT, UPDATE, DELETE ON throttle TO 'openhall_admin'@'localhost';
GRANT SELECT,
	INSERT (id, desk, form, state, kind, urgency, suspect, received_day, moved_day, receipt,
	desk_key, receipt_key, body, facets, channel, entered_by),
	UPDATE (state, ended_day, assigned_to, moved_day, asked_day, sunk, desk_unread, holder_unread,
	filed)
	ON submission TO 'openhall_admin'@'localhost';
GRANT SELECT, INSERT, UPDATE ON round TO 'openhall_admin'@'localhost';
GRANT SELECT, INSERT, UPDATE ON elector TO 'openhall_admin'@'localhost';
GRANT SELECT, INSERT ON message TO 'openhall_admin'@'localhost';
GRANT SELECT, INSERT ON note TO 'openhall_admin'@'localhost';
GRANT SELECT ON revision TO 'openhall_admin'@'localhost';
GRANT SELECT, INSERT ON contact TO 'openhall_admin'@'localhost';
GRANT SELECT ON facet TO 'openhall_admin'@'localhost';
GRANT SELECT ON census TO 'openhall_admin'@'localhost';
GRANT SELECT, INSERT, UPDATE (name, kind, state, area, about, changed_at), DELETE
	ON unit TO 'openhall_admin'@'localhost';
GRANT SELECT, INSERT ON audit TO 'openhall_admin'@'localhost';
GRANT SELECT, UPDATE ON audit_head TO 'openhall_admin'@'localhost';
GRANT SELECT, INSERT, UPDATE, DELETE ON statement TO 'openhall_admin'@'localhost';
GRANT SELECT, INSERT, UPDATE (vote, reason, voted_at) ON approval TO 'openhall_admin'@'localhost';
GRANT SELECT, INSERT ON edition TO 'openhall_admin'@'localhost';
GRANT SELECT, INSERT, UPDATE, DELETE ON published TO 'openhall_admin'@'localhost';
GRANT SELECT, UPDATE ON press TO 'openhall_admin'@'localhost';
GRANT SELECT, INSERT ON mailing TO 'openhall_admin'@'localhost';
GRANT SELECT (mailing, state, code, due_at, done_at), INSERT (id, kind, lang, address, about, due_at)
	ON outbox TO 'openhall_admin'@'localhost';
GRANT SELECT (lang, state, confirmed_at) ON subscriber TO 'openhall_admin'@'localhost';
GRANT SELECT (name, next_at) ON duty TO 'openhall_admin'@'localhost';
GRANT SELECT, INSERT, UPDATE, DELETE ON event TO 'openhall_admin'@'localhost';
GRANT SELECT, INSERT, UPDATE, DELETE ON event_words TO 'openhall_admin'@'localhost';
GRANT SELECT, INSERT, UPDATE, DELETE ON occurrence TO 'openhall_admin'@'localhost';
GRANT SELECT, INSERT, UPDATE, DELETE ON rsvp TO 'openhall_admin'@'localhost';
