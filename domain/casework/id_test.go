package casework

import (
	"testing"

	"github.com/google/uuid"
)

func TestEventIDs(t *testing.T) {
	first, second := newID(), newID()
	if !isID(first) || first >= second {
		t.Errorf("command ids %s, %s are not in the order of time", first, second)
	}
	id := eventID(first, 0)
	if id != eventID(first, 0) || id == eventID(first, 1) || id == eventID(second, 0) || !isID(id) {
		t.Error("an event id is not the command's own, or not the same in a retry")
	}
	if id[:13] != first[:13] {
		t.Errorf("event id %s does not keep the time of its command %s", id, first)
	}
	const random = "b7a37676-99bc-421d-a2bb-aea7e24048a4"
	if uuid.MustParse(eventID(random, 0)).Version() != 5 {
		t.Error("an id made of a random command id claims to keep a time")
	}
}
