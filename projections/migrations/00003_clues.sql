-- clues: what waits for the discipline organ. Neither the persons' names nor a
-- word of a clue is here, nor who reported; that there is a clue is secret
-- enough, so no query of a desk or board names this table.

-- +goose Up
CREATE TABLE clues (
	gen     BIGINT NOT NULL,
	id      ctext  NOT NULL,
	case_id ctext  NOT NULL,
	source  ctext  NOT NULL, -- report, audit, data_match, inquiry
	day     BIGINT NOT NULL, -- on which it came in
	open    BIGINT NOT NULL, -- it has not ended
	review  ctext  NOT NULL, -- that looks at it; none: nobody does yet
	named   ctext  NOT NULL, -- pseudonyms whom it is about, as a JSON list
	PRIMARY KEY (gen, id)
);
CREATE INDEX clues_open ON clues (gen, open, day, id);

-- +goose Down
DROP TABLE clues;
