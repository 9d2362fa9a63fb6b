package main

import (
	"errors"
	"log/slog"
	"path/filepath"
	"strings"

	"github.com/knadh/koanf/v2"

	"leeway/api"
	"leeway/domain"
)

// demoStaff are who can be signed in as in the demo: people of the samples, at
// their offices and posts, and one for each role that has no part in them.
var demoStaff = []api.Person{
	demoPerson("w3", "示例经办员", "zhugentan", "opinion", nil, api.Worker),
	demoPerson("w2", "示例入户员", "zhugentan", "survey", nil, api.Worker),
	demoPerson("w8", "示例外镇经办员", "gaochang", "opinion", nil, api.Worker),
	demoPerson("t1", "示例审核员", "zhugentan", "review", nil, api.Township),
	demoPerson("b1", "示例确认员", "bureau", "approval", []string{"*"}, api.County, api.Worker),
	demoPerson("b9", "示例政策员", "bureau", "policy", []string{"*"}, api.County),
	demoPerson("r1", "示例审查员甲", "commission", "inspector", nil, api.Reviewer),
	demoPerson("r2", "示例审查员乙", "commission", "inspector", nil, api.Reviewer),
	demoPerson("r3", "示例审查员丙", "commission", "inspector", nil, api.Reviewer),
	demoPerson("h1", "示例负责人", "commission", "head", nil, api.Head),
	demoPerson("s1", "示例上级", "province", "inspector", nil, api.Superior),
	demoPerson("u1", "示例审计员", "audit", "auditor", nil, api.Auditor),
	demoPerson("p1", "示例起草人", "bureau", "drafting", nil, api.Author),
	demoPerson("p2", "示例批准人", "bureau", "registry", nil, api.Approver),
	demoPerson("p3", "示例批准人乙", "bureau", "policy", nil, api.Approver),
	demoPerson("x1", "示例管理员", "it", "operator", nil, api.Admin),
}

func demoPerson(id, name, office, post string, serves []string, roles ...api.Role) api.Person {
	return api.Person{Subject: id, Name: name, Actor: domain.Actor{Person: id, Office: office, Post: post}, Roles: roles, Serves: serves}
}

// demoConfig is how the demo is served, whatever a server of this machine is
// configured as: from its own folder, in the clear, to this machine alone.
func (s *session) demoConfig(dir, listen string) (*config, error) {
	own, err := s.configured()
	if err != nil {
		return nil, err
	}
	c := &config{k: koanf.New("."), from: map[string]string{}}
	for key, value := range map[string]string{"data": dir, "keys": filepath.Join(dir, keysFolder), "store.kind": kindSQLite,
		"server.listen": listen, "server.socket": filepath.Join(dir, "run", "leeway.sock"), "projections.database": filepath.Join(dir, "projections.db")} {
		c.set(key, value, fromDefault)
	}
	for _, key := range []string{"language", "packs", "privacy.retention_years", "ledger.suite"} {
		c.set(key, own.get(key), own.from[key])
	}
	c.from["server.listen"] = "--listen"
	return c, nil
}

// serveDemo serves the folder of the demo until it is told to stop. Where it is
// served already it says so.
func (s *session) serveDemo(c *config) error {
	state, err := askServer(s.ctx, c.get("server.socket"))
	if err == nil {
		s.hang("", s.t("demo served already", state.PID))
		return nil
	}
	if !errors.Is(err, errNoServer) {
		return err
	}
	s.conf, s.level = c, slog.LevelWarn
	return s.serveFolder(c, nil, func(sv *server, keys domain.Sealer) error {
		staff, err := api.NewStaff(demoStaff)
		if err != nil {
			return err
		}
		d, err := s.apiDeps(sv, keys)
		if err != nil {
			return err
		}
		d.People, d.Plain, d.Demo = staff, true, true
		sv.ready = s.printLogins
		sv.api, err = api.New(d, s.parts()...)
		return err
	})
}

// printLogins prints where the demo is served, and one login for each role.
func (s *session) printLogins(address string) {
	s.printf("%s\n", strings.Repeat("=", maxWidth))
	s.hang("", s.t("demo at", "http://"+address+"/"))
	s.hang("", s.t("demo anybody"))
	s.printf("\n")
	var rows [][]string
	for _, role := range api.Roles() {
		for _, p := range demoStaff {
			if p.Roles[0] == role {
				rows = append(rows, []string{role.Title().In(s.lang), p.Subject, p.Name, p.Office + " " + p.Post})
				break
			}
		}
	}
	s.grid([]column{{head: s.t("role"), max: 28}, {head: s.t("login"), max: 10}, {head: s.t("name"), max: 24}, {head: s.t("post"), max: 28}}, rows)
	s.printf("\n%s\n", s.t("demo end"))
}
