package domain

import (
	"errors"
	"fmt"
)

// Sentinels of the domain. They are wrapped with what, where and how to mend
// it; one table at the edge maps them to exit codes and HTTP.
var (
	// ErrInvalid says that what was given cannot be recorded as it is. The
	// caller mends the input.
	ErrInvalid = errors.New("invalid input")
	// ErrRefused says that the domain refuses the act in the present state of
	// the case. The error says which rule and what to do first.
	ErrRefused = errors.New("refused")
	// ErrNotFound says that there is no such case, pack or event.
	ErrNotFound = errors.New("not found")
	// ErrSealed says that personal data cannot be opened.
	ErrSealed = errors.New("personal data is sealed")
)

// A Fault is a mistake in the input: which field, what is wrong with it, and
// what to write instead.
type Fault struct {
	Field string
	Wrong string
	Mend  string
}

// Error joins the three parts.
func (f *Fault) Error() string {
	return fmt.Sprintf("%s: %s; %s", f.Field, f.Wrong, f.Mend)
}

// Unwrap makes every Fault an ErrInvalid.
func (f *Fault) Unwrap() error { return ErrInvalid }
