package main

import (
	"errors"
	"math"
	"os"
	"strconv"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/plotutil"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
	"gonum.org/v1/plot/vg/vgsvg"
)

// drawing is one of the panels: a figure of every measure, over the number of
// cases.
type drawing struct {
	title, y string
	of       func(measure) float64
}

var drawings = []drawing{
	{"Time of a case", "processor time, ms a case", func(m measure) float64 { return m.CPU.Seconds() * 1000 / float64(m.Cases) }},
	{"Memory", "MB, of the largest process", func(m measure) float64 { return float64(m.Memory) / (1 << 20) }},
	{"Memory of a case", "KB a case, of the largest process", func(m measure) float64 { return float64(m.Memory) / 1024 / float64(m.Cases) }},
}

// picture draws the panels beside each other, both axes by powers of ten.
func picture(name string, list []measure) (err error) {
	const wide, tall = 30 * vg.Centimeter, 10 * vg.Centimeter
	c := vgsvg.New(wide, tall)
	row := make([]*plot.Plot, len(drawings))
	for i, d := range drawings {
		if row[i], err = d.panel(list); err != nil {
			return err
		}
	}
	places := plot.Align([][]*plot.Plot{row}, draw.Tiles{Rows: 1, Cols: len(row), PadX: vg.Centimeter, PadTop: vg.Millimeter * 4, PadBottom: vg.Millimeter * 4, PadLeft: vg.Millimeter * 4, PadRight: vg.Millimeter * 4}, draw.New(c))
	for i, p := range row {
		p.Draw(places[0][i])
	}
	f, err := os.Create(name)
	if err != nil {
		return err
	}
	_, err = c.WriteTo(f)
	return errors.Join(err, f.Close())
}

// panel is one of the drawings, with a line for every step.
func (d drawing) panel(list []measure) (*plot.Plot, error) {
	p := plot.New()
	p.Title.Text, p.X.Label.Text, p.Y.Label.Text = d.title, "cases", d.y
	p.X.Scale, p.Y.Scale = plot.LogScale{}, plot.LogScale{}
	p.X.Tick.Marker, p.Y.Tick.Marker = decades{}, decades{}
	p.Add(plotter.NewGrid())
	var lines []any
	for _, step := range []string{stepImport, stepFirst, stepReplay, stepShards, stepImpact} {
		var points plotter.XYs
		for _, m := range list {
			if m.Step == step {
				points = append(points, plotter.XY{X: float64(m.Cases), Y: d.of(m)})
			}
		}
		if len(points) > 0 {
			lines = append(lines, step, points)
		}
	}
	if err := plotutil.AddLinePoints(p, lines...); err != nil {
		return nil, err
	}
	p.X.Min, p.X.Max = decade(p.X.Min, math.Floor), decade(p.X.Max, math.Ceil)
	p.Y.Min, p.Y.Max = decade(p.Y.Min, math.Floor), decade(p.Y.Max, math.Ceil)*10 // and room for the legend
	p.Legend.Top, p.Legend.Left = true, true
	return p, nil
}

// decade is the power of ten below or above a number.
func decade(x float64, to func(float64) float64) float64 { return math.Pow(10, to(math.Log10(x))) }

// decades labels the powers of ten with plain numbers.
type decades struct{}

// Ticks implements plot.Ticker.
func (decades) Ticks(low, high float64) (ticks []plot.Tick) {
	for x := decade(low, math.Floor); x <= high*1.01; x *= 10 {
		ticks = append(ticks, plot.Tick{Value: x, Label: strconv.FormatFloat(x, 'g', 7, 64)})
		for k := 2.0; k < 10 && x*k < high; k++ {
			ticks = append(ticks, plot.Tick{Value: x * k})
		}
	}
	return ticks
}
