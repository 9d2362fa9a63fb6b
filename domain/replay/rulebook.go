package replay

import (
	"leeway/domain"
	"leeway/domain/eligibility"
)

// rulebook says which version of a pack was published, held or is right. It
// reads the register of rules and never the packs.
type rulebook struct {
	pack string
	reg  *eligibility.Register
}

// moment cuts the register: a civil day, and what the act's basis covers.
type moment struct {
	day    domain.Day
	covers func(eligibility.At) bool
}

func always(eligibility.At) bool { return true }

// published is the newest version published by a moment.
func (b rulebook) published(t moment) (domain.PackVersion, error) {
	return b.newest(t, func(eligibility.Activation) bool { return true })
}

// held is the newest version that an office held at a moment. Without a
// dispatch on record it held a version from its activation on (rule 3).
func (b rulebook) held(t moment, office string) (domain.PackVersion, error) {
	return b.newest(t, func(a eligibility.Activation) bool {
		sent, received := false, false
		for _, n := range b.reg.Notices {
			if n.Office != office || n.Rules != a.Rules || !t.covers(n.At) {
				continue
			}
			sent = sent || !n.Received
			received = received || n.Received && n.At.Day <= t.day
		}
		return received || !sent
	})
}

func (b rulebook) newest(t moment, ok func(eligibility.Activation) bool) (domain.PackVersion, error) {
	var best *eligibility.Activation
	for i, a := range b.reg.Rules {
		if a.Rules.Pack == b.pack && a.At.Day <= t.day && t.covers(a.At) && ok(a) && (best == nil || a.At.Day >= best.At.Day) {
			best = &b.reg.Rules[i]
		}
	}
	if best == nil {
		return domain.PackVersion{}, domain.Deny(ErrNoRules, "no version of pack %s was published by %s", "record its activation (rules-activated.v1) first", b.pack, t.day)
	}
	return best.Rules, nil
}

// corrected follows corrections of the encoding: the version that says
// rightly what v set out to say. A correction may come at any later time, for
// it changes no rule, only our writing of it (rule 19, E-RULE).
func (b rulebook) corrected(v domain.PackVersion) domain.PackVersion {
	for range b.reg.Rules {
		next := v
		for _, a := range b.reg.Rules {
			if a.Rules.Pack == v.Pack && a.Corrects == v.Version {
				next = a.Rules
			}
		}
		if next == v {
			break
		}
		v = next
	}
	return v
}
