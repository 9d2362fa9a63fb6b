// Package projections keeps the read models: rows that answer one screen each
// with one indexed query, in SQLite or PostgreSQL. They hold nothing that the
// event store does not, so any of them may be dropped and built again.
//
// # Life of an event in a read model
//
//  1. [Subscriber] follows Store.Subscribe from the projection's checkpoint
//     and hands out one unacknowledged message at a time. What already waits
//     behind it goes along as look-ahead.
//  2. The Router calls the handler of [Projector]: PoisonQueue around Retry
//     around the fold.
//  3. The fold reads the events strictly, loads the rows it needs, changes
//     them in memory and writes them with the new checkpoint in one
//     transaction, which only the holder of the projection's lease can commit.
//  4. The message is acknowledged, and the subscription goes on behind the
//     checkpoint: an event is applied once, whatever is cut off when.
//
// An event that cannot be read or folded is poison. The projection stops in
// front of it, says so in [DB.Alarms] and lists it in [DB.Poisoned]; readers
// keep what was there before. Nothing is passed over.
//
// # Life of a rebuild
//
//  1. A projection that was never built, has another version than the program,
//     or stands at a place that the store does not know, is rebuilt; so is
//     one that [DB.Rebuild] asks for. The others go on.
//  2. The store is read once, without the Router, for all that are rebuilt.
//     Rows go in batches into a generation of their own.
//  3. At the end one statement makes that generation the live one. Readers see
//     the old rows before it and the new ones after it, never both or half.
//  4. The old generation is deleted in pieces.
//
// # Who reads what
//
// [Desk] is what a case worker can ask. It is bound to an office and a post
// and reaches only tables that are folded from what these may see: with or
// without clues, complaints and reviews on record its answers are the same,
// byte for byte (domain.md §3.6 rule 16). [Bench] is for reviewers and
// auditors.
//
// A checkpoint is a position of one store and means nothing in another one.
package projections
