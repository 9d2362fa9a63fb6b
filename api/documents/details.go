package documents

import (
	"reflect"
	"strconv"
	"strings"

	"leeway/domain"
	"leeway/domain/eligibility"
	"leeway/domain/names"
	"leeway/domain/replay"
	"leeway/domain/review"
)

// Details writes what an event of a case says, field by field in the order in
// which it is stored, without its day: "金额 378 元；起始 2020-07". Money is in
// yuan; personal data that could not be opened says so. Titles are what the
// case's pack calls its facts, by name; a fact without one is called by its name.
func Details(e eligibility.Event, lang string, titles map[string]domain.Text) string {
	return teller{lang: lang, titles: titles}.fields(reflect.ValueOf(e).Elem(), "；", "; ")
}

// Says writes what an event of a review or of a clue says, as Details does. What
// the program fills in (digests of replays, suggestions, what was read) is left
// to the pages that show it whole.
func Says(e any, lang string, titles map[string]domain.Text) string {
	return teller{lang: lang, brief: true, titles: titles}.fields(reflect.ValueOf(e).Elem(), "；", "; ")
}

// teller writes values for people.
type teller struct {
	lang   string
	brief  bool // leaves out ids of events
	titles map[string]domain.Text
}

func (t teller) in(text domain.Text) string { return text.In(t.lang) }

func (t teller) join(list []string, zh, en string) string {
	if t.lang == "en" {
		return strings.Join(list, en)
	}
	return strings.Join(list, zh)
}

// fields writes the fields of a struct that say something.
func (t teller) fields(v reflect.Value, zh, en string) string {
	var parts []string
	for i := range v.NumField() {
		f := v.Type().Field(i)
		name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
		switch {
		case f.Anonymous:
			if f.Type != reflect.TypeFor[eligibility.On]() && f.Type != reflect.TypeFor[eligibility.Taken]() && f.Type != reflect.TypeFor[review.By]() {
				parts = append(parts, t.fields(v.Field(i), zh, en))
			}
		case name != "" && name != "-":
			if said := t.value(name, v.Field(i)); said != "" {
				parts = append(parts, t.in(names.Of("field", name))+" "+said)
			}
		}
	}
	return t.join(parts, zh, en)
}

// value writes one value; empty where it says nothing.
func (t teller) value(name string, v reflect.Value) string {
	switch x := v.Interface().(type) {
	case domain.Statement:
		return t.statement(x)
	case domain.Private:
		return t.personal(x)
	case domain.Fen:
		return t.in(w(x.Yuan()+" 元", x.Yuan()+" yuan"))
	case domain.Day:
		return orNothing(x != 0, x.String())
	case domain.Month:
		return orNothing(x != 0, x.String())
	case domain.Value:
		return t.stated(x)
	case eligibility.Result:
		return orNothing(x != "", t.in(names.Of("result", string(x))))
	case review.ReplayRef, []review.Suggestion, []replay.FactRef, domain.Basis:
		return ""
	case replay.FactRef:
		return t.fact(domain.Key{Subject: x.Subject, Attribute: x.Attribute, Item: x.Item})
	case eligibility.Advice:
		return x.Rules.Pack + " " + x.Rules.Version + t.in(w("，", ", ")) + t.lawful(x.Outcome)
	case interface{ Title() domain.Text }:
		return t.in(x.Title())
	}
	switch v.Kind() {
	case reflect.Pointer:
		if v.IsNil() {
			return ""
		}
		return t.value(name, v.Elem())
	case reflect.Slice:
		var parts []string
		for i := range v.Len() {
			parts = append(parts, t.value(name, v.Index(i)))
		}
		return t.join(parts, "、", ", ")
	case reflect.Struct:
		return t.in(w("（", "(")) + t.fields(v, "，", ", ") + t.in(w("）", ")"))
	case reflect.Bool:
		return orNothing(v.Bool(), t.in(names.Of("value", "true")))
	case reflect.Int, reflect.Int64:
		return strconv.FormatInt(v.Int(), 10)
	case reflect.String:
		if name == "sources" || name == "source" {
			name = "held by"
		}
		if t.brief && (name == "replay" || name == "act") {
			return "" // a digest, or the event of another stream
		}
		if name == "verdict" {
			name = "conduct"
		}
		if title, ok := t.titles[v.String()]; ok && name == "closes" {
			return t.in(title)
		}
		return t.in(names.Of(name, v.String()))
	}
	return ""
}

func orNothing(says bool, text string) string {
	if says {
		return text
	}
	return ""
}

// statement writes what was said of whom, and what it rests on.
func (t teller) statement(s domain.Statement) string {
	text := t.fact(s.Key()) + t.in(w(" 为 ", " is ")) + t.stated(s.Value)
	var rest []string
	if s.ValidFrom != 0 || s.ValidTo != 0 {
		rest = append(rest, t.days(s.ValidFrom, s.ValidTo))
	}
	if s.HeldBy != "" {
		rest = append(rest, t.in(names.Of("field", "held_by"))+" "+t.in(names.Of("held by", s.HeldBy)))
	}
	if len(rest) == 0 {
		return text
	}
	return text + t.in(w("（", " (")) + t.join(rest, "，", ", ") + t.in(w("）", ")"))
}

// stated writes the value of a statement.
func (t teller) stated(v domain.Value) string {
	switch v.Kind {
	case domain.MoneyValue:
		return t.in(w(v.Fen().Yuan()+" 元", v.Fen().Yuan()+" yuan"))
	case domain.BoolValue, domain.NoValue:
		return t.in(names.Of("value", v.String()))
	case domain.CodeValue:
		return t.in(names.Of("code", v.String()))
	}
	return v.String()
}

// lawful writes which amounts are lawful.
func (t teller) lawful(o domain.Outcome) string {
	if !o.Determined() {
		return t.in(w("不确定", "undetermined"))
	}
	var list []string
	for _, r := range o.Lawful {
		text := r.Lo.Yuan()
		if r.Lo != r.Hi {
			text += "–" + r.Hi.Yuan()
		}
		list = append(list, t.in(w(text+" 元", text+" yuan")))
	}
	return t.join(list, " / ", " / ")
}

// fact writes what a statement is about, by the pack's title where it has one.
func (t teller) fact(k domain.Key) string {
	title, ok := t.titles[k.Attribute]
	if !ok {
		return k.String()
	}
	said := t.in(title)
	if k.Item != "" {
		said += t.in(w("（", " (")) + t.in(names.Of("item", k.Item)) + t.in(w("）", ")"))
	}
	if k.Subject != domain.Household {
		said = k.Subject + " " + said
	}
	return said
}

// personal writes personal data that was opened, and says where it is sealed.
func (t teller) personal(p domain.Private) string {
	if p.Closed != (domain.Text{}) {
		return t.in(p.Closed)
	}
	if p.Present && p.Text == "" {
		return t.in(w("（已封存）", "(sealed)"))
	}
	return p.Text
}

// days writes the days between which a statement is true.
func (t teller) days(from, to domain.Day) string {
	switch {
	case from == 0 && to == 0:
		return t.in(w("始终", "always"))
	case to == 0:
		return t.in(w(from.String()+" 起", "from "+from.String()))
	case from == 0:
		return t.in(w(to.String()+" 前", "before "+to.String()))
	}
	return t.span(from.String(), (to - 1).String())
}

// span writes a stretch of days or months.
func (t teller) span(first, last string) string {
	if first == last {
		return first
	}
	return t.in(w(first+" 至 "+last, first+" to "+last))
}
