-- courier: files what was spooled, keeps the counts, reminds, and erases what was kept as
-- long as promised.  It holds no key that opens anything.
GRANT SELECT (id, desk, form, state, kind, suspect, received_day, ended_day, moved_day, asked_day,
	sunk, desk_unread, holder_unread, facets, filed, desk_key),
	INSERT (id, desk, form, state, kind, urgency, suspect, received_day, moved_day, receipt,
	desk_key, receipt_key, body, facets),
	UPDATE (state, ended_day, asked_day, sunk, holder_unread, desk_unread, filed, receipt, desk_key,
	receipt_key, body, facets)
	ON submission TO 'openhall_courier'@'localhost';
GRANT SELECT (submission, ended_at), UPDATE (ended_at) ON round TO 'openhall_courier'@'localhost';
GRANT SELECT (submission), UPDATE (reason) ON elector TO 'openhall_courier'@'localhost';
GRANT SELECT (submission, day), DELETE ON message TO 'openhall_courier'@'localhost';
GRANT SELECT (submission, day), DELETE ON note TO 'openhall_courier'@'localhost';
GRANT SELECT (submission), DELETE ON revision TO 'openhall_courier'@'localhost';
GRANT SELECT (submission), DELETE ON contact TO 'openhall_courier'@'localhost';
GRANT SELECT, INSERT, DELETE ON facet TO 'openhall_courier'@'localhost';
GRANT SELECT, INSERT, DELETE ON census TO 'openhall_courier'@'localhost';
GRANT SELECT (id, expires_at), DELETE ON session TO 'openhall_courier'@'localhost';
GRANT SELECT (id, expires_at), DELETE ON invitation TO 'openhall_courier'@'localhost';
GRANT SELECT, INSERT, UPDATE, DELETE ON throttle TO 'openhall_courier'@'localhost';
GRANT SELECT, UPDATE (next_at) ON duty TO 'openhall_courier'@'localhost';
GRANT SELECT, INSERT ON audit TO 'openhall_courier'@'localhost';
GRANT SELECT, UPDATE ON audit_head TO 'openhall_courier'@'localhost';
GRANT SELECT, DELETE ON signup TO 'openhall_courier'@'localhost';
GRANT SELECT, INSERT, UPDATE, DELETE ON subscriber TO 'openhall_courier'@'localhost';
GRANT SELECT, INSERT, UPDATE, DELETE ON outbox TO 'openhall_courier'@'localhost';
GRANT SELECT, UPDATE (expanded_to, expanded_at) ON mailing TO 'openhall_courier'@'localhost';
GRANT SELECT (id, slug, title, summary, published_at) ON published TO 'openhall_courier'@'localhost';
GRANT SELECT (id, slug, state, visibility, kind, unit, area, lang, zone, starts_wall, minutes, rule,
	spread_to, online, capacity, sequence), UPDATE (spread_to, sequence)
	ON event TO 'openhall_courier'@'localhost';
GRANT SELECT (event, lang, title) ON event_words TO 'openhall_courier'@'localhost';
GRANT SELECT (id, event, day, starts_at, ends_at, state, shown, own, placed, kind, unit, area, online, note,
	sequence, changed_at, capacity, taken, waiting, reminded_at), INSERT, DELETE,
	UPDATE (day, starts_at, ends_at, state, shown, kind, unit, area, online, capacity, changed_at, sequence,
	reminded_at)
	ON occurrence TO 'openhall_courier'@'localhost';
GRANT SELECT (id, occurrence, number, answer, state, lang, address, remind, tell, told),
	UPDATE (tell, told, address), DELETE
	ON rsvp TO 'openhall_courier'@'localhost';
GRANT SELECT, UPDATE (number) ON press TO 'openhall_courier'@'localhost';
