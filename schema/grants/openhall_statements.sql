-- statements: shows what is public, and takes down who wants to be told of it.  It reaches no
-- draft and can read no address.
GRANT SELECT ON published TO 'openhall_statements'@'localhost';
GRANT SELECT ON press TO 'openhall_statements'@'localhost';
GRANT SELECT (at), INSERT ON signup TO 'openhall_statements'@'localhost';
GRANT SELECT (token, state), UPDATE (state, confirmed_at, address)
	ON subscriber TO 'openhall_statements'@'localhost';
