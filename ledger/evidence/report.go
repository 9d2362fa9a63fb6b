package evidence

import (
	"fmt"
	"strings"

	"leeway/domain"
	"leeway/domain/review"
	"leeway/ledger"
)

func w(zh, en string) domain.Text { return domain.Text{ZH: zh, EN: en} }

// The words of the report. Every line is one of them, in either language.
var (
	titleOf = map[string]domain.Text{OfCase: w("个案存证包：%s", "Evidence package of case %s"), OfReview: w("容错审查存证包：%s", "Evidence package of review %s")}

	whatIsIn = w("本包含 %d 条记录原文，取自台账“%s”；台账在检查点处共 %d 条。", "It holds %d events as they lie in ledger %q, which had %d at the checkpoint.")
	perRow   = w("%s：第 0 至第 %d 条，无缺号", "%s: revisions 0 to %d without a gap")
	packRow  = w("规则包 %s %s，摘要 %s", "rule pack %s %s with digest %s")
	nothing  = w("无", "none")
	replayed = w("个案 %s，索引日 %s：%s；多发 %s 元，少发 %s 元（引擎 %s）", "case %s as of %s: %s; paid too much %s yuan, too little %s yuan (engine %s)")
	unread   = w("%s：本程序不识别其格式 %s", "%s: of format %s, which this program does not read")
	noOne    = w("见证 0 方：只能证明运行方前后一致。", "Witnesses: 0 — this proves only that the operator agrees with himself.")
	someone  = w("见证 %d 方：%s。改写此前记录须运行方与其合谋。", "Witnesses: %d (%s). To rewrite what this covers, the operator and they would have to lie together.")
	howTo    = w("查验：leeway verify 本包 --policy 策略文件。策略文件应另行取得，不应来自运行方；记录、证明和检查点采用 C2SP 通用格式，也可用其他软件查验。",
		"To verify: leeway verify PACKAGE --policy FILE. Get the policy file from somebody else than the operator. Events, proofs and checkpoint are in C2SP formats that other software reads too.")
	sealedIn = w("个人信息以密文存放，本包不含密钥；密钥销毁后本包仍可查验。", "Personal data is sealed and the package has no key to it; it verifies all the same once a key has been destroyed.")
)

// headings of the report, in order.
var headings = map[string]domain.Text{
	"streams": w("一、完整性", "1. Completeness"), "packs": w("二、规则", "2. Rules"), "replays": w("三、还原复算", "3. Replays"),
	"signed": w("四、签名和见证", "4. Signatures and witnesses"), "not": w("五、本包不能证明什么", "5. What it does not prove"), "how": w("六、如何查验", "6. How to verify it"),
}

// report tells in plain words what is in a package. It follows from its content
// alone, so that whoever verifies writes it anew and compares.
func (c *content) report(m Manifest, lang string) (string, error) {
	var out strings.Builder
	line := func(format string, args ...any) { fmt.Fprintf(&out, format+"\n", args...) }
	head := func(name string) { line("\n%s", headings[name].In(lang)) }
	line(titleOf[m.Kind].In(lang), m.ID)
	line("")
	line(whatIsIn.In(lang), len(m.Events), m.Origin, m.Size)
	line("%s", sealedIn.In(lang))
	head("streams")
	for _, s := range m.Streams {
		line("- "+perRow.In(lang), s.Name, s.Events-1)
	}
	head("packs")
	for _, p := range m.Packs {
		line("- "+packRow.In(lang), p.Pack, p.Version, p.Digest)
	}
	if len(m.Packs) == 0 {
		line("- %s", nothing.In(lang))
	}
	head("replays")
	if err := c.reportReplays(line, lang); err != nil {
		return "", err
	}
	head("signed")
	r, err := c.reportSigned(line, m, lang)
	if err != nil {
		return "", err
	}
	head("not")
	for _, text := range notProven(r) {
		line("- %s", text.In(lang))
	}
	head("how")
	line("%s", howTo.In(lang))
	return out.String(), nil
}

func (c *content) reportReplays(line func(string, ...any), lang string) error {
	list, err := c.replays()
	if err != nil {
		return err
	}
	for _, k := range list {
		if k.Case == "" {
			line("- "+unread.In(lang), k.event.Stream, k.inputs.Format)
			continue
		}
		line("- "+replayed.In(lang), k.Case, k.AsOf, review.ClassTitle(k.Class).In(lang), k.Over.Yuan(), k.Under.Yuan(), k.Engine)
	}
	if len(list) == 0 {
		line("- %s", nothing.In(lang))
	}
	return nil
}

// reportSigned names who has signed, by the keys in the package.
func (c *content) reportSigned(line func(string, ...any), m Manifest, lang string) (*Result, error) {
	inside, err := ledger.ParsePolicy(c.keys)
	if err != nil {
		return nil, err
	}
	v, err := inside.Verify(c.checkpoint)
	if err != nil {
		return nil, err
	}
	r := &Result{Manifest: m, Keys: v.Keys}
	for _, key := range v.Keys {
		line("- %s", key)
	}
	var names []string
	for _, one := range v.Witnesses {
		r.Witnesses = append(r.Witnesses, Witness{one.Name, one.At})
		names = append(names, one.Name+" "+one.At.UTC().Format("2006-01-02T15:04:05Z"))
	}
	if len(names) == 0 {
		line("%s", noOne.In(lang))
		return r, nil
	}
	line(someone.In(lang), len(names), strings.Join(names, "; "))
	return r, nil
}

// notProven says what a package leaves open.
func notProven(r *Result) []domain.Text {
	list := []domain.Text{
		w("从未记录过的事情没有发生", "that nothing happened which was never recorded"),
		w("记录的内容属实：只能证明谁的账号何时这样记录", "that what is recorded is true: only which account recorded it, and not later than when"),
		w("坐在键盘前的是谁", "who sat at the keyboard"),
		w("检查点之后没有新的记录，或各事件流在最后一条之后没有未纳入本包的记录", "that nothing was recorded after the checkpoint, or that a stream does not go on after its last event in the package"),
		w("某事在记录之前已经知道：记录时间是运行方的时钟", "that something was known before it was recorded: the time of recording is the operator's clock"),
	}
	if len(r.Witnesses) == 0 {
		list = append(list, w("运行方没有改写全部历史后重新签名：没有见证方", "that the operator has not rewritten all of it and signed anew: there is no witness"))
	}
	if r.OwnKeys {
		list = append(list, w("签名属于谁：查验用的是包内自带的公钥", "whose signatures these are: the keys inside the package were taken"))
	}
	return list
}
