package lessons

import (
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"strings"
)

// A Problem is something that is wrong with the content: where it is, what is
// wrong, and what to do.
type Problem struct {
	File   string // as a person would open it
	Line   int    // from 1
	What   string
	Remedy string

	// Lesson and Language say which page shows it; empty where it is about
	// more than one.
	Lesson, Language string
}

func (p *Problem) Error() string {
	text := p.What
	if p.Remedy != "" {
		text += ", " + p.Remedy
	}
	if p.File == "" {
		return text
	}
	return fmt.Sprintf("%s:%d: %s", p.File, p.Line, text)
}

// do says what a person is to do about the problem.
func (p *Problem) do(format string, args ...any) *Problem {
	p.Remedy = fmt.Sprintf(format, args...)
	return p
}

// Problems are all that is wrong, in the order in which it was found.
type Problems []*Problem

func (all Problems) Error() string {
	lines := make([]string, len(all))
	for i, p := range all {
		lines[i] = p.Error()
	}
	return strings.Join(lines, "\n")
}

// Of lists the problems that a lesson's page in any of these languages shows:
// its own, and those that are no page's.
func (all Problems) Of(lesson string, languages ...string) Problems {
	var of Problems
	for _, p := range all {
		if p.Lesson == "" || p.Lesson == lesson && slices.Contains(languages, p.Language) {
			of = append(of, p)
		}
	}
	return of
}

// at notes a problem in a file.
func (all *Problems) at(file string, line int, format string, args ...any) *Problem {
	p := &Problem{File: file, Line: line, What: fmt.Sprintf(format, args...)}
	*all = append(*all, p)
	return p
}

// asProblem makes a problem of an error: what it says, or that a file is not
// there.
func asProblem(err error) *Problem {
	if p, ok := errors.AsType[*Problem](err); ok {
		own := *p
		return &own
	}
	if errors.Is(err, fs.ErrNotExist) {
		return &Problem{What: "it does not exist"}
	}
	return &Problem{What: err.Error()}
}
