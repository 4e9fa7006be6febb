package view

import "encoding/json"

// A WatchModel is what the page of `seewire watch` begins with.
type WatchModel struct {
	Target  string // "http://localhost:3000"
	Listens string // where clients come, "127.0.0.1:8090"
	Secrets bool   // are kept

	// Lessons are the numbers of the lessons, by their slugs.
	Lessons map[string]string
}

func (m WatchModel) lessons() string {
	text, _ := json.Marshal(m.Lessons) // strings can be encoded
	return string(text)
}
