// Package casework is what users do with cases: load what is on record,
// decide, append, and do it again where somebody else was faster. It brings
// in histories from case files, hands out cases, registers and timelines, and
// keeps the results of replays.
//
// # Life of a recorded step
//
//  1. [Service.Record] reads the clock, once.
//  2. It reads the case, the registers that a decision rests on, and checks
//     every event it reads: place, identity, canonical bytes, no gap.
//  3. The command's id tells a retry: the first receipt is given again.
//  4. The statements are checked against the schema of the pack in force.
//  5. eligibility.Record decides.
//  6. Personal data is sealed; only then are the clear part and the envelope
//     built, with the basis, which names every stream as far as it was read.
//  7. The store appends. A conflict goes back to 2, a bounded number of times.
//  8. The receipt is given: never before the append is durable.
//
// A read that meets a gap, foreign bytes or a register that is shorter than a
// decision on record says it was gives an error, never a shorter history.
package casework
