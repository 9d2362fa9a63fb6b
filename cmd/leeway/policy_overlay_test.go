package main_test

import (
	"fmt"
	"os"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"leeway/domain/casework"
	"leeway/eventstore/memory"
	"leeway/policies"
)

// townPacks are overlays on every version that the demo activates: one value
// that no fixture rests on and, where it is given, the article of one ground.
func townPacks(articles string) fstest.MapFS {
	m := fstest.MapFS{}
	for _, version := range []string{"2020.1", "2020.2", "2021.1"} {
		for name, text := range map[string]string{
			"pack.yaml": fmt.Sprintf("pack: town\nversion: %q\nextends: {pack: cn-hb-qianjiang, version: %q}\n"+
				"title: {zh: 某镇（仅供测试）, en: A town (tests only)}\nauthority: {zh: 某镇, en: A town}\nreason: {zh: 测试, en: Test}\n", version, version),
			"sources.yaml":            "sources: [{id: n, title: {zh: 测试办法, en: A measure for tests}, status: seed}]\n",
			"standards/v.yaml":        "standards: [{standard: unattended_monthly, values: [{from: 2020-01-01, value: 900, cite: [{source: n}]}]}]\n",
			"liability/articles.yaml": articles,
		} {
			if text != "" {
				m["town/"+version+"/"+name] = &fstest.MapFile{Data: []byte(text)}
			}
		}
	}
	return m
}

// TestOverlayInAReplay replays F2 under an overlay: the money is that of the
// base, and the ground shows the office's article where it is filled in and
// nothing where it is not.
func TestOverlayInAReplay(t *testing.T) {
	for _, tt := range []struct{ articles, want string }{
		{"articles: [{ground: G01, local_article: 第八条第一项, source: n}]\n", "测试办法 第八条第一项"},
		{"", ""},
	} {
		lib, err := policies.New(townPacks(tt.articles))
		if err != nil {
			t.Fatal(err)
		}
		desk := &casework.Service{Store: memory.New(), Rules: demoRules{lib}, Sealer: plainSealer{},
			Now: func() time.Time { return asOf.Start().Add(20 * time.Hour) }}
		t.Cleanup(func() { desk.Store.Close() })
		for _, name := range []string{"demo/00-register.ndjson", "demo/F02-concealed.ndjson"} {
			data, err := os.ReadFile(name)
			if err != nil {
				t.Fatal(err)
			}
			f, err := casework.ReadCaseFile(strings.NewReader(strings.ReplaceAll(string(data), "cn-hb-qianjiang", "town")), desk.Rules, asOf)
			if err != nil {
				t.Fatal(err)
			}
			if _, err := desk.Import(t.Context(), f, nil); err != nil {
				t.Fatal(err)
			}
		}
		month := replayed(t, desk, "F2").Months[0]
		for _, g := range month.Actors[0].Grounds {
			if want := map[string]string{"G01": tt.want}[g.ID]; g.LocalArticle != want {
				t.Errorf("%s has the article %q, want %q", g.ID, g.LocalArticle, want)
			}
		}
	}
}
