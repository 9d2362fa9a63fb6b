package domain

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"
)

func TestPrivateTextNeverReachesTheClearPart(t *testing.T) {
	p := Personal("m1", "张三 42")
	for _, v := range []any{p, &p, struct{ Name Private }{p}, []Private{p}, map[string]Private{"name": p}} {
		b, err := Canonical(v)
		if err != nil || strings.Contains(string(b), "张三") || strings.Contains(string(b), "42") || !strings.Contains(string(b), `{"sealed":true,"subject":"m1"}`) {
			t.Errorf("%T is written %s, %v", v, b, err)
		}
	}
	if b, _ := Canonical(Personal("m1", "")); string(b) != "null" {
		t.Errorf("nothing said is written %s", b)
	}
}

func TestPrivateIsRead(t *testing.T) {
	for text, want := range map[string]Private{
		`{"subject":"m1","text":"张三"}`:   {Subject: "m1", Text: "张三", Present: true},
		`{"sealed":true,"subject":"m1"}`: {Subject: "m1", Present: true},
		`{"subject":"m1","text":""}`:     {Subject: "m1"},
		`null`:                           {},
	} {
		var p Private
		if err := json.Unmarshal([]byte(text), &p); err != nil || p != want {
			t.Errorf("%s is read as %+v, %v; want %+v", text, p, err, want)
		}
	}
	for _, text := range []string{`"张三"`, `{"subject":"m1","txt":"张三"}`, `{"subject":5}`, `[]`} {
		var p Private
		err := json.Unmarshal([]byte(text), &p)
		if err == nil || !strings.Contains(err.Error(), `"text"`) || strings.Contains(err.Error(), "张三") {
			t.Errorf("%s: %v; want an error that shows how and repeats no personal data", text, err)
		}
	}
}

func TestFaultIsInvalid(t *testing.T) {
	err := error(NewFault("day", "it is missing", "give it"))
	if !errors.Is(err, ErrInvalid) || err.Error() != "day: it is missing; give it" {
		t.Errorf("%v", err)
	}
}
