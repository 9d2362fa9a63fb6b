package projections

import (
	"context"
	"database/sql"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// questions are all queries of the room.
var questions = map[string]*question{
	"qOfficeCases": qOfficeCases, "qStageCases": qStageCases, "qDeskCase": qDeskCase, "qMyCases": qMyCases, "qMyLoad": qMyLoad,
	"qRechecks": qRechecks, "qDeskTimeline": qDeskTimeline, "qOwnRecord": qOwnRecord, "qOwnDecisions": qOwnDecisions,
	"qOffices": qOffices, "qNotices": qNotices, "qRoster": qRoster, "qTotals": qTotals,
	"qAllCases": qAllCases, "qCaseDecisions": qCaseDecisions, "qOfficeDecisions": qOfficeDecisions, "qOfficerDecisions": qOfficerDecisions,
	"qAdvised": qAdvised, "qTimeline": qTimeline, "qLoads": qLoads, "qOfficer": qOfficer, "qMoney": qMoney,
	"qAccessCase": qAccessCase, "qAccessPerson": qAccessPerson, "qDossier": qDossier, "qDossiers": qDossiers, "qDossierHeads": qDossierHeads,
	"qPersons": qPersons, "qDeskPersons": qDeskPersons, "qOpenClues": qOpenClues, "qQueue": qQueue, "qReviewIDs": qReviewIDs, "qCaseReviews": qCaseReviews, "qErrors": qErrors, "qGrounds": qGrounds, "qCorrections": qCorrections,
}

// sorts are the queries that sort what they found, which is little: one case,
// one officer, one page of dossiers, one line for each programme.
var sorts = []string{"qDeskTimeline", "qOwnRecord", "qOfficer", "qDossiers", "qTotals"}

var parameter = regexp.MustCompile(`\$\d+`)

// dummies are arguments for a query, as many as it has parameters.
func dummies(q *question) []any {
	most := 0
	for _, p := range parameter.FindAllString(q.text, -1) {
		n := 0
		fmt.Sscanf(p, "$%d", &n)
		most = max(most, n)
	}
	return slices.Repeat([]any{"1"}, most) // a text and a number to both engines
}

// TestEveryQueryUsesAnIndex asks SQLite how it would answer each query: every
// table is searched by an index, the generation first, and none is read
// through.
func TestEveryQueryUsesAnIndex(t *testing.T) {
	db := sqliteIn(t)
	for name, q := range questions {
		rows, err := db.read.Query("EXPLAIN QUERY PLAN "+q.text, dummies(q)...)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		var plan []string
		err = each(rows, func(rows *sql.Rows) error {
			var id, parent, unused int
			var detail string
			err := rows.Scan(&id, &parent, &unused, &detail)
			plan = append(plan, detail)
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		searched := false
		for _, line := range plan {
			switch {
			case strings.HasPrefix(line, "SEARCH projection"):
			case strings.HasPrefix(line, "SEARCH") && strings.Contains(line, "INDEX") && strings.Contains(line, "(gen=?"):
				searched = true
			case strings.HasPrefix(line, "SEARCH"), strings.HasPrefix(line, "SCAN") && line != "SCAN d" && line != "SCAN o", strings.Contains(line, "AUTOMATIC"):
				t.Errorf("%s: %s", name, line)
			case strings.Contains(line, "USE TEMP B-TREE") && !slices.Contains(sorts, name):
				t.Errorf("%s sorts: %s", name, line)
			}
		}
		if !searched {
			t.Errorf("%s uses no index:\n%s", name, strings.Join(plan, "\n"))
		}
	}
}

// TestEveryQueryCanUseAnIndexOnPostgreSQL forbids reading through tables,
// which PostgreSQL prefers while they are small, and looks whether any plan
// still has to.
func TestEveryQueryCanUseAnIndexOnPostgreSQL(t *testing.T) {
	db := postgresIn(t)
	conn, err := db.read.Conn(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	if _, err := conn.ExecContext(context.Background(), "SET enable_seqscan = off"); err != nil {
		t.Fatal(err)
	}
	for name, q := range questions {
		rows, err := conn.QueryContext(context.Background(), "EXPLAIN "+q.text, dummies(q)...)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		plan := ""
		if err := each(rows, func(rows *sql.Rows) error {
			var line string
			err := rows.Scan(&line)
			plan += line + "\n"
			return err
		}); err != nil {
			t.Fatal(err)
		}
		if strings.Contains(plan, "Seq Scan") || !strings.Contains(plan, "Index") {
			t.Errorf("%s:\n%s", name, plan)
		}
	}
}

// closed are tables that no query of a worker or of the public may read.
var closed = []string{"review", "clue", "correction", "access_log", "dossier", "money", "poison"}

// TestWorkersReachNoReviews reads the source: methods of Desk and Board ask
// only questions that are marked as a worker's, and these name no table of
// reviews. It also finds a question that the list above does not hold.
func TestWorkersReachNoReviews(t *testing.T) {
	for name, q := range questions {
		for _, word := range closed {
			if q.worker && strings.Contains(q.text, word) {
				t.Errorf("a worker's query, %s, reads %s", name, word)
			}
		}
	}
	for _, f := range ownFiles(t) {
		ast.Inspect(f, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.FuncDecl:
				wantWorkers(t, n)
			case *ast.ValueSpec:
				for i, v := range n.Values {
					if u, ok := v.(*ast.UnaryExpr); ok && isQuestion(u.X) && questions[n.Names[i].Name] == nil {
						t.Errorf("%s is not in the list of questions", n.Names[i].Name)
					}
				}
			}
			return true
		})
	}
}

func isQuestion(e ast.Expr) bool {
	c, ok := e.(*ast.CompositeLit)
	if !ok {
		return false
	}
	name, ok := c.Type.(*ast.Ident)
	return ok && name.Name == "question"
}

// wantWorkers checks the questions that a method of Desk or Board asks.
func wantWorkers(t *testing.T, f *ast.FuncDecl) {
	if f.Recv == nil {
		return
	}
	recv, ok := f.Recv.List[0].Type.(*ast.Ident)
	if !ok || recv.Name != "Desk" && recv.Name != "Board" {
		return
	}
	ast.Inspect(f, func(n ast.Node) bool {
		if id, ok := n.(*ast.Ident); ok && questions[id.Name] != nil && !questions[id.Name].worker {
			t.Errorf("%s.%s asks %s, which is not for workers", recv.Name, f.Name.Name, id.Name)
		}
		if sel, ok := n.(*ast.SelectorExpr); ok && sel.Sel.Name == "Bench" {
			t.Errorf("%s.%s reaches the bench", recv.Name, f.Name.Name)
		}
		return true
	})
}

// sourceDir is the folder of the package, where tests run.
var sourceDir = os.DirFS(".")

func ownFiles(t *testing.T) map[string]*ast.File {
	t.Helper()
	files := map[string]*ast.File{}
	names, err := fs.Glob(sourceDir, "*.go")
	if err != nil || len(names) == 0 {
		t.Fatal("no source", err)
	}
	for _, name := range names {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		f, err := parser.ParseFile(token.NewFileSet(), name, nil, parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		files[name] = f
	}
	return files
}
