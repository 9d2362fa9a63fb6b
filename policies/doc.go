// Package policies holds rule packs: it loads, checks, compiles, evaluates,
// explains and tests them, and answers the port replay.Rules.
//
// A pack version is a folder of YAML files that a policy officer can read
// (docs/policy-authoring.md). Loading it gives a digest over its exact bytes;
// compiling it gives one plan for every stretch of days in which no rule and
// no standard changes. A plan is shared, read-only and pure: the same facts
// give the same answer, forever.
//
// Logic is three-valued. A fact that nobody stated is unknown, never false or
// zero; a condition that needs it is unknown too, unless the rest decides. An
// undetermined outcome names the facts and standards that would decide it.
//
// This is the only package that imports cel-go.
//
// # Life of a pack
//
//  1. load.go reads the files, takes the digest and decodes each file into the
//     structs of model.go; decode.go keeps the line of everything and refuses
//     what it does not know.
//  2. pack.go gives every fact, derived fact and standard its column, and
//     lang.go makes one CEL environment in which exactly these names exist.
//  3. facts.go, rules.go, standard.go and manifest.go check each part and
//     compile each expression once, whatever the number of dates.
//  4. epoch.go cuts time at every day on which something changes. agenda.go
//     links, for one epoch and one programme, the rules in force, and finds
//     which columns and which assumptions they can touch.
//
// # Life of an evaluation
//
//  1. input.go binds a household: stated facts into columns, what is not
//     stated as what is presumed, or as an unknown with a number of its own.
//  2. eval.go walks the conditions. A leaf runs one CEL program; CEL asks the
//     Input for each name, and a derived fact is computed when it is first
//     asked for. members.go adds up the members natively.
//  3. Unknowns merge inside CEL by their numbers, so that what comes out of a
//     leaf still tells which facts are missing, by member.
//  4. The branch and the exceptions give amounts. Where a condition stays
//     unknown, both sides are tried and compared.
//  5. What was read along the way says on which assumptions the result rests.
//
// # What is trusted with what
//
// A pack can give a wrong answer: it is the law as somebody wrote it down. It
// cannot read a clock, a file or another household, cannot loop, cannot
// produce a fraction of a fen, and cannot make one evaluation touch another.
// Statements cannot make an evaluation fail: what the schema does not allow is
// unknown. Who activated which digest, and when, is not known here at all; the
// ledger tells, and a plan is only given for the digest that it names.
package policies
