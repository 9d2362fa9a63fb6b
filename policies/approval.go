package policies

import (
	"slices"

	"leeway/domain"
)

// Quorum is whose approvals a version needs to be activated, as its pack
// says. Made-up values are never activated, whoever approves them.
func (l *Library) Quorum(v domain.PackVersion) (domain.Quorum, error) {
	p, err := l.pinned(v)
	if err != nil {
		return domain.Quorum{}, err
	}
	// Here, and not in the command alone: whoever records an activation asks for
	// the quorum.
	if o := p.man.over; o != nil && o.man.Synthetic {
		return domain.Quorum{}, domain.Deny(domain.ErrRefused, "%s/%s holds made-up values, which are for tests and simulations and are never activated", "activate a version with values that the office has decided", v.Pack, v.Version)
	}
	return domain.Quorum{Require: p.man.Approval.Require, Roles: slices.Clone(p.man.Approval.Roles)}, nil
}
