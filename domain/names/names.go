// Package names says what codes are called on screens and on paper, in
// Chinese and English, in the words of domain.md §3.6 rule 21. Commands, pages
// and printed documents take them from here, so that one thing has one name.
package names

import (
	"maps"

	"leeway/domain"
)

func w(zh, en string) domain.Text { return domain.Text{ZH: zh, EN: en} }

// Event is the name of a stored event type. One without a name is itself.
func Event(eventType string) domain.Text {
	return orItself(events, eventType, eventType)
}

// Of is the name of a code of some kind, such as Of("programme", "dibao").
// One without a name is itself. Kinds are:
//
//	programme, result, source, relation, value, answer
//	purpose, access                    of readings of personal data
//	held by, item, code                of what statements say
//	class, answers, why                of causes
//	node, judged by, overlay, signal   of replays
//	role, conduct                      of who took part
//	kind, standing                     of grounds; kind of outages and remedies too
//	channel, how                       of applications and of what came out
//	state                              of required steps
//	field                              of what an event of a case says
func Of(kind, code string) domain.Text {
	return orItself(all, kind+" "+code, code)
}

// All are the names of codes by kind and code, such as "programme dibao".
// The map is the caller's own.
func All() map[string]domain.Text { return maps.Clone(all) }

// Events are the names of event types. The map is the caller's own.
func Events() map[string]domain.Text { return maps.Clone(events) }

var all = func() map[string]domain.Text {
	joined := map[string]domain.Text{}
	for _, table := range []map[string]domain.Text{codes, classes, replayCodes, groundCodes, fields, inputs} {
		maps.Copy(joined, table)
	}
	return joined
}()

func orItself(table map[string]domain.Text, key, itself string) domain.Text {
	if text, ok := table[key]; ok {
		return text
	}
	return domain.Text{ZH: itself, EN: itself}
}
