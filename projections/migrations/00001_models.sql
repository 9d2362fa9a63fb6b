-- The read models, one text for SQLite and PostgreSQL.
--
-- ctext is text compared byte for byte: in PostgreSQL a domain over text with
-- collation "C", in SQLite a type name like any other, with text affinity and
-- collation BINARY. cblob is bytes in the same way.
--
-- Every row of a model carries the generation that wrote it. Readers see the
-- live generation of their projection; a rebuild writes the next one beside
-- it. Days, months and money are the numbers of the domain; moments are
-- milliseconds since 1970 in UTC; yes and no are 1 and 0.

-- +goose Up
CREATE TABLE projection (
	name     ctext  NOT NULL PRIMARY KEY,
	version  BIGINT NOT NULL, -- of the fold that wrote the live generation
	live     BIGINT NOT NULL, -- generation that readers see; 0: none yet
	building BIGINT NOT NULL, -- generation that a rebuild writes; 0: none
	position BIGINT NOT NULL, -- checkpoint: last event in the live generation
	before   BIGINT NOT NULL, -- position of the event in front of it
	event    ctext  NOT NULL, -- its id, by which another store is told
	recorded BIGINT NOT NULL, -- when it was recorded
	state    ctext  NOT NULL, -- new, live, stopped
	reason   ctext  NOT NULL, -- why it is stopped
	holder   ctext  NOT NULL, -- who may move it
	lease    BIGINT NOT NULL  -- and until when
);

CREATE TABLE poison (
	projection ctext  NOT NULL,
	position   BIGINT NOT NULL,
	event      ctext  NOT NULL,
	stream     ctext  NOT NULL,
	revision   BIGINT NOT NULL,
	type       ctext  NOT NULL,
	reason     ctext  NOT NULL,
	since      BIGINT NOT NULL,
	PRIMARY KEY (projection, position)
);

-- cases: one row for each case, from what its handling office may see.
CREATE TABLE cases (
	gen        BIGINT NOT NULL,
	id         ctext  NOT NULL,
	programme  ctext  NOT NULL,
	pack       ctext  NOT NULL,
	office     ctext  NOT NULL,
	opened     BIGINT NOT NULL,
	stage      ctext  NOT NULL,
	amount     BIGINT NOT NULL,
	from_month BIGINT NOT NULL,
	to_month   BIGINT NOT NULL,
	decided    BIGINT NOT NULL, -- day of the newest decision
	unsigned   BIGINT NOT NULL, -- gap: a survey was not signed
	no_data    BIGINT NOT NULL, -- gap: sources answered that they hold nothing
	imported   BIGINT NOT NULL,
	touched    BIGINT NOT NULL, -- day of the newest step of handling
	PRIMARY KEY (gen, id)
);
CREATE INDEX cases_office ON cases (gen, office, id);
CREATE INDEX cases_stage ON cases (gen, office, stage, id);

-- caseload: who handles a case, and how many people live on it.
CREATE TABLE caseload (
	gen     BIGINT NOT NULL,
	id      ctext  NOT NULL,
	office  ctext  NOT NULL,
	person  ctext  NOT NULL,
	post    ctext  NOT NULL,
	open    BIGINT NOT NULL,
	running BIGINT NOT NULL,
	members BIGINT NOT NULL,
	people  ctext  NOT NULL, -- who lives in the household, by pseudonym
	PRIMARY KEY (gen, id)
);
CREATE INDEX caseload_office ON caseload (gen, office, open, person, running, members);
CREATE INDEX caseload_person ON caseload (gen, person, open, id);

-- rechecks: when each running case is to be looked at again.
CREATE TABLE rechecks (
	gen    BIGINT NOT NULL,
	id     ctext  NOT NULL,
	office ctext  NOT NULL,
	due    BIGINT NOT NULL, -- 0: nothing is due
	class  ctext  NOT NULL,
	done   BIGINT NOT NULL, -- day of the newest re-check
	PRIMARY KEY (gen, id)
);
CREATE INDEX rechecks_due ON rechecks (gen, office, due, id);

-- timeline: one row for each event and each reader that it names; '' is
-- everybody who handles the case.
CREATE TABLE timeline (
	gen      BIGINT NOT NULL,
	id       ctext  NOT NULL,
	revision BIGINT NOT NULL,
	reader   ctext  NOT NULL,
	event    ctext  NOT NULL,
	type     ctext  NOT NULL,
	day      BIGINT NOT NULL,
	known    BIGINT NOT NULL,
	recorded BIGINT NOT NULL,
	late     BIGINT NOT NULL, -- days between what happened and its record
	grade    ctext  NOT NULL, -- of imported history
	person   ctext  NOT NULL,
	office   ctext  NOT NULL,
	post     ctext  NOT NULL,
	month    BIGINT NOT NULL,
	amount   BIGINT NOT NULL,
	PRIMARY KEY (gen, id, revision, reader)
);

-- decisions: what was decided, by whom, beside what the engine said.
CREATE TABLE decisions (
	gen        BIGINT NOT NULL,
	event      ctext  NOT NULL,
	id         ctext  NOT NULL,
	revision   BIGINT NOT NULL,
	type       ctext  NOT NULL,
	outcome    ctext  NOT NULL,
	amount     BIGINT NOT NULL,
	from_month BIGINT NOT NULL,
	to_month   BIGINT NOT NULL,
	day        BIGINT NOT NULL,
	recorded   BIGINT NOT NULL,
	person     ctext  NOT NULL,
	office     ctext  NOT NULL,
	post       ctext  NOT NULL,
	pack       ctext  NOT NULL,
	version    ctext  NOT NULL,
	digest     ctext  NOT NULL,
	advised    ctext  NOT NULL, -- none, same, other, undetermined
	PRIMARY KEY (gen, event)
);
CREATE INDEX decisions_case ON decisions (gen, id, revision);
CREATE INDEX decisions_office ON decisions (gen, office, day, event);
CREATE INDEX decisions_person ON decisions (gen, person, day, event);
CREATE INDEX decisions_advised ON decisions (gen, advised, day, event);

-- dossiers: what bulk replay needs of a stream, and the events themselves.
CREATE TABLE dossiers (
	gen         BIGINT NOT NULL,
	stream      ctext  NOT NULL,
	shard       BIGINT NOT NULL,
	programme   ctext  NOT NULL,
	pack        ctext  NOT NULL,
	office      ctext  NOT NULL,
	revision    BIGINT NOT NULL, -- of its last event; the first is 0
	first_at    BIGINT NOT NULL, -- positions
	last_at     BIGINT NOT NULL,
	first_month BIGINT NOT NULL, -- benefit months that it speaks of
	last_month  BIGINT NOT NULL,
	died        BIGINT NOT NULL,
	kin         BIGINT NOT NULL,
	digest      cblob  NOT NULL, -- running SHA-256 over the events
	PRIMARY KEY (gen, stream)
);
CREATE INDEX dossiers_shard ON dossiers (gen, shard, stream);
CREATE INDEX dossiers_office ON dossiers (gen, office, stream);
CREATE TABLE dossier_events (
	gen      BIGINT NOT NULL,
	stream   ctext  NOT NULL,
	revision BIGINT NOT NULL,
	position BIGINT NOT NULL,
	envelope cblob  NOT NULL,
	PRIMARY KEY (gen, stream, revision)
);

-- officers: what an officer decided on a day in a post.
CREATE TABLE officer_days (
	gen       BIGINT NOT NULL,
	person    ctext  NOT NULL,
	office    ctext  NOT NULL,
	post      ctext  NOT NULL,
	day       BIGINT NOT NULL,
	decisions BIGINT NOT NULL,
	approvals BIGINT NOT NULL,
	departed  BIGINT NOT NULL, -- decisions other than advised
	PRIMARY KEY (gen, person, office, post, day)
);
CREATE TABLE officer_posts (
	gen    BIGINT NOT NULL,
	event  ctext  NOT NULL,
	person ctext  NOT NULL,
	office ctext  NOT NULL,
	post   ctext  NOT NULL,
	since  BIGINT NOT NULL,
	until  BIGINT NOT NULL, -- first day not held any more; 0: held
	listed BIGINT NOT NULL, -- taken over with a list of open matters
	PRIMARY KEY (gen, event)
);
CREATE INDEX officer_posts_person ON officer_posts (gen, person, office, post, since);
CREATE TABLE officer_seats (
	gen  BIGINT NOT NULL,
	seat ctext  NOT NULL, -- office and post
	held ctext  NOT NULL, -- the holdings that are open
	PRIMARY KEY (gen, seat)
);

-- notices: proposals under public notice, and who receives what month by month.
CREATE TABLE notices (
	gen       BIGINT NOT NULL,
	event     ctext  NOT NULL,
	id        ctext  NOT NULL,
	office    ctext  NOT NULL,
	programme ctext  NOT NULL,
	members   BIGINT NOT NULL,
	outcome   ctext  NOT NULL,
	amount    BIGINT NOT NULL,
	posted    BIGINT NOT NULL,
	until     BIGINT NOT NULL, -- last day
	closed    BIGINT NOT NULL,
	PRIMARY KEY (gen, event)
);
CREATE INDEX notices_office ON notices (gen, office, until, event);
CREATE TABLE roster (
	gen        BIGINT NOT NULL,
	entry      ctext  NOT NULL, -- event of the decision
	id         ctext  NOT NULL,
	office     ctext  NOT NULL,
	programme  ctext  NOT NULL,
	members    BIGINT NOT NULL,
	amount     BIGINT NOT NULL,
	from_month BIGINT NOT NULL,
	to_month   BIGINT NOT NULL, -- last month; far ahead while it runs
	PRIMARY KEY (gen, entry)
);
CREATE INDEX roster_office ON roster (gen, office, id, from_month);
CREATE TABLE notice_cases (
	gen       BIGINT NOT NULL,
	id        ctext  NOT NULL,
	office    ctext  NOT NULL,
	programme ctext  NOT NULL,
	people    ctext  NOT NULL,
	outcome   ctext  NOT NULL, -- as proposed
	amount    BIGINT NOT NULL,
	hanging   ctext  NOT NULL, -- the notice that is not closed yet
	entry     ctext  NOT NULL, -- the newest entry of the roster
	PRIMARY KEY (gen, id)
);

-- money: what was found to be paid wrongly, and what of it came back. The two
-- directions are kept apart.
CREATE TABLE money (
	gen       BIGINT NOT NULL,
	id        ctext  NOT NULL,
	office    ctext  NOT NULL,
	overpaid  BIGINT NOT NULL,
	recovered BIGINT NOT NULL,
	underpaid BIGINT NOT NULL,
	backpaid  BIGINT NOT NULL,
	since     BIGINT NOT NULL, -- day of the oldest finding
	open      BIGINT NOT NULL, -- something is still to come or to be paid
	found     ctext  NOT NULL, -- amounts found, by month
	PRIMARY KEY (gen, id)
);
CREATE INDEX money_open ON money (gen, open, office, since, id);

-- access_log: who saw what of whom, and why.
CREATE TABLE access_log (
	gen      BIGINT NOT NULL,
	event    ctext  NOT NULL,
	recorded BIGINT NOT NULL,
	person   ctext  NOT NULL,
	office   ctext  NOT NULL,
	post     ctext  NOT NULL,
	kind     ctext  NOT NULL,
	id       ctext  NOT NULL, -- case, where there is one
	fields   BIGINT NOT NULL, -- how many sealed fields were opened
	purpose  ctext  NOT NULL,
	request  ctext  NOT NULL,
	PRIMARY KEY (gen, event)
);
CREATE INDEX access_case ON access_log (gen, id, recorded, event);
CREATE INDEX access_person ON access_log (gen, person, recorded, event);

-- reviews: the queue, and what the reviews found. No worker's query reads any
-- of these tables.
CREATE TABLE review_events (
	gen      BIGINT NOT NULL,
	id       ctext  NOT NULL,
	revision BIGINT NOT NULL,
	envelope cblob  NOT NULL,
	PRIMARY KEY (gen, id, revision)
);
CREATE TABLE reviews (
	gen      BIGINT NOT NULL,
	id       ctext  NOT NULL,
	organ    ctext  NOT NULL,
	route    ctext  NOT NULL,
	stage    ctext  NOT NULL,
	open     BIGINT NOT NULL, -- it has not ended
	opened   BIGINT NOT NULL,
	due      BIGINT NOT NULL, -- nearest limit of the organ; far ahead where there is none
	step     ctext  NOT NULL, -- that is due then
	persons  BIGINT NOT NULL,
	matters  BIGINT NOT NULL,
	recusals BIGINT NOT NULL, -- that wait for a decision
	departed BIGINT NOT NULL, -- departures from advice, with collective reasons
	over     BIGINT NOT NULL, -- money at stake, as replayed last
	under    BIGINT NOT NULL,
	PRIMARY KEY (gen, id)
);
CREATE INDEX reviews_queue ON reviews (gen, organ, open, due, id);
CREATE TABLE review_cases (
	gen     BIGINT NOT NULL,
	id      ctext  NOT NULL,
	case_id ctext  NOT NULL,
	PRIMARY KEY (gen, id, case_id)
);
CREATE INDEX review_cases_case ON review_cases (gen, case_id, id);
CREATE TABLE review_results (
	gen      BIGINT NOT NULL,
	id       ctext  NOT NULL,
	person   ctext  NOT NULL,
	matter   ctext  NOT NULL,
	office   ctext  NOT NULL,
	post     ctext  NOT NULL,
	case_id  ctext  NOT NULL,
	act      ctext  NOT NULL, -- event of the decision; none: an omission
	acted    BIGINT NOT NULL, -- day of it
	outcome  ctext  NOT NULL,
	error    BIGINT NOT NULL, -- an error was determined
	class    ctext  NOT NULL,
	grounds  ctext  NOT NULL, -- relied on
	decided  BIGINT NOT NULL, -- day of the determination
	served   BIGINT NOT NULL, -- 0: not yet
	departed BIGINT NOT NULL,
	PRIMARY KEY (gen, id, person, matter)
);
CREATE INDEX review_results_person ON review_results (gen, person, error, acted, id, matter);
CREATE TABLE review_grounds (
	gen      BIGINT NOT NULL,
	id       ctext  NOT NULL,
	person   ctext  NOT NULL,
	matter   ctext  NOT NULL,
	ground   ctext  NOT NULL,
	office   ctext  NOT NULL,
	cited    BIGINT NOT NULL,
	proved   BIGINT NOT NULL, -- by the engine, when it was determined
	accepted BIGINT NOT NULL, -- relied on in the determination
	PRIMARY KEY (gen, id, person, matter, ground)
);
CREATE INDEX review_grounds_ground ON review_grounds (gen, office, ground, cited, proved, accepted);
CREATE TABLE corrections (
	gen        BIGINT NOT NULL,
	id         ctext  NOT NULL,
	correction ctext  NOT NULL,
	case_id    ctext  NOT NULL,
	measure    ctext  NOT NULL,
	owner      ctext  NOT NULL,
	office     ctext  NOT NULL,
	amount     BIGINT NOT NULL,
	ordered    BIGINT NOT NULL,
	due        BIGINT NOT NULL,
	state      ctext  NOT NULL, -- proposed, ordered, done, accepted
	open       BIGINT NOT NULL, -- not accepted yet
	wants      ctext  NOT NULL, -- for want of what it stays open
	returned   BIGINT NOT NULL,
	PRIMARY KEY (gen, id, correction)
);
CREATE INDEX corrections_open ON corrections (gen, office, open, due, id, correction);

-- +goose Down
DROP TABLE corrections;
DROP TABLE review_grounds;
DROP TABLE review_results;
DROP TABLE review_cases;
DROP TABLE reviews;
DROP TABLE review_events;
DROP TABLE access_log;
DROP TABLE money;
DROP TABLE notice_cases;
DROP TABLE roster;
DROP TABLE notices;
DROP TABLE officer_seats;
DROP TABLE officer_posts;
DROP TABLE officer_days;
DROP TABLE dossier_events;
DROP TABLE dossiers;
DROP TABLE decisions;
DROP TABLE timeline;
DROP TABLE rechecks;
DROP TABLE caseload;
DROP TABLE cases;
DROP TABLE poison;
DROP TABLE projection;
