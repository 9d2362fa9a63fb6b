package projections

import (
	"encoding/base64"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"leeway/domain"
	"leeway/domain/eligibility"
)

// TestTextIsComparedByteForByte has ids that other collations fold or sort
// otherwise: case, width, accents, Chinese, separators.
func TestTextIsComparedByteForByte(t *testing.T) {
	names := []string{"a", "A", "b", "B", "ä", "a\u0308", "Ａ", "案-一", "案-二", "a-b", "a/b", "a%b", "a_b", "a b", "ab", "Z", "z", "1", "10", "2", "-1", "ß", "SS", "ı", "I", "i", strings.Repeat("长", 60)}
	onEngines(t, func(t *testing.T, db *DB) {
		s := newStory(t)
		for _, id := range names {
			s.put("case-"+id, townWorker, caseOpened(domain.Date(2020, 1, 2)))
		}
		caughtUp(t, db, s)
		want := slices.Sorted(slices.Values(names))
		for _, limit := range []int{1, 2, 5, 500} {
			var got []string
			for ask := (Ask{Limit: limit}); ; {
				page, err := db.Desk(townWorker).Cases(t.Context(), ask)
				if err != nil {
					t.Fatal(err)
				}
				if len(page.Rows) > limit {
					t.Fatalf("%d rows on a page of %d", len(page.Rows), limit)
				}
				got = append(got, ids(page.Rows)...)
				if ask.Cursor = page.Next; ask.Cursor == "" {
					break
				}
			}
			if !slices.Equal(got, want) {
				t.Errorf("in pages of %d:\n%q, want\n%q", limit, got, want)
			}
		}
		for _, id := range names {
			if c, err := db.Desk(townWorker).Case(t.Context(), id); err != nil || c.ID != id {
				t.Errorf("case %q is %q, %v", id, c.ID, err)
			}
		}
	})
}

// TestPagesStandWhileRowsCome inserts between two pages: what was there is
// seen once.
func TestPagesStandWhileRowsCome(t *testing.T) {
	onEngines(t, func(t *testing.T, db *DB) {
		s := newStory(t)
		decided := func(id string, d int) {
			s.put("case-"+id, approver, &eligibility.AmountAdjusted{On: on(domain.Date(2020, 1, d)), From: feb, Amount: domain.Fen(d)})
		}
		s.put("case-F1", townWorker, caseOpened(domain.Date(2020, 1, 1)))
		for d := 2; d <= 20; d += 2 {
			decided("F1", d)
			decided("F1", d) // two of one day: the event id parts them
		}
		caughtUp(t, db, s)
		seen := map[string]int{}
		for ask := (Ask{Limit: 3}); ; {
			page, err := db.Bench().OfficeDecisions(t.Context(), "county", ask)
			if err != nil {
				t.Fatal(err)
			}
			for _, r := range page.Rows {
				seen[fmt.Sprint(r.Event)]++
			}
			if ask.Cursor = page.Next; ask.Cursor == "" {
				break
			}
			decided("F1", 1+len(seen)%20)
			caughtUp(t, db, s)
		}
		for event, n := range seen {
			if n != 1 {
				t.Errorf("%s came %d times", event, n)
			}
		}
		if len(seen) < 20 {
			t.Errorf("%d decisions of 20 and more", len(seen))
		}
	})
}

func TestForeignCursorsAreRefused(t *testing.T) {
	db, s := sqliteIn(t), newStory(t)
	s.handled("F1")
	s.handled("F2")
	caughtUp(t, db, s)
	page, err := db.Desk(townWorker).Cases(t.Context(), Ask{Limit: 1})
	if err != nil || page.Next == "" {
		t.Fatalf("%+v, %v", page, err)
	}
	raw := func(text string) string { return base64.RawURLEncoding.EncodeToString([]byte(text)) }
	for name, cursor := range map[string]string{
		"of another list": page.Next, "no base64": "%%%", "no JSON": raw("x"), "of other length": raw(`["own-decisions",1]`),
		"a text for a number": raw(`["own-decisions","1","e"]`), "a number for a text": raw(`["own-decisions",1,2]`), "a list": raw(`["own-decisions",[1],"e"]`),
		"null": raw("null"), "no name": raw(`[1,1,"e"]`), "a fraction": raw(`["own-decisions",1.5,"e"]`),
	} {
		if _, err := db.Desk(townWorker).OwnDecisions(t.Context(), Ask{Cursor: cursor}); !errors.Is(err, ErrCursor) {
			t.Errorf("a cursor %s: %v", name, err)
		}
	}
	if _, err := db.Bench().Dossiers(t.Context(), Part(0, 1), Ask{Cursor: page.Next}); !errors.Is(err, ErrCursor) {
		t.Errorf("a cursor of another list at the dossiers: %v", err)
	}
	if p, err := db.Desk(townWorker).Cases(t.Context(), Ask{Limit: 1 << 30}); err != nil || len(p.Rows) != 2 {
		t.Errorf("a huge limit: %+v, %v", p, err)
	}
}

func FuzzCursor(f *testing.F) {
	f.Add("")
	f.Add(qQueue.cursor(place{int64(5), "R1"}))
	f.Add(qQueue.cursor(place{last, "案"}))
	f.Fuzz(func(t *testing.T, cursor string) {
		at, err := qQueue.from(cursor, place{int64(0), ""})
		if err != nil {
			if !errors.Is(err, ErrCursor) {
				t.Fatal(err)
			}
			return
		}
		again, err := qQueue.from(qQueue.cursor(at), place{int64(0), ""})
		if err != nil || at[0] != again[0] || at[1] != again[1] {
			t.Fatalf("%q is %v, and again %v, %v", cursor, at, again, err)
		}
	})
}
