package api

import (
	"net/http"

	"go.opentelemetry.io/contrib/instrumentation/net/http/otelhttp"
	"go.opentelemetry.io/otel/propagation"
	"go.opentelemetry.io/otel/trace"
)

// traceOf is the trace that a caller says his request belongs to; none: empty.
func traceOf(r *http.Request) string {
	span := trace.SpanContextFromContext(propagation.TraceContext{}.Extract(r.Context(), propagation.HeaderCarrier(r.Header)))
	if !span.IsValid() {
		return ""
	}
	return span.TraceID().String()
}

// traced makes a span of every request, as a part of the caller's trace where
// he sends one. Spans are handed to nobody: the log carries the trace, and the
// measures are at /metrics. A span has the method for a name: a path has ids in
// it.
func traced(next http.Handler) http.Handler {
	return otelhttp.NewHandler(next, "leeway",
		otelhttp.WithPropagators(propagation.TraceContext{}),
		otelhttp.WithSpanNameFormatter(func(_ string, r *http.Request) string { return r.Method }))
}
