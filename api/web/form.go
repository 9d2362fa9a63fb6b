package web

import (
	"cmp"
	"fmt"
	"io"
	"net/url"
	"reflect"
	"slices"
	"strconv"
	"strings"

	"github.com/labstack/echo/v4"

	"leeway/domain"
	"leeway/domain/names"
)

// A form asks for one event. Its fields follow from the event's own type, so
// that every event can be recorded without a script, and no field is forgotten
// when an event gets one.
type form struct {
	Action  string
	Submit  string
	Fields  []field
	Faults  []mistake
	Refused *refusal // by the domain
	Changed []change // what others recorded since the form was opened
	Seen    string   // how much of the record the form was opened on
	Command string   // the same posted twice is recorded once
	Upload  bool     // it has a field for a file
}

// A field is one question of a form.
type field struct {
	Name     string
	Label    string
	Hint     string
	Fault    string
	Kind     string // text, area, date, month, number, yuan, check, file, select, many, lines, group, rows, hidden, unseen (a group of hidden ones)
	Value    string
	Options  []option
	Fields   []field // of a group
	Rows     []row   // of rows
	More     bool    // rarely asked: folded away
	Required bool
	Form     string // of several on a page
}

// A row is one of several of a kind; its title says which, where that is known.
type row struct {
	Title  string
	Fields []field
}

// ID is the field's id on the page.
func (f field) ID() string { return "f-" + idSafe.Replace(f.Form+f.Name) }

var idSafe = strings.NewReplacer("[", "-", "]", "", ".", "-")

// An option is one choice of a select.
type option struct {
	Value, Label string
	On           bool
}

// A mistake is a fault of what was typed, with the field that it is about.
type mistake struct{ Name, Label, Wrong, Mend string }

// Href leads to the field.
func (m mistake) Href() string { return "#" + field{Name: m.Name}.ID() }

// A shape says what a form asks beside what the type of the event says. Paths
// are those of the stored event with the places in lists left out, such as
// "findings[].outcome".
type shape struct {
	lang     string
	subject  string                                // whose key seals what is written
	options  map[string][]option                   // choices
	labels   map[string]string                     // other than the field's own name
	hints    map[string]string                     // how to answer
	fixed    map[string]bool                       // not asked: as the event came
	more     map[string]bool                       // rarely asked
	required map[string]bool                       // marked
	rows     map[string]int                        // empty rows offered; none: one
	kind     func(name string) (domain.Kind, bool) // of the value of a fact
	hidden   map[string]bool                       // sent back as it came
	rowTitle func(item reflect.Value) string       // what a row is about; empty: its number
	id       string                                // sets the fields of one form of a page apart from another's
}

// fields are the questions about a value.
func (s shape) fields(v reflect.Value, path, way string) []field {
	var list []field
	for i := range v.NumField() {
		f := v.Type().Field(i)
		if f.Anonymous {
			list = append(list, s.fields(v.Field(i), path, way)...)
			continue
		}
		name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
		at, generic := join(path, name), join(way, name)
		if name == "" || name == "-" || name == "as" || s.fixed[generic] || v.Field(i).Kind() == reflect.Pointer {
			continue
		}
		list = append(list, s.field(v.Field(i), at, generic))
	}
	return list
}

func join(path, name string) string {
	if path == "" {
		return name
	}
	return path + "." + name
}

// field is the question about one value.
func (s shape) field(v reflect.Value, at, way string) field {
	last := strings.TrimSuffix(way[strings.LastIndexByte(way, '.')+1:], "[]")
	f := field{Name: at, Form: s.id, Label: cmp.Or(s.labels[way], names.Of("field", last).In(s.lang)), Hint: s.hints[way], Options: marked(s.options[way], nil), More: s.more[way], Required: s.required[way]}
	if s.hidden[way] && v.Kind() == reflect.String {
		f.Kind, f.Value = "hidden", v.String()
		return f
	}
	switch x := v.Interface().(type) {
	case domain.Day:
		f.Kind, f.Value = "date", x.String()
	case domain.Month:
		f.Kind, f.Value = "month", x.String()
		if len(f.Options) > 0 {
			f.Kind, f.Options = "select", marked(f.Options, []string{f.Value})
		}
	case domain.Fen:
		f.Kind, f.Value = "yuan", ""
		if x != 0 {
			f.Value = x.Yuan()
		}
	case domain.Private:
		f.Kind, f.Value = "area", x.Text
	case domain.Value:
		f.Kind, f.Value = "text", valueText(x, s.lang)
	default:
		s.plain(&f, v, at, way)
	}
	return f
}

// plain is the question about a value of a built-in kind.
func (s shape) plain(f *field, v reflect.Value, at, way string) {
	switch v.Kind() {
	case reflect.Bool:
		f.Kind = "check"
		if v.Bool() {
			f.Value = "on"
		}
	case reflect.Int, reflect.Int64:
		f.Kind = "number"
		if v.Int() != 0 {
			f.Value = strconv.FormatInt(v.Int(), 10)
		}
	case reflect.Struct:
		f.Kind, f.Fields = "group", s.fields(v, at, way)
		if !slices.ContainsFunc(f.Fields, func(g field) bool { return g.Kind != "hidden" }) {
			f.Kind = "unseen"
		}
	case reflect.Slice:
		s.list(f, v, at, way)
	default:
		f.Kind, f.Value = "text", v.String()
		if len(f.Options) > 0 {
			f.Kind, f.Options = "select", marked(f.Options, []string{v.String()})
		}
	}
}

// list is the question about several values: choices, lines, or rows with
// empty ones behind them.
func (s shape) list(f *field, v reflect.Value, at, way string) {
	elem := v.Type().Elem()
	if elem.Kind() != reflect.Struct {
		var said []string
		for i := range v.Len() {
			said = append(said, text(v.Index(i)))
		}
		f.Kind, f.Value = "lines", strings.Join(said, "\n")
		if len(f.Options) > 0 {
			f.Kind, f.Options = "many", marked(f.Options, said)
		}
		return
	}
	f.Kind = "rows"
	empty, given := s.rows[way]
	if !given {
		empty = 1
	}
	for i := range v.Len() + empty {
		item, title := reflect.New(elem).Elem(), ""
		if i < v.Len() {
			item = v.Index(i)
		}
		if s.rowTitle != nil {
			title = s.rowTitle(item)
		}
		f.Rows = append(f.Rows, row{title, s.fields(item, fmt.Sprintf("%s[%d]", at, i), way+"[]")})
	}
}

func text(v reflect.Value) string {
	if t, ok := v.Interface().(fmt.Stringer); ok {
		return t.String()
	}
	return v.String()
}

// marked are options with the chosen ones marked; what is chosen and is no
// option stands with them.
func marked(list []option, chosen []string) []option {
	list = slices.Clone(list)
	for _, c := range chosen {
		i := slices.IndexFunc(list, func(o option) bool { return o.Value == c })
		switch {
		case i >= 0:
			list[i].On = true
		case c != "" && len(list) > 0:
			list = append(list, option{c, c, true})
		}
	}
	return list
}

// read fills a value with what was typed. What cannot be read is a mistake at
// its field, and what was typed stays on the form.
func (s shape) read(v reflect.Value, path, way string, in url.Values) []mistake {
	var wrong []mistake
	for i := range v.NumField() {
		f := v.Type().Field(i)
		if f.Anonymous {
			wrong = append(wrong, s.read(v.Field(i), path, way, in)...)
			continue
		}
		name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
		at, generic := join(path, name), join(way, name)
		if name == "" || name == "-" || name == "as" || s.fixed[generic] || v.Field(i).Kind() == reflect.Pointer {
			continue
		}
		wrong = append(wrong, s.set(v.Field(i), at, generic, in)...)
	}
	return wrong
}

// set reads one value.
func (s shape) set(v reflect.Value, at, way string, in url.Values) []mistake {
	typed := strings.TrimSpace(in.Get(at))
	var err error
	switch v.Interface().(type) {
	case domain.Day:
		var d domain.Day
		d, err = domain.ParseDay(typed)
		v.Set(reflect.ValueOf(d))
	case domain.Month:
		var m domain.Month
		m, err = domain.ParseMonth(typed)
		v.Set(reflect.ValueOf(m))
	case domain.Fen:
		var f domain.Fen
		if typed == "" && s.required[way] && strings.Contains(way, "[]") {
			// In a row that says something else, nothing is not zero.
			return []mistake{{at, s.field(v, at, way).Label, say(s.lang, "missing"), say(s.lang, "mend yuan")}}
		}
		if typed != "" {
			f, err = domain.ParseYuan(strings.ReplaceAll(typed, ",", ""))
		}
		v.Set(reflect.ValueOf(f))
	case domain.Private:
		v.Set(reflect.ValueOf(domain.Personal(s.subject, typed)))
	case domain.Value:
		var val domain.Value
		val, err = s.value(typed, at, in)
		v.Set(reflect.ValueOf(val))
	default:
		return s.setPlain(v, at, way, in)
	}
	if err != nil {
		return []mistake{s.unreadable(at, way, typed, v)}
	}
	return nil
}

// value reads what is said of a fact, as the kind of the fact that is named
// beside it has it.
func (s shape) value(typed, at string, in url.Values) (domain.Value, error) {
	base := strings.TrimSuffix(at, "value")
	name := cmp.Or(in.Get(base+"attribute"), in.Get(base+"name"))
	if typed == "" {
		return domain.Value{}, nil
	}
	kind, known := domain.NoValue, false
	if s.kind != nil {
		kind, known = s.kind(name)
	}
	if !known {
		return domain.Code(typed), nil
	}
	return valueOf(kind, typed)
}

// setPlain reads a value of a built-in kind.
func (s shape) setPlain(v reflect.Value, at, way string, in url.Values) []mistake {
	typed := strings.TrimSpace(in.Get(at))
	switch v.Kind() {
	case reflect.Bool:
		v.SetBool(typed != "")
	case reflect.Int, reflect.Int64:
		n, err := strconv.ParseInt(cmp.Or(typed, "0"), 10, 32)
		v.SetInt(n)
		if err != nil {
			return []mistake{s.unreadable(at, way, typed, v)}
		}
	case reflect.Struct:
		return s.read(v, at, way, in)
	case reflect.Slice:
		return s.setList(v, at, way, in)
	default:
		v.SetString(typed)
	}
	return nil
}

// setList reads several values. An empty row is none.
func (s shape) setList(v reflect.Value, at, way string, in url.Values) []mistake {
	elem := v.Type().Elem()
	v.Set(reflect.Zero(v.Type()))
	if elem.Kind() != reflect.Struct {
		var wrong []mistake
		for _, typed := range in[at] {
			for _, part := range strings.FieldsFunc(typed, func(r rune) bool { return r == '\n' || r == '\r' || r == '、' || r == ',' || r == '，' }) {
				if part = strings.TrimSpace(part); part != "" {
					item := reflect.New(elem).Elem()
					wrong = append(wrong, s.set(item, at, way+"[]", url.Values{at: {part}})...)
					v.Set(reflect.Append(v, item))
				}
			}
		}
		return wrong
	}
	var wrong []mistake
	for i := 0; i < maxRows && hasRow(in, fmt.Sprintf("%s[%d]", at, i)); i++ {
		row := fmt.Sprintf("%s[%d]", at, i)
		if !said(in, row) {
			continue
		}
		item := reflect.New(elem).Elem()
		wrong = append(wrong, s.read(item, row, way+"[]", in)...)
		v.Set(reflect.Append(v, item))
	}
	return wrong
}

// maxRows bounds what one form can bring.
const maxRows = 200

func hasRow(in url.Values, row string) bool {
	for name := range in {
		if strings.HasPrefix(name, row+".") {
			return true
		}
	}
	return false
}

// said reports whether anything of a row was typed. What a row offers chosen,
// such as where a fact comes from, does not count.
func said(in url.Values, row string) bool {
	for name, typed := range in {
		if rest, ok := strings.CutPrefix(name, row+"."); ok && !preset[rest] && slices.ContainsFunc(typed, func(t string) bool { return strings.TrimSpace(t) != "" }) {
			return true
		}
	}
	return false
}

// preset are fields of a row that come filled in.
var preset = map[string]bool{"source": true, "subject": true, "observed": true, "relation": true, "office": true}

// unreadable says how to write what could not be read.
func (s shape) unreadable(at, way, typed string, v reflect.Value) mistake {
	how := "mend text"
	switch v.Interface().(type) {
	case domain.Day:
		how = "mend day"
	case domain.Month:
		how = "mend month"
	case domain.Fen:
		how = "mend yuan"
	case domain.Value:
		how = "mend value"
	default:
		if v.Kind() == reflect.Int || v.Kind() == reflect.Int64 {
			how = "mend number"
		}
	}
	f := s.field(v, at, way)
	return mistake{at, f.Label, say(s.lang, "cannot read", typed), say(s.lang, how)}
}

// keep puts what was typed back into the fields, readable or not, and the
// mistakes to their places.
func keep(list []field, in url.Values, faults []mistake) {
	for i := range list {
		f := &list[i]
		if j := slices.IndexFunc(faults, func(m mistake) bool { return m.Name == f.Name }); j >= 0 {
			f.Fault = faults[j].Wrong + " " + faults[j].Mend
		}
		switch f.Kind {
		case "group", "unseen":
			keep(f.Fields, in, faults)
		case "rows":
			for _, row := range f.Rows {
				keep(row.Fields, in, faults)
			}
		case "select", "many":
			f.Options = marked(unmarked(f.Options), in[f.Name])
		default:
			f.Value = in.Get(f.Name)
		}
		f.More = f.More && f.Fault == ""
	}
}

func unmarked(list []option) []option {
	list = slices.Clone(list)
	for i := range list {
		list[i].On = false
	}
	return list
}

// valueText is a value as it is typed.
func valueText(v domain.Value, lang string) string {
	switch v.Kind {
	case domain.NoValue:
		return ""
	case domain.MoneyValue:
		return v.Fen().Yuan()
	case domain.BoolValue:
		return names.Of("value", strconv.FormatBool(v.True())).In(lang)
	}
	return v.String()
}

// valueOf reads a value of a kind, in either language.
func valueOf(kind domain.Kind, typed string) (domain.Value, error) {
	switch kind {
	case domain.MoneyValue:
		f, err := domain.ParseYuan(strings.ReplaceAll(typed, ",", ""))
		return domain.Money(f), err
	case domain.IntValue:
		n, err := strconv.ParseInt(typed, 10, 64)
		return domain.Int(n), err
	case domain.DayValue:
		d, err := domain.ParseDay(typed)
		return domain.OnDay(d), err
	case domain.BoolValue:
		for _, b := range []bool{true, false} {
			t := names.Of("value", strconv.FormatBool(b))
			if strings.EqualFold(typed, strconv.FormatBool(b)) || strings.EqualFold(typed, t.ZH) || strings.EqualFold(typed, t.EN) {
				return domain.Bool(b), nil
			}
		}
		return domain.Value{}, domain.Deny(domain.ErrInvalid, "%q is neither yes nor no", "write yes or no", typed)
	}
	return domain.Code(typed), nil
}

// uploaded is a file that was sent with a form, whole, with the name that it has
// on the sender's machine. Where there is none, the answer is missing.
func uploaded(c echo.Context, field string, missing error) (name string, data []byte, err error) {
	head, err := c.FormFile(field)
	if err != nil {
		return "", nil, missing
	}
	defer c.Request().MultipartForm.RemoveAll()
	in, err := head.Open()
	if err != nil {
		return "", nil, err
	}
	defer in.Close()
	data, err = io.ReadAll(in)
	return head.Filename, data, err
}
