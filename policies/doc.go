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
package policies
