package documents

import (
	"fmt"
	"strings"

	"leeway/domain"
	"leeway/domain/review"
)

// Determination is the determination 认定书 of a review. Its words are those of
// review.DocumentIn; here they get the layout of an official document.
func Determination(p review.Paper, lang string) (Document, error) {
	text, err := review.DocumentIn(p, lang)
	if err != nil {
		return Document{}, err
	}
	d := Document{Lang: lang, Day: p.Today, Signed: []string{p.Review.Organ, longDay(p.Decision.At.Day, lang)}}
	for line := range strings.Lines(text) {
		d.take(strings.TrimRight(line, " \n"))
	}
	if len(p.Review.SignaturesOf(p.Decision.At.ID)) == 0 {
		d.add(Note, map[bool]string{true: "Nobody has signed it yet.", false: "尚无人签名。"}[lang == "en"])
	}
	return d, nil
}

// take puts one line of a determination where it belongs.
func (d *Document) take(line string) {
	text := strings.TrimLeft(line, " ")
	switch indent := len(line) - len(text); {
	case text == "":
	case d.Title == "":
		d.Title = text
	case indent >= 4:
		d.add(Item, text)
	case indent > 0:
		d.add(Paragraph, text)
	case strings.HasPrefix(text, "—— ") || strings.HasPrefix(text, "-- "):
		d.add(Part, text)
	case len(d.Blocks) > 0:
		d.add(Section, text)
	case strings.Contains(text, "    "):
		d.head(text)
	case len(d.Head) > 0:
		d.head(text)
	default:
		d.add(Paragraph, text)
	}
}

// head reads names and values that stand under the title, apart by four
// spaces. The last line there is a note: it has no name of a few characters.
func (d *Document) head(text string) {
	for _, part := range strings.Split(text, "    ") {
		colon := map[bool]string{true: ": ", false: "："}[d.Lang == "en"]
		name, value, ok := strings.Cut(part, colon)
		if !ok || len([]rune(name)) > 20 || strings.HasPrefix(name, "说明") {
			d.add(Note, part)
			continue
		}
		d.Head = append(d.Head, Pair{name, value})
	}
}

// longDay writes a day as official documents do.
func longDay(day domain.Day, lang string) string {
	t := day.Start()
	if lang == "en" {
		return t.Format("2 January 2006")
	}
	return fmt.Sprintf("%d年%d月%d日", t.Year(), int(t.Month()), t.Day())
}
