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
	// ErrRestricted is an ErrSealed: the key lies in escrow, and two persons
	// together bring it back.
	ErrRestricted = error(narrower{"personal data is sealed: its key lies in escrow", ErrSealed})
	// ErrShredded is an ErrSealed: the key was destroyed, and nobody can open
	// the data any more.
	ErrShredded = error(narrower{"personal data is sealed: its key was destroyed", ErrSealed})
	// ErrSuite says that a file or folder belongs to another cryptographic
	// suite than the one that is configured. Nothing is read from it.
	ErrSuite = errors.New("another cryptographic suite")
)

// narrower is a sentinel that is also another one.
type narrower struct {
	text string
	of   error
}

func (n narrower) Error() string { return n.text }
func (n narrower) Unwrap() error { return n.of }

// Parts are what an error says, apart: where in the input, by which rule, what
// is wrong, and how to mend it. Field and Rule may be empty, and so may Mend.
type Parts struct {
	Field string
	Rule  Text
	Wrong Said
	Mend  Said
}

// Explained is an error that can be told to users in their language:
// names.Explain does it. Error stays English, for logs.
type Explained interface {
	error
	Parts() Parts
}

// A Fault is a mistake in the input: which field, what is wrong with it, and
// what to write instead. Without a field, it is about the value as a whole.
type Fault struct {
	Field string
	Wrong Said
	Mend  Said
}

// NewFault is a Fault; both formats speak of args.
func NewFault(field, wrong, mend string, args ...any) *Fault {
	return &Fault{field, Say(wrong, args...), Say(mend, args...)}
}

// Error joins the three parts.
func (f *Fault) Error() string {
	if f.Field == "" {
		return fmt.Sprintf("%s; %s", f.Wrong, f.Mend)
	}
	return fmt.Sprintf("%s: %s; %s", f.Field, f.Wrong, f.Mend)
}

// Unwrap makes every Fault an ErrInvalid.
func (f *Fault) Unwrap() error { return ErrInvalid }

// Parts are the parts of the fault.
func (f *Fault) Parts() Parts { return Parts{Field: f.Field, Wrong: f.Wrong, Mend: f.Mend} }

// A Denial is an act or question that gets a sentinel for an answer, in words.
type Denial struct {
	Is  error
	Why Said
	// Mend is what to do; empty where the sentinel says it all.
	Mend Said
}

// Deny wraps a sentinel with why and with what to do; both formats speak of
// args.
func Deny(is error, why, mend string, args ...any) error {
	return &Denial{is, Say(why, args...), Say(mend, args...)}
}

// Error names the sentinel, why and what to do.
func (d *Denial) Error() string {
	if d.Mend.Format == "" {
		return fmt.Sprintf("%v: %s", d.Is, d.Why)
	}
	return fmt.Sprintf("%v: %s; %s", d.Is, d.Why, d.Mend)
}

// Unwrap leads to the sentinel.
func (d *Denial) Unwrap() error { return d.Is }

// Parts are the parts of the denial.
func (d *Denial) Parts() Parts { return Parts{Wrong: d.Why, Mend: d.Mend} }

// A Place is an error with words before it that say what it is about. The chain
// goes on to the error itself.
type Place struct {
	At  Said
	Err error
}

// Within says what an error is about: at speaks of args.
func Within(err error, at string, args ...any) error { return &Place{Say(at, args...), err} }

// Error puts the place before the error.
func (p *Place) Error() string { return fmt.Sprintf("%s: %v", p.At, p.Err) }

// Unwrap leads to the error.
func (p *Place) Unwrap() error { return p.Err }

// Parts are those of the error, with the place before what is wrong. What the
// catalogue does not word, as the operating system's errors, is told as it is.
func (p *Place) Parts() Parts {
	var inner Explained
	if !errors.As(p.Err, &inner) {
		return Parts{Wrong: Say("%s: %s", p.At, p.Err)}
	}
	parts := inner.Parts()
	parts.Wrong = Say("%s: %s", p.At, parts.Wrong)
	return parts
}
