package evidence

import (
	"archive/zip"
	"bytes"
	"hash/crc32"
	"io"
	"regexp"

	"leeway/domain"
)

// Limits of a package. It comes from anybody.
const (
	MaxBytes = 256 << 20 // of the file; nothing in it is compressed, so of its content too
	maxFiles = 400_000
)

// A file of a package.
type file struct {
	name string
	data []byte
}

// allowed are the names that a package can have, so that none leads anywhere:
// neither up, nor to the root, nor to a drive.
var allowed = regexp.MustCompile(`^(package\.json|report\.(zh|en)\.txt|determination\.txt|checkpoint|keys|events/[0-9]{12}\.json|proofs/[0-9]{12}\.tlog-proof|packs(/[\p{L}\p{N}_@+-][\p{L}\p{N}_.@+-]*){3,8})$`)

// writeZip writes files in their order. Nothing but names and content decides
// its bytes: no time, no owner, no compression.
func writeZip(files []file) ([]byte, error) {
	var out bytes.Buffer
	w := zip.NewWriter(&out)
	for _, f := range files {
		if !allowed.MatchString(f.name) {
			return nil, domain.Deny(ErrAltered, "name %.80q does not belong in a package", "", f.name)
		}
		h := &zip.FileHeader{Name: f.name, Method: zip.Store, Flags: 0x800, CRC32: crc32.ChecksumIEEE(f.data),
			CompressedSize64: uint64(len(f.data)), UncompressedSize64: uint64(len(f.data))}
		to, err := w.CreateRaw(h)
		if err == nil {
			_, err = to.Write(f.data)
		}
		if err != nil {
			return nil, err
		}
	}
	if err := w.Close(); err != nil {
		return nil, err
	}
	if out.Len() > MaxBytes {
		return nil, domain.NewFault("", "a package of %d MiB is larger than the %d MiB that are verified", "export less", out.Len()>>20, MaxBytes>>20)
	}
	return out.Bytes(), nil
}

// readZip reads every file of a package. Checksums of the zip are left aside:
// the whole file is compared in the end, and a damaged event should be named
// as the event that it is. What it reads is never more than the file is long.
func readZip(b []byte) ([]file, error) {
	bad := func(why string, args ...any) ([]file, error) {
		return nil, domain.Deny(ErrAltered, why, "", args...)
	}
	if len(b) > MaxBytes {
		return bad("it has %d MiB, at most %d are read", len(b)>>20, MaxBytes>>20)
	}
	r, err := zip.NewReader(bytes.NewReader(b), int64(len(b)))
	if err != nil {
		return bad("it is no zip file")
	}
	if len(r.File) > maxFiles {
		return bad("it has %d files, at most %d are read", len(r.File), maxFiles)
	}
	seen := make(map[string]bool, len(r.File))
	var files []file
	total := uint64(0)
	for _, f := range r.File {
		total += f.UncompressedSize64
		switch {
		case !allowed.MatchString(f.Name) || seen[f.Name]:
			return bad("name %.80q does not belong in a package, or stands there twice", f.Name)
		case f.Method != zip.Store || f.CompressedSize64 != f.UncompressedSize64:
			return bad("%s is compressed", f.Name)
		case f.UncompressedSize64 > uint64(len(b)) || total > uint64(len(b)):
			return bad("%s is longer than the package", f.Name)
		}
		seen[f.Name] = true
		raw, err := f.OpenRaw()
		if err != nil {
			return bad("%s cannot be read", f.Name)
		}
		data := make([]byte, f.UncompressedSize64)
		if _, err := io.ReadFull(raw, data); err != nil {
			return bad("%s cannot be read", f.Name)
		}
		files = append(files, file{f.Name, data})
	}
	return files, nil
}
