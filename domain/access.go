package domain

// Access says that somebody saw personal data, listed, searched or exported
// it. Who and when are in the envelope. It is put on record by whoever shows
// the data, before it is shown.
type Access struct {
	Kind    string   `json:"kind"`              // read, list, search, export
	Case    string   `json:"case,omitempty"`    // whose, where it is one
	Fields  []string `json:"fields,omitempty"`  // paths of what was opened
	Purpose string   `json:"purpose,omitempty"` // a code, such as review or handling
	Request string   `json:"request,omitempty"` // id of the request
	// Clue is the clue, or the case whose clues were looked for. It never stands
	// beside Case: no list by case, and no read model at all, tells of it.
	Clue string `json:"clue,omitempty"`
}

// EventType is the stored name.
func (Access) EventType() string { return "access-recorded.v1" }

// SearchPurposes are the codes of why somebody looks for a person: handling his
// case, a review, an audit, a remedy, or the person's own request (个人信息保护法
// Art 45).
func SearchPurposes() []string { return []string{"handling", "review", "audit", "remedy", "request"} }
