// Package bulk replays a population: every case of a city, or those that an
// auditor asks about, from the dossiers of the read models.
//
// # Life of a bulk replay
//
//  1. The registers are read from the store, whole and checked, up to the index
//     day.
//  2. The store is read once without decoding: the head of every stream, with
//     the digest of all its bytes ([projections.Heads]).
//  3. Dossiers come in pages. One that differs from its stream is not believed:
//     the case is replayed from its events, and [Outcome.Fallback] says so. A
//     case without a dossier is found the same way.
//  4. What a case rests on is put into one key: its bytes, what the rules mean
//     for its programme and months, when its office received them, which
//     sources were connected. A result that was kept under the same key stands.
//  5. The others are replayed, several at a time, and kept as soon as their page
//     is done: a run that was killed goes on from there.
//  6. The results are added up ([replay.Survey]): 疑点(待核实), by class and link,
//     the two directions never netted.
//
// What it finds rests on the chain alone, without the grounds of liability: no
// officer is named, and nothing of it is kept on record.
package bulk
