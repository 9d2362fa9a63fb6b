// Package casework is what users do with cases: load what is on record,
// decide, append, and do it again where somebody else was faster. It brings
// in histories from case files, hands out cases, registers and timelines, and
// keeps the results of replays.
//
// # Life of a recorded step
//
//  1. [Service.Record] reads the clock, once.
//  2. It reads the case and the registers that a decision rests on, and checks
//     every event it reads: place, identity, canonical bytes, no gap.
//  3. The command's id tells a retry: the first receipt is given again.
//  4. eligibility.Record decides.
//  5. What the event states is checked against the schema of the pack in
//     force, and a decision gets the engine's advice.
//  6. Personal data is sealed; only then are the clear part and the envelope
//     built, with the basis, which names every stream as far as it was read.
//  7. The store appends. A conflict goes back to 2, a bounded number of times.
//  8. The receipt is given: never before the append is durable.
//
// # Reading
//
// A read that meets a gap, foreign bytes or a register that is shorter than a
// decision on record says it was gives an error, never a shorter history. Two
// things a reader of streams alone cannot see, and it does not claim to: that
// events are missing at the end of a case, and that the whole store was put
// back from an older copy. The ledger's checkpoints are for that.
//
// # Case files
//
// A case file brings in a history that was kept elsewhere. It is NDJSON: an
// optional header ([FileHeader]), then one event per line ([FileLine]), with
// the fields of the event under "data". Lines without "case" are events of the
// city's registers. Personal data is given as {"subject":…,"text":…}.
//
//	{"leeway":"case-file.v1","grade":"A","actor":{"person":"w1","office":"town","post":"intake"}}
//	{"type":"rules-activated.v1","data":{"day":"2020-01-01","rules":{"pack":"p","version":"1"}}}
//	{"case":"F2","type":"case-opened.v1","data":{"day":"2020-01-02",…}}
//	{"case":"F2","type":"household-surveyed.v1","claimed":{"at":"2020-01-08T10:00:00+08:00"},"data":{"day":"2020-01-06",…}}
//
// What it says of when things were known is a claim with a grade of proof. It
// is kept apart from when the server recorded it, and never mixed up with it.
// The lines of one case stand in the order in which they were put on record;
// what was entered late says so with claimed.at.
//
// Importing is safe to repeat. The id of an event follows from the line's
// place in its case and from what it says in the clear, so that a line that is
// on record is known again, a line that differs is a contradiction, and lines
// behind those on record are added. Each case is one batch: it is on record
// whole or not at all.
package casework
