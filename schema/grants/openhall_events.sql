-- events: shows what is public of events, and takes and keeps the answers of those who come.
-- It can open none of them without the code of their receipt.
GRANT SELECT (id, slug, state, visibility, kind, unit, area, lang, zone, starts_wall, minutes, rule,
	spread_to, whereabouts, address_for, link_for, online, access, contact, rsvp, rsvp_hours, capacity,
	sequence, changed_at, published_at)
	ON event TO 'openhall_events'@'localhost';
GRANT SELECT (event, lang, title, summary, html) ON event_words TO 'openhall_events'@'localhost';
GRANT SELECT (id, event, day, starts_at, ends_at, state, shown, own, placed, kind, unit, area,
	online, whereabouts, note, sequence, changed_at, capacity, taken, waiting, numbers),
	UPDATE (taken, waiting, numbers)
	ON occurrence TO 'openhall_events'@'localhost';
GRANT SELECT (id, occurrence, number, answer, state, people, lang, receipt, desk_key, receipt_key,
	body, address, remind, tell),
	INSERT (id, occurrence, number, answer, state, people, lang, receipt, desk_key, receipt_key,
	body, address, remind, channel, entered_by),
	UPDATE (number, answer, state, people, lang, receipt_key, desk_key, body, address, remind, tell),
	DELETE
	ON rsvp TO 'openhall_events'@'localhost';
GRANT SELECT (id, number), UPDATE (number) ON press TO 'openhall_events'@'localhost';
GRANT SELECT ON unit TO 'openhall_events'@'localhost';
GRANT INSERT (id, kind, lang, address, about, due_at) ON outbox TO 'openhall_events'@'localhost';
