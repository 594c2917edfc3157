-- aid: hands in a request or an offer, and can read nothing back but the public counts.
GRANT INSERT (id, desk, form, state, kind, urgency, suspect, received_day, moved_day, receipt,
	desk_key, receipt_key, body, facets)
	ON submission TO 'openhall_aid'@'localhost';
GRANT SELECT ON unit TO 'openhall_aid'@'localhost';
GRANT SELECT ON census TO 'openhall_aid'@'localhost';
GRANT INSERT (id, kind, lang, address, about, due_at) ON outbox TO 'openhall_aid'@'localhost';
