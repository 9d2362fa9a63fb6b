package policies

import (
	"embed"
	"io/fs"
	"strings"

	"leeway/domain"
)

//go:embed skeleton
var skeletons embed.FS

// Skeleton is a pack version to begin with, by file name: it is sound, its
// tests pass, and it holds no value that anybody could take for a real one.
// The error is a domain.Fault where pack or version cannot name a folder.
func Skeleton(pack, version string) (map[string][]byte, error) {
	if err := nameable(pack, version); err != nil {
		return nil, err
	}
	out := map[string][]byte{}
	const root = "skeleton/pack"
	err := fs.WalkDir(skeletons, root, func(p string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		data, err := skeletons.ReadFile(p)
		out[strings.TrimPrefix(p, root+"/")] = filled(data, "PACK", pack, "VERSION", version)
		return err
	})
	return out, err
}

// OverlaySkeleton is an overlay to begin with on top of a version of the
// library. It pins the base's digest, and leaves every value of the base as
// it is: its one value is null from a day on which the base has none.
func (l *Library) OverlaySkeleton(pack, version string, base domain.PackVersion) (map[string][]byte, error) {
	if err := nameable(pack, version); err != nil {
		return nil, err
	}
	p, err := l.pinned(base)
	if err != nil {
		return nil, err
	}
	if p.man.over != nil {
		return nil, domain.NewFault("extends", "%s/%s is an overlay itself", "extend the pack that it extends", base.Pack, base.Version)
	}
	// The one value that an overlay can give without inventing any is no value,
	// where the base has none either.
	std, from := p.openStandard()
	if std == nil || len(p.src.procedures) == 0 {
		return nil, domain.NewFault("extends", "%s/%s has no standard without a value, or no procedure", "write the overlay by hand, as docs/policy-authoring.md shows", base.Pack, base.Version)
	}
	// Its one test holds for every base: the steps are those that the base has.
	pr := p.src.procedures[0]
	var steps []string
	for _, s := range p.stepsOn(pr, pr.Versions[0].From) {
		steps = append(steps, s.ID)
	}
	out := map[string][]byte{}
	for _, name := range []string{"pack.yaml", "sources.yaml", "standards/values.yaml", "procedure/steps_test.yaml"} {
		data, err := skeletons.ReadFile("skeleton/overlay/" + name)
		if err != nil {
			return nil, err
		}
		out[name] = filled(data, "PACK", pack, "VERSION", version, "BASE_ID", base.Pack, "BASE_VERSION", base.Version, "BASE_DIGEST", base.Digest,
			"STANDARD", std.src.ID, "FROM", from.String(), "PROCEDURE", pr.Programme, "ON", pr.Versions[0].From.String(), "STEPS", strings.Join(steps, ", "))
	}
	return out, nil
}

// openStandard is a standard that has no value from some day on, and the day.
func (p *pack) openStandard() (*dated, domain.Day) {
	for _, s := range p.standards {
		if n := len(s.values); n > 0 && s.values[n-1].val == nil {
			return s, s.values[n-1].from
		}
	}
	return nil, 0
}

// nameable refuses what cannot name a folder and stand in every decision.
func nameable(pack, version string) error {
	if !packID.MatchString(pack) || !packID.MatchString(version) {
		return domain.NewFault("pack", "pack %q version %q cannot name a folder", "end the path with PACK/VERSION, in lower-case letters, digits, dots and -, such as packs/my-pack/1", pack, version)
	}
	return nil
}

// filled puts values in the place of names in angle brackets.
func filled(data []byte, pairs ...string) []byte {
	text := string(data)
	// The names stand in angle brackets, which no value of a pack holds.
	for i := 0; i+1 < len(pairs); i += 2 {
		text = strings.ReplaceAll(text, "<"+pairs[i]+">", pairs[i+1])
	}
	return []byte(text)
}
