package api

import (
	"bytes"
	"context"
	"crypto/rand"
	"errors"
	"io"
	"mime"
	"net/http"
	"regexp"
	"strings"
	"sync"
	"time"

	"github.com/labstack/echo/v4"

	"leeway/api/contract"
	"leeway/api/documents"
	"leeway/bulk"
	"leeway/domain"
	"leeway/domain/casework"
)

// jobs are long work of this process: imports, and replays of many cases. One
// runs at a time, so that they take little from those who wait at a screen.
// What an import wrote stays; a job itself ends with the process, and is then
// started again. Its id names the process, so that who asks for it later hears
// what became of it.
type jobs struct {
	process string
	ctx     context.Context
	cancel  context.CancelFunc
	wait    sync.WaitGroup
	turn    chan struct{}

	mu sync.Mutex
	by map[string]*job
}

// job is one of them.
type job struct {
	jobJSON
	subject string
	changed chan struct{} // closed and replaced when it has come further
}

// jobJSON is how far a job has come.
type jobJSON struct {
	ID      string          `json:"id"`
	Kind    string          `json:"kind"`
	State   string          `json:"state"`
	Done    int             `json:"done"`
	Total   int             `json:"total"`
	Since   domain.Instant  `json:"since"`
	Until   *domain.Instant `json:"until,omitempty"`
	Result  any             `json:"result,omitempty"`
	Problem *Problem        `json:"problem,omitempty"`
}

// Most jobs that are remembered; the oldest ended ones are forgotten.
const mostJobs = 100

func newJobs() *jobs {
	ctx, cancel := context.WithCancel(context.Background())
	return &jobs{process: "." + rand.Text()[:8], ctx: ctx, cancel: cancel, turn: make(chan struct{}, 1), by: map[string]*job{}}
}

// close ends every job and waits for it.
func (j *jobs) close() {
	j.cancel()
	j.wait.Wait()
}

// start begins a job under an id, or finds the one that has it.
func (j *jobs) start(first jobJSON, subject string, work func(ctx context.Context, step func(done, total int)) (any, error), failed func(error) Problem, now func() time.Time) (jobJSON, error) {
	j.mu.Lock()
	defer j.mu.Unlock()
	if old, ok := j.by[first.ID]; ok {
		return old.jobJSON, nil
	}
	if !j.room() {
		return jobJSON{}, errTooOften
	}
	x := &job{jobJSON: first, subject: subject, changed: make(chan struct{})}
	j.by[first.ID] = x
	j.beside(func(ctx context.Context) {
		var result any
		err := ctx.Err()
		if err == nil {
			result, err = work(ctx, func(done, total int) { j.change(x, func() { x.Done, x.Total = done, total }) })
		}
		j.change(x, func() {
			until := domain.At(now())
			x.State, x.Result, x.Until = "done", result, &until
			if err != nil {
				p := failed(err)
				x.State, x.Result, x.Problem = "failed", nil, &p
			}
		})
	})
	return x.jobJSON, nil
}

// beside runs work when its turn comes. When the server closes it is told so,
// also where its turn never came, and waited for.
func (j *jobs) beside(work func(context.Context)) {
	j.wait.Go(func() {
		select {
		case j.turn <- struct{}{}:
			defer func() { <-j.turn }()
		case <-j.ctx.Done():
		}
		work(j.ctx)
	})
}

// room makes room for one more. The caller holds the lock.
func (j *jobs) room() bool {
	if len(j.by) < mostJobs {
		return true
	}
	var oldest *job
	for _, x := range j.by {
		if x.Until != nil && (oldest == nil || x.Until.Before(oldest.Until.Time)) {
			oldest = x
		}
	}
	if oldest == nil {
		return false
	}
	delete(j.by, oldest.ID)
	return true
}

func (j *jobs) change(x *job, how func()) {
	j.mu.Lock()
	defer j.mu.Unlock()
	how()
	close(x.changed)
	x.changed = make(chan struct{})
}

// find is a job of a subject, with what tells that it has come further.
func (j *jobs) find(id, subject string) (jobJSON, <-chan struct{}, error) {
	j.mu.Lock()
	defer j.mu.Unlock()
	x, ok := j.by[id]
	if _, own := strings.CutSuffix(id, j.process); !own && processOf.MatchString(id) {
		return jobJSON{}, nil, errJobLost
	}
	if !ok || x.subject != subject {
		return jobJSON{}, nil, domain.Deny(domain.ErrNotFound, "there is no job %q", "", id)
	}
	return x.jobJSON, x.changed, nil
}

// errJobLost says that a job was begun by a server that has ended.
var errJobLost = errors.New("the server that ran the job has ended")

// processOf is the end of an id that names a process.
var processOf = regexp.MustCompile(`\.[A-Z2-7]{8}$`)

// begin starts a job of the caller and answers it.
func (h handlers) begin(c echo.Context, kind string, key *string, work func(ctx context.Context, step func(done, total int)) (any, error)) error {
	lang, request := h.language(c), c.Request().Context()
	id := commandID(c, key)
	if id == "" {
		id = casework.CommandOf("job", RequestID(request), h.d.Now().String())
	}
	failed := func(err error) Problem {
		h.d.Log.Error("job failed", "request", RequestID(request), "kind", kind, "error", err.Error())
		return ProblemOf(request, err, lang)
	}
	x, err := h.jobs.start(jobJSON{ID: id + h.jobs.process, Kind: kind, State: "running", Since: domain.At(h.d.Now())}, who(c).Subject, work, failed, h.d.Now)
	if err != nil {
		return err
	}
	c.Response().Header().Set("Location", Base+"/jobs/"+x.ID)
	return c.JSON(http.StatusAccepted, x)
}

// Kinds of what can be imported.
const (
	mimeNDJSON = "application/x-ndjson"
	mimeXLSX   = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
)

// importedJSON is what an import did.
type importedJSON struct {
	Cases    int `json:"cases"`
	Known    int `json:"known"`
	Events   int `json:"events"`
	Register int `json:"register"`
}

// ImportCases reads and checks a case file or a workbook, and begins its import.
// A fault in it is the answer: nothing of it was imported.
func (h handlers) ImportCases(c echo.Context, p contract.ImportCasesParams) error {
	f, err := h.caseFile(c)
	if err != nil {
		return err
	}
	return h.begin(c, "import", p.IdempotencyKey, func(ctx context.Context, step func(done, total int)) (any, error) {
		done, err := h.d.Cases.Import(ctx, f, func(p casework.Progress) { step(p.Done, p.Total) })
		return importedJSON{done.Cases, done.Known, done.Events, done.Register}, err
	})
}

// caseFile reads what is to be imported.
func (h handlers) caseFile(c echo.Context) (*casework.File, error) {
	kind, _, err := mime.ParseMediaType(c.Request().Header.Get(echo.HeaderContentType))
	in := io.Reader(c.Request().Body)
	var book *documents.Workbook
	switch {
	case err == nil && kind == mimeNDJSON:
	case err == nil && kind == mimeXLSX:
		if book, err = documents.ReadWorkbook(in); err != nil {
			return nil, tooLarge(err)
		}
		in = bytes.NewReader(book.CaseFile)
	default:
		return nil, errMediaType
	}
	f, err := casework.ReadCaseFile(in, h.d.Cases.Rules, h.today())
	var faults casework.Faults
	if book != nil && errors.As(err, &faults) {
		err = faults.In(book.Place)
	}
	return f, tooLarge(err)
}

// tooLarge tells a body that was cut off at its limit.
func tooLarge(err error) error {
	var most *http.MaxBytesError
	if errors.As(err, &most) {
		return errTooLarge
	}
	return err
}

// GetTemplate answers the empty workbook.
func (h handlers) GetTemplate(c echo.Context) error {
	var out bytes.Buffer
	if err := documents.Template(&out); err != nil {
		return err
	}
	c.Response().Header().Set("Content-Disposition", `attachment; filename="leeway-import.xlsx"`)
	return c.Blob(http.StatusOK, mimeXLSX, out.Bytes())
}

// whichJSON says over which cases and months long work goes, and as of which day.
type whichJSON struct {
	Office    string        `json:"office"`
	Programme string        `json:"programme"`
	From      *domain.Month `json:"from"`
	To        *domain.Month `json:"to"`
	AsOf      *string       `json:"as_of"`
}

// read is what it says; as of today where it says no day.
func (w whichJSON) read(today domain.Day) (which bulk.Which, on domain.Day, err error) {
	if on, err = day("as_of", w.AsOf); on == 0 {
		on = today
	}
	which = bulk.Which{Office: w.Office, Programme: w.Programme}
	for limit, month := range map[*domain.Month]*domain.Month{&which.From: w.From, &which.To: w.To} {
		if month != nil {
			*limit = *month
		}
	}
	return which, on, err
}

// StartSurvey begins a replay of many cases.
func (h handlers) StartSurvey(c echo.Context, p contract.StartSurveyParams) error {
	var want struct {
		whichJSON
		Worker string `json:"worker"`
		Source string `json:"source"`
		Rule   string `json:"rule"`
	}
	if err := body(c, &want); err != nil {
		return err
	}
	which, on, err := want.read(h.today())
	if err != nil {
		return err
	}
	which.Worker, which.Source, which.Rule = want.Worker, want.Source, want.Rule
	return h.begin(c, "survey", p.IdempotencyKey, func(ctx context.Context, step func(done, total int)) (any, error) {
		return bulk.Run{Desk: h.d.Cases, Bench: h.d.Models.Bench(), Which: which, AsOf: on, Done: func(p bulk.Progress) { step(p.Done, p.Total) }}.Do(ctx)
	})
}

// GetJob answers how far a job of the caller's own has come.
func (h handlers) GetJob(c echo.Context, id contract.PathJob) error {
	x, _, err := h.jobs.find(id, who(c).Subject)
	if err == nil {
		err = h.Saw(c, domain.Access{Kind: "list", Fields: []string{"job " + x.Kind}})
	}
	if err != nil {
		return err
	}
	return c.JSON(http.StatusOK, x)
}

// FollowJob sends how far a job has come, until it ends.
func (h handlers) FollowJob(c echo.Context, id contract.PathJob, _ contract.FollowJobParams) error {
	x, changed, err := h.jobs.find(id, who(c).Subject)
	if err == nil {
		err = h.Saw(c, domain.Access{Kind: "list", Fields: []string{"job " + x.Kind}})
	}
	if err != nil {
		return err
	}
	out := h.stream(c)
	for n := 1; ; n++ {
		if err := out.send(x.State, itoa(n), x); err != nil || x.State != "running" {
			return nil // the client is gone, or there is nothing more to tell
		}
		select {
		case <-changed:
		case <-c.Request().Context().Done():
			return nil
		case <-h.stopped:
			return nil
		case <-time.After(beat):
			if out.comment() != nil || h.stillIn(c) != nil {
				return nil
			}
		}
		if x, changed, err = h.jobs.find(id, who(c).Subject); err != nil {
			return nil
		}
	}
}
