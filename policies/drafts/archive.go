package drafts

import (
	"archive/zip"
	"bytes"
	"errors"
	"io"
	"path"
	"strings"

	"leeway/domain"
)

// Zip is the folder of a draft as one file: the same draft, the same bytes.
func (d Draft) Zip() ([]byte, error) {
	var out bytes.Buffer
	z := zip.NewWriter(&out)
	for _, name := range d.Names() {
		f, err := z.CreateHeader(&zip.FileHeader{Name: name, Method: zip.Deflate})
		if err == nil {
			_, err = io.WriteString(f, d.Texts[name])
		}
		if err != nil {
			return nil, err
		}
	}
	err := z.Close()
	return out.Bytes(), err
}

// Unzip reads the folder of a pack out of a zip file, by name. The folder may
// stand in others, as people zip it. Whatever else is in the file, and whatever
// is larger than a draft may be, is refused before it is unpacked further.
func Unzip(data []byte) (map[string]string, error) {
	z, err := zip.NewReader(bytes.NewReader(data), int64(len(data)))
	if err != nil && !errors.Is(err, zip.ErrInsecurePath) {
		return nil, domain.NewFault("archive", "it is no zip file: %v", "send the folder of one pack version as a zip", err)
	}
	top, err := root(z.File)
	if err != nil {
		return nil, err
	}
	texts, left := map[string]string{}, MaxBytes
	for _, f := range z.File {
		if strings.HasSuffix(f.Name, "/") {
			continue // a folder by itself
		}
		name, inside := strings.CutPrefix(f.Name, top)
		if _, twice := texts[name]; twice || !inside || checkName(name) != nil || !f.Mode().IsRegular() {
			return nil, domain.NewFault("archive", "%.80q is no file of the pack, or is there twice", "zip the folder of one pack version, with plain .yaml files and no links", f.Name)
		}
		text, err := unpacked(f, min(left, MaxFile))
		if err != nil {
			return nil, err
		}
		texts[name], left = text, left-len(text)
		if len(texts) > MaxFiles {
			return nil, domain.NewFault("archive", "there are more than %d files", "a pack has few files: join some", MaxFiles)
		}
	}
	return texts, nil
}

// root is the folder in which pack.yaml stands, with its slash; empty: none.
func root(files []*zip.File) (string, error) {
	if len(files) > 4*MaxFiles {
		return "", domain.NewFault("archive", "there are more than %d files", "a pack has few files: join some", MaxFiles)
	}
	top, found := "", false
	for _, f := range files {
		if dir, name := path.Split(f.Name); name == "pack.yaml" && (!found || len(dir) < len(top)) {
			top, found = dir, true
		}
	}
	if !found {
		return "", domain.NewFault("archive", "there is no pack.yaml in it", "zip the folder of one pack version")
	}
	return top, nil
}

// unpacked is the text of a file, of at most so many bytes, whatever its header
// says of its size.
func unpacked(f *zip.File, most int) (string, error) {
	in, err := f.Open()
	if err != nil {
		return "", domain.NewFault("archive", "%.80q cannot be unpacked: %v", "zip it again, without a password", f.Name, err)
	}
	defer in.Close()
	text, err := io.ReadAll(io.LimitReader(in, int64(most)+1))
	switch {
	case err != nil:
		return "", domain.NewFault("archive", "%.80q cannot be unpacked: %v", "zip it again, without a password", f.Name, err)
	case len(text) > most:
		return "", domain.NewFault("archive", "%.80q is too large: a file has at most %d bytes, a draft %d", "take out what the pack does not need", f.Name, MaxFile, MaxBytes)
	}
	return string(text), nil
}
