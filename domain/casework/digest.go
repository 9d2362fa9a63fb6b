package casework

import (
	"leeway/domain"
	"leeway/domain/eligibility"
)

// A version of a pack goes on record with the digest of its bytes: years later
// nothing else can stand for it. People name packs and versions, and the
// library knows the digests.

// digest fills in the digest of the rules that a register event names, from
// the library of sealed packs, and refuses one that is not the library's. The
// event given stays as it is.
func (s *Service) digest(e eligibility.RegisterEvent) (eligibility.RegisterEvent, error) {
	return withDigest(s.Rules, e)
}

func withDigest(rules Rules, e eligibility.RegisterEvent) (eligibility.RegisterEvent, error) {
	var named *domain.PackVersion
	switch old := e.(type) {
	case *eligibility.RulesActivated:
		n := *old
		e, named = &n, &n.Rules
	case *eligibility.RulesDispatched:
		n := *old
		e, named = &n, &n.Rules
	case *eligibility.RulesReceived:
		n := *old
		e, named = &n, &n.Rules
	}
	if named == nil || named.Pack == "" || named.Version == "" {
		return e, nil
	}
	v, err := rules.Resolve(named.Pack, named.Version)
	switch {
	case err != nil:
		return nil, domain.NewFault("rules", "version %q of pack %q is not at hand (%v)", "name a sealed version of the library", named.Version, named.Pack, err)
	case named.Digest != "" && named.Digest != v.Digest:
		return nil, domain.NewFault("rules.digest", "it is %s, the library holds %s", "a released version is never edited: leave the digest out, or name the version that has it", named.Digest, v.Digest)
	}
	*named = v
	return e, nil
}
