package views

import (
	"leeway/api/documents"
	"leeway/domain"
	"leeway/domain/names"
	"leeway/projections"
)

// Found is what a search for a person found.
type Found struct {
	Hits []projections.PersonHit
	More bool
}

// Persons asks for somebody by an ID number, a name or an account, and shows in
// which cases he is. The form is posted, and what was typed is not shown again:
// an address and a page stay where a browser was. Nothing is opened.
func Persons(a Ask, found *Found) View {
	v := View{Title: a.t("按人查找", "Find a person"), Lead: a.t("按证件号码、姓名或账号查找其所在的个案。查询先记录在案；已封存、已销毁的信息查不到；只显示假名。",
		"In which cases somebody is, by an ID number, a name or an account. The search goes on record first; whoever is restricted or shredded is not found; only pseudonyms are shown.")}
	v.Form = a.form(a.t("查找", "Find"),
		Field{Name: "kind", Label: a.t("查找依据", "Given is"), Type: "select", Options: a.choices("identifier", domain.IndexKinds())},
		Field{Name: "purpose", Label: a.t("查询目的", "Purpose"), Type: "select", Options: a.choices("purpose", domain.SearchPurposes())})
	v.Form.Fields = append(v.Form.Fields, Field{Name: "value", Label: a.t("内容", "Value"), Type: "text", Hint: a.t("查找后不再显示", "not shown again")})
	v.Form.Post = true
	if found == nil {
		return v
	}
	l := documents.List{Title: a.t("所在个案", "Cases"), Columns: []documents.Column{{Head: a.t("个案", "case")}, {Head: a.t("人员假名", "pseudonym")}}}
	for _, h := range found.Hits {
		l.Rows = append(l.Rows, []documents.Cell{documents.Text(h.Case).To(link(PathCase, "case", h.Case)), documents.Text(h.Person)})
	}
	if len(l.Rows) == 0 {
		v.Empty = a.t("没有查到。", "Nobody was found.")
		return v
	}
	if found.More {
		v.Facts = []documents.Pair{{Name: a.t("注意", "Note"), Value: a.t("还有更多；请改用证件号码。", "There are more; use an ID number.")}}
	}
	v.Lists = []List{{List: l, Plain: true, Here: true}}
	return v
}

// choices are codes with their names.
func (a Ask) choices(kind string, codes []string) (list []Option) {
	for _, c := range codes {
		list = append(list, Option{c, a.in(names.Of(kind, c))})
	}
	return list
}
