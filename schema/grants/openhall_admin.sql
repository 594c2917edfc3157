-- admin: what the desks need.  What was handed in cannot be altered, a vote and a line of
-- the audit cannot be taken away.
GRANT SELECT (name, public_key) ON desk TO 'openhall_admin'@'localhost';
GRANT SELECT, INSERT ON admin TO 'openhall_admin'@'localhost';
GRANT SELECT, INSERT ON desk_key TO 'openhall_admin'@'localhost';
GRANT SELECT, INSERT, DELETE ON invitation TO 'openhall_admin'@'localhost';
GRANT SELECT, INSERT ON invitation_key TO 'openhall_admin'@'localhost';
GRANT SELECT, INSERT, UPDATE (expires_at), DELETE ON session TO 'openhall_admin'@'localhost';
GRANT SELECT, INSERT, UPDATE, DELETE ON throttle TO 'openhall_admin'@'localhost';
GRANT SELECT, UPDATE (state, ended_day) ON submission TO 'openhall_admin'@'localhost';
GRANT SELECT, INSERT, UPDATE ON round TO 'openhall_admin'@'localhost';
GRANT SELECT, INSERT, UPDATE ON elector TO 'openhall_admin'@'localhost';
GRANT SELECT, INSERT ON audit TO 'openhall_admin'@'localhost';
GRANT SELECT, UPDATE ON audit_head TO 'openhall_admin'@'localhost';
