package viewer

import (
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"seewire/cmd/seewire/internal/chromium"
	"seewire/cmd/seewire/internal/sitetest"
)

// A page on a neighbour port, which to a browser is the same site, has a visitor's
// browser send the cookies of this host: by a request without CORS and by a socket.
// Neither is recorded under an ID of that page's choice, and where the ID is the
// site's, the cookies are covered.
func TestCookiesAreNotRecordedForAnotherPage(t *testing.T) {
	t.Parallel()
	chromium.NeedBrowser(t)
	s := sitetest.Start(t)
	neighbour := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		for name, site := range map[string]http.SameSite{"sso_lax": http.SameSiteLaxMode, "sso_strict": http.SameSiteStrictMode} {
			http.SetCookie(w, &http.Cookie{Name: name, Value: "s3cret", Path: "/", HttpOnly: true, SameSite: site})
		}
		w.Header().Set("Content-Type", "text/html")
		fmt.Fprint(w, "<!doctype html><html lang=en><title>Neighbour</title><link rel=icon href=data:,><p>Hello")
	}))
	l, err := net.Listen("tcp", "localhost:0")
	if err != nil {
		t.Fatal(err)
	}
	neighbour.Listener = l
	neighbour.Start()
	defer neighbour.Close()
	at := fmt.Sprintf("http://localhost:%d", l.Addr().(*net.TCPAddr).Port)
	s.Watch(t, "watched-by-the-site")

	p := chromium.OpenTab(t, at)
	p.Expect("a request to another host: "+s.Base, "a request to another host: "+s.Socket(), "net::ERR")
	p.Visit("/")
	try := func(id string) {
		chromium.Await[bool](p, fmt.Sprintf(`(async () => {
			const base = %q, id = %q;
			await fetch(base + "/play/framing/sse?capture=" + id, { mode: "no-cors", credentials: "include" });
			await new Promise((done) => {
				const socket = new WebSocket(base.replace("http", "ws") + "/play/framing/ws?capture=" + id);
				socket.onclose = socket.onerror = done;
			});
			return true;
		})()`, s.Base, id))
	}
	try("chosen-by-the-neighbour")
	try("watched-by-the-site")

	if resp := sitetest.AskAs(t, s.Base+"/captures/chosen-by-the-neighbour.json"); resp.StatusCode != http.StatusNotFound {
		t.Errorf("under an ID that the neighbour chose: %s", resp.Status)
	}
	c := sitetest.GetCapture(t, s, "watched-by-the-site")
	sent := ""
	for _, connection := range c.Connections {
		sent += string(connection.Client)
	}
	if strings.Contains(sent, "s3cret") || !strings.Contains(sent, "sso_strict=******") {
		t.Errorf("the site's own capture has %q", sent)
	}
}
