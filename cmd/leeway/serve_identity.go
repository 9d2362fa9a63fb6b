package main

import (
	"errors"
	"strings"

	"leeway/api"
	"leeway/domain"
	"leeway/domain/names"
)

// provider is the identity provider that the configuration names; none where it
// names none.
func (s *session) provider(c *config) (*api.Provider, error) {
	i := api.Identity{Issuer: c.get("identity.issuer"), Client: c.get("identity.client"), Address: c.get("server.address"), Audience: c.get("identity.audience")}
	if i.Issuer == "" {
		for _, key := range []string{"identity.client", "identity.audience", "identity.secret_file"} {
			if c.get(key) != "" {
				return nil, s.badSetting(c.from[key], s.t("identity without issuer", key), s.t("give issuer"))
			}
		}
		return nil, nil
	}
	secret, err := s.secret("identity.secret")
	if err != nil {
		return nil, err
	}
	i.Secret = secret
	p, err := api.NewProvider(i, s.now)
	var fault *domain.Fault
	if errors.As(err, &fault) {
		key := "identity." + fault.Field
		if fault.Field == "address" {
			key = "server.address"
		}
		return nil, s.badSetting(c.from[key], key+": "+names.Say(fault.Wrong, s.lang), names.Say(fault.Mend, s.lang))
	}
	return p, err
}

// inTheClear reports whether browsers talk to the server in the clear. They do
// not where a proxy before it ends TLS, as server.address says.
func inTheClear(c *config, tls bool) bool {
	return !tls && !strings.HasPrefix(c.get("server.address"), "https://")
}
