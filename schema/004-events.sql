-- Events: what takes place when and where, each of its dates, and who is coming.
--
-- A wall time is what a clock on the wall there shows, as seconds since 1970 as if it were UTC.

CREATE TABLE IF NOT EXISTS event (
	id		BINARY(16) NOT NULL PRIMARY KEY,	-- its UID comes from it
	slug		VARCHAR(80) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,	-- never changes once published
	-- draft, published, cancelled
	state		VARCHAR(16) CHARACTER SET ascii COLLATE ascii_bin NOT NULL DEFAULT 'draft',
	-- public; link: only who has the address
	visibility	VARCHAR(8) CHARACTER SET ascii COLLATE ascii_bin NOT NULL DEFAULT 'public',
	-- meeting, education, action, talk, work, social, other
	kind		VARCHAR(16) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
	unit		VARCHAR(32) CHARACTER SET ascii COLLATE ascii_bin NOT NULL DEFAULT '',
	area		VARCHAR(32) CHARACTER SET ascii COLLATE ascii_bin NOT NULL DEFAULT '',
	lang		VARCHAR(8) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,	-- in which it surely has words
	zone		VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,	-- "America/New_York"
	starts_wall	BIGINT NOT NULL,			-- of the first, or only, date
	minutes		INT NOT NULL,				-- that each takes
	rule		VARCHAR(120) CHARACTER SET ascii COLLATE ascii_bin NOT NULL DEFAULT '',	-- RRULE, its UNTIL a wall time; empty: one date
	spread_to	BIGINT NOT NULL DEFAULT 0,		-- up to this wall time there are rows of occurrence
	whereabouts	VARBINARY(4096) NOT NULL DEFAULT '',	-- address and link, sealed: event_place_open()
	address_for	VARCHAR(8) CHARACTER SET ascii COLLATE ascii_bin NOT NULL DEFAULT 'all',	-- all, coming
	link_for	VARCHAR(8) CHARACTER SET ascii COLLATE ascii_bin NOT NULL DEFAULT 'all',
	online		TINYINT NOT NULL DEFAULT 0,		-- there is a link
	access		VARCHAR(2048) NOT NULL DEFAULT '',	-- pairs: wheelchair, interpretation, childcare, masks, languages
	contact		VARCHAR(254) NOT NULL DEFAULT '',	-- for everybody to see
	rsvp		TINYINT NOT NULL DEFAULT 0,
	rsvp_hours	INT NOT NULL DEFAULT 0,			-- before it begins: the deadline
	capacity	INT NULL,
	version		INT NOT NULL DEFAULT 1,			-- raised by each saving
	sequence	INT NOT NULL DEFAULT 0,			-- RFC 5545, 3.8.7.4; raised when its readers should look again
	created_at	BIGINT NOT NULL,
	changed_at	BIGINT NOT NULL,
	changed_by	BINARY(16) NOT NULL,
	published_at	BIGINT NULL,				-- first
	UNIQUE KEY slug (slug),
	KEY fresh (state, visibility, published_at, id),
	KEY changed (changed_at, id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4;

-- What it is called and says, in each language that somebody wrote.
CREATE TABLE IF NOT EXISTS event_words (
	event		BINARY(16) NOT NULL,
	lang		VARCHAR(8) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
	title		VARCHAR(200) NOT NULL,
	summary		VARCHAR(600) NOT NULL DEFAULT '',
	body		TEXT NOT NULL,				-- Markdown
	html		TEXT NOT NULL,				-- of it
	PRIMARY KEY (event, lang),
	CONSTRAINT event_words_event FOREIGN KEY (event) REFERENCES event (id) ON DELETE CASCADE
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4;

-- One time that it takes place.  Lists read this alone, so it says again what they filter by.
CREATE TABLE IF NOT EXISTS occurrence (
	id		BINARY(16) NOT NULL PRIMARY KEY,
	event		BINARY(16) NOT NULL,
	day		INT NOT NULL,				-- 20261208: its date by the rule, whenever it is moved to; 0: the only one
	starts_at	BIGINT NOT NULL,
	ends_at		BIGINT NOT NULL,
	-- planned, cancelled, postponed (until nobody knows when), skipped (as if the rule did not say it)
	state		VARCHAR(16) CHARACTER SET ascii COLLATE ascii_bin NOT NULL DEFAULT 'planned',
	shown		TINYINT NOT NULL DEFAULT 0,		-- in lists: published, public, and not skipped
	own		TINYINT NOT NULL DEFAULT 0,		-- its time was set by hand: the rule does not move it
	placed		TINYINT NOT NULL DEFAULT 0,		-- so was its place: area, online and whereabouts are its own
	kind		VARCHAR(16) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
	unit		VARCHAR(32) CHARACTER SET ascii COLLATE ascii_bin NOT NULL DEFAULT '',
	area		VARCHAR(32) CHARACTER SET ascii COLLATE ascii_bin NOT NULL DEFAULT '',
	online		TINYINT NOT NULL DEFAULT 0,
	whereabouts	VARBINARY(4096) NOT NULL DEFAULT '',	-- where it was placed
	note		VARCHAR(600) NOT NULL DEFAULT '',	-- what is different this time
	sequence	INT NOT NULL DEFAULT 0,			-- on top of the event's
	changed_at	BIGINT NOT NULL,
	-- seats: never more than there are, and whoever waits comes first
	capacity	INT NULL,				-- NULL: no limit
	taken		INT NOT NULL DEFAULT 0,
	waiting		INT NOT NULL DEFAULT 0,			-- people
	numbers		INT NOT NULL DEFAULT 0,			-- given to RSVPs so far
	came		INT NOT NULL DEFAULT 0,			-- people
	reminded_at	BIGINT NULL,
	UNIQUE KEY date (event, day),
	KEY event (event, ends_at),
	KEY coming (shown, ends_at, id),
	KEY month (shown, starts_at, id),
	KEY kind (shown, kind, ends_at, id),
	KEY unit (shown, unit, ends_at, id),
	KEY area (shown, area, ends_at, id),
	KEY online (shown, online, ends_at, id),
	KEY remind (reminded_at, starts_at),
	CONSTRAINT occurrence_event FOREIGN KEY (event) REFERENCES event (id) ON DELETE CASCADE
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4;

-- Who said whether they come to one date.  Who they are is sealed; it is erased when the date
-- is long enough over.
CREATE TABLE IF NOT EXISTS rsvp (
	id		BINARY(16) NOT NULL PRIMARY KEY,	-- from the form's token: once is once
	occurrence	BINARY(16) NOT NULL,
	number		INT NOT NULL,				-- in the order in which seats were asked for
	answer		VARCHAR(8) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,	-- coming, perhaps, not
	-- seated, waiting (for a seat); none: needs no seat
	state		VARCHAR(8) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
	people		TINYINT NOT NULL,			-- 1 to 9
	lang		VARCHAR(8) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
	receipt		BINARY(32) NOT NULL,			-- what its code is looked up by
	desk_key	VARBINARY(128) NOT NULL,		-- content key, sealed to the desk
	receipt_key	VARBINARY(72) NOT NULL,			-- and wrapped under the receipt's
	body		MEDIUMBLOB NOT NULL,			-- the answers, under the content key
	address		VARBINARY(768) NOT NULL DEFAULT '',	-- of who wants mail, sealed to the mail key about `id`
	remind		TINYINT NOT NULL DEFAULT 0,
	-- what they are still to be told by mail: seated, changed, cancelled, remind; empty: nothing
	tell		VARCHAR(16) CHARACTER SET ascii COLLATE ascii_bin NOT NULL DEFAULT '',
	told		INT NOT NULL DEFAULT 0,			-- how often
	channel		VARCHAR(8) CHARACTER SET ascii COLLATE ascii_bin NOT NULL DEFAULT 'web',
	entered_by	BINARY(16) NULL,
	came		TINYINT NULL,				-- people who did; NULL: nobody ticked it
	UNIQUE KEY receipt (receipt),
	UNIQUE KEY place (occurrence, number),
	KEY waiting (occurrence, state, number),
	KEY tell (tell, id),
	CONSTRAINT rsvp_occurrence FOREIGN KEY (occurrence) REFERENCES occurrence (id) ON DELETE CASCADE
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4;

-- What came in, week by week, for the back office.
ALTER TABLE submission
	ADD KEY received (desk, kind, suspect, received_day);
ALTER TABLE subscriber
	ADD KEY confirmed (state, confirmed_at);

-- Raised whenever a public event changes: number 2, beside that of statements.
INSERT IGNORE INTO press (id, number) VALUES (2, 0);
-- spread: dates of endless events are written further; guests: reminders, and forgetting.
INSERT IGNORE INTO duty (name, next_at) VALUES ('spread', 0), ('guests', 0);
