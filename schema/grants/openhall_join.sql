-- join: hands in an application, and can read nothing back; offers the units there are.
GRANT INSERT (id, desk, form, state, kind, urgency, suspect, received_day, moved_day, receipt,
	desk_key, receipt_key, body, facets)
	ON submission TO 'openhall_join'@'localhost';
GRANT SELECT ON unit TO 'openhall_join'@'localhost';
GRANT INSERT (id, kind, lang, address, about, due_at) ON outbox TO 'openhall_join'@'localhost';
