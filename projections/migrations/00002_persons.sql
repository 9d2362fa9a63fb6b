-- persons: the blind index. A person is found by the keyed digest of a name or
-- a number; who has not the key of the index learns nothing from it but that
-- two entries are equal.

-- +goose Up
CREATE TABLE persons (
	gen     BIGINT NOT NULL,
	subject ctext  NOT NULL, -- person in a case, whose data key sealed it
	kind    ctext  NOT NULL, -- id_number, name, account
	digest  ctext  NOT NULL, -- hexadecimal
	hidden  BIGINT NOT NULL, -- not everybody who handles the case may see the event
	id      ctext  NOT NULL, -- case
	person  ctext  NOT NULL, -- pseudonym in it
	PRIMARY KEY (gen, subject, kind, digest, hidden)
);
CREATE INDEX persons_digest ON persons (gen, digest, kind, id, person, hidden);
CREATE TABLE person_keys (
	gen BIGINT NOT NULL,
	key ctext  NOT NULL, -- id of the key of the index that made the digests
	PRIMARY KEY (gen, key)
);
CREATE TABLE person_states (
	gen     BIGINT NOT NULL,
	subject ctext  NOT NULL,
	request ctext  NOT NULL, -- newest event that asks for something to be done with the data
	act     ctext  NOT NULL, -- restrict, release, inspect, shred
	closed  BIGINT NOT NULL, -- restricted or shredded: nobody finds him
	PRIMARY KEY (gen, subject)
);

-- +goose Down
DROP TABLE person_states;
DROP TABLE person_keys;
DROP TABLE persons;
