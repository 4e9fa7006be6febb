package site

import (
	"net/http"
	"net/url"
	"strings"
)

// Whoever knows a capture's ID can read it, so a page of somebody else must not
// be able to choose one and have a visitor's requests recorded in it. The site's
// own IDs are those that its pages make up and watch.

// mayClaim says whether a request to a host may be recorded under an ID. One that
// may not is served all the same.
//
// What a browser says of a request (Fetch Metadata) it says of its own accord;
// curl, SDKs and browsers that say nothing may claim any ID.
func (a *Site) mayClaim(id, host string, h http.Header) bool {
	foreign, navigates := isForeign(host, h), isNavigation(h)
	switch {
	case foreign && navigates:
		return false // somebody has followed a link
	case foreign, navigates:
		return a.isOwnID(id)
	}
	return true
}

func (a *Site) isOwnID(id string) bool {
	capture, found := a.captures.Get(id)
	return found && capture.Watched() || a.joint.Watched(id)
}

// isForeign tells whether a page of another origin makes the request.
func isForeign(host string, h http.Header) bool {
	switch h.Get("Sec-Fetch-Site") {
	case "cross-site", "same-site":
		return true
	case "":
		// Browsers leave it out of a WebSocket's handshake, and where there is no TLS
		// and the host is not this machine.
		origin := h.Get("Origin")
		at, err := url.Parse(origin)
		return origin != "" && (err != nil || !strings.EqualFold(at.Host, host))
	}
	return false
}

// isNavigation tells whether a window or a frame is to show the answer.
func isNavigation(h http.Header) bool {
	if mode := h.Get("Sec-Fetch-Mode"); mode != "" {
		return mode == "navigate"
	}
	return h.Get("Upgrade-Insecure-Requests") == "1" // which browsers add to navigations alone
}
