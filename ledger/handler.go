package ledger

import (
	"errors"
	"fmt"
	"io"
	"net/http"
)

const (
	addCheckpoint = "/add-checkpoint"
	maxRequest    = 64 << 10 // bytes; a request of 63 hashes and 16 signatures has 6 KiB
	sizeType      = "text/x.tlog.size"
)

// Handler serves the tlog-witness protocol: POST add-checkpoint. It answers
// 200 with cosignature lines, 400 malformed, 403 not signed by the log, 404
// unknown log, 409 with the size where this witness stands, 413 too long, 422
// not a continuation, and 500 where the answer could not be made durable. The
// server around it sets its own timeouts.
func (w *Witness) Handler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("POST "+addCheckpoint, func(rw http.ResponseWriter, req *http.Request) {
		body, err := io.ReadAll(http.MaxBytesReader(rw, req.Body, maxRequest))
		var lines []byte
		if err == nil {
			lines, err = w.Sign(req.Context(), body)
		}
		if err != nil {
			refuse(rw, err)
			return
		}
		rw.Header().Set("Content-Type", "text/plain; charset=utf-8")
		_, _ = rw.Write(lines) // who has gone away asks again
	})
	return mux
}

// refuse maps an error to its status. What the witness itself failed at is
// not told to a stranger. A split view carries a Stale too, and C2SP answers it
// with 409 like any other; what was kept of it lies in the witness' folder.
func refuse(rw http.ResponseWriter, err error) {
	var stale *Stale
	var long *http.MaxBytesError
	status := http.StatusInternalServerError
	switch {
	case errors.As(err, &stale):
		rw.Header().Set("Content-Type", sizeType)
		rw.WriteHeader(http.StatusConflict)
		fmt.Fprintf(rw, "%d\n", stale.Size)
		return
	case errors.As(err, &long):
		status = http.StatusRequestEntityTooLarge
	case errors.Is(err, ErrMalformed):
		status = http.StatusBadRequest
	case errors.Is(err, ErrUnknownLog):
		status = http.StatusNotFound
	case errors.Is(err, ErrUntrusted):
		status = http.StatusForbidden
	case errors.Is(err, ErrNotProven):
		status = http.StatusUnprocessableEntity
	default:
		http.Error(rw, "the witness cannot answer now", status)
		return
	}
	http.Error(rw, err.Error(), status)
}
