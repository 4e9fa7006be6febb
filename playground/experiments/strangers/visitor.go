package strangers

import (
	"fmt"
	"net/http"
	"strings"

	"seewire/playground"
)

// serveVisit signs the visitor in: from now on their browser sends the cookie
// with every request to this path, from any page.
func serveVisit(w http.ResponseWriter, r *http.Request) {
	cookie := &http.Cookie{Name: "visitor", Value: "ada", Path: "/play/strangers/", MaxAge: 600, HttpOnly: true}
	switch playground.Controls(r).Text("cookie") {
	case "strict":
		cookie.SameSite = http.SameSiteStrictMode
	case "lax":
		cookie.SameSite = http.SameSiteLaxMode
	case "none": // which a browser takes only with Secure
		cookie.SameSite, cookie.Secure = http.SameSiteNoneMode, true
	}
	http.SetCookie(w, cookie)
	w.WriteHeader(http.StatusNoContent)
}

// visitor is who a request's credentials say it is from: the cookie, which the
// browser adds by itself, or a token, which only code that has it can send.
func visitor(r *http.Request) string {
	if cookie, err := r.Cookie("visitor"); err == nil && cookie.Value == "ada" {
		return "Ada"
	}
	if r.Header.Get("Authorization") == "Bearer ada" || r.URL.Query().Get("token") == "ada" {
		return "Ada"
	}
	for protocol := range strings.SplitSeq(r.Header.Get("Sec-WebSocket-Protocol"), ",") {
		if strings.TrimSpace(protocol) == "token.ada" {
			return "Ada"
		}
	}
	return "stranger"
}

// greeting is what only its visitor should read.
func greeting(r *http.Request) string {
	who := visitor(r)
	playground.Logf(r, "origin %s, visitor %s", origin(r), who)
	if who == "stranger" {
		return "Hello stranger, please sign in."
	}
	return fmt.Sprintf("Hello %s, your balance is 1200.", who)
}

// origin is the request's, for the log.
func origin(r *http.Request) string {
	if o := r.Header.Get("Origin"); o != "" {
		return o
	}
	return "none"
}
