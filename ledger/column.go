package ledger

import "io"

// backing is what a column lies in: a file, or memory.
type backing interface {
	io.ReaderAt
	io.WriterAt
	io.Closer
	Truncate(size int64) error
}

// column is bytes that only grow, with a tail that is not written yet. The
// caller holds a lock.
type column struct {
	file backing
	size int64 // bytes written
	tail []byte
}

// flush writes the tail. After an error it is still there, and the next flush
// writes it again at the same place.
func (c *column) flush() error {
	if len(c.tail) == 0 {
		return nil
	}
	if _, err := c.file.WriteAt(c.tail, c.size); err != nil {
		return err
	}
	c.size += int64(len(c.tail))
	c.tail = c.tail[:0]
	return nil
}

// readAt fills b from an offset, in what is written or in the tail. A read
// never straddles the two: both hold whole entries. Past the end it is
// io.ErrUnexpectedEOF, so that a truncated file is no hash of zeros.
func (c *column) readAt(b []byte, at int64) error {
	if at >= c.size {
		at -= c.size
		if at+int64(len(b)) > int64(len(c.tail)) {
			return io.ErrUnexpectedEOF
		}
		copy(b, c.tail[at:])
		return nil
	}
	if at+int64(len(b)) > c.size {
		return io.ErrUnexpectedEOF
	}
	_, err := c.file.ReadAt(b, at)
	return err
}

// cut forgets everything after the first size bytes, written or not.
func (c *column) cut(size int64) error {
	c.tail = c.tail[:0]
	if size > c.size {
		return io.ErrUnexpectedEOF
	}
	c.size = size
	return c.file.Truncate(size)
}

// volatile is a backing that ends with the process.
type volatile struct{ b []byte }

func (m *volatile) ReadAt(b []byte, at int64) (int, error) {
	if at >= int64(len(m.b)) {
		return 0, io.EOF
	}
	n := copy(b, m.b[at:])
	if n < len(b) {
		return n, io.EOF
	}
	return n, nil
}

// WriteAt overwrites or appends; it is never asked to leave a gap.
func (m *volatile) WriteAt(b []byte, at int64) (int, error) {
	m.b = append(m.b[:at], b...)
	return len(b), nil
}

func (m *volatile) Truncate(size int64) error {
	m.b = m.b[:size]
	return nil
}

func (m *volatile) Close() error { return nil }
