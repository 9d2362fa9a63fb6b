package ledger

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"time"

	"leeway/domain"
)

// Collect asks every witness of the policy that has a URL to cosign the newest
// checkpoint, all at once, and stores what they answer. One that fails keeps
// none of the others from counting; the error names each that did. ErrRolledBack
// and ErrRewritten among them are alarms: that witness has seen another
// history than this log holds.
func (l *Log) Collect(ctx context.Context, client *http.Client) error {
	var all sync.WaitGroup
	errs := make([]error, len(l.cfg.Policy.witnesses))
	for i, w := range l.cfg.Policy.witnesses {
		if w.url == "" {
			continue // asked by file exchange
		}
		all.Go(func() {
			if err := l.ask(ctx, client, w.url); err != nil {
				errs[i] = domain.Within(err, "witness %s", w.name)
			}
		})
	}
	all.Wait()
	return errors.Join(errs...)
}

// Witnessed calls Collect until ctx ends, as long as the newest checkpoint
// lacks its quorum: after every interval, and after failures less and less
// often. What failed last shows in Status.
func (l *Log) Witnessed(ctx context.Context, client *http.Client, every time.Duration) {
	for wait := every; ; {
		select {
		case <-ctx.Done():
			return
		case <-time.After(wait):
		}
		var err error
		if _, lacking := l.cfg.Policy.Verify(l.Latest().Note); lacking != nil {
			err = l.Collect(ctx, client)
		}
		l.mu.Lock()
		l.unwitnessed = err
		l.mu.Unlock()
		if wait = min(2*wait, MaxDelay); err == nil {
			wait = every
		}
	}
}

// ask puts the newest checkpoint before one witness. The first request finds
// out where the witness stands, the second begins there. Nothing is remembered
// between calls: what the witness says of itself is the only truth about it,
// and a request from zero costs one round trip.
func (l *Log) ask(ctx context.Context, client *http.Client, url string) error {
	old := int64(0)
	for range 2 {
		r, err := l.Request(old)
		if err != nil {
			return err
		}
		lines, err := post(ctx, client, url, r)
		var stale *Stale
		if errors.As(err, &stale) && stale.Size != old {
			old = stale.Size
			continue
		}
		if stale != nil {
			return rewrote("it holds another root for %d events", old)
		}
		if err != nil {
			return err
		}
		c, err := ParseCheckpoint(r.Checkpoint)
		if err == nil {
			_, err = l.AddCosignatures(ctx, c.Size, lines)
		}
		return err
	}
	return &Stale{old} // it moves on under our feet: ask again later
}

// errAnswer says that a witness gave an answer that the protocol does not have.
var errAnswer = errors.New("no answer of a witness")

// post sends a request to a witness and reads its answer, which may be
// anything: it is bounded in size here and verified by AddCosignatures. A
// refusal that accuses the log is told apart from one that does not.
func post(ctx context.Context, client *http.Client, url string, r Request) ([]byte, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, strings.TrimSuffix(url, "/")+addCheckpoint, bytes.NewReader(r.Marshal()))
	if err != nil {
		return nil, err
	}
	resp, err := client.Do(req)
	if err != nil {
		return nil, err
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(io.LimitReader(resp.Body, maxRequest))
	if err != nil {
		return nil, err
	}
	said := strings.TrimSpace(string(body))
	switch resp.StatusCode {
	case http.StatusOK:
		return body, nil
	case http.StatusConflict:
		if size, err := strconv.ParseInt(said, 10, 64); err == nil && size >= 0 {
			return nil, &Stale{size}
		}
	case http.StatusUnprocessableEntity:
		return nil, rewrote("it says %.200q", said)
	}
	return nil, domain.Deny(errAnswer, "it answered %s: %.200q", "", resp.Status, said)
}
