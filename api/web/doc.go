// Package web is the pages: server-rendered, Chinese first with an English
// switch, usable without a script and by keyboard. Everything that changes the
// record is a form that posts; htmx only saves a reload where it is there.
//
// # Words
//
// The sentences of pages stand in tables of Chinese and English (words*.go),
// as those of the commands and of papers do; what codes are called comes from
// domain/names. A table that the compiler and one test check was chosen over a
// message catalogue with files of its own: no word is looked up at run time
// that is not known to be there, and a reader finds both languages in one line.
//
// # A page
//
// front.show puts a template into the frame of all pages (templates/layout.html);
// front.layout does so with a body that was made elsewhere. What pages are made
// of (templates/components.html):
//
//	errors     error summary: what is wrong, each with a link to its field
//	refused    what the domain refused: the rule, where it comes from, the way out
//	changed    "changed since you opened it": who recorded what meanwhile
//	form       the fields of an event, see form.go
//	empty      nothing here, and what to do first
//	pager      the next page of a list
//	tag        a state in words and colour
//
// and of the style sheet: dl.summary for a summary list, table.cards for a table
// that becomes a list of cards on a narrow screen (every td has data-label),
// div.scroll for one that scrolls, .columns for what stands side by side on a
// wide screen, .no-print for what paper does without. Charts are of api/charts.
//
// # Life of a command
//
//  1. GET of a form puts down how much of the record the reader had seen, and an
//     id under which the step is recorded once, however often it is posted.
//  2. POST reads the fields into the event. What cannot be read comes back with
//     an error summary and everything that was typed.
//  3. Where somebody recorded something since the form was opened, the form comes
//     back with what changed; it can be posted again.
//  4. casework decides and appends. A refusal names its rule. A success leads to
//     the page of the case or the review, which says what was recorded.
package web
