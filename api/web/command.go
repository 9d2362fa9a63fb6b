package web

import (
	"leeway/domain"
)

// A refusal is what the domain said of a step that it did not take.
type refusal struct{ Wrong, Mend, Rule string }

// A change is what somebody recorded since a form was opened.
type change struct {
	Day      domain.Day
	Type     string
	Person   string
	Recorded domain.Instant
}
