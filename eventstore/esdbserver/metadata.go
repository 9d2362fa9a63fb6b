package esdbserver

import (
	"context"
	"encoding/json"
	"strings"
	"sync"
	"time"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"leeway/eventstore"
)

// metaPrefix begins the stream that holds the metadata of a stream.
const metaPrefix = "$$"

// Types of the events in a metadata stream.
const (
	typeMetadata  = "$metadata"
	typeTombstone = "$streamDeleted"
)

// streamMeta is what hides events of a stream from whoever reads it. They
// stay in the store, and in $all, as they do on a real server until it is
// scavenged.
type streamMeta struct {
	MaxCount       *int64 `json:"$maxCount"`
	MaxAge         *int64 `json:"$maxAge"` // seconds
	TruncateBefore *int64 `json:"$tb"`

	tombstoned bool
}

// hides reports whether metadata takes anything away, or would some day.
func (m streamMeta) hides() bool {
	return m.MaxCount != nil || m.MaxAge != nil || m.TruncateBefore != nil
}

// shows reports whether an event of a stream that ends at last can be read. An
// event must be within all of the limits there are.
func (m streamMeta) shows(r eventstore.Recorded, last int64) bool {
	return (m.TruncateBefore == nil || r.Revision >= *m.TruncateBefore) &&
		(m.MaxCount == nil || r.Revision > last-*m.MaxCount) &&
		(m.MaxAge == nil || time.Since(r.Created) <= time.Duration(*m.MaxAge)*time.Second)
}

// metaCache keeps the metadata of the streams that were asked for, because
// every read and append asks.
type metaCache struct {
	store eventstore.Store

	mu    sync.Mutex
	known map[string]streamMeta
}

// of returns the metadata of a stream. It holds the lock while it reads, so
// that what it keeps is never older than a change it was told of. A metadata
// stream has metadata of its own: it shows its last event.
func (c *metaCache) of(ctx context.Context, stream string) (streamMeta, error) {
	if strings.HasPrefix(stream, metaPrefix) {
		one := int64(1)
		return streamMeta{MaxCount: &one}, nil
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if m, ok := c.known[stream]; ok {
		return m, nil
	}
	var m streamMeta
	raw, kind, err := c.last(ctx, stream)
	if err != nil {
		return m, err
	}
	m.tombstoned = kind == typeTombstone
	if kind == typeMetadata {
		if err := json.Unmarshal(raw, &m); err != nil {
			return m, status.Errorf(codes.InvalidArgument, "metadata of stream %q: %v", stream, err)
		}
	}
	if c.known == nil {
		c.known = make(map[string]streamMeta)
	}
	c.known[stream] = m
	return m, nil
}

// last is the newest event of a stream's metadata: its data and its type.
func (c *metaCache) last(ctx context.Context, stream string) (data []byte, kind string, err error) {
	for r, err := range c.store.Read(ctx, stored(metaPrefix+stream), 0) {
		if err != nil {
			return nil, "", err
		}
		e, err := unwrap(r)
		if err != nil {
			return nil, "", err
		}
		data, kind = e.Data, e.Metadata[keyType]
	}
	return data, kind, nil
}

// changed forgets what a write to a metadata stream has made old. Of a write to
// any other stream it takes no notice.
func (c *metaCache) changed(stream string) {
	target, ok := strings.CutPrefix(stream, metaPrefix)
	if !ok {
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	delete(c.known, target)
}

// metaOf returns the metadata of a stream. Where nothing can be taken away
// there is no need to look, and an append costs the store one call.
func (s *Server) metaOf(ctx context.Context, stream string) (streamMeta, error) {
	if s.options.Deletable == nil && !strings.HasPrefix(stream, metaPrefix) {
		return streamMeta{}, nil
	}
	return s.meta.of(ctx, stream)
}

// mayAppend refuses what would bring a tombstoned stream back, and metadata
// that would take events of a ledger away. Other metadata, such as an access
// list, are kept and have no effect.
func (s *Server) mayAppend(ctx context.Context, p *proposal) error {
	target, isMeta := strings.CutPrefix(p.stream, metaPrefix)
	if !isMeta {
		target = p.stream
	}
	m, err := s.metaOf(ctx, target)
	if err != nil {
		return err
	}
	if m.tombstoned {
		return errTombstoned
	}
	if !isMeta {
		return nil
	}
	for _, data := range p.data {
		var m streamMeta
		if err := json.Unmarshal(data, &m); err != nil {
			return status.Errorf(codes.InvalidArgument, "metadata of stream %q: %v", target, err)
		}
		if m.hides() {
			if err := s.mayDelete(target); err != nil {
				return err
			}
		}
	}
	return nil
}

// mayDelete refuses to take anything away from a ledger. The refusal names the
// stream and the reason, so that a test which meets it by mistake can tell.
func (s *Server) mayDelete(stream string) error {
	if s.options.Deletable != nil && s.options.Deletable(stream) {
		return nil
	}
	return status.Errorf(codes.PermissionDenied, "stream %q is a ledger's: nothing of it is truncated or deleted", stream)
}
