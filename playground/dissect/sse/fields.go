// Package sse dissects event streams, the content of text/event-stream.
package sse

import "seewire/playground/dissect"

// field are the names of lines of an event stream.
var field = dissect.Filled(struct {
	BOM     string `field:"sse.bom"`
	Field   string `field:"sse.field"`
	Colon   string `field:"sse.colon"`
	Space   string `field:"sse.space"`
	Data    string `field:"sse.data"`
	Event   string `field:"sse.event"`
	ID      string `field:"sse.id"`
	Retry   string `field:"sse.retry"`
	Comment string `field:"sse.comment"`
	Ignored string `field:"sse.ignored"`
	LineEnd string `field:"sse.line_end"`
	Blank   string `field:"sse.blank"`
}{})

// say are the phrases of the dissector.
var say = dissect.Filled(struct {
	BOM      string `field:"sse.bom"`
	Line     string `field:"sse.line"`
	Blank    string `field:"sse.blank"`
	Event    string `field:"sse.event"` // the type of an event that is dispatched
	EventRow string `field:"sse.data"`  // and its data
	Reason   string `field:"sse.reason"`
	End      string `field:"sse.end"`
	Alone    string `field:"sse.alone"` // an event whose lines are not known
}{})

// Names lists the fields that the dissector can emit.
func Names() []string { return dissect.Tags(field) }

// Phrases lists the keys of what a frame of the dissector can say.
func Phrases() []string { return dissect.Tags(say) }

// SayEvent is what is said of an event whose lines are not known.
func SayEvent(e dissect.Event) []dissect.Phrase {
	return []dissect.Phrase{{Key: say.Alone}, dissect.Text(say.Event, e.Type), dissect.Text(say.EventRow, e.Data)}
}
