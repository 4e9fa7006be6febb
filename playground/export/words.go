package export

import "seewire/playground/dissect"

// Words put into English what frames have as codes, for programs that read the
// JSON. nil has none.
type Words interface {
	Line(phrases []dissect.Phrase) string // what a frame says
	Violation(code string) string         // what was violated, and what a conformant endpoint does about it
}

// describe puts frames into words.
func describe(words Words, frames []dissect.Frame) {
	explain(words, frames)
	for i := range frames {
		if words != nil {
			frames[i].Summary = words.Line(frames[i].Say)
		}
	}
}

// explain puts only what is violated into words: a page has its own for the rest.
func explain(words Words, frames []dissect.Frame) {
	for i := range frames {
		for j := range frames[i].Violations {
			if v := &frames[i].Violations[j]; words != nil {
				v.Message = words.Violation(v.Code)
			}
		}
	}
}
