package api

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"

	"github.com/labstack/echo/v4"

	"leeway/domain"
	"leeway/domain/casework"
	"leeway/domain/eligibility"
	"leeway/domain/names"
	"leeway/domain/replay"
	"leeway/domain/review"
	"leeway/eventstore"
	"leeway/policies"
	"leeway/policies/drafts"
	"leeway/projections"
)

// A Problem is an error as RFC 9457 has it. Title and mend come in the
// caller's language, from one table; detail is what the room that refused
// said, where it is meant for the caller.
type Problem struct {
	Type    string     `json:"type"` // a place in the documentation, relative to the server
	Title   string     `json:"title"`
	Status  int        `json:"status"`
	Detail  string     `json:"detail,omitempty"`
	Code    string     `json:"code"`
	Mend    string     `json:"mend,omitempty"`
	Request string     `json:"request,omitempty"` // id under which it stands in the log
	Guard   *GuardSaid `json:"guard,omitempty"`   // that refused a step of a review
	Faults  []Mistake  `json:"faults,omitempty"`  // of the input
	Since   []Change   `json:"since,omitempty"`   // what happened since the caller looked
}

// GuardSaid is the guard of a review that refused, with where it comes from.
type GuardSaid struct {
	ID     string        `json:"id"`
	Title  string        `json:"title"`
	Weight string        `json:"weight"` // statute, structure, advisory
	Cites  []domain.Cite `json:"cites,omitempty"`
}

// A Mistake is one fault of the input.
type Mistake struct {
	Line  int    `json:"line,omitempty"`
	Case  string `json:"case,omitempty"`
	Field string `json:"field,omitempty"`
	File  string `json:"file,omitempty"` // of a pack
	Wrong string `json:"wrong"`
	Mend  string `json:"mend"`
}

// A Change is what somebody else recorded meanwhile.
type Change struct {
	Type     string         `json:"type"`
	Person   string         `json:"person"`
	Day      domain.Day     `json:"day"`
	Recorded domain.Instant `json:"recorded_at"`
	File     string         `json:"file,omitempty"` // of a draft
}

// A kind is one row of the map from errors to answers.
type kind struct {
	is     error
	status int
	code   string
	inner  bool // what the error says is for the log, not for the caller
	title  domain.Text
	mend   domain.Text
}

// kinds maps what the rooms return. The first match counts. What matches none
// is unexpected.
var kinds = []kind{
	{errAnonymous, http.StatusUnauthorized, "anonymous", false, w("尚未登录", "not signed in"), w("请先登录", "sign in first")},
	{errToken, http.StatusUnauthorized, "token", true, w("访问令牌无效", "token not valid"), w("向身份提供方重新获取令牌", "get a new token from the identity provider")},
	{errSignIn, http.StatusUnauthorized, "sign-in", true, w("登录未成功", "sign-in failed"), w("重新登录", "sign in again")},
	{errProvider, http.StatusServiceUnavailable, "provider", true, w("身份提供方没有响应", "the identity provider does not answer"), w("稍后再试", "try again later")},
	{errTwoWays, http.StatusBadRequest, "two-identities", false, w("同时使用了会话和令牌", "session and token at once"), w("二者只用其一", "use one of them")},
	{errDenied, http.StatusForbidden, "denied", false, w("没有权限", "not permitted"), w("请由有权的人员办理", "leave it to somebody who may")},
	{errCrossOrigin, http.StatusForbidden, "cross-origin", false, w("来自其他网站的请求", "request from another site"), w("请从本系统页面操作", "act from a page of this system")},
	{errUnrecorded, http.StatusServiceUnavailable, "unrecorded", true, w("查阅不能记录，因此不予显示", "the access could not be put on record, so nothing is shown"), w("稍后再试", "try again later")},
	{errTooLarge, http.StatusRequestEntityTooLarge, "too-large", false, w("内容过大", "body too large"), w("分成几次提交", "send it in parts")},
	{errUnread, http.StatusBadRequest, "unread", true, w("内容不完整", "body broke off"), w("重新提交", "send it again")},
	{errMediaType, http.StatusUnsupportedMediaType, "media-type", false, w("内容格式不支持", "media type not supported"), w("见 /docs 所列格式", "see /docs for what the route takes")},
	{errRecused, http.StatusForbidden, "recused", true, w("应当回避", "to be recused"), w("由未参与此事的人员办理", "leave it to somebody who has no part in the matter")},
	{errJobLost, http.StatusGone, "job-lost", false, w("任务已随服务停止而结束", "the job ended with the server that ran it"),
		w("重新提交；已导入的内容保留，不会重复", "start it again: what was imported stays, and is not imported twice")},
	{errTooDeep, http.StatusBadRequest, "too-deep", false, w("JSON 嵌套过深", "JSON nested too deeply"), w("减少嵌套层次", "nest less")},
	{errTooOften, http.StatusTooManyRequests, "too-often", false, w("请求过于频繁", "too many requests"), w("稍后再试", "wait and try again")},
	{projections.ErrCursor, http.StatusBadRequest, "cursor", false, w("分页位置无效", "page cursor not valid"), w("从第一页重新开始", "begin with the first page")},
	{projections.ErrNotBuilt, http.StatusServiceUnavailable, "building", false, w("读模型正在建立", "read model being built"), w("稍后再试", "try again in a moment")},
	{domain.ErrAltered, http.StatusInternalServerError, "altered", true, w("记录被改动", "record altered"), w("停止使用并报告系统管理员", "stop and report it to the administrator")},
	{eventstore.ErrCorrupt, http.StatusInternalServerError, "corrupt", true, w("数据损坏", "data damaged"), w("报告系统管理员", "report it to the administrator")},
	{casework.ErrReplayDiffers, http.StatusInternalServerError, "replay-differs", true, w("复算结果与存档不同", "replay differs from the one on record"), w("不要使用结果，报告系统管理员", "do not use it, report it to the administrator")},
	{replay.ErrNoRules, http.StatusUnprocessableEntity, "no-rules", false, w("缺少规则包", "rules missing"), w("安装台账所记版本和摘要的规则包", "install the pack with the version and digest that the ledger names")},
	{domain.ErrNotFound, http.StatusNotFound, "not-found", false, w("不存在", "not found"), w("核对编号", "check the id")},
	{domain.ErrRefused, http.StatusUnprocessableEntity, "refused", false, w("不予受理", "refused"), w("先完成上面所说的步骤", "do first what is named")},
	{domain.ErrSealed, http.StatusUnprocessableEntity, "sealed", false, w("个人信息已封存", "personal data sealed"), w("由持有密钥的机构办理", "leave it to who holds the keys")},
	{eventstore.ErrCommandReused, http.StatusUnprocessableEntity, "key-reused", true, w("编号重复", "id reused"), w("为不同内容使用不同编号", "use another id for other content")},
	{eventstore.ErrConflict, http.StatusConflict, "conflict", false, w("已被他人更新", "changed meanwhile"), w("查看变更后再试", "look at what changed, then try again")},
	{eventstore.ErrPoisoned, http.StatusServiceUnavailable, "store", true, w("存储停止写入", "store refuses writes"), w("报告系统管理员", "report it to the administrator")},
	{eventstore.ErrReadOnly, http.StatusServiceUnavailable, "store", true, w("存储只读", "store is read-only"), w("报告系统管理员", "report it to the administrator")},
	{eventstore.ErrClosed, http.StatusServiceUnavailable, "store", true, w("存储已关闭", "store closed"), w("稍后再试", "try again later")},
	{domain.ErrInvalid, http.StatusBadRequest, "invalid", false, w("输入有误", "invalid input"), w("按提示改正后重试", "correct it and try again")},
	{eventstore.ErrInvalid, http.StatusBadRequest, "invalid", true, w("输入有误", "invalid input"), w("按提示改正后重试", "correct it and try again")},
	{context.DeadlineExceeded, http.StatusServiceUnavailable, "timeout", true, w("处理超时", "took too long"), w("稍后再试", "try again later")},
	{context.Canceled, statusGone, "cancelled", true, w("请求已取消", "request cancelled"), w("重新提交", "send it again")},
}

// statusGone is for a caller that went away: nobody reads the answer.
const statusGone = 499

var unexpected = kind{nil, http.StatusInternalServerError, "unexpected", true, w("意外错误", "unexpected error"), w("重试；若仍出现，请报告请求编号", "try again; if it stays, report the id of the request")}

// changed answers a step that was taken on an older state than there is.
var changed = kind{nil, http.StatusPreconditionFailed, "changed", false, w("打开后已有变更", "changed since it was opened"), w("查看变更后重新决定", "look at what changed, then decide again")}

// isChange reports whether an error tells what somebody else recorded since.
func isChange(err error) bool {
	var ofReview *casework.Moved
	var ofCase *casework.Changed
	var ofDraft *drafts.Moved
	return errors.As(err, &ofReview) || errors.As(err, &ofCase) || errors.As(err, &ofDraft)
}

// byStatus are the problems that the router itself finds.
var byStatus = map[int]kind{
	http.StatusNotFound:         {nil, http.StatusNotFound, "not-found", true, w("不存在", "not found"), w("核对地址", "check the address")},
	http.StatusMethodNotAllowed: {nil, http.StatusMethodNotAllowed, "method", true, w("不支持此方法", "method not allowed"), w("见 /docs", "see /docs")},
	http.StatusUnsupportedMediaType: {nil, http.StatusUnsupportedMediaType, "media-type", true, w("内容格式不支持", "media type not supported"),
		w("使用 application/json", "use application/json")},
	http.StatusBadRequest: {nil, http.StatusBadRequest, "invalid", false, w("输入有误", "invalid input"), w("按提示改正后重试", "correct it and try again")},
}

// w puts Chinese and English side by side.
func w(zh, en string) domain.Text { return domain.Text{ZH: zh, EN: en} }

// ProblemOf describes an error to a caller.
func ProblemOf(ctx context.Context, err error, lang string) Problem {
	k := unexpected
	for _, known := range kinds {
		if errors.Is(err, known.is) {
			k = known
			break
		}
	}
	if isChange(err) {
		k = changed
	}
	var own *echo.HTTPError
	if errors.As(err, &own) && k.is == nil {
		if known, ok := byStatus[own.Code]; ok {
			k = known
		}
		err = fmt.Errorf("%v", own.Message)
	}
	p := Problem{Type: "/docs#problem-" + k.code, Title: k.title.In(lang), Status: k.status, Code: k.code, Mend: k.mend.In(lang), Request: RequestID(ctx)}
	if !k.inner {
		// What is in no catalogue is English: title and mend say it in Chinese.
		if lang == "en" {
			p.Detail = err.Error()
		}
		p.explain(err, lang)
	}
	return p
}

// explain adds what an error tells beside its kind.
func (p *Problem) explain(err error, lang string) {
	var many casework.Faults
	var refusal *review.Refusal
	var moved *casework.Moved
	var changed *casework.Changed
	var written *drafts.Moved
	var probs policies.Problems
	var failed *policies.TestsFailed
	said, ok := names.Explain(err, lang)
	if ok {
		p.Detail, p.Mend = said.Wrong, cmp.Or(said.Mend, p.Mend)
	}
	switch {
	case errors.As(err, &many):
		p.Detail = ""
		for _, f := range many {
			p.Faults = append(p.Faults, Mistake{Line: f.Line, Case: f.Case, Field: f.Field, Wrong: names.Say(f.Wrong, lang), Mend: names.Say(f.Mend, lang)})
		}
	case errors.As(err, &probs):
		for _, x := range probs {
			p.Faults = append(p.Faults, Mistake{File: x.File, Line: x.Line, Wrong: names.Say(x.What, lang), Mend: names.Say(x.Instead, lang)})
		}
	case errors.As(err, &failed):
		for _, x := range failed.Report.Cases {
			for _, wrong := range x.Wrong {
				p.Faults = append(p.Faults, Mistake{File: x.File, Line: x.Line, Wrong: x.Name + ": " + names.Say(wrong, lang)})
			}
		}
	case ok && said.Field != "":
		p.Detail = said.Where + ": " + said.Wrong
		p.Faults = []Mistake{{Field: said.Field, Wrong: said.Wrong, Mend: said.Mend}}
	case errors.As(err, &refusal):
		p.Guard = &GuardSaid{refusal.Guard.ID, refusal.Guard.Says.In(lang), string(refusal.Guard.Weight), refusal.Guard.Cites}
	case errors.As(err, &changed):
		for _, e := range changed.Since {
			p.Since = append(p.Since, Change{Type: e.Type, Person: e.Actor.Person, Day: eligibility.DayOf(e.Event), Recorded: e.RecordedAt})
		}
	case errors.As(err, &moved):
		for _, e := range moved.Since {
			p.Since = append(p.Since, Change{Type: e.Event.EventType(), Person: e.At.Actor.Person, Day: e.At.Day, Recorded: e.At.RecordedAt})
		}
	case errors.As(err, &written):
		for _, x := range written.Since {
			p.Since = append(p.Since, Change{Type: "draft-" + x.How, Person: x.By, Day: domain.DayOf(x.At.Time), Recorded: x.At, File: x.File})
		}
	}
}

// fail answers a request that ended in an error: a page for a browser where
// there are pages, otherwise JSON. No detail of what went wrong inside leaves.
func (s *Server) fail(err error, c echo.Context) {
	if c.Response().Committed {
		return
	}
	ctx := c.Request().Context()
	p := ProblemOf(ctx, err, s.language(c))
	if p.Status >= http.StatusInternalServerError {
		s.d.Log.Error("request failed", "request", p.Request, "code", p.Code, "error", err.Error())
	}
	switch p.Status {
	case http.StatusServiceUnavailable, http.StatusTooManyRequests:
		c.Response().Header().Set("Retry-After", "1")
	case http.StatusUnauthorized:
		c.Response().Header().Set("WWW-Authenticate", "Bearer")
	}
	if s.problem != nil && wantsPage(c.Request()) {
		if err = s.problem(c, p); err == nil || c.Response().Committed {
			return
		}
		s.d.Log.Error("page of a problem failed", "request", p.Request, "error", err.Error())
	}
	writeProblem(c.Response(), p)
}

// wantsPage reports whether a browser asks for a page, rather than a program
// for data.
func wantsPage(r *http.Request) bool {
	return strings.Contains(r.Header.Get("Accept"), "text/html") && !strings.HasPrefix(r.URL.Path, Base+"/")
}

func writeProblem(w http.ResponseWriter, p Problem) {
	w.Header().Set("Content-Type", "application/problem+json")
	w.WriteHeader(p.Status)
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	_ = enc.Encode(p) // the client is gone where this fails
}
