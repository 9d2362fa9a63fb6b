package policies

import (
	"io/fs"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"

	"leeway/domain"
)

// Next is a pack version to write the next one from: its files to the byte, but
// for what pack.yaml says of pack and version, and of which version it
// supersedes and corrects: of one pack it supersedes the version that it was
// made from, and it corrects none. The error is a domain.Fault where pack or
// version cannot name a folder, or where nothing would differ.
func Next(files fs.FS, pack, version string) (map[string][]byte, error) {
	if err := nameable(pack, version); err != nil {
		return nil, err
	}
	fl, err := readFiles(files)
	if err != nil {
		return nil, err
	}
	var doc yaml.Node
	if err := yaml.Unmarshal(fl["pack.yaml"], &doc); err != nil || len(doc.Content) == 0 {
		return nil, domain.NewFault("from", "its pack.yaml cannot be read", "begin with another version")
	}
	top := doc.Content[0]
	was := func(name string) string {
		if n := field(top, name); n != nil {
			return n.Value
		}
		return ""
	}
	if was("pack") == pack && was("version") == version {
		return nil, domain.NewFault("version", "%s is the version that it begins with", "give the draft a version of its own", version)
	}
	changes := []line{{"pack", pack}, {"version", strconv.Quote(version)}, {"corrects", ""}, {"supersedes", ""}}
	if was("pack") == pack {
		changes[3].text = strconv.Quote(was("version"))
	}
	fl["pack.yaml"] = written(fl["pack.yaml"], top, changes)
	return fl, nil
}

// A line is a key of a file with what is to stand behind it; empty: the key is
// taken out.
type line struct{ key, text string }

// written is a file whose top is a mapping in lines, with lines changed and
// everything else, comments too, to the byte. What is not there yet is put
// behind the version.
func written(b []byte, top *yaml.Node, changes []line) []byte {
	lines := strings.SplitAfter(string(b), "\n")
	for _, c := range changes {
		found := false
		for i := 0; i+1 < len(top.Content); i += 2 {
			key, value := top.Content[i], top.Content[i+1]
			if key.Value != c.key || value.Kind != yaml.ScalarNode || value.Line != key.Line {
				continue
			}
			found = true
			switch {
			case c.text == "":
				lines[key.Line-1] = ""
			case value.LineComment != "":
				lines[key.Line-1] = c.key + ": " + c.text + " " + value.LineComment + "\n"
			default:
				lines[key.Line-1] = c.key + ": " + c.text + "\n"
			}
		}
		if v := field(top, "version"); !found && c.text != "" && v != nil {
			lines[v.Line-1] += c.key + ": " + c.text + "\n"
		}
	}
	return []byte(strings.Join(lines, ""))
}
