-- Statements: what the organisation says in public, and those who asked to be told.

-- A statement in one language, as its editors have it.  Translations share `work`.
CREATE TABLE IF NOT EXISTS statement (
	id		BINARY(16) NOT NULL PRIMARY KEY,
	work		BINARY(16) NOT NULL,
	lang		VARCHAR(8) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
	slug		VARCHAR(80) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,	-- never changes once published
	-- draft; review (others decide); ready (approved, or no approval is needed); published; withdrawn
	state		VARCHAR(16) CHARACTER SET ascii COLLATE ascii_bin NOT NULL DEFAULT 'draft',
	title		VARCHAR(200) NOT NULL,
	summary		VARCHAR(600) NOT NULL DEFAULT '',
	body		MEDIUMTEXT NOT NULL,				-- Markdown
	version		INT NOT NULL DEFAULT 1,				-- raised by each saving
	created_at	BIGINT NOT NULL,
	changed_at	BIGINT NOT NULL,
	changed_by	BINARY(16) NOT NULL,
	-- what is being decided, with the rule as it was when it was asked
	asked_at	BIGINT NULL,
	closes_at	BIGINT NULL,
	quorum		INT NOT NULL DEFAULT 0,
	favour		INT NOT NULL DEFAULT 0,
	block		INT NOT NULL DEFAULT 0,
	UNIQUE KEY slug (lang, slug),
	UNIQUE KEY work (work, lang),
	KEY state (state, changed_at, id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4;

-- Who decides on the version that was asked about, frozen then.
CREATE TABLE IF NOT EXISTS approval (
	statement	BINARY(16) NOT NULL,
	version		INT NOT NULL,
	admin		BINARY(16) NOT NULL,
	vote		VARCHAR(8) CHARACTER SET ascii COLLATE ascii_bin NULL,	-- favour, against, abstain, recused
	reason		VARCHAR(2000) NULL,
	voted_at	BIGINT NULL,
	PRIMARY KEY (statement, version, admin),
	CONSTRAINT approval_statement FOREIGN KEY (statement) REFERENCES statement (id) ON DELETE CASCADE,
	CONSTRAINT approval_admin FOREIGN KEY (admin) REFERENCES admin (id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4;

-- Each version that was public, and why it took the place of the one before.
CREATE TABLE IF NOT EXISTS edition (
	statement	BINARY(16) NOT NULL,
	number		INT NOT NULL,
	title		VARCHAR(200) NOT NULL,
	summary		VARCHAR(600) NOT NULL,
	body		MEDIUMTEXT NOT NULL,
	note		VARCHAR(600) NOT NULL,		-- of a correction
	at		BIGINT NOT NULL,
	by_admin	BINARY(16) NOT NULL,
	PRIMARY KEY (statement, number),
	CONSTRAINT edition_statement FOREIGN KEY (statement) REFERENCES statement (id) ON DELETE CASCADE
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4;

-- What the public reads, ready to be sent.  A row whose time has not come is not shown.
CREATE TABLE IF NOT EXISTS published (
	id		BINARY(16) NOT NULL PRIMARY KEY,
	work		BINARY(16) NOT NULL,
	lang		VARCHAR(8) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
	slug		VARCHAR(80) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
	title		VARCHAR(200) NOT NULL,
	summary		VARCHAR(600) NOT NULL,
	html		MEDIUMTEXT NOT NULL,
	published_at	BIGINT NOT NULL,
	corrected_at	BIGINT NULL,
	note		VARCHAR(600) NOT NULL DEFAULT '',
	UNIQUE KEY slug (lang, slug),
	KEY recent (lang, published_at, id),
	KEY work (work)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4;

-- Raised whenever what is published changes, so that who keeps a page made knows.
CREATE TABLE IF NOT EXISTS press (
	id		TINYINT NOT NULL PRIMARY KEY,	-- one row: 1
	number		BIGINT NOT NULL,
	at		DATETIME NOT NULL DEFAULT CURRENT_TIMESTAMP ON UPDATE CURRENT_TIMESTAMP	-- UTC
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4;
INSERT IGNORE INTO press (id, number) VALUES (1, 0);

-- Who asked to be told of new statements, as it came in: only courier can read the address.
CREATE TABLE IF NOT EXISTS signup (
	id		BINARY(16) NOT NULL PRIMARY KEY,	-- from the form's token: once is once
	address		VARBINARY(768) NOT NULL,		-- sealed to the mail key
	lang		VARCHAR(8) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
	at		BIGINT NOT NULL,
	KEY at (at)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4;

CREATE TABLE IF NOT EXISTS subscriber (
	id		BINARY(16) NOT NULL PRIMARY KEY,
	hash		BINARY(32) NOT NULL,			-- of the address, under a key that only courier has
	address		VARBINARY(768) NOT NULL,		-- sealed to the mail key
	lang		VARCHAR(8) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
	-- pending (asked, not yet confirmed), confirmed, left, bounced
	state		VARCHAR(16) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
	token		BINARY(32) NOT NULL,			-- what the code in its mails is looked up by
	asked_at	BIGINT NOT NULL,			-- when a confirmation was last asked for
	confirmed_at	BIGINT NULL,
	bounces		INT NOT NULL DEFAULT 0,
	UNIQUE KEY hash (hash),
	UNIQUE KEY token (token),
	KEY state (state, lang, id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4;

-- Mail that waits to be sent, and what became of it.
CREATE TABLE IF NOT EXISTS outbox (
	id		BINARY(16) NOT NULL PRIMARY KEY,	-- its Message-ID comes from it
	-- confirm, statement, receipt, decided, message, invitation
	kind		VARCHAR(16) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
	lang		VARCHAR(8) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
	address		VARBINARY(768) NOT NULL,		-- sealed to the mail key; empty once it is done
	about		VARBINARY(768) NOT NULL DEFAULT '',	-- what the text needs, sealed likewise
	mailing		BINARY(16) NULL,			-- of which announcement
	subscriber	BINARY(16) NULL,
	state		VARCHAR(8) CHARACTER SET ascii COLLATE ascii_bin NOT NULL DEFAULT 'waiting',	-- waiting, sent, failed
	attempts	INT NOT NULL DEFAULT 0,
	due_at		BIGINT NOT NULL,			-- not before
	leased_until	BIGINT NOT NULL DEFAULT 0,
	done_at		BIGINT NULL,
	code		INT NOT NULL DEFAULT 0,			-- the last answer of the mail server
	KEY due (state, due_at, id),
	KEY mailing (mailing, state),
	UNIQUE KEY once (mailing, subscriber)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4;

-- The announcement of one published statement to all subscribers of its language.
CREATE TABLE IF NOT EXISTS mailing (
	id		BINARY(16) NOT NULL PRIMARY KEY,	-- the statement's
	lang		VARCHAR(8) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
	asked_at	BIGINT NOT NULL,
	asked_by	BINARY(16) NOT NULL,
	due_at		BIGINT NOT NULL,			-- not before it is published
	expanded_to	BINARY(16) NOT NULL DEFAULT '',		-- the last subscriber that has a row in outbox
	expanded_at	BIGINT NULL,				-- all have
	KEY open (expanded_at, due_at)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4;

-- When the next mail may go, in microseconds: all couriers together keep the operator's rate.
-- Likewise the next confirmation, in seconds.
INSERT IGNORE INTO duty (name, next_at) VALUES ('pace', 0), ('confirm', 0), ('tidy', 0);
