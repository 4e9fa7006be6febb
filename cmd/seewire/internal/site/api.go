package site

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"

	"seewire/playground"
	"seewire/playground/experiments/chat"
)

// behindChat puts the real model behind the chat experiment, if there is one.
func (a *Site) behindChat(h http.HandlerFunc) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		if a.mayAskModel(r) {
			r = r.WithContext(chat.With(r.Context(), a.model))
		}
		h(w, r)
	}
}

// mayAskModel says whether a request may spend the host's tokens: one of this site's own
// pages, whose captures nobody guesses, or of a program that is no browser. Pages of
// others get the model that is built in.
func (a *Site) mayAskModel(r *http.Request) bool {
	if a.model == nil {
		return false
	}
	id := r.URL.Query().Get("capture")
	return !isForeign(r.Host, r.Header) && !isNavigation(r.Header) || id != "" && a.isOwnID(id)
}

// api are the addresses that SDKs of language models ask. What there is no answer to, they
// are told in the form of their APIs, which they print whole.
func (a *Site) api(mux *http.ServeMux) {
	handle := func(path string, h http.Handler) { mux.Handle(path, inAPIForm(h)) }
	models := a.runner.Handler(nil, a.models, http.MethodGet)
	handle("/v1/models", models)
	handle("/v1/models/{id...}", models)
	calls := []string{"GET /v1/models"}
	for _, e := range a.experiments {
		if e.API == nil {
			continue
		}
		api := *e.API
		api.HTTP = a.open.counted(e.ID, "sse", api.HTTP)
		if api.WS != nil {
			api.WS = a.open.counted(e.ID, "websocket", api.WS)
		}
		e.API = &api
		h := a.runner.API(e)
		for _, path := range api.Paths {
			handle(path, h)
		}
		calls = append(calls, "POST "+api.Paths[0])
	}
	handle("/v1/", a.runner.Handler(nil, noSuchCall(calls), http.MethodGet, http.MethodHead, http.MethodPost, http.MethodPut, http.MethodPatch, http.MethodDelete))
}

// models answers GET /v1/models and /v1/models/{id}, as OpenAI's API does
// (https://platform.openai.com/docs/api-reference/models, read 2026-11-28).
func (a *Site) models(w http.ResponseWriter, r *http.Request) {
	list := []chat.Model{chat.BuiltIn}
	if a.mayAskModel(r) {
		more, err := a.model.Models(r.Context())
		if err != nil {
			apiError(w, http.StatusBadGateway, "upstream_error", "", err.Error())
			return
		}
		list = append(list, more...)
	}
	id := r.PathValue("id")
	if id == "" {
		sendAPI(w, http.StatusOK, map[string]any{"object": "list", "data": list})
		return
	}
	i := slices.IndexFunc(list, func(m chat.Model) bool { return m.ID == id })
	if i < 0 {
		apiError(w, http.StatusNotFound, "not_found_error", "model_not_found", fmt.Sprintf("The model %q is not here; GET /v1/models lists those that are.", id))
		return
	}
	sendAPI(w, http.StatusOK, list[i])
}

// noSuchCall answers what is not here, with those calls that are.
func noSuchCall(calls []string) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		apiError(w, http.StatusNotFound, "not_found_error", "unknown_url",
			fmt.Sprintf("%s %s is not answered here: Seewire has %s alone.", r.Method, r.URL.Path, strings.Join(calls, ", ")))
	}
}

// apiError answers with an error that has its message where OpenAI's and Anthropic's have it.
func apiError(w http.ResponseWriter, status int, kind, code, message string) {
	sendAPI(w, status, map[string]any{
		"type":  "error",
		"error": map[string]any{"type": kind, "code": code, "param": nil, "message": message},
	})
}

func sendAPI(w http.ResponseWriter, status int, value any) {
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	json.NewEncoder(w).Encode(value) // an error means that the client has left
}

// inAPIForm puts what the Runner refuses a request for, such as want of room, into that
// form too.
func inAPIForm(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		next.ServeHTTP(&apiWriter{ResponseWriter: w}, r)
	})
}

type apiWriter struct {
	http.ResponseWriter
	refused *playground.Problem
	written bool
}

// Because hears what Problem.Write is about to write.
func (w *apiWriter) Because(cause error) {
	if p, ok := errors.AsType[playground.Problem](cause); ok {
		w.refused = &p
	}
	playground.Because(w.ResponseWriter, cause)
}

func (w *apiWriter) WriteHeader(status int) {
	if w.refused == nil {
		w.ResponseWriter.WriteHeader(status)
	}
}

func (w *apiWriter) Write(p []byte) (int, error) {
	if w.refused == nil {
		return w.ResponseWriter.Write(p)
	}
	if !w.written {
		w.written = true
		apiError(w.ResponseWriter, w.refused.Status, "invalid_request_error", w.refused.Code, w.refused.Detail)
	}
	return len(p), nil
}

func (w *apiWriter) Unwrap() http.ResponseWriter { return w.ResponseWriter }
