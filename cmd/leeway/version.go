package main

import (
	"runtime/debug"
)

// versionCmd says which build this is, with the versions on which the result
// of a replay can depend.
type versionCmd struct{}

type buildJSON struct {
	Version  string `json:"version"`
	Revision string `json:"revision,omitempty"`
	Go       string `json:"go"`
	Engine   string `json:"engine,omitempty"` // cel-go
}

// Run prints the version.
func (versionCmd) Run(s *session) error {
	b := buildJSON{Version: "devel"}
	if info, ok := debug.ReadBuildInfo(); ok {
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
	}
	if s.json {
		return s.writeJSON(b)
	}
	s.printf("leeway %s\n", b.Version)
	s.pairs([2]string{s.t("revision"), b.Revision}, [2]string{"Go", b.Go}, [2]string{s.t("engine"), b.Engine})
	return nil
}
