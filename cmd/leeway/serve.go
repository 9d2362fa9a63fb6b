package main

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"os"
	"runtime/debug"
	"time"

	"leeway/api"
	"leeway/domain"
	"leeway/domain/casework"
	"leeway/eventstore"
	"leeway/ledger"
)

// serveCmd runs the server: it is the one writer of its data folder, carries
// out the appends of other commands, and keeps the read models up to date.
type serveCmd struct {
	Listen string `placeholder:"HOST:PORT"`
}

// Time limits of the server. Without them a client that sends slowly, or never
// reads, holds a connection for ever.
const (
	headerTime = 5 * time.Second
	readTime   = 30 * time.Second
	writeTime  = 60 * time.Second
	idleTime   = 2 * time.Minute
	stopTime   = 9 * time.Second // of the ten that a stop may take
)

// A server is what serve runs: two listeners over one store.
type server struct {
	store   *measuredStore
	ledger  *ledger.Log // nil only in tests
	models  *models
	api     *api.Server // none before openAPI
	metrics *metrics
	log     *slog.Logger
	state   serverState
	public  *http.Server
	local   *http.Server
	ready   func(address string) // told when it serves; none: nobody is
}

// Run serves until it is told to stop, and ends what was begun.
func (cmd serveCmd) Run(s *session) error {
	c, err := s.configured()
	if err != nil {
		return err
	}
	secure, err := s.listenable(c)
	if err != nil {
		return err
	}
	return s.serveFolder(c, secure, func(sv *server, keys domain.Sealer) error { return s.openAPI(sv, c, keys, secure != nil) })
}

// serveFolder serves the data folder of a configuration until it is told to
// stop; put puts the API over it.
func (s *session) serveFolder(c *config, secure *tls.Config, put func(*server, domain.Sealer) error) (err error) {
	defer memoryForTime()()
	dir := c.get("data")
	if err := s.makeData(dir); err != nil {
		return err
	}
	store, err := s.openOwn(dir)
	if err != nil {
		return s.inFolder(dir, err)
	}
	defer func() { err = errors.Join(err, store.Close()) }()
	keys, err := s.keys(s.keysOf(dir), store)
	if err != nil {
		return s.inFolder(dir, err)
	}
	defer func() { err = errors.Join(err, keys.Close()) }()
	sv, err := s.newServer(store, dir)
	if err != nil {
		return err
	}
	sv.log.Info("checking the events against the last checkpoint", "check", c.get("ledger.check"), "checkpoints", c.get("ledger.checkpoints"))
	if sv.ledger, err = s.openLog(dir, sv.store, ledger.Access{Quick: c.get("ledger.check") == "quick"}); err != nil {
		return s.inFolder(dir, err)
	}
	defer func() { err = errors.Join(err, sv.ledger.Close()) }()
	// A key that is missing is missed now, and not on the day on which somebody
	// must be told what the record says of him.
	if err := s.keysComplete(&casework.Service{Store: sv.store, Sealer: keys, Suite: s.suite(), Now: s.now}); err != nil {
		return err
	}
	if sv.models, err = s.openModels(sv, keys); err != nil {
		return err
	}
	defer func() { err = errors.Join(err, sv.models.close()) }()
	if err := put(sv, keys); err != nil {
		return err
	}
	defer sv.api.Close()
	sv.public.RegisterOnShutdown(sv.api.Stop)
	return sv.run(s.ctx, c, secure)
}

// memoryForTime lets the heap grow further before it is collected, where GOGC does
// not say how far. What the program holds is small beside what a request or a
// package makes and drops: by default the collector would run dozens of times a
// second. It returns what undoes it.
func memoryForTime() func() {
	if os.Getenv("GOGC") != "" {
		return func() {}
	}
	before := debug.SetGCPercent(400)
	return func() { debug.SetGCPercent(before) }
}

// newServer puts a server together over an open store.
func (s *session) newServer(store eventstore.Store, dir string) (*server, error) {
	m := newMetrics()
	sv := &server{
		store: &measuredStore{Store: store, metrics: m}, metrics: m,
		log:   slog.New(slog.NewJSONHandler(s.err, api.LogOptions(s.level))),
		state: serverState{PID: os.Getpid(), Since: s.now().UTC(), Version: build().Version, Data: dir},
	}
	m.watch(sv)
	sv.public = newHTTPServer(sv.routes(), sv.log)
	sv.local = newHTTPServer(sv.localRoutes(), sv.log)
	return sv, nil
}

// newHTTPServer is a server with every time limit set.
func newHTTPServer(h http.Handler, log *slog.Logger) *http.Server {
	return &http.Server{
		Handler: h, ReadHeaderTimeout: headerTime, ReadTimeout: readTime, WriteTimeout: writeTime, IdleTimeout: idleTime,
		MaxHeaderBytes: 16 << 10, ErrorLog: slog.NewLogLogger(log.Handler(), slog.LevelWarn),
	}
}

// listenable refuses to talk in the clear to anybody but this machine.
func (s *session) listenable(c *config) (*tls.Config, error) {
	address := c.get("server.listen")
	host, _, err := net.SplitHostPort(address)
	if err != nil {
		return nil, s.badSetting(c.from["server.listen"], s.t("bad setting", "server.listen", address), s.t("write host and port"))
	}
	certificate, key := c.get("server.certificate"), c.get("server.key")
	if certificate == "" && key == "" {
		if ip := net.ParseIP(host); host != "localhost" && (ip == nil || !ip.IsLoopback()) {
			return nil, s.badSetting(c.from["server.listen"], s.t("listen in the clear", address), s.t("give certificate"))
		}
		return nil, nil
	}
	secret, err := readSecret(key, s.env("CREDENTIALS_DIRECTORY"))
	if err != nil {
		return nil, s.exposedOr(key, err)
	}
	public, err := os.ReadFile(certificate)
	if err != nil {
		return nil, s.unreadable(certificate, err)
	}
	pair, err := tls.X509KeyPair(public, []byte(secret))
	if err != nil {
		return nil, s.badSetting(certificate, err.Error(), s.t("give certificate"))
	}
	return &tls.Config{Certificates: []tls.Certificate{pair}, MinVersion: tls.VersionTLS12}, nil
}

// run serves on both listeners until ctx ends or one of them fails.
func (sv *server) run(ctx context.Context, c *config, secure *tls.Config) error {
	socket, err := listenSocket(c.get("server.socket"))
	if err != nil {
		return err
	}
	defer socket.Close()
	l, err := net.Listen("tcp", c.get("server.listen"))
	if err != nil {
		return fmt.Errorf("listen: %w", err)
	}
	defer l.Close()
	address := l.Addr().String()
	if secure != nil {
		l = tls.NewListener(l, secure)
	}
	failed := make(chan error, 3)
	serve := func(h *http.Server, l net.Listener) {
		if err := h.Serve(l); !errors.Is(err, http.ErrServerClosed) {
			failed <- err
		}
	}
	go serve(sv.local, socket)
	go serve(sv.public, l)
	models, sealer := sv.models.start(failed), sv.startSealer()
	sv.log.Info("serving", "address", address, "tls", secure != nil, "socket", c.get("server.socket"), "data", sv.state.Data, "pid", sv.state.PID)
	if sv.ready != nil {
		sv.ready(address)
	}
	select {
	case <-ctx.Done():
	case err = <-failed:
	}
	sv.log.Info("stopping", "reason", stopReason(err))
	// Both at once: together they have ten seconds.
	followed := make(chan struct{})
	go func() {
		models()
		close(followed)
	}()
	err = errors.Join(err, sv.stop())
	<-followed
	// Last, so that nothing that was acknowledged is left unsealed.
	err = errors.Join(err, sealer())
	sv.log.Info("stopped")
	return err
}

// stopReason says why the server stops.
func stopReason(err error) string {
	if err == nil {
		return "told to"
	}
	return err.Error()
}

// stop lets requests under way finish, no longer than a stop may take, and
// takes no new ones.
func (sv *server) stop() error {
	ctx, cancel := context.WithTimeout(context.Background(), stopTime)
	defer cancel()
	done := make(chan error, 2)
	for _, h := range []*http.Server{sv.public, sv.local} {
		go func() {
			err := h.Shutdown(ctx)
			if errors.Is(err, context.DeadlineExceeded) {
				sv.log.Warn("requests were cut off", "after", stopTime.String())
				err = h.Close()
			}
			done <- err
		}()
	}
	return errors.Join(<-done, <-done)
}
