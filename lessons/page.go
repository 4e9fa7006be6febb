package lessons

import "net/url"

// A Page is a lesson in one language.
type Page struct {
	Language string
	Question string // its title, plain text
	Summary  string // one or two sentences of plain text

	Body func() Body // is made at the first call
}

// A Body is what a page says.
type Body struct {
	Parts   []Part // in order
	Sources []Source

	terms map[string]bool // of the glossary, by their IDs, that it has a link to
}

// A Source is something elsewhere that a lesson cites.
type Source struct {
	URL   string
	Title string // what it is, and the day it was checked
}

// A Part is a piece of a page: [HTML], a [Mistake], or one of the blocks, [Predict],
// [Playground], [Exercise], [Figure], [Terminal], [Code], [Claim], [Verdicts],
// [Guide].
type Part interface{ part() }

// A Predict asks for an answer before the run.
type Predict struct {
	ID       string
	Question HTML // without a paragraph around it, like the options
	Options  []HTML
	Answer   int  // the right one of Options, from 1
	Why      HTML // shown after the run
}

// A Playground is the place where the experiment runs; a lesson has one.
type Playground struct {
	Experiment string
	Controls   url.Values // what differs from the experiment's defaults
	Caption    HTML       // may be empty
}

// An Exercise is a task that is checked on evidence.
type Exercise struct {
	ID         string
	Experiment string
	Side       string // "sse" or "ws": the side whose program is the learner's
	Controls   url.Values
	Copies     int  // how many times the program runs, as on so many machines
	Starter    HTML // the program to begin with, highlighted; empty where there is none
	Solution   HTML // a model answer, highlighted where it is a program
	Body       []Part
	Hints      []HTML
}

// A Figure is a drawing.
type Figure struct {
	Language string // of the words in it
	SVG      HTML
	Caption  HTML // may be empty
}

// A Terminal is commands for a shell. {base}, {wsbase}, {http2} and {capture} in them
// stand for this server's addresses and for a capture's ID.
type Terminal struct {
	Side     string // "sse", "ws" or empty
	Commands string
}

// A Code is code that runs here, quoted.
type Code struct {
	File string // "reconnect/sse.go"
	Name string // of the declaration or region; empty for the whole file
	HTML HTML   // highlighted

	Folded bool // away until it is asked for
}

// A Mistake stands in the place of a block that has problems.
type Mistake struct{ Problems Problems }

func (HTML) part()       {}
func (Predict) part()    {}
func (Playground) part() {}
func (Exercise) part()   {}
func (Figure) part()     {}
func (Terminal) part()   {}
func (Code) part()       {}
func (Claim) part()      {}
func (Verdicts) part()   {}
func (Mistake) part()    {}
func (Guide) part()      {}

// Playground finds the page's playground.
func (p *Page) Playground() (Playground, bool) {
	for _, part := range p.Body().Parts {
		if found, ok := part.(Playground); ok {
			return found, true
		}
	}
	return Playground{}, false
}

// Claims lists the page's claims.
func (p *Page) Claims() []Claim {
	var all []Claim
	for _, part := range p.Body().Parts {
		if claim, ok := part.(Claim); ok {
			all = append(all, claim)
		}
	}
	return all
}

// Exercises lists the page's exercises.
func (p *Page) Exercises() []Exercise {
	var all []Exercise
	for _, part := range p.Body().Parts {
		if e, ok := part.(Exercise); ok {
			all = append(all, e)
		}
	}
	return all
}
