package main

import (
	"net/http"

	"seewire/static"
)

// routes are all of them.
func (a *app) routes() http.Handler {
	mux := http.NewServeMux()
	page := func(h http.HandlerFunc) http.Handler { return pageHeaders(&a.listeners, h) }

	// The course. Each language is registered by itself: a pattern /{lang}/…
	// would be in conflict with /static/….
	mux.Handle("GET /{$}", page(a.pages.home))
	for _, lang := range a.pages.course.Languages {
		mux.Handle("GET /"+lang+"/{$}", page(a.pages.contents))
		mux.Handle("GET /"+lang+"/lessons/{slug}", page(a.pages.lesson))
		mux.Handle("GET /"+lang+"/lessons/{slug}/recorded.json", page(a.pages.recorded))
		mux.Handle("GET /"+lang+"/captures/{id}", page(a.capturePage))
		mux.Handle("GET /"+lang+"/fields", page(a.pages.fields))
		mux.Handle("GET /"+lang+"/glossary", page(a.pages.glossary))
		mux.Handle("GET /"+lang+"/bytes", page(a.pages.bytes))
		mux.Handle("GET /"+lang+"/tabs", page(a.pages.tabs))
		mux.Handle("GET /"+lang+"/accepted", page(a.pages.accepted))
		mux.Handle("GET /"+lang+"/words.json", page(a.pages.words))
		mux.Handle("GET /"+lang+"/fields.json", page(a.pages.fieldsJSON))
	}
	mux.Handle("GET /language", page(a.pages.language))
	mux.Handle("GET /static/", typed(static.Handler()))
	mux.Handle("GET /sandbox", sandboxHeaders(&a.listeners, http.HandlerFunc(a.pages.sandbox)))
	mux.Handle("/", page(a.pages.notFound))

	// The experiments, both sides of each. Any client may run them.
	for _, e := range a.experiments {
		mux.Handle("/play/"+e.ID+"/sse", a.runner.SSE(e))
		mux.Handle("/play/"+e.ID+"/ws", a.runner.WS(e))
		if e.Send != nil {
			mux.Handle("/play/"+e.ID+"/send", a.runner.Send(e))
		}
		if e.Visit != nil {
			mux.Handle("/play/"+e.ID+"/visit", a.runner.Visit(e))
		}
	}
	mux.HandleFunc("GET /play/six/"+tabScript, a.pages.tabProgram)
	mux.Handle("/v1/chat/completions", a.completions())

	// What was on the wire.
	mux.HandleFunc("GET /captures/{id}/live", a.captureLive)
	mux.HandleFunc("GET /captures/{file}", a.captureFile)
	mux.HandleFunc("POST /dissect", a.dissect)
	mux.HandleFunc("/dissect", onlyPost)

	mux.HandleFunc("GET /healthz", a.healthz)
	mux.HandleFunc("GET /metrics", a.metricsPage)

	return hurry(checkHost(a.record(mux)))
}
