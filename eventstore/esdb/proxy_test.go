package esdb

import (
	"io"
	"math/rand/v2"
	"net"
	"sync"
	"testing"
	"time"
)

// fate is what a proxy does to one connection.
type fate struct {
	delay  time.Duration // before each piece of what the server says
	after  int64         // bytes from the server until it strikes; 0 is never
	halves bool          // it strikes by ending what the server says, not all
}

// proxy stands between a store and its server, on loopback.
type proxy struct {
	listener net.Listener
	target   string
	fates    func() fate

	mu    sync.Mutex
	conns map[net.Conn]bool
	muted bool // the server's answers are thrown away
	pumps sync.WaitGroup
}

// startProxy forwards to a server until the test is over.
func startProxy(t testing.TB, target string, fates func() fate) *proxy {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	p := &proxy{listener: l, target: target, fates: fates, conns: make(map[net.Conn]bool)}
	p.pumps.Go(p.accept)
	t.Cleanup(func() {
		l.Close()
		p.cut()
		p.pumps.Wait()
	})
	return p
}

func (p *proxy) address() string { return p.listener.Addr().String() }

func (p *proxy) accept() {
	for {
		client, err := p.listener.Accept()
		if err != nil {
			return
		}
		server, err := net.Dial("tcp", p.target)
		if err != nil {
			client.Close() // as when the server is not there
			continue
		}
		p.mu.Lock()
		p.conns[client], p.conns[server] = true, true
		p.mu.Unlock()
		f := p.fates()
		p.pumps.Go(func() { p.requests(server, client) })
		p.pumps.Go(func() { p.answers(client, server, f) })
	}
}

func (p *proxy) requests(server, client net.Conn) {
	io.Copy(server, client)
	p.drop(server, client)
}

func (p *proxy) answers(client, server net.Conn, f fate) {
	defer p.drop(server, client)
	buf := make([]byte, 4096)
	for said := int64(0); ; {
		n, err := server.Read(buf)
		if err != nil {
			return
		}
		time.Sleep(f.delay)
		p.mu.Lock()
		muted := p.muted
		p.mu.Unlock()
		if said += int64(n); f.after > 0 && said > f.after {
			if !f.halves {
				return
			}
			client.(*net.TCPConn).CloseWrite()
			io.Copy(io.Discard, server) // requests still get through
			return
		}
		if muted {
			continue
		}
		if _, err := client.Write(buf[:n]); err != nil {
			return
		}
	}
}

func (p *proxy) drop(conns ...net.Conn) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, c := range conns {
		c.Close()
		delete(p.conns, c)
	}
}

// cut ends every connection there is.
func (p *proxy) cut() {
	p.mu.Lock()
	defer p.mu.Unlock()
	for c := range p.conns {
		c.Close()
		delete(p.conns, c)
	}
}

// mute throws away what the server says, or no longer.
func (p *proxy) mute(on bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.muted = on
}

func calm() fate { return fate{} }

// weather is a network that cuts every connection sooner or later: most of
// them soon, a few after so much that a large event gets through.
func weather(least, most int64) func() fate {
	return func() fate {
		f := fate{
			delay:  time.Duration(rand.Int64N(int64(300 * time.Microsecond))),
			after:  least + rand.Int64N(most-least),
			halves: rand.IntN(2) == 0,
		}
		if rand.IntN(3) == 0 {
			f.delay, f.after = 0, 50*most
		}
		return f
	}
}
