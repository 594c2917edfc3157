-- receipt: shows the holder of a code what became of the submission, and takes what they
-- have to say: a message, a correction, that it is settled, withdrawn, or to be erased.
GRANT SELECT (id, desk, form, state, kind, urgency, received_day, ended_day, moved_day, asked_day,
	sunk, holder_unread, desk_unread, receipt, receipt_key, body, facets),
	UPDATE (state, ended_day, moved_day, asked_day, sunk, urgency, kind, desk_unread, holder_unread,
	receipt, desk_key, receipt_key, body, facets, filed)
	ON submission TO 'openhall_receipt'@'localhost';
GRANT SELECT (submission, number, opened_at, closes_at, ended_at),
	UPDATE (ended_at)
	ON round TO 'openhall_receipt'@'localhost';
GRANT SELECT (submission), UPDATE (reason) ON elector TO 'openhall_receipt'@'localhost';
GRANT SELECT, INSERT, DELETE ON message TO 'openhall_receipt'@'localhost';
GRANT SELECT (submission, number), INSERT, DELETE ON revision TO 'openhall_receipt'@'localhost';
GRANT SELECT (submission), DELETE ON note TO 'openhall_receipt'@'localhost';
GRANT SELECT (submission), DELETE ON contact TO 'openhall_receipt'@'localhost';
GRANT SELECT (submission), DELETE ON facet TO 'openhall_receipt'@'localhost';
GRANT SELECT ON census TO 'openhall_receipt'@'localhost';
GRANT SELECT ON unit TO 'openhall_receipt'@'localhost';
