// Package views makes what auditors, policy administrators and the public look
// at: lists, figures and papers over many cases, over the reviews themselves,
// over rule packs, and the notice board. A view is built as data and knows
// nothing of HTTP: the pages put it into their layout, and every list of it can
// be taken away as CSV or XLSX, every paper as PDF.
//
// Whatever a view lists over a population is 疑点(待核实) and names no officer
// (domain.md §3.6 rule 16). It holds pseudonyms only: personal data is not
// opened here.
package views

import (
	"context"
	"html/template"
	"io/fs"
	"maps"
	"net/url"
	"slices"
	"strings"
	"time"

	"leeway/api/documents"
	"leeway/domain"
	"leeway/domain/casework"
	"leeway/ledger"
	"leeway/policies"
	"leeway/policies/drafts"
	"leeway/projections"
)

// Sources are what views are made from. Cases, Reviews, Models, Packs, Now and
// Beside are required.
type Sources struct {
	Cases   *casework.Service
	Reviews *casework.Reviews
	Models  *projections.DB
	Packs   *policies.Library
	Dirs    []fs.FS // folders of packs beside those that come with Leeway
	// Bases are those folders as they are now, where versions can be added while
	// the server runs; none: Dirs.
	Bases  func() []fs.FS
	Drafts *drafts.Shelf // none: nobody writes packs here
	Known  Knowing       // none: there is no ledger, and views say so
	Now    func() time.Time
	Beside func(work func(context.Context)) // runs long work; its context ends with the server

	works works
	sent  paymentFiles
}

// Knowing is what the ledger says of a day.
type Knowing interface {
	// KnownOn is the last checkpoint by the end of a civil day, with what it
	// proves.
	KnownOn(ctx context.Context, day string) (ledger.Sealed, ledger.Verified, error)
	// Covered is how many events of a case a checkpoint holds, of how many there
	// are.
	Covered(ctx context.Context, c ledger.Checkpoint, id string) (covered, all int, err error)
}

// dirs are the folders of packs as they are now.
func (s *Sources) dirs() []fs.FS {
	if s.Bases != nil {
		return s.Bases()
	}
	return s.Dirs
}

func (s *Sources) today() domain.Day { return domain.DayOf(s.Now()) }

// An Ask is one request for a view.
type Ask struct {
	Path   string     // of the page, for its forms and links
	Values url.Values // filters, as the form of the view has them
	Lang   string     // zh or en
	As     casework.Identity
	// Sees says what of a case may be shown; none: all of it. Without it a paper
	// of a case would tell who handles it of complaints and inquiries.
	Sees func(domain.Visibility) bool
	// Approves says that the caller may give his word for a version of the rules
	// and publish one.
	Approves bool
	// Writes says that he may write drafts of versions, as Person.
	Writes bool
	Person string
}

// t is a text in the language of the request.
func (a Ask) t(zh, en string) string { return domain.Text{ZH: zh, EN: en}.In(a.Lang) }

func (a Ask) in(t domain.Text) string { return t.In(a.Lang) }

func (a Ask) get(name string) string { return strings.TrimSpace(a.Values.Get(name)) }

// day reads a filter that is a day; none: 0. The error says how to write it.
func (a Ask) day(name string) (domain.Day, error) {
	v := a.get(name)
	if v == "" {
		return 0, nil
	}
	d, err := domain.ParseDay(v)
	if err != nil {
		return 0, domain.NewFault(name, "%q is no day", "write 2020-01-31", v)
	}
	return d, nil
}

// month reads a filter that is a month; none: 0.
func (a Ask) month(name string) (domain.Month, error) {
	v := a.get(name)
	if v == "" {
		return 0, nil
	}
	m, err := domain.ParseMonth(v)
	if err != nil {
		return 0, domain.NewFault(name, "%q is no month", "write 2020-01", v)
	}
	return m, nil
}

// link is a page with filters; empty ones are left out.
func link(path string, pairs ...string) string {
	q := url.Values{}
	for i := 0; i+1 < len(pairs); i += 2 {
		if pairs[i+1] != "" {
			q.Set(pairs[i], pairs[i+1])
		}
	}
	if len(q) == 0 {
		return path
	}
	return path + "?" + q.Encode()
}

// A View is one page without its layout.
type View struct {
	Title string
	Lead  string // what it shows and how to read it
	Form  *Form
	// Upload takes a file in, beside the filters.
	Upload *Upload
	// Running says that the answer is still being reckoned: ask again.
	Running *Running
	Facts   []documents.Pair
	Figures []Figure
	Lists   []List
	Paper   *documents.Document // printable, also as PDF
	Text    []string            // lines that are shown as they are
	Empty   string              // what to do first, where there is nothing
	Links   []Link
	// Acts are what the reader may do here, each a form of its own.
	Acts []Act

	opened []string // personal data that the paper shows
}

// A List is a list with the address of more of it.
type List struct {
	documents.List
	Next string // address of the next page; none: it ends here
	// Personal data is in none; Plain says that the list is not of hits, so that
	// it needs no mark.
	Plain bool
	// Here says that the list cannot be taken away as a file: its address would
	// have to hold what was looked for.
	Here bool
}

// A Figure is a chart with what it shows in words.
type Figure struct {
	Title string
	SVG   template.HTML
	Note  string
}

// A Link leads on.
type Link struct{ Text, Href string }

// Running is how far a reckoning is.
type Running struct{ Done, Of int }

// An Act is a form by POST with what it does.
type Act struct {
	Title, Says, Action, Submit string
	Fields                      []Field
}

// Multipart reports whether the form brings a file or a long text, which is sent
// as it is.
func (a Act) Multipart() bool {
	return slices.ContainsFunc(a.Fields, func(f Field) bool { return f.Type == "file" || f.Type == "area" })
}

// A Form asks for the filters of a view by GET: its address can be kept. Post
// keeps out of the address what must not stand in one.
type Form struct {
	Action string
	Fields []Field
	Submit string
	Post   bool
}

// An Upload asks for a file by POST. Keep are filters that are to stay.
type Upload struct {
	Action, Field, Label, Hint, Submit string
	Keep                               url.Values
}

// Kept are the filters as they are sent again.
func (u Upload) Kept() []Option {
	var list []Option
	for _, name := range slices.Sorted(maps.Keys(u.Keep)) {
		if value := u.Keep.Get(name); value != "" && name != "file" {
			list = append(list, Option{name, value})
		}
	}
	return list
}

// at is another page under the same filters.
func (a Ask) at(path string) string {
	q := maps.Clone(a.Values)
	q.Del("format")
	q.Del("list")
	if len(q) == 0 {
		return path
	}
	return path + "?" + q.Encode()
}

// A Field is one filter.
type Field struct {
	Name, Label, Value string
	Type               string // text, date, month, number, select, hidden; of an act also area and file
	Hint               string
	Options            []Option
}

// An Option is one choice of a select.
type Option struct{ Value, Label string }

// form makes a form over the request's own values.
func (a Ask) form(submit string, fields ...Field) *Form {
	for i := range fields {
		if fields[i].Value == "" {
			fields[i].Value = a.get(fields[i].Name)
		}
	}
	return &Form{Action: a.Path, Fields: fields, Submit: submit}
}

// A Builder makes one view.
type Builder func(context.Context, *Sources, Ask) (View, error)
