package main

import (
	"bufio"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"leeway/eventstore/memory"
)

// listening is the public side of a server on a loopback address.
func listening(t *testing.T, change func(*http.Server)) string {
	t.Helper()
	sv, _ := quietServer(t, memory.New())
	if change != nil {
		change(sv.public)
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		sv.public.Serve(l)
	}()
	t.Cleanup(func() {
		sv.public.Close()
		<-ended
	})
	return l.Addr().String()
}

// TestHeadersHaveALimit: more of them than 16 KiB is not read (S-18).
func TestHeadersHaveALimit(t *testing.T) {
	address := listening(t, nil)
	for size, want := range map[int]int{8 << 10: http.StatusOK, 32 << 10: http.StatusRequestHeaderFieldsTooLarge} {
		r, err := http.NewRequest("GET", "http://"+address+"/livez", nil)
		if err != nil {
			t.Fatal(err)
		}
		r.Header.Set("X-Long", strings.Repeat("x", size))
		r.Close = true
		res, err := http.DefaultClient.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		res.Body.Close()
		if res.StatusCode != want {
			t.Errorf("a header of %d bytes: %d, want %d", size, res.StatusCode, want)
		}
	}
}

// TestSlowClientsAreCut: whoever sends his headers a byte at a time loses the
// connection, and others are answered meanwhile (S-18).
func TestSlowClientsAreCut(t *testing.T) {
	address := listening(t, func(h *http.Server) { h.ReadHeaderTimeout = 50 * time.Millisecond })
	slow, err := net.Dial("tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	defer slow.Close()
	if _, err := io.WriteString(slow, "GET /livez HTTP/1.1\r\nHost: x\r\nX-Slow: "); err != nil {
		t.Fatal(err)
	}
	res, err := http.Get("http://" + address + "/livez")
	if err != nil {
		t.Fatal(err)
	}
	res.Body.Close()
	if res.StatusCode != http.StatusOK {
		t.Errorf("beside a slow client: %d", res.StatusCode)
	}
	slow.SetReadDeadline(time.Now().Add(10 * time.Second))
	if _, err := bufio.NewReader(slow).ReadString('\x00'); err != io.EOF {
		t.Errorf("the slow client is not cut: %v", err)
	}
}
