package charts

import (
	"encoding/xml"
	"errors"
	"html/template"
	"io"
	"regexp"
	"strings"
	"testing"
)

// draw are all charts over one hostile label.
func draw(label string) map[string]template.HTML {
	bars := []Bar{{label, 1170, "1170 人", "warn"}, {"w2", 0, "0", ""}}
	return map[string]template.HTML{
		"bars":      Bars("a", label, bars, Bar{Value: 1000, Say: "1:1000"}),
		"groups":    Groups("b", label, []Group{{label, bars}, {"x", bars}}),
		"waterfall": Waterfall("c", label, []Step{{label, 87000, "870", true, ""}, {"E-WORK 经办差错", -49200, "−492", false, ""}, {"y", 5, "+0.05", false, "c3"}, {"实际应得", 37805, "378.05", true, ""}}),
		"columns":   Columns("d", label, []Stack{{label, bars}, {"2020-08", nil}}, []Bar{{label, 0, "", "c1"}, {"长长长长长长长长长长长长长长长长长长长长长长", 0, "", "c2"}, {"b", 0, "", "c3"}}),
		"empty":     Bars("e", label, nil, Bar{}),
		"no steps":  Waterfall("f", label, nil),
		"no stacks": Columns("g", label, nil, nil),
	}
}

// TestChartsAreXML: whatever a label holds, a chart is well-formed and runs
// nothing; it carries no style and no script of its own.
func TestChartsAreXML(t *testing.T) {
	for name, svg := range draw(`<script>alert(1)</script>" onload="x`) {
		dec := xml.NewDecoder(strings.NewReader(string(svg)))
		for {
			token, err := dec.Token()
			if errors.Is(err, io.EOF) {
				break
			}
			if err != nil {
				t.Fatalf("%s: %v\n%s", name, err, svg)
			}
			if start, ok := token.(xml.StartElement); ok {
				if start.Name.Local == "svg" && !box.MatchString(attribute(start, "viewBox")) {
					t.Errorf("%s has the view box %q", name, attribute(start, "viewBox"))
				}
				if start.Name.Local == "script" {
					t.Errorf("%s runs a script", name)
				}
				for _, a := range start.Attr {
					if a.Name.Local == "style" || strings.HasPrefix(a.Name.Local, "on") {
						t.Errorf("%s carries %s", name, a.Name.Local)
					}
				}
			}
		}
	}
}

var box = regexp.MustCompile(`^0 0 720 [1-9][0-9]*$`)

func attribute(e xml.StartElement, name string) string {
	for _, a := range e.Attr {
		if a.Name.Local == name {
			return a.Value
		}
	}
	return ""
}

// TestChartsSayTheirNumbers: title and description tell what is drawn.
func TestChartsSayTheirNumbers(t *testing.T) {
	charts := draw("王某")
	for name, want := range map[string]string{
		"bars": "1:1000; 王某 1170 人; w2 0", "groups": "王某 王某 1170 人", "waterfall": "王某 870; E-WORK 经办差错 −492; y +0.05; 实际应得 378.05", "columns": "王某 王某 1170 人",
	} {
		_, after, _ := strings.Cut(string(charts[name]), "<desc id=")
		said, drawn, _ := strings.Cut(after, "</desc>")
		if !strings.Contains(said, want) {
			t.Errorf("%s does not say %q:\n%s", name, want, said)
		}
		if strings.Count(drawn, "<rect ") < 2 || !strings.Contains(drawn, "王某") {
			t.Errorf("%s draws nothing:\n%s", name, drawn)
		}
	}
}

func TestLongLabelsAreShortened(t *testing.T) {
	if got := fit("一二三四五", 6); got != "一二三…" {
		t.Errorf("shortened to %s", got)
	}
	for label, want := range map[string]string{"E-WORK 经办差错": "E-WORK|经办差错", "信息缺失或滞后": "信息缺失|或滞后", "E-LAG rule not passed on to anybody": "E-LAG|rule not|passed…", "": ""} {
		if got := strings.Join(wrapped(label, 8), "|"); got != want {
			t.Errorf("%s is broken into %s, want %s", label, got, want)
		}
	}
}
