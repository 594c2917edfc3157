-- receipt: shows the holder of a code what became of the submission, and withdraws it.
GRANT SELECT (id, desk, form, state, received_day, ended_day, receipt, receipt_key, body),
	UPDATE (state, ended_day, desk_key, receipt_key, body)
	ON submission TO 'openhall_receipt'@'localhost';
GRANT SELECT (submission, number, opened_at, closes_at, ended_at),
	UPDATE (ended_at)
	ON round TO 'openhall_receipt'@'localhost';
