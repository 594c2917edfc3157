-- More desks, conversations, units, mutual aid, a second factor, and an end to everything.

-- The key of the keyed hashes of addresses, sealed to the desk's own public key.  Desks of
-- one circle share one, so that they know a person again; others cannot even ask.
ALTER TABLE desk
	ADD COLUMN match_key VARBINARY(128) NOT NULL DEFAULT '';

ALTER TABLE admin
	ADD COLUMN removed_at BIGINT NULL,		-- its keys are gone; the name stays beside its votes
	ADD COLUMN factor VARBINARY(1024) NULL,		-- the secret of one-time codes, under the admin's own key
	ADD COLUMN factor_step BIGINT NOT NULL DEFAULT 0;	-- of the last code used

-- One-time codes for who has lost the device: what each is looked up by.
CREATE TABLE IF NOT EXISTS factor_code (
	admin		BINARY(16) NOT NULL,
	id		BINARY(32) NOT NULL,
	PRIMARY KEY (admin, id),
	CONSTRAINT factor_code_admin FOREIGN KEY (admin) REFERENCES admin (id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4;

ALTER TABLE session
	ADD COLUMN pending TINYINT NOT NULL DEFAULT 0;	-- the password was right, the code is still to come

-- state, beside those of 001: needed, offered, started, noanswer, delivery, assigned;
-- complete, duplicate, outofarea, passedon; erased.
ALTER TABLE submission
	ADD COLUMN kind VARCHAR(8) CHARACTER SET ascii COLLATE ascii_bin NOT NULL DEFAULT '',	-- aid: ask, offer
	ADD COLUMN urgency TINYINT NOT NULL DEFAULT 0,		-- 0: first
	ADD COLUMN channel VARCHAR(8) CHARACTER SET ascii COLLATE ascii_bin NOT NULL DEFAULT 'web',	-- web, phone, paper
	ADD COLUMN entered_by BINARY(16) NULL,			-- the admin who typed it in
	ADD COLUMN assigned_to BINARY(16) NULL,
	ADD COLUMN moved_day BIGINT NOT NULL DEFAULT 0,		-- when the desk or the holder last did something
	ADD COLUMN asked_day BIGINT NULL,			-- when the holder was asked whether it is still needed
	ADD COLUMN sunk TINYINT NOT NULL DEFAULT 0,		-- asked, and no answer: below the others
	ADD COLUMN desk_unread INT NOT NULL DEFAULT 0,		-- messages that nobody at the desk has seen
	ADD COLUMN holder_unread INT NOT NULL DEFAULT 0,
	ADD COLUMN facets VARCHAR(2048) CHARACTER SET ascii COLLATE ascii_bin NOT NULL DEFAULT '',	-- as pairs: area=north&need=food
	ADD COLUMN filed TINYINT NOT NULL DEFAULT 0,		-- the table facet says the same
	DROP KEY queue,
	ADD KEY queue (desk, state, suspect, urgency, received_day, id),
	ADD KEY open (desk, kind, ended_day, suspect, sunk, urgency, received_day, id, moved_day),
	ADD KEY mine (assigned_to, desk, ended_day, sunk, urgency, received_day, id),
	ADD KEY unread (desk, desk_unread),
	ADD KEY moved (desk, ended_day, moved_day),
	ADD KEY still (desk, kind, ended_day, suspect, moved_day),
	ADD KEY retention (form, state, ended_day),
	ADD KEY filed (filed, id);
UPDATE submission SET moved_day = received_day, filed = 1;

-- A conversation between a desk and who holds the receipt, under the content key.
CREATE TABLE IF NOT EXISTS message (
	submission	BINARY(16) NOT NULL,
	number		INT NOT NULL,
	author		BINARY(16) NULL,	-- an admin; NULL: the holder
	-- text; and what happened: corrected, needed, settled
	kind		VARCHAR(16) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
	day		BIGINT NOT NULL,
	body		MEDIUMBLOB NOT NULL,	-- pairs: at, text
	PRIMARY KEY (submission, number),
	CONSTRAINT message_submission FOREIGN KEY (submission)
	    REFERENCES submission (id) ON DELETE CASCADE
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4;

-- What a desk writes down for itself: calls, visits, deliveries.
CREATE TABLE IF NOT EXISTS note (
	submission	BINARY(16) NOT NULL,
	number		INT NOT NULL,
	admin		BINARY(16) NOT NULL,
	day		BIGINT NOT NULL,
	body		MEDIUMBLOB NOT NULL,	-- pairs: at, way, text
	PRIMARY KEY (submission, number),
	CONSTRAINT note_submission FOREIGN KEY (submission)
	    REFERENCES submission (id) ON DELETE CASCADE
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4;

-- Answers as they were before the holder corrected them.
CREATE TABLE IF NOT EXISTS revision (
	submission	BINARY(16) NOT NULL,
	number		INT NOT NULL,
	day		BIGINT NOT NULL,	-- when they were replaced
	body		MEDIUMBLOB NOT NULL,
	PRIMARY KEY (submission, number),
	CONSTRAINT revision_submission FOREIGN KEY (submission)
	    REFERENCES submission (id) ON DELETE CASCADE
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4;

-- Keyed hashes of addresses and telephone numbers (desk.match_key), written when a desk
-- first opens a case.
CREATE TABLE IF NOT EXISTS contact (
	hash		BINARY(32) NOT NULL,
	submission	BINARY(16) NOT NULL,
	PRIMARY KEY (hash, submission),
	KEY submission (submission),
	CONSTRAINT contact_submission FOREIGN KEY (submission)
	    REFERENCES submission (id) ON DELETE CASCADE
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4;

-- submission.facets of what is open, one row each, to be found by.
CREATE TABLE IF NOT EXISTS facet (
	submission	BINARY(16) NOT NULL,
	name		VARCHAR(16) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
	value		VARCHAR(32) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
	area		VARCHAR(32) CHARACTER SET ascii COLLATE ascii_bin NOT NULL DEFAULT '',
	PRIMARY KEY (submission, name, value),
	KEY find (name, value, area, submission),
	CONSTRAINT facet_submission FOREIGN KEY (submission)
	    REFERENCES submission (id) ON DELETE CASCADE
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4;

-- Counts that the public may see: never one below the site's floor.
CREATE TABLE IF NOT EXISTS census (
	name		VARCHAR(16) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,	-- need, offer, near
	value		VARCHAR(32) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
	area		VARCHAR(32) CHARACTER SET ascii COLLATE ascii_bin NOT NULL DEFAULT '',
	n		INT NOT NULL,
	PRIMARY KEY (name, value, area)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4;

CREATE TABLE IF NOT EXISTS unit (
	slug		VARCHAR(32) CHARACTER SET ascii COLLATE ascii_bin NOT NULL PRIMARY KEY,
	name		VARCHAR(120) NOT NULL,
	-- workplace, neighbourhood, city, supporters
	kind		VARCHAR(16) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
	-- forming, active, resting
	state		VARCHAR(16) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
	area		VARCHAR(32) CHARACTER SET ascii COLLATE ascii_bin NOT NULL DEFAULT '',
	about		VARCHAR(2000) NOT NULL DEFAULT '',
	changed_at	BIGINT NOT NULL,
	KEY name (name)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4;

-- What one courier of several does at a time: it is done by who moves next_at on.
CREATE TABLE IF NOT EXISTS duty (
	name		VARCHAR(16) CHARACTER SET ascii COLLATE ascii_bin NOT NULL PRIMARY KEY,
	next_at		BIGINT NOT NULL
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4;

INSERT IGNORE INTO duty (name, next_at) VALUES ('census', 0), ('remind', 0), ('retain', 0);
