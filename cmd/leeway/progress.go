package main

import (
	"os"

	"github.com/vbauerster/mpb/v8"
	"github.com/vbauerster/mpb/v8/decor"
)

// A bar shows on a terminal how far long work has come. Where standard error
// is no terminal, and for a handful of things, it shows nothing.
type bar struct {
	all *mpb.Progress
	one *mpb.Bar
}

// fewThings are done before anybody could read a bar.
const fewThings = 20

// progress begins a bar over n things.
func (s *session) progress(n int) *bar {
	f, ok := s.err.(*os.File)
	if !ok || n < fewThings {
		return &bar{}
	}
	if info, err := f.Stat(); err != nil || info.Mode()&os.ModeCharDevice == 0 {
		return &bar{}
	}
	all := mpb.NewWithContext(s.ctx, mpb.WithOutput(f), mpb.WithWidth(60))
	one := all.AddBar(int64(n), mpb.BarRemoveOnComplete(),
		mpb.PrependDecorators(decor.CountersNoUnit("%d / %d ")), mpb.AppendDecorators(decor.Percentage()))
	return &bar{all, one}
}

// step says that one more thing is done.
func (b *bar) step() {
	if b.one != nil {
		b.one.Increment()
	}
}

// end takes the bar away, also where the work broke off.
func (b *bar) end() {
	if b.one != nil {
		b.one.Abort(true)
		b.all.Wait()
	}
}
