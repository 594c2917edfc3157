-- The ground: desks and their keys, admins, sessions, submissions, decisions, audit.
--
-- Every moment is whole seconds since 1970 in UTC; a day is the moment of its midnight.
-- Every table has a primary key that no server counts, so that several nodes can write.
-- Accepted by MariaDB 10.11 and MySQL 8.4 and later.

CREATE TABLE IF NOT EXISTS recovery (
	id		TINYINT NOT NULL PRIMARY KEY,	-- one row: 1
	public_key	BINARY(32) NOT NULL
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4;

CREATE TABLE IF NOT EXISTS desk (
	name		VARCHAR(32) CHARACTER SET ascii COLLATE ascii_bin NOT NULL PRIMARY KEY,
	public_key	BINARY(32) NOT NULL,
	recovery_key	VARBINARY(128) NOT NULL		-- its secret key, sealed to recovery.public_key
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4;

CREATE TABLE IF NOT EXISTS admin (
	id		BINARY(16) NOT NULL PRIMARY KEY,
	-- alike but for case and accents is the same name, on every server
	name		VARCHAR(64) CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_520_ci NOT NULL,
	public_key	BINARY(32) NOT NULL,
	salt		BINARY(16) NOT NULL,
	wrapped_key	VARBINARY(72) NOT NULL,		-- their secret key, under their password's key
	created_at	BIGINT NOT NULL,
	UNIQUE KEY name (name)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4;

-- Who serves at which desk: the desk's secret key, sealed to the admin.
CREATE TABLE IF NOT EXISTS desk_key (
	desk		VARCHAR(32) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
	admin		BINARY(16) NOT NULL,
	sealed_key	VARBINARY(128) NOT NULL,
	PRIMARY KEY (desk, admin),
	KEY admin (admin),
	CONSTRAINT desk_key_desk FOREIGN KEY (desk) REFERENCES desk (name),
	CONSTRAINT desk_key_admin FOREIGN KEY (admin) REFERENCES admin (id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4;

CREATE TABLE IF NOT EXISTS invitation (
	id		BINARY(32) NOT NULL PRIMARY KEY,	-- what its code is looked up by
	public_key	BINARY(32) NOT NULL,
	invited_by	BINARY(16) NULL,
	created_at	BIGINT NOT NULL,
	expires_at	BIGINT NOT NULL
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4;

CREATE TABLE IF NOT EXISTS invitation_key (
	invitation	BINARY(32) NOT NULL,
	desk		VARCHAR(32) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
	sealed_key	VARBINARY(128) NOT NULL,
	PRIMARY KEY (invitation, desk),
	CONSTRAINT invitation_key_invitation FOREIGN KEY (invitation)
	    REFERENCES invitation (id) ON DELETE CASCADE
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4;

CREATE TABLE IF NOT EXISTS session (
	id		BINARY(32) NOT NULL PRIMARY KEY,	-- a hash of the cookie
	admin		BINARY(16) NOT NULL,
	wrapped_key	VARBINARY(72) NOT NULL,		-- the admin's secret key, under the cookie's value
	created_at	BIGINT NOT NULL,
	expires_at	BIGINT NOT NULL,
	KEY admin (admin),
	KEY expires_at (expires_at),
	CONSTRAINT session_admin FOREIGN KEY (admin) REFERENCES admin (id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4;

-- Failed log-ins, counted for a name together with where they came from (a keyed hash).
CREATE TABLE IF NOT EXISTS throttle (
	bucket		BINARY(32) NOT NULL PRIMARY KEY,
	failures	INT NOT NULL,
	until		BIGINT NOT NULL,
	KEY until (until)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4;

CREATE TABLE IF NOT EXISTS submission (
	id		BINARY(16) NOT NULL PRIMARY KEY,
	desk		VARCHAR(32) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
	form		VARCHAR(32) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
	-- received, review, accepted, declined, withdrawn
	state		VARCHAR(16) CHARACTER SET ascii COLLATE ascii_bin NOT NULL DEFAULT 'received',
	suspect		TINYINT NOT NULL DEFAULT 0,	-- looks like a machine's: sinks in the queue
	received_day	BIGINT NOT NULL,
	ended_day	BIGINT NULL,
	receipt		BINARY(32) NOT NULL,		-- what its receipt code is looked up by
	desk_key	VARBINARY(128) NOT NULL,	-- content key, sealed to the desk; empty: erased
	receipt_key	VARBINARY(72) NOT NULL,		-- content key, wrapped under the receipt's; empty: erased
	body		MEDIUMBLOB NOT NULL,		-- the answers, under the content key; empty: erased
	UNIQUE KEY receipt (receipt),
	KEY queue (desk, state, suspect, received_day, id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4;

-- One time that a case was open for decision, with the rule as it was then.
CREATE TABLE IF NOT EXISTS round (
	submission	BINARY(16) NOT NULL,
	number		INT NOT NULL,
	opened_at	BIGINT NOT NULL,
	closes_at	BIGINT NOT NULL,
	ended_at	BIGINT NULL,
	quorum		INT NOT NULL,
	favour		INT NOT NULL,
	block		INT NOT NULL,
	PRIMARY KEY (submission, number),
	CONSTRAINT round_submission FOREIGN KEY (submission)
	    REFERENCES submission (id) ON DELETE CASCADE
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4;

-- The electorate of a round, frozen when it opened, and what each did.
CREATE TABLE IF NOT EXISTS elector (
	submission	BINARY(16) NOT NULL,
	number		INT NOT NULL,
	admin		BINARY(16) NOT NULL,
	-- favour, against, abstain, recused; NULL: not yet
	vote		VARCHAR(8) CHARACTER SET ascii COLLATE ascii_bin NULL,
	reason		VARBINARY(16384) NULL,		-- under the content key
	voted_at	BIGINT NULL,
	PRIMARY KEY (submission, number, admin),
	KEY admin (admin),
	CONSTRAINT elector_round FOREIGN KEY (submission, number)
	    REFERENCES round (submission, number) ON DELETE CASCADE,
	CONSTRAINT elector_admin FOREIGN KEY (admin) REFERENCES admin (id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4;

CREATE TABLE IF NOT EXISTS audit_head (
	id		TINYINT NOT NULL PRIMARY KEY,	-- one row: 1
	number		BIGINT NOT NULL,
	mac		BINARY(32) NOT NULL
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4;

CREATE TABLE IF NOT EXISTS audit (
	number		BIGINT NOT NULL PRIMARY KEY,
	at		BIGINT NOT NULL,
	admin		BINARY(16) NULL,
	action		VARCHAR(32) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
	subject		BINARY(16) NULL,
	mac		BINARY(32) NOT NULL
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4;

INSERT IGNORE INTO audit_head (id, number, mac) VALUES (1, 0, REPEAT(CHAR(0), 32));
