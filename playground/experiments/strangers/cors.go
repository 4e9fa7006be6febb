package strangers

import (
	"net/http"
	"slices"

	"seewire/playground"
)

// cors tells the browser which pages may read the answer (Fetch §3.3). It keeps
// no request from coming, and nothing that the request does from being done.
func (s *server) cors(w http.ResponseWriter, r *http.Request) {
	h, origin := w.Header(), r.Header.Get("Origin")
	h.Add("Vary", "Origin") // a middleware may have named others
	switch playground.Controls(r).Text("cors") {
	case "none":
	case "star": // not for requests with credentials (Fetch §3.3.5)
		h.Set("Access-Control-Allow-Origin", "*")
	case "any": // careless: any origin may read what is for the visitor alone
		h.Set("Access-Control-Allow-Origin", origin)
		h.Set("Access-Control-Allow-Credentials", "true")
	case "list":
		if slices.Contains(s.own(r), origin) {
			h.Set("Access-Control-Allow-Origin", origin)
			h.Set("Access-Control-Allow-Credentials", "true")
		}
	}
	if r.Method == http.MethodOptions { // a preflight: the browser asks before it sends such a header
		h.Set("Access-Control-Allow-Headers", "Authorization")
		w.WriteHeader(http.StatusNoContent)
	}
}
