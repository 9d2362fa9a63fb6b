// Package domain holds the words that every room shares: money in fen, civil
// days and months, statements about facts, the basis of an act, the outcome
// of a rule, and the envelope in which an event is kept forever. It reads no
// clock, does no I/O and imports nothing foreign.
package domain
