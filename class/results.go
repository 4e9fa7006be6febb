package class

import (
	"encoding/csv"
	"io"
	"maps"
	"net/netip"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Results are what is left of a class: a person by number, without a name and
// without an address.
type Results struct {
	Code   string     `json:"code"`
	Since  time.Time  `json:"since"`
	Over   *time.Time `json:"over,omitempty"`
	People []Row      `json:"people"`
}

// A Row is what a person did.
type Row struct {
	Number  int                  `json:"number"`
	Browser string               `json:"browser"`
	Lessons map[string]RowLesson `json:"lessons"`
}

// A RowLesson is what a person did in a lesson.
type RowLesson struct {
	Before   int                `json:"before,omitempty"` // votes, from 1
	After    int                `json:"after,omitempty"`
	Right    int                `json:"right,omitempty"` // the right one
	SSE      string             `json:"sse,omitempty"`   // what came of the last run
	WS       string             `json:"ws,omitempty"`
	Exercise string             `json:"exercise,omitempty"`
	Fails    []string           `json:"fails,omitempty"`
	Measured map[string]float64 `json:"measured,omitempty"`
}

// Results returns those of a class, for the owner of the teacher's secret.
func (cs *Classes) Results(code, key string, peer netip.Prefix) (Results, error) {
	r, err := cs.ask(code, Visitor{Peer: peer}, request{Op: "results", Key: hash(key)})
	if err != nil {
		return Results{}, err
	}
	return *r.Results, nil
}

func (c *Class) results(q request) (response, error) {
	if !c.isTeacher(q.Key) {
		return response{}, c.refuse(q)
	}
	r := Results{Code: c.code, Since: time.UnixMilli(c.r.Since).UTC(), People: []Row{}}
	if c.r.Over != 0 {
		over := time.UnixMilli(c.r.Over).UTC()
		r.Over = &over
	}
	for _, m := range c.r.Members {
		r.People = append(r.People, c.row(m))
	}
	return response{Results: &r}, nil
}

func (c *Class) row(m *member) Row {
	row := Row{m.Number, m.Browser, map[string]RowLesson{}}
	in := func(lesson string, set func(*RowLesson)) {
		one := row.Lessons[lesson]
		set(&one)
		row.Lessons[lesson] = one
	}
	for lesson, votes := range m.Votes {
		about, _ := c.classes.options.Lesson(lesson)
		in(lesson, func(r *RowLesson) { r.Before, r.After, r.Right = votes[0], votes[1], about.Right })
	}
	for lesson, ran := range m.Ran {
		in(lesson, func(r *RowLesson) { r.SSE, r.WS = ran.SSE, ran.WS })
	}
	for lesson, exercise := range m.Exercise {
		in(lesson, func(r *RowLesson) { r.Exercise, r.Fails = exercise.State, exercise.Fails })
	}
	for _, one := range m.Measured {
		in(one.Lesson, func(r *RowLesson) { put(&r.Measured, strings.Trim(one.What+" "+one.Side, " "), one.Value) })
	}
	return row
}

// WriteCSV writes a row a person, with columns for each lesson in which somebody did
// something.
func (r Results) WriteCSV(w io.Writer) error {
	lessons, measured := map[string]bool{}, map[[2]string]bool{}
	for _, p := range r.People {
		for lesson, one := range p.Lessons {
			lessons[lesson] = true
			for what := range one.Measured {
				measured[[2]string{lesson, what}] = true
			}
		}
	}
	out := csv.NewWriter(w)
	head := []string{"number", "browser"}
	slugs := slices.Sorted(maps.Keys(lessons))
	whats := slices.SortedFunc(maps.Keys(measured), func(a, b [2]string) int { return slices.Compare(a[:], b[:]) })
	for _, slug := range slugs {
		for _, column := range []string{"before", "after", "right", "sse", "ws", "exercise", "fails"} {
			head = append(head, slug+" "+column)
		}
	}
	for _, what := range whats {
		head = append(head, what[0]+" "+what[1])
	}
	out.Write(head)
	number := func(n int) string {
		if n == 0 {
			return ""
		}
		return strconv.Itoa(n)
	}
	for _, p := range r.People {
		row := []string{strconv.Itoa(p.Number), p.Browser}
		for _, slug := range slugs {
			one := p.Lessons[slug]
			row = append(row, number(one.Before), number(one.After), number(one.Right), one.SSE, one.WS, one.Exercise, strings.Join(one.Fails, " "))
		}
		for _, what := range whats {
			value, ok := p.Lessons[what[0]].Measured[what[1]]
			if !ok {
				row = append(row, "")
				continue
			}
			row = append(row, strconv.FormatFloat(value, 'f', -1, 64))
		}
		out.Write(row)
	}
	out.Flush()
	return out.Error()
}
