package documents

import (
	"bytes"
	"compress/gzip"
	_ "embed"
	"fmt"
	"io"
	"sync"
)

// packedFont is a subset of Noto Serif CJK SC under the SIL Open Font License
// 1.1 (font/OFL.txt), as font/build.py makes it.
//
//go:embed font/leeway-serif.ttf.gz
var packedFont []byte

//go:embed font/OFL.txt
var fontLicence string

// FontLicence is the licence of the font that every PDF embeds a part of.
func FontLicence() string { return fontLicence }

// fontData is the font, unpacked when the first document is printed.
var fontData = sync.OnceValues(func() ([]byte, error) {
	z, err := gzip.NewReader(bytes.NewReader(packedFont))
	if err != nil {
		return nil, fmt.Errorf("font of documents: %w", err)
	}
	data, err := io.ReadAll(z)
	if err != nil {
		return nil, fmt.Errorf("font of documents: %w", err)
	}
	return data, nil
})

// alike are signs that the font lacks and for which it has one that says the
// same.
var alike = map[rune]rune{'✗': '×', '✘': '×', '✔': '✓', '☐': '□', '☑': '■', '⟨': '〈', '⟩': '〉'}

// unprintable stands for a character that the font does not have.
const unprintable = '〓'
