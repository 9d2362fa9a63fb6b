package main

import (
	"context"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"slices"
	"sync"
	"time"
)

// most is how many requests may be under way: where the server falls behind by
// more, it has failed, and the machine is spared.
const most = 4000

// A reader is somebody signed in.
type reader struct {
	subject string
	own     bool // reaches the cases of the samples' office alone
	client  *http.Client
}

// signIn signs the readers of a demo in. Each may ask fifty times a second, so
// that the rate is spread over all of them.
func signIn(ctx context.Context, base string) ([]*reader, error) {
	transport := &http.Transport{MaxIdleConns: 512, MaxIdleConnsPerHost: 512, DisableCompression: true,
		DialContext: (&net.Dialer{Timeout: 5 * time.Second}).DialContext}
	list := []*reader{{subject: "w2", own: true}, {subject: "w3", own: true}, {subject: "t1", own: true}, {subject: "b1"}, {subject: "b9"}, {subject: "r2"}, {subject: "r3"}, {subject: "u1"}}
	for _, r := range list {
		jar, err := cookiejar.New(nil)
		if err != nil {
			return nil, err
		}
		r.client = &http.Client{Transport: transport, Jar: jar, Timeout: 30 * time.Second}
		req, err := http.NewRequestWithContext(ctx, http.MethodPost, base+"/session/demo?"+url.Values{"subject": {r.subject}}.Encode(), nil)
		if err != nil {
			return nil, err
		}
		answer, err := r.client.Do(req)
		if err != nil {
			return nil, err
		}
		answer.Body.Close()
		if len(jar.Cookies(req.URL)) == 0 {
			return nil, fmt.Errorf("%s could not be signed in: %s", r.subject, answer.Status)
		}
	}
	return list, nil
}

// A tally is what came of the requests of one run.
type tally struct {
	name     string
	rate     int
	sent     int
	failed   map[string]int // by answer
	took     []time.Duration
	lateness time.Duration // most by which a request was sent after its time
	span     time.Duration
}

// at is a quantile in per mille.
func (t *tally) at(permille int) time.Duration {
	if len(t.took) == 0 {
		return 0
	}
	return t.took[min(len(t.took)-1, len(t.took)*permille/1000)]
}

func (t *tally) failures() (n int) {
	for _, x := range t.failed {
		n += x
	}
	return n
}

// openLoop sends requests at a rate, whatever becomes of those before. The time
// of each begins when it was due, not when it could be sent: who waits in line
// waits as well.
func openLoop(ctx context.Context, name string, rate int, span time.Duration, ask func(i int) (*reader, string)) *tally {
	t := &tally{name: name, rate: rate, failed: map[string]int{}, span: span}
	var mu sync.Mutex
	var all sync.WaitGroup
	slots := make(chan struct{}, most)
	began := time.Now()
	for i := range int(span.Seconds() * float64(rate)) {
		due := began.Add(time.Duration(i) * time.Second / time.Duration(rate))
		if wait := time.Until(due); wait > 0 {
			select {
			case <-time.After(wait):
			case <-ctx.Done():
			}
		}
		if ctx.Err() != nil {
			break
		}
		t.lateness = max(t.lateness, time.Since(due))
		select {
		case slots <- struct{}{}:
		default:
			mu.Lock()
			t.sent++
			t.failed["more than can be under way"]++
			mu.Unlock()
			continue
		}
		who, address := ask(i)
		all.Go(func() {
			defer func() { <-slots }()
			status, err := get(ctx, who.client, address)
			took := time.Since(due)
			mu.Lock()
			defer mu.Unlock()
			t.sent++
			switch {
			case err != nil:
				t.failed["no answer"]++
			case status != http.StatusOK:
				t.failed[http.StatusText(status)]++
			default:
				t.took = append(t.took, took)
			}
		})
	}
	all.Wait()
	slices.Sort(t.took)
	return t
}

func get(ctx context.Context, client *http.Client, address string) (int, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return 0, err
	}
	answer, err := client.Do(req)
	if err != nil {
		return 0, err
	}
	defer answer.Body.Close()
	_, err = io.Copy(io.Discard, answer.Body)
	return answer.StatusCode, err
}

// refreshed asks once, and tells whether the page wants to be asked again.
func refreshed(ctx context.Context, client *http.Client, address string) (status int, again bool, err error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return 0, false, err
	}
	answer, err := client.Do(req)
	if err != nil {
		return 0, false, err
	}
	defer answer.Body.Close()
	_, err = io.Copy(io.Discard, answer.Body)
	return answer.StatusCode, answer.Header.Get("Refresh") != "", err
}

// somewhere picks a reader in turn and a case that he reaches, any of n.
func somewhere(base, path string, readers []*reader, n int) func(i int) (*reader, string) {
	pick := rand.New(rand.NewPCG(1, 2))
	return func(i int) (*reader, string) {
		r := readers[i%len(readers)]
		which := pick.IntN(n)
		if r.own {
			which -= which % offices
		}
		return r, base + path + caseID(which)
	}
}
