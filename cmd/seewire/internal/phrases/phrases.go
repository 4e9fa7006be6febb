// Package phrases says in the words of a course what was on the wire, for pages and
// for a terminal.
package phrases

import (
	"seewire/lessons"
	"seewire/playground/dissect"
	"seewire/playground/export"
)

// Summary is a frame in one line. What the dissector says in English is for
// most frames their own text; the rest the viewer has words for.
func Summary(words lessons.Words, f dissect.Frame) string {
	key := "viewer.kind." + f.Protocol + "/" + f.Kind
	if _, ok := words[key]; !ok {
		switch {
		case f.SSE == nil:
		case f.SSE.Event != nil:
			return words.Text("viewer.dispatched", "type", f.SSE.Event.Type, "data", f.SSE.Event.Data)
		case f.SSE.Reason != "":
			return words.Text("viewer.reason." + f.SSE.Reason)
		}
		return f.Summary
	}
	text := words.Text(key, "bytes", words.Text("viewer.bytes", "count", f.Length), "size", f.Value("http.chunk_size"))
	if payload := f.Value("websocket.payload"); payload != "" {
		text += words.Text("viewer.comma") + payload
	}
	for _, h := range f.Headers {
		switch h.Name {
		case ":method", ":path", ":status": // what HTTP/1 has in its first line
			text += " " + h.Value
		}
	}
	if f.Stream != 0 && f.Protocol == "http2" {
		text += words.Text("viewer.comma") + words.Text("viewer.stream", "number", f.Stream)
	}
	return text
}

// Covered says what was covered of a value, and why.
func Covered(words lessons.Words, c *dissect.Covered) string {
	return words.Text("viewer.covered."+c.Kind, "bytes", words.Text("viewer.bytes", "count", c.Bytes))
}

// Note says what there is to know about a document. Some notes are about
// files alone, others about captures too.
func Note(words lessons.Words, n export.Note) string {
	key := "bytes.note." + n.Code
	if _, ok := words[key]; !ok {
		key = "viewer.note." + n.Code
	}
	note := words.Text(key, "count", n.Count, "text", n.Text, "bytes", words.Text("viewer.bytes", "count", n.Count))
	if n.Connection > 0 {
		note = words.Text("bytes.note.connection", "number", n.Connection, "note", note)
	}
	return note
}
