package policies

import (
	"io/fs"

	"leeway/domain"
)

// An Origin is one citation of a part of a pack: where what it says comes from,
// or the assumption that it is.
type Origin struct {
	Kind  string // standard, fact, rule, exception, procedure or ground
	ID    string
	Title domain.Text
	From  domain.Day // first day of the value or version; none: the part has no days
	Cite  domain.Cite
}

// Origins lists what every dated value, derived fact, rule, exception,
// procedure and ground of a pack version rests on, in the order of its files. Of an overlay
// that is the whole, its base's too. The error is Problems where the version
// cannot be used.
func Origins(fsys fs.FS, dirs ...fs.FS) ([]Origin, error) {
	p, err := sound(fsys, dirs)
	if err != nil {
		return nil, err
	}
	var list []Origin
	add := func(o Origin, cites []domain.Cite) {
		for _, o.Cite = range cites {
			list = append(list, o)
		}
	}
	for _, s := range p.standards {
		for _, v := range s.values {
			add(Origin{Kind: "standard", ID: s.src.ID, Title: s.src.Title.Text, From: v.from}, v.cites)
		}
	}
	for _, f := range p.src.facts {
		add(Origin{Kind: "fact", ID: f.Name, Title: f.Title.Text}, p.cites(f.Cite))
	}
	for _, r := range p.src.rules {
		for _, v := range r.Versions {
			add(Origin{Kind: "rule", ID: r.ID, Title: r.Title.Text, From: v.From}, p.cites(v.Cite))
			for _, x := range v.Exceptions {
				add(Origin{Kind: "exception", ID: r.ID + "/" + x.ID, Title: x.Text.Text, From: v.From}, p.cites(x.Cite))
			}
		}
	}
	for _, pr := range p.src.procedures {
		for _, v := range pr.Versions {
			add(Origin{Kind: "procedure", ID: pr.Programme, From: v.From}, p.cites(v.Cite))
		}
	}
	for _, g := range p.src.grounds {
		for _, v := range g.Versions {
			add(Origin{Kind: "ground", ID: g.ID, Title: g.Title.Text, From: v.From}, p.cites(v.Cite))
		}
	}
	return list, nil
}
