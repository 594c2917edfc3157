-- join: hands in an application, and can read nothing back.
GRANT INSERT (id, desk, form, suspect, received_day, receipt, desk_key, receipt_key, body)
	ON submission TO 'openhall_join'@'localhost';
