-- units: shows what is public about the units.
GRANT SELECT ON unit TO 'openhall_units'@'localhost';
GRANT SELECT ON census TO 'openhall_units'@'localhost';
