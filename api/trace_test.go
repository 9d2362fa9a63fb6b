package api

import (
	"strings"
	"testing"

	"github.com/labstack/echo/v4"
	"go.opentelemetry.io/otel/trace"
)

// TestTraceGoesOn: what a handler does is part of the trace that the caller
// sent, and of none that he made up badly.
func TestTraceGoesOn(t *testing.T) {
	wo := newWorld(t, nil, func(*Server) (Part, error) {
		return Part{Routes: []Route{{Method: "GET", Path: "/trial/trace", Open: true, Handler: func(c echo.Context) error {
			return c.String(200, trace.SpanContextFromContext(c.Request().Context()).TraceID().String())
		}}}}, nil
	})
	const id = "4bf92f3577b34da6a3ce929d0e0e4736"
	if got := wo.nobody().with("Traceparent", "00-"+id+"-00f067aa0ba902b7-01").get("/trial/trace").Body.String(); got != id {
		t.Errorf("the trace is %s", got)
	}
	if got := wo.nobody().with("Traceparent", "00-x-y-01").get("/trial/trace").Body.String(); got != (trace.TraceID{}).String() {
		t.Errorf("a trace out of nothing: %s", got)
	}
	if log := wo.log.String(); strings.Count(log, `"trace":"`+id+`"`) != 1 || strings.Count(log, `"trace":`) != 1 {
		t.Errorf("the log finds one request by its trace, and has no other:\n%s", log)
	}
}
