package casework

import (
	"bytes"
	"cmp"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"leeway/domain"
)

// Names of the columns of a payment file.
var paymentColumns = [...][2]string{{"个案", "case"}, {"月份", "month"}, {"金额", "amount"}}

// ReadPayments reads what a paying agent says it paid: CSV with the columns
// case 个案, month 月份 and amount 金额 in yuan, in any order, others beside them.
// A fault names the line.
func ReadPayments(text []byte) ([]PaidLine, error) {
	in := csv.NewReader(bytes.NewReader(bytes.TrimPrefix(text, []byte("\ufeff"))))
	head, err := in.Read()
	if err != nil {
		return nil, unreadPayment(1, err)
	}
	var at [len(paymentColumns)]int
	for i, names := range paymentColumns {
		at[i] = slices.IndexFunc(head, func(s string) bool { return slices.Contains(names[:], strings.TrimSpace(s)) })
		if at[i] < 0 {
			return nil, domain.NewFault(paymentLine(1), "the column %s is missing", "name the columns case 个案, month 月份 and amount 金额", names[1]+" "+names[0])
		}
	}
	lines := []PaidLine{}
	for {
		row, err := in.Read()
		if err == io.EOF {
			break
		}
		if err != nil {
			return nil, unreadPayment(1, err)
		}
		n, _ := in.FieldPos(0)
		l := PaidLine{Case: strings.TrimSpace(row[at[0]])}
		if l.Case == "" {
			return nil, domain.NewFault(paymentLine(n), "the case is missing", "write the id of the case")
		}
		if l.Month, err = domain.ParseMonth(strings.TrimSpace(row[at[1]])); err != nil || l.Month == 0 {
			return nil, domain.NewFault(paymentLine(n), "%q is no month", "write the month as 2020-01", row[at[1]])
		}
		if l.Amount, err = domain.ParseYuan(strings.TrimSpace(row[at[2]])); err != nil {
			return nil, domain.NewFault(paymentLine(n), "%q is no amount", "write yuan, such as 378 or 378.50", row[at[2]])
		}
		lines = append(lines, l)
	}
	slices.SortStableFunc(lines, func(a, b PaidLine) int {
		return cmp.Or(cmp.Compare(a.Case, b.Case), cmp.Compare(a.Month, b.Month))
	})
	return lines, nil
}

// paymentLine names a line of the file.
func paymentLine(n int) string { return fmt.Sprintf("payments[%d]", n) }

// unreadPayment is a line that is no CSV.
func unreadPayment(n int, err error) error {
	var p *csv.ParseError
	if errors.As(err, &p) {
		n = p.Line
	}
	return domain.NewFault(paymentLine(n), "it is no line of CSV", "save the file as CSV in UTF-8, with the columns case 个案, month 月份 and amount 金额")
}
