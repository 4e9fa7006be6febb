package site

import (
	"net/http"

	"seewire/cmd/seewire/internal/classroom"
)

// routes are all of them.
func (a *Site) routes() http.Handler {
	mux := http.NewServeMux()
	page := func(h http.HandlerFunc) http.Handler { return pageHeaders(&a.Listeners, h) }

	// The course, in every language that it has when the page is asked for.
	// These patterns are in a mux of their own: beside /static/ they would be in
	// conflict with it.
	course, kept := http.NewServeMux(), a.pages.kept
	course.HandleFunc("GET /{lang}/{$}", kept(a.pages.contents))
	course.HandleFunc("GET /{lang}/lessons/{slug}", kept(a.pages.lesson))
	course.HandleFunc("GET /{lang}/lessons/{slug}/recorded.json", kept(a.pages.recorded))
	course.HandleFunc("GET /{lang}/lessons/{slug}/answers.json", kept(a.pages.recordedAnswers))
	course.HandleFunc("GET /{lang}/lessons/{slug}/solutions.json", kept(a.pages.solutions))
	course.HandleFunc("GET /{lang}/captures/{id}", a.capturePage)
	course.HandleFunc("GET /{lang}/fields", kept(a.pages.fields))
	course.HandleFunc("GET /{lang}/glossary", kept(a.pages.glossary))
	course.HandleFunc("GET /{lang}/bytes", kept(a.pages.bytes))
	course.HandleFunc("GET /{lang}/tabs", kept(a.pages.tabs))
	course.HandleFunc("GET /{lang}/accepted", kept(a.pages.accepted))
	course.HandleFunc("GET /{lang}/words.json", kept(a.pages.words))
	course.HandleFunc("GET /{lang}/fields.json", kept(a.pages.fieldsJSON))
	course.HandleFunc("GET /{lang}/class", a.pages.classOpen)
	course.HandleFunc("GET /{lang}/class/course.json", kept(a.pages.classCourse))
	course.HandleFunc("GET /{lang}/class/{code}", a.pages.classPage("board"))
	course.HandleFunc("GET /{lang}/class/{code}/wall", a.pages.classPage("wall"))
	course.HandleFunc("GET /{lang}/class/{code}/phone", a.pages.classPage("phone"))
	course.HandleFunc("GET /{lang}/c", a.pages.classJoin)
	course.HandleFunc("GET /{lang}/c/{code}", a.pages.classJoin)
	course.HandleFunc("GET /{lang}/watch", a.watch)
	course.HandleFunc("/", a.pages.notFound)
	mux.Handle("/", page(a.pages.inLanguage(course)))
	mux.Handle("GET /{$}", page(a.pages.home))
	mux.Handle("GET /language", page(a.pages.language))
	mux.Handle("GET /c", page(a.pages.toJoin)) // the address that a class is told
	mux.Handle("GET /c/{code}", page(a.pages.toJoin))
	mux.HandleFunc("POST /class/qr", a.pages.classQR)
	(&classroom.Classroom{Classes: a.classes, Places: a.places.feeds, Life: a.life}).Route(mux)
	if a.watching != nil {
		mux.Handle("GET /watch", page(a.pages.watchHome)) // the address that is printed
		mux.HandleFunc("GET /watch/live", a.watchLive)
		mux.HandleFunc("GET /watch/all/{ticket}/{file}", a.watchFile)
	}
	if a.pages.edited {
		mux.HandleFunc("GET /edits", a.edits)
	}
	mux.Handle("GET /static/", typed(a.pages.static))
	mux.Handle("GET /sandbox", sandboxHeaders(&a.Listeners, http.HandlerFunc(a.pages.sandbox)))

	// The experiments, both sides of each. Any client may run them.
	// A program that runs several times, as on several machines, has an address for
	// each: after a failure Firefox lets every WebSocket to the same path wait.
	for _, e := range a.experiments {
		counted := a.open.countedRuns(e)
		for _, path := range []string{"/play/" + e.ID, "/play/" + e.ID + "/{machine}"} {
			mux.Handle(path+"/sse", a.runner.SSE(counted))
			mux.Handle(path+"/ws", a.runner.WS(counted))
		}
		if e.Send != nil {
			mux.Handle("/play/"+e.ID+"/send", a.runner.Send(e))
		}
		if e.Poll != nil {
			mux.Handle("/play/"+e.ID+"/poll", a.runner.Poll(e))
		}
		if e.Visit != nil {
			mux.Handle("/play/"+e.ID+"/visit", a.runner.Visit(e))
		}
		if e.Tabs != nil {
			mux.HandleFunc("GET /play/"+e.ID+"/"+e.Tabs.Program, a.pages.tabProgram(e))
		}
	}

	a.api(mux)

	// The experiments as projects.
	mux.Handle("GET /take/{file}", typed(http.HandlerFunc(a.take)))

	// What was on the wire.
	mux.HandleFunc("GET /captures/{id}/live", a.captureLive)
	mux.HandleFunc("GET /captures/{id}/answers", a.captureAnswers)
	mux.HandleFunc("GET /captures/{file}", a.captureFile)
	mux.HandleFunc("POST /dissect", a.dissect)
	mux.HandleFunc("/dissect", onlyPost)

	mux.HandleFunc("GET /healthz", a.healthz)
	mux.HandleFunc("GET /metrics", a.metricsPage)

	return a.logged(hurry(a.checkHost(a.forwarded(a.record(mux)))))
}
