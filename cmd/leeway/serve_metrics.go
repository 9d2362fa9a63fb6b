package main

import (
	"context"
	"errors"
	"net/http"
	"strconv"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"leeway/eventstore"
)

// metrics are the numbers of one server, in a registry of its own: two servers
// in one test do not add up. No label holds anything of a case or a person.
type metrics struct {
	registry *prometheus.Registry
	appends  *prometheus.CounterVec
	events   prometheus.Counter
	took     prometheus.Histogram
	requests *prometheus.CounterVec
	answered prometheus.Histogram
}

func newMetrics() *metrics {
	m := &metrics{
		registry: prometheus.NewRegistry(),
		appends:  prometheus.NewCounterVec(prometheus.CounterOpts{Name: "leeway_appends_total", Help: "Appends by what became of them."}, []string{"result"}),
		events:   prometheus.NewCounter(prometheus.CounterOpts{Name: "leeway_events_appended_total", Help: "Events that were put on record, repeats of a command included."}),
		took: prometheus.NewHistogram(prometheus.HistogramOpts{Name: "leeway_append_seconds", Help: "How long an append took until it was durable.",
			Buckets: prometheus.ExponentialBuckets(0.0005, 2, 14)}),
		requests: prometheus.NewCounterVec(prometheus.CounterOpts{Name: "leeway_http_requests_total", Help: "Requests by status."}, []string{"code"}),
		answered: prometheus.NewHistogram(prometheus.HistogramOpts{Name: "leeway_http_request_seconds", Help: "How long a request took until it was answered.",
			Buckets: prometheus.ExponentialBuckets(0.0005, 2, 14)}),
	}
	m.registry.MustRegister(collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}),
		m.appends, m.events, m.took, m.requests, m.answered)
	return m
}

// watch adds the numbers that are read when they are asked for.
func (m *metrics) watch(sv *server) {
	b := build()
	m.registry.MustRegister(
		prometheus.NewGaugeFunc(prometheus.GaugeOpts{Name: "leeway_store_poisoned", Help: "1 while the store refuses writes after a write error."},
			func() float64 {
				if sv.store.poisoned() != nil {
					return 1
				}
				return 0
			}),
		prometheus.NewGaugeFunc(prometheus.GaugeOpts{Name: "leeway_build_info", Help: "Always 1.",
			ConstLabels: prometheus.Labels{"version": b.Version, "go": b.Go, "engine": b.Engine}}, func() float64 { return 1 }),
		modelCollector{sv}, ledgerCollector{sv},
	)
}

// request counts an answered request.
func (m *metrics) request(status int, took time.Duration) {
	m.requests.WithLabelValues(strconv.Itoa(status)).Inc()
	m.answered.Observe(took.Seconds())
}

func (m *metrics) handler() http.Handler {
	return promhttp.HandlerFor(m.registry, promhttp.HandlerOpts{EnableOpenMetrics: true})
}

// modelCollector reads the lag of the read models at each scrape.
type modelCollector struct{ server *server }

var (
	lagEvents  = prometheus.NewDesc("leeway_projection_behind", "1 while a read model is behind the store.", []string{"projection"}, nil)
	lagSeconds = prometheus.NewDesc("leeway_projection_lag_seconds", "Age of the oldest event that a read model has not applied.", []string{"projection"}, nil)
	stoppedNow = prometheus.NewDesc("leeway_projection_stopped", "1 while a read model stands in front of an event that it cannot apply.", []string{"projection"}, nil)
)

// Describe implements prometheus.Collector.
func (modelCollector) Describe(to chan<- *prometheus.Desc) {
	to <- lagEvents
	to <- lagSeconds
	to <- stoppedNow
}

// Collect implements prometheus.Collector.
func (c modelCollector) Collect(to chan<- prometheus.Metric) {
	ctx, cancel := context.WithTimeout(context.Background(), readTimeout)
	defer cancel()
	list, err := c.server.models.states(ctx)
	if err != nil {
		to <- prometheus.NewInvalidMetric(lagSeconds, err)
		return
	}
	gauge := func(d *prometheus.Desc, v float64, name string) {
		to <- prometheus.MustNewConstMetric(d, prometheus.GaugeValue, v, name)
	}
	flag := map[bool]float64{true: 1}
	for _, p := range list {
		gauge(lagEvents, flag[p.Behind], p.Name)
		gauge(lagSeconds, p.Seconds, p.Name)
		gauge(stoppedNow, flag[p.State == "stopped"], p.Name)
	}
}

// measuredStore counts the appends of a store.
type measuredStore struct {
	eventstore.Store
	metrics *metrics
}

// Append implements eventstore.Store.
func (m *measuredStore) Append(ctx context.Context, b eventstore.Batch) (int64, error) {
	begin := time.Now()
	last, err := m.Store.Append(ctx, b)
	m.metrics.appends.WithLabelValues(resultOf(err)).Inc()
	if err == nil {
		m.metrics.took.Observe(time.Since(begin).Seconds())
		m.metrics.events.Add(float64(len(b.Events)))
	}
	return last, err
}

// resultOf names an outcome by the sentinel it wraps.
func resultOf(err error) string {
	if err == nil {
		return "ok"
	}
	for _, known := range wireErrors {
		if errors.Is(err, known.is) {
			return known.name
		}
	}
	return "other"
}

// poisoned is why the store takes no writes. A store on a server is never
// poisoned: what is on its disks is its own affair.
func (m *measuredStore) poisoned() error {
	if p, ok := m.Store.(interface{ Poisoned() error }); ok {
		return p.Poisoned()
	}
	return nil
}
