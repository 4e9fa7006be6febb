package main

import (
	"net/http"
	"slices"

	"seewire/playground"
)

// completions answers POST /v1/chat/completions: it is the event stream of the
// chat experiment, at the address where an official SDK looks for it.
func (a *app) completions() http.Handler {
	i := slices.IndexFunc(a.experiments, func(e playground.Experiment) bool { return e.ID == "chat" })
	chat := a.experiments[i]
	return a.runner.Handler(chat.Controls, chat.SSE, http.MethodPost)
}
