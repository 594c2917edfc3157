-- admin: what the desks need.  What was handed in cannot be altered; a vote, a message and
-- a line of the audit cannot be taken away.
GRANT SELECT (name, public_key, match_key) ON desk TO 'openhall_admin'@'localhost';
GRANT SELECT, INSERT (id, name, public_key, salt, wrapped_key, created_at),
	UPDATE (salt, wrapped_key, removed_at, factor, factor_step)
	ON admin TO 'openhall_admin'@'localhost';
GRANT SELECT, INSERT, DELETE ON factor_code TO 'openhall_admin'@'localhost';
GRANT SELECT, INSERT, DELETE ON desk_key TO 'openhall_admin'@'localhost';
GRANT SELECT, INSERT, DELETE ON invitation TO 'openhall_admin'@'localhost';
GRANT SELECT, INSERT ON invitation_key TO 'openhall_admin'@'localhost';
GRANT SELECT, INSERT, DELETE ON session TO 'openhall_admin'@'localhost';
GRANT SELECT, INSERT, UPDATE, DELETE ON throttle TO 'openhall_admin'@'localhost';
GRANT SELECT (id, desk, form, state, kind, urgency, suspect, received_day, ended_day, moved_day,
	asked_day, sunk, desk_unread, holder_unread, desk_key, body, facets, channel, entered_by,
	assigned_to, filed),
	INSERT (id, desk, form, state, kind, urgency, suspect, received_day, moved_day, receipt,
	desk_key, receipt_key, body, facets, channel, entered_by),
	UPDATE (state, ended_day, assigned_to, moved_day, asked_day, sunk, desk_unread, holder_unread,
	filed)
	ON submission TO 'openhall_admin'@'localhost';
GRANT SELECT, INSERT (submission, number, opened_at, closes_at, quorum, favour, block),
	UPDATE (ended_at)
	ON round TO 'openhall_admin'@'localhost';
GRANT SELECT, INSERT (submission, number, admin), UPDATE (vote, reason, voted_at)
	ON elector TO 'openhall_admin'@'localhost';
GRANT SELECT, INSERT ON message TO 'openhall_admin'@'localhost';
GRANT SELECT, INSERT ON note TO 'openhall_admin'@'localhost';
GRANT SELECT ON revision TO 'openhall_admin'@'localhost';
GRANT SELECT, INSERT ON contact TO 'openhall_admin'@'localhost';
GRANT SELECT ON facet TO 'openhall_admin'@'localhost';
GRANT SELECT, INSERT, UPDATE (name, kind, state, area, about, changed_at), DELETE
	ON unit TO 'openhall_admin'@'localhost';
GRANT SELECT, INSERT ON audit TO 'openhall_admin'@'localhost';
GRANT SELECT, UPDATE (number, mac) ON audit_head TO 'openhall_admin'@'localhost';
GRANT SELECT,
	INSERT (id, work, lang, slug, title, summary, body, created_at, changed_at, changed_by),
	UPDATE (lang, slug, state, title, summary, body, version, changed_at, changed_by, asked_at,
	closes_at, quorum, favour, block), DELETE
	ON statement TO 'openhall_admin'@'localhost';
GRANT SELECT, INSERT (statement, version, admin), UPDATE (vote, reason, voted_at)
	ON approval TO 'openhall_admin'@'localhost';
GRANT SELECT, INSERT ON edition TO 'openhall_admin'@'localhost';
GRANT SELECT (id, published_at),
	INSERT (id, work, lang, slug, title, summary, html, published_at),
	UPDATE (title, summary, html, published_at, corrected_at, note), DELETE
	ON published TO 'openhall_admin'@'localhost';
GRANT SELECT (id, number), UPDATE (number) ON press TO 'openhall_admin'@'localhost';
GRANT SELECT, INSERT (id, lang, asked_at, asked_by, due_at)
	ON mailing TO 'openhall_admin'@'localhost';
GRANT SELECT (mailing, state, code, due_at, done_at), INSERT (id, kind, lang, address, about, due_at)
	ON outbox TO 'openhall_admin'@'localhost';
GRANT SELECT (lang, state, confirmed_at) ON subscriber TO 'openhall_admin'@'localhost';
GRANT SELECT (name, next_at) ON duty TO 'openhall_admin'@'localhost';
GRANT SELECT,
	INSERT (id, slug, visibility, kind, unit, area, lang, zone, starts_wall, minutes, rule,
	whereabouts, address_for, link_for, online, access, contact, rsvp, rsvp_hours, capacity,
	created_at, changed_at, changed_by),
	UPDATE (slug, state, visibility, kind, unit, area, lang, zone, starts_wall, minutes, rule,
	spread_to, whereabouts, address_for, link_for, online, access, contact, rsvp, rsvp_hours,
	capacity, version, sequence, changed_at, changed_by, published_at), DELETE
	ON event TO 'openhall_admin'@'localhost';
GRANT SELECT, INSERT, DELETE ON event_words TO 'openhall_admin'@'localhost';
GRANT SELECT,
	INSERT (id, event, day, starts_at, ends_at, shown, kind, unit, area, online, capacity,
	changed_at),
	UPDATE (day, starts_at, ends_at, state, shown, own, placed, kind, unit, area, online,
	whereabouts, note, sequence, changed_at, capacity, taken, waiting, numbers, came), DELETE
	ON occurrence TO 'openhall_admin'@'localhost';
GRANT SELECT,
	INSERT (id, occurrence, number, answer, state, people, lang, receipt, desk_key, receipt_key,
	body, address, remind, channel, entered_by),
	UPDATE (number, answer, state, people, lang, desk_key, receipt_key, body, address, remind,
	tell, came), DELETE
	ON rsvp TO 'openhall_admin'@'localhost';
