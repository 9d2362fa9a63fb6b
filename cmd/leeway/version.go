package main

import "runtime/debug"

// versionCmd says which build this is, with the versions on which the result
// of a replay can depend.
type versionCmd struct{}

// buildJSON says which program gave a result. Engine stands in every kept
// replay, outside of the bytes that are compared.
type buildJSON struct {
	Version  string `json:"version"`
	Revision string `json:"revision,omitempty"`
	Go       string `json:"go"`
	Engine   string `json:"engine,omitempty"` // cel-go
}

// build reads what the Go tool wrote into this program.
func build() buildJSON {
	b := buildJSON{Version: "devel"}
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return b
	}
	b.Go = info.GoVersion
	if v := info.Main.Version; v != "" && v != "(devel)" {
		b.Version = v
	}
	for _, setting := range info.Settings {
		if setting.Key == "vcs.revision" {
			b.Revision = setting.Value
		}
	}
	for _, m := range info.Deps {
		if m.Path == "github.com/google/cel-go" {
			b.Engine = "cel-go " + m.Version
		}
	}
	return b
}

// Run prints the version.
func (versionCmd) Run(s *session) error {
	b := build()
	if s.json {
		return s.writeJSON(b)
	}
	s.printf("leeway %s\n", b.Version)
	s.pairs([2]string{s.t("revision"), b.Revision}, [2]string{"Go", b.Go}, [2]string{s.t("engine"), b.Engine})
	return nil
}
