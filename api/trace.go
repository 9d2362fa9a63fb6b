package api

import (
	"net/http"

	"go.opentelemetry.io/contrib/instrumentation/net/http/otelhttp"
	"go.opentelemetry.io/otel/propagation"
)

// traced makes a span of every request, as a part of the caller's trace where
// he sends one. Where the process has no exporter nothing is kept. A span has
// the method for a name: a path has ids in it.
func traced(next http.Handler) http.Handler {
	return otelhttp.NewHandler(next, "leeway",
		otelhttp.WithPropagators(propagation.TraceContext{}),
		otelhttp.WithSpanNameFormatter(func(_ string, r *http.Request) string { return r.Method }))
}
