package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"time"

	"leeway/domain"
	"leeway/domain/casework"
	"leeway/eventstore"
	"leeway/ledger"
	"leeway/ledger/vault"
	"leeway/policies"
)

// A data folder holds the store and, apart from it, the keys that open
// personal data.
const (
	ledgerFile = "ledger.db"
	keysFolder = "keys"
)

// reading opens the data folder for a command that only reads: it runs beside
// a writer, and says what to do first where nothing has been recorded yet.
// Without its keys personal data shows as sealed.
func (s *session) reading(use func(*casework.Service) error) error {
	dir, err := s.existing("data")
	if err != nil {
		return err
	}
	store, err := s.openReading(dir)
	if err != nil {
		return s.inFolder(dir, err)
	}
	keys, err := s.openKeys(s.keysOf(dir))
	if errors.Is(err, fs.ErrNotExist) {
		return s.serve(store, nil, nil, use)
	}
	if err != nil {
		return errors.Join(s.inFolder(dir, err), store.Close())
	}
	return errors.Join(s.serve(store, keys, nil, use), keys.Close())
}

// writing opens the data folder for a command that records, and makes it
// where there is none. One writer at a time: where a server runs on the folder
// it does the writing.
func (s *session) writing(dir string, use func(*casework.Service) error) error {
	if _, err := os.Lstat(s.receiptsTo); s.receiptsTo != "" && !errors.Is(err, fs.ErrNotExist) {
		return &problem{what: s.t("is there"), where: s.receiptsTo, mend: s.t("name a new file"), err: domain.ErrInvalid}
	}
	store, err := s.openWriting(dir)
	if err != nil {
		return s.inFolder(dir, err)
	}
	keys, err := s.keys(s.keysOf(dir), store)
	if err != nil {
		return errors.Join(s.inFolder(dir, err), store.Close())
	}
	if _, far := store.(*remote); far {
		r, err := s.homeOf(dir).Receipts() // the server seals
		if err != nil {
			return errors.Join(s.inFolder(dir, err), store.Close(), keys.Close())
		}
		return errors.Join(s.serve(store, keys, s.signing(dir, r), use), keys.Close())
	}
	return errors.Join(s.recordAndSeal(dir, store, keys, use), keys.Close())
}

// recordAndSeal uses a store of which this process is the one writer, and seals
// meanwhile and at the end. A store that its last checkpoint does not fit is
// refused before anything is written to it.
func (s *session) recordAndSeal(dir string, store eventstore.Store, keys domain.Sealer, use func(*casework.Service) error) error {
	if _, err := s.rules(); err != nil {
		return errors.Join(err, store.Close())
	}
	// Quick: a command for one case must not wait for every event to be hashed.
	// What that overlooks the server's start finds, and any verifier.
	log, err := s.openLog(dir, store, ledger.Access{Quick: true})
	if err != nil {
		return errors.Join(s.inFolder(dir, err), store.Close())
	}
	r, err := log.Receipts()
	if err != nil {
		return errors.Join(err, log.Close(), store.Close())
	}
	w := startSealing(s.ctx, log)
	return s.serve(store, keys, s.signing(dir, r), func(desk *casework.Service) error { return errors.Join(use(desk), w.end()) })
}

// keys opens the vault of a store, and makes it only for a store that holds
// nothing: new keys beside old records would hide that the old ones are lost.
func (s *session) keys(dir string, store eventstore.Store) (*vault.Vault, error) {
	if _, err := os.Stat(dir); !errors.Is(err, fs.ErrNotExist) {
		return s.openKeys(dir)
	}
	for _, err := range store.All(s.ctx, eventstore.Start) {
		if err != nil {
			return nil, err
		}
		return nil, &problem{what: s.t("no keys"), where: dir, mend: s.t("restore keys"), err: domain.ErrSealed}
	}
	return vault.Create(dir, s.suite())
}

// openKeys opens a vault of the suite that is configured.
func (s *session) openKeys(dir string) (*vault.Vault, error) {
	keys, err := vault.Open(dir)
	if err != nil {
		return nil, err
	}
	if has := keys.Suite(); has != s.suite() {
		return nil, errors.Join(&problem{what: s.t("suites differ", dir, has, s.suite()), where: dir, err: domain.ErrSuite}, keys.Close())
	}
	return keys, nil
}

// suite is the cryptographic suite that is configured. The samples have the
// default.
func (s *session) suite() string {
	if s.conf == nil || s.samples {
		return domain.Suite
	}
	return s.conf.get("ledger.suite")
}

// existing is a data folder in which something has been recorded.
func (s *session) existing(name string) (string, error) {
	dir, err := s.folder(name)
	if err != nil {
		return "", err
	}
	has, err := s.hasEvents(dir)
	if err != nil {
		return "", err
	}
	if !has {
		return "", &problem{what: s.t("no data"), where: dir, mend: s.t("import first"), err: domain.ErrNotFound}
	}
	return dir, nil
}

// signs makes the signed receipt of a batch.
type signs = func(eventstore.Batch, int64, time.Time) ([]byte, error)

// serve puts casework together over an open store, uses it and closes the
// store.
func (s *session) serve(store eventstore.Store, keys domain.Sealer, sign signs, use func(*casework.Service) error) error {
	rules, err := s.rules()
	if err != nil {
		return errors.Join(err, store.Close())
	}
	service := &casework.Service{Store: store, Rules: rules, Sealer: keys, Suite: s.suite(), Now: s.now, Advise: casework.AdviseWith(rules), Sign: sign, Approved: s.approved}
	return errors.Join(use(service), store.Close())
}

// inFolder says in which data folder something went wrong.
func (s *session) inFolder(dir string, err error) error {
	var own *problem
	if errors.As(err, &own) {
		return err
	}
	if errors.Is(err, fs.ErrPermission) {
		err = fmt.Errorf("%w: %w", eventstore.ErrReadOnly, err)
	}
	return &problem{what: err.Error(), where: dir, err: err}
}

// packs are the rule packs at hand, with the program that evaluates them.
type packs struct{ *policies.Library }

// Engine names cel-go with its version.
func (packs) Engine() string { return build().Engine }

// rules are the packs that come with Leeway, and those of the folders of packs.
func (s *session) rules() (packs, error) {
	l, err := s.library()
	return packs{l}, err
}
