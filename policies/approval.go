package policies

import (
	"slices"

	"leeway/domain"
)

// Quorum is whose approvals a version needs to be activated, as its pack
// says.
func (l *Library) Quorum(v domain.PackVersion) (domain.Quorum, error) {
	p, err := l.pinned(v)
	if err != nil {
		return domain.Quorum{}, err
	}
	return domain.Quorum{Require: p.man.Approval.Require, Roles: slices.Clone(p.man.Approval.Roles)}, nil
}
