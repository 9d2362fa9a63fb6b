package views

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"strconv"
	"sync"
	"time"

	"leeway/api/documents"
	"leeway/bulk"
	"leeway/domain"
	"leeway/domain/casework"
)

// Payment files that auditors hold against the ledger stay in memory for a
// while, under the digest of their bytes: nothing of them is put on record.
const (
	fileKept = 30 * time.Minute
	filesMax = 8
)

// paymentFiles are the files of this process. The zero value is ready.
type paymentFiles struct {
	mu  sync.Mutex
	all map[string]paymentFile
}

type paymentFile struct {
	name  string
	lines []casework.PaidLine
	at    time.Time
}

// KeepPayments reads a payment file and keeps it for a while; the id leads to
// it, as the filter "file" of the page. The error is as of
// casework.ReadPayments.
func (s *Sources) KeepPayments(name string, text []byte) (id string, err error) {
	lines, err := casework.ReadPayments(text)
	if err != nil {
		return "", err
	}
	sum := sha256.Sum256(text)
	id = hex.EncodeToString(sum[:])
	t, now := &s.sent, s.Now()
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.all == nil {
		t.all = map[string]paymentFile{}
	}
	oldest := ""
	for k, f := range t.all {
		if now.Sub(f.at) > fileKept {
			delete(t.all, k)
		} else if oldest == "" || f.at.Before(t.all[oldest].at) {
			oldest = k
		}
	}
	if len(t.all) >= filesMax {
		delete(t.all, oldest)
	}
	t.all[id] = paymentFile{documents.Clean(name), lines, now}
	return id, nil
}

// payments is a file that was kept. The error wraps domain.ErrNotFound where it
// was too long ago.
func (s *Sources) payments(id string) (paymentFile, error) {
	s.sent.mu.Lock()
	defer s.sent.mu.Unlock()
	f, ok := s.sent.all[id]
	if !ok || s.Now().Sub(f.at) > fileKept {
		return f, domain.Deny(domain.ErrNotFound, "the payment file is no longer kept", "send it again")
	}
	return f, nil
}

// Reconcile adds up what was paid and holds it against a payment file, line by
// line, and against known totals.
func Reconcile(ctx context.Context, s *Sources, a Ask) (View, error) {
	v := View{Title: a.t("对账", "Reconciliation"), Lead: a.t("把台账的发放与代发机构的发放文件逐户逐月核对，并与银行文件、花名册或报告的已知总数相对照。金额写元。", "Holds the ledger's payments against the paying agent's file, case by case and month by month, and its sums against known totals of a bank file, a roster or a report. Amounts are in yuan.")}
	offices, err := s.offices(ctx, a)
	if err != nil {
		return v, err
	}
	v.Form = a.form(a.t("核对", "Reconcile"), Field{Name: "from", Label: a.t("起始月", "From month"), Type: "month"}, Field{Name: "to", Label: a.t("截止月", "To month"), Type: "month"},
		Field{Name: "office", Label: a.t("经办单位", "Office"), Type: "select", Options: offices}, Field{Name: "programme", Label: a.t("救助项目", "Programme"), Type: "select", Options: programmes(a)},
		Field{Name: "paid", Label: a.t("已知发放（元）", "Known: paid (yuan)"), Type: "text"}, Field{Name: "records", Label: a.t("已知笔数", "Known: payments"), Type: "number"},
		Field{Name: "households", Label: a.t("已知户数（末月）", "Known: households (last month)"), Type: "number"}, Field{Name: "persons", Label: a.t("已知人数（末月）", "Known: persons (last month)"), Type: "number"},
		Field{Name: "file", Type: "hidden"})
	v.Upload = &Upload{Action: a.Path, Field: "payments", Label: a.t("代发文件（CSV）", "Payment file (CSV)"), Hint: a.t("列：个案、月份、金额（元），UTF-8；只在内存中保留半小时，不入台账。", "Columns case, month, amount (yuan), UTF-8. It is kept in memory for half an hour and is not put on record."),
		Submit: a.t("上传并核对", "Send and reconcile"), Keep: a.Values}
	var file paymentFile
	if id := a.get("file"); id != "" {
		if file, err = s.payments(id); err != nil {
			return v, err
		}
	}
	found, running, err := s.reconciled(ctx, a, file)
	if err != nil || running != nil {
		v.Running = running
		return v, err
	}
	if len(found.Totals)+len(file.lines) == 0 {
		v.Empty = a.t("所选期间没有发放。", "Nothing was paid in the period.")
		return v, nil
	}
	known, err := knownTotals(a, found.Totals)
	if err != nil {
		return v, err
	}
	v.Facts = []documents.Pair{{Name: a.t("个案", "Cases"), Value: strconv.Itoa(found.Cases)}}
	if a.get("file") != "" {
		v.Facts = append(v.Facts, documents.Pair{Name: a.t("代发文件", "Payment file"), Value: file.name}, documents.Pair{Name: a.t("文件行数", "Lines"), Value: strconv.Itoa(len(file.lines))},
			documents.Pair{Name: a.t("相符的户·月", "Case and month agree"), Value: strconv.Itoa(found.Matched)}, documents.Pair{Name: a.t("不符的户·月", "differ"), Value: strconv.Itoa(len(found.Differences))})
		v.Lists = append(v.Lists, List{List: differences(a, found.Reconciliation)})
	}
	if len(known) > 0 {
		v.Lists = append(v.Lists, List{List: documents.Reconciled(known, a.Lang), Plain: true})
	}
	v.Lists = append(v.Lists, List{List: moneyList(a, found.Totals), Plain: true})
	return v, nil
}

// reconciled is the comparison under the filters of the page.
func (s *Sources) reconciled(ctx context.Context, a Ask, file paymentFile) (*bulk.Reconciled, *Running, error) {
	from, err := a.month("from")
	if err != nil {
		return nil, nil, err
	}
	to, err := a.month("to")
	if err != nil {
		return nil, nil, err
	}
	key := workKey{"reconcile", which(a), s.today(), from.String() + " " + to.String() + " " + a.get("file")}
	return reckon(ctx, s, key, func(ctx context.Context, r bulk.Run) (*bulk.Reconciled, error) {
		return r.Reconcile(ctx, from, to, file.lines)
	})
}

// differences is every payment that the file has otherwise than the ledger.
func differences(a Ask, r casework.Reconciliation) documents.List {
	l := documents.List{Title: a.t("不符的发放 疑点(待核实)", "Payments that differ, to be verified"), Columns: []documents.Column{{Head: a.t("个案", "case")}, {Head: a.t("月份", "month")}, {Head: a.t("台账（元）", "ledger (yuan)"), Right: true}, {Head: a.t("文件（元）", "file (yuan)"), Right: true}, {Head: a.t("差额（元）", "difference (yuan)"), Right: true}}}
	for _, d := range r.Differences {
		l.Rows = append(l.Rows, []documents.Cell{documents.Text(d.Case).To(link(PathCase, "case", d.Case)), documents.InMonth(d.Month), documents.Yuan(d.Ledger), documents.Yuan(d.File), documents.Yuan(d.File - d.Ledger)})
	}
	return l
}
