package main

import (
	"context"
	"net/http"
	"time"

	"github.com/prometheus/client_golang/prometheus"
)

// How often witnesses are asked, and how long an answer of one may take.
const (
	witnessEvery = 2 * time.Second
	witnessTime  = 10 * time.Second
)

// startSealer seals what the server records and asks the witnesses. That it
// cannot seal is no reason to record nothing: it shows in /readyz. The
// function that it returns stops both and seals the rest.
func (sv *server) startSealer() (stop func() error) {
	ctx, cancel := context.WithCancel(context.Background())
	asked := make(chan struct{})
	go func() {
		sv.ledger.Witnessed(ctx, &http.Client{Timeout: witnessTime}, witnessEvery)
		close(asked)
	}()
	sealed := make(chan error, 1)
	go func() {
		err := sv.ledger.Run(ctx)
		if err != nil {
			sv.log.Error("sealing has stopped", "error", err.Error())
		}
		sealed <- err
	}()
	return func() error {
		cancel()
		<-asked
		if err := <-sealed; err != nil {
			return err
		}
		ctx, cancel := context.WithTimeout(context.Background(), sealTime)
		defer cancel()
		s, err := sv.ledger.SealNow(ctx)
		if err == nil {
			sv.log.Info("sealed", "checkpoint", s.Seq)
		}
		return err
	}
}

// sealedJSON is how far the ledger is: ok, behind, or unknown.
type sealedJSON struct {
	State    string  `json:"state"`
	Origin   string  `json:"origin"`
	Events   int64   `json:"events"`
	Sealed   int64   `json:"sealed"`
	Cosigned int64   `json:"cosigned"` // under a checkpoint that satisfies the policy; -1: none does
	Unsealed float64 `json:"unsealed_seconds"`
	Reason   string  `json:"reason,omitempty"`
	Lacking  string  `json:"lacking,omitempty"` // what witnesses failed at
}

// sealed measures.
func (sv *server) sealed(ctx context.Context) *sealedJSON {
	st, err := sv.ledger.Status(ctx)
	if err != nil {
		return &sealedJSON{State: "unknown", Origin: sv.ledger.Origin(), Reason: err.Error()}
	}
	j := &sealedJSON{State: "ok", Origin: sv.ledger.Origin(), Events: st.Size, Sealed: st.Sealed, Cosigned: st.Cosigned, Unsealed: st.Age.Seconds()}
	if st.Failing != nil {
		j.Reason = st.Failing.Error()
	}
	if err := st.Degraded(); err != nil {
		j.State, j.Reason = "behind", err.Error()
	}
	if st.Lacking != nil {
		j.Lacking = st.Lacking.Error()
	}
	return j
}

// ledgerCollector reads the state of the ledger at each scrape.
type ledgerCollector struct{ server *server }

var (
	ledgerEvents   = prometheus.NewDesc("leeway_ledger_events", "Events in the tree of the ledger.", nil, nil)
	ledgerSealed   = prometheus.NewDesc("leeway_ledger_sealed_events", "Events under the newest checkpoint.", nil, nil)
	ledgerCosigned = prometheus.NewDesc("leeway_ledger_cosigned_events", "Events under the newest checkpoint that satisfies the policy; -1 where there is none.", nil, nil)
	ledgerUnsealed = prometheus.NewDesc("leeway_ledger_unsealed_seconds", "Age of the oldest event that no checkpoint covers.", nil, nil)
	ledgerFailing  = prometheus.NewDesc("leeway_ledger_failing", "1 while the last try to seal, or to have a checkpoint cosigned, has failed.", []string{"step"}, nil)
)

// Describe implements prometheus.Collector.
func (ledgerCollector) Describe(to chan<- *prometheus.Desc) {
	for _, d := range []*prometheus.Desc{ledgerEvents, ledgerSealed, ledgerCosigned, ledgerUnsealed, ledgerFailing} {
		to <- d
	}
}

// Collect implements prometheus.Collector.
func (c ledgerCollector) Collect(to chan<- prometheus.Metric) {
	if c.server.ledger == nil {
		return
	}
	ctx, cancel := context.WithTimeout(context.Background(), readTimeout)
	defer cancel()
	st, err := c.server.ledger.Status(ctx)
	if err != nil {
		to <- prometheus.NewInvalidMetric(ledgerUnsealed, err)
		return
	}
	gauge := func(d *prometheus.Desc, v float64, labels ...string) {
		to <- prometheus.MustNewConstMetric(d, prometheus.GaugeValue, v, labels...)
	}
	flag := map[bool]float64{true: 1}
	gauge(ledgerEvents, float64(st.Size))
	gauge(ledgerSealed, float64(st.Sealed))
	gauge(ledgerCosigned, float64(st.Cosigned))
	gauge(ledgerUnsealed, st.Age.Seconds())
	gauge(ledgerFailing, flag[st.Failing != nil], "seal")
	gauge(ledgerFailing, flag[st.Lacking != nil], "cosign")
}
