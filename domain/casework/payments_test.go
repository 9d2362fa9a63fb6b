package casework

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"leeway/domain"
)

func TestReadPayments(t *testing.T) {
	got, err := ReadPayments([]byte("\ufeff备注,金额,月份,个案\r\n,378.50,2020-08,F2\r\n\"a,b\",1,2020-07,F1\r\n"))
	want := []PaidLine{{"F1", domain.MonthOf(2020, 7), 100}, {"F2", domain.MonthOf(2020, 8), 37850}}
	if err != nil || !slices.Equal(got, want) {
		t.Errorf("%+v, %v", got, err)
	}
	for text, field := range map[string]string{
		"": "payments[1]", "case,month\nF1,2020-07\n": "payments[1]", "case,month,amount\nF1,2020-07\n": "payments[2]",
		"case,month,amount\nF1,2020-07,1\nF1,2020-13,1\n": "payments[3]", "case,month,amount\nF1,2020-07,=1\n": "payments[2]", "case,month,amount\n\"F1,2020-07,1\n": "payments[2]",
	} {
		var fault *domain.Fault
		if _, err := ReadPayments([]byte(text)); !errors.As(err, &fault) || !strings.HasPrefix(fault.Field, field) {
			t.Errorf("%q: %v, want a fault at %s", text, err, field)
		}
	}
}
