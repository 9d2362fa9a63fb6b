package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"sync"
	"time"

	"github.com/knadh/koanf/parsers/toml/v2"
	"github.com/knadh/koanf/parsers/yaml"
	"github.com/knadh/koanf/providers/rawbytes"
	"github.com/knadh/koanf/v2"

	"leeway/api"
	"leeway/api/web"
	"leeway/domain"
	"leeway/domain/casework"
	"leeway/domain/names"
	"leeway/ledger/evidence"
	"leeway/ledger/vault"
	"leeway/policies/drafts"
)

// openAPI puts the API over the store and the read models of a server. TLS says
// that the server itself talks it.
func (s *session) openAPI(sv *server, c *config, keys domain.Sealer, tls bool) error {
	if c.get("server.people") == "" {
		sv.log.Warn("nobody can sign in: server.people names no file", "see", "docs/operations.md")
	}
	list := &directory{session: s, path: c.get("server.people")}
	if _, err := list.People(s.ctx); err != nil {
		return err
	}
	d, err := s.apiDeps(sv, keys)
	if err != nil {
		return err
	}
	d.People, d.Plain = list, inTheClear(c, tls)
	if d.Provider, err = s.provider(c); err != nil {
		return err
	}
	if d.Provider == nil {
		sv.log.Warn("nobody can sign in: identity.issuer names no provider", "see", "docs/operations.md")
	} else {
		d.Tokens = d.Provider
	}
	sv.api, err = api.New(d, s.parts()...)
	return err
}

// apiDeps is what the API works with over the store of a server.
func (s *session) apiDeps(sv *server, keys domain.Sealer) (api.Deps, error) {
	l, err := s.library()
	if err != nil {
		return api.Deps{}, err
	}
	rules := packs{l}
	desk := &casework.Service{Store: sv.store, Rules: rules, Sealer: keys, Suite: s.suite(), Now: s.now, Advise: casework.AdviseWith(rules), Approved: s.approved}
	if sv.ledger != nil {
		r, err := sv.ledger.Receipts()
		if err != nil {
			return api.Deps{}, err
		}
		desk.Sign = r.Issue
	}
	d := api.Deps{Cases: desk, Reviews: &casework.Reviews{Desk: desk, Worth: s.worth}, Models: sv.models.db, Packs: l, Now: s.now, Log: sv.log,
		Folders: packStore{s, filepath.Join(sv.state.Data, packsFolder)}, Drafts: drafts.New(filepath.Join(sv.state.Data, draftsFolder))}
	if v, ok := keys.(*vault.Vault); ok {
		d.Persons = personsOf(v)
	}
	if sv.ledger != nil {
		d.Proofs, d.Archive = proofs{sv.ledger, sv.store}, archive(evidence.Source{Store: sv.store, Log: sv.ledger, Packs: l, Engine: build().Engine})
	}
	d.Key, err = lastingKey(keys)
	return d, err
}

// lastingKey is the key of page cursors and of the places of event streams. It
// comes from the vault, so that who turns pages or follows events goes on after
// a restart. A sealer that is no vault gives none.
func lastingKey(keys domain.Sealer) ([]byte, error) {
	v, ok := keys.(*vault.Vault)
	if !ok {
		return nil, nil
	}
	index, err := v.Index()
	if err != nil {
		return nil, err
	}
	return index.Digest("key of the server", "cursors and places"), nil
}

// parts are the rooms that add routes to the API.
func (s *session) parts() []func(*api.Server) (api.Part, error) {
	pages := func(a *api.Server) (api.Part, error) {
		dirs, err := s.packDirs()
		if err != nil {
			return api.Part{}, err
		}
		return web.Pages(dirs...)(a)
	}
	return []func(*api.Server) (api.Part, error){pages}
}

// directory is the file of people. It is read again when it has changed: what
// is taken from somebody is taken with his next request.
type directory struct {
	session *session
	path    string // none: there is nobody

	mu    sync.Mutex
	staff api.Staff
	at    time.Time
	size  int64
}

// Person implements api.Directory.
func (d *directory) Person(ctx context.Context, subject string) (api.Person, error) {
	staff, err := d.read()
	if err != nil {
		return api.Person{}, err
	}
	return staff.Person(ctx, subject)
}

// People implements api.Directory.
func (d *directory) People(ctx context.Context) ([]api.Person, error) {
	staff, err := d.read()
	if err != nil {
		return nil, err
	}
	return staff.People(ctx)
}

// read is the file as it stands. One that cannot be read lets nobody in.
func (d *directory) read() (api.Staff, error) {
	if d.path == "" {
		return nil, nil
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	info, err := os.Stat(d.path)
	if err == nil && info.Mode().Perm()&0o022 != 0 {
		err = &problem{what: d.session.t("people file open", info.Mode().Perm()), where: d.path, mend: d.session.t("close people file", d.path), err: domain.ErrInvalid}
	}
	if err != nil {
		d.staff = nil
		return nil, d.unreadable(err)
	}
	if d.staff != nil && info.ModTime().Equal(d.at) && info.Size() == d.size {
		return d.staff, nil
	}
	staff, err := readPeople(d.path)
	if err != nil {
		d.staff = nil
		return nil, d.unreadable(err)
	}
	d.staff, d.at, d.size = staff, info.ModTime(), info.Size()
	return staff, nil
}

func (d *directory) unreadable(err error) error {
	var own *problem
	if errors.As(err, &own) {
		return err
	}
	if said, ok := names.Explain(err, d.session.lang); ok && said.Field != "" {
		return d.session.badSetting(d.path, said.Where+d.session.t("colon")+said.Wrong, said.Mend)
	}
	var path *fs.PathError
	if errors.As(err, &path) {
		return d.session.unreadable(d.path, err)
	}
	return d.session.badSetting(d.path, firstLine(err), d.session.t("mend config"))
}

// readPeople reads [[people]] of a TOML or YAML file, strictly.
func readPeople(path string) (api.Staff, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	var parser koanf.Parser = toml.Parser()
	if ext := filepath.Ext(path); ext == ".yaml" || ext == ".yml" {
		parser = yaml.Parser()
	}
	k := koanf.New(".")
	if err := k.Load(rawbytes.Provider(text), parser); err != nil {
		return nil, err
	}
	// Through JSON, whose decoder refuses a key that there is none of.
	b, err := json.Marshal(k.Raw())
	if err != nil {
		return nil, err
	}
	var file struct {
		People []api.Person `json:"people"`
	}
	dec := json.NewDecoder(bytes.NewReader(b))
	dec.DisallowUnknownFields()
	if err := dec.Decode(&file); err != nil {
		return nil, err
	}
	return api.NewStaff(file.People)
}
