package main

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/coder/websocket"

	"seewire/cmd/seewire/internal/sitetest"
	"seewire/cmd/seewire/internal/terminal"
	"seewire/playground/secret"
)

// Somebody else's page can have a visitor's browser make a request, but not
// have it recorded under an ID that is not the site's.
func TestWhoMayClaimAnID(t *testing.T) {
	s := sitetest.Start(t)
	s.Watch(t, "watched-by-a-page")
	// A program may say that it is a page; what it says is not a browser's.
	if feed, _, err := websocket.Dial(t.Context(), s.Socket()+"/captures/watched-by-curl/live", nil); err != nil {
		t.Fatal(err)
	} else {
		defer feed.CloseNow()
	}

	for name, c := range map[string]struct {
		headers  []string
		own, any bool // whether it is recorded under an ID of the site, and under any
	}{
		"curl":                                   {nil, true, true},
		"an SDK in Node":                         {[]string{"Sec-Fetch-Mode", "cors"}, true, true},
		"a program of the site's page":           {[]string{"Sec-Fetch-Site", "same-origin", "Sec-Fetch-Mode", "cors"}, true, true},
		"a socket of the site's page":            {[]string{"Origin", s.Base}, true, true},
		"an address that was typed":              {[]string{"Sec-Fetch-Site", "none", "Sec-Fetch-Mode", "navigate"}, true, false},
		"the same, where there is no TLS":        {[]string{"Upgrade-Insecure-Requests", "1"}, true, false},
		"a program in the sandbox":               {[]string{"Sec-Fetch-Site", "cross-site", "Sec-Fetch-Mode", "cors", "Origin", "null"}, true, false},
		"a program in the frame of another port": {[]string{"Sec-Fetch-Site", "same-site", "Sec-Fetch-Mode", "no-cors"}, true, false},
		"a socket of another port":               {[]string{"Origin", "http://localhost:1"}, true, false},
		"a socket of the sandbox":                {[]string{"Origin", "null"}, true, false},
		"a link on another site":                 {[]string{"Sec-Fetch-Site", "cross-site", "Sec-Fetch-Mode", "navigate"}, false, false},
		"a link on a neighbour":                  {[]string{"Sec-Fetch-Site", "same-site", "Sec-Fetch-Mode", "navigate"}, false, false},
	} {
		code := strings.Map(func(r rune) rune {
			if r == ' ' || r == ',' || r == '\'' {
				return '-'
			}
			return r
		}, name)
		for id, want := range map[string]bool{
			"watched-by-a-page": c.own, "any-" + code: c.any, "watched-by-curl": c.any,
		} {
			path := "/play/framing/sse?note=" + code
			if resp := sitetest.AskAs(t, s.Base+path+"&capture="+id, c.headers...); resp.StatusCode != http.StatusOK {
				t.Errorf("%s is not served: %s", name, resp.Status)
			}
			resp := sitetest.AskAs(t, s.Base+"/captures/"+id+".json")
			got := resp.StatusCode == http.StatusOK && holds(t, s, id, code)
			if got != want {
				t.Errorf("%s: recorded under %s: %v, want %v", name, id, got, want)
			}
		}
	}
}

// holds tells whether a capture has a request with that note.
func holds(t *testing.T, s *sitetest.Program, id, note string) bool {
	t.Helper()
	for _, c := range sitetest.GetCapture(t, s, id).Connections {
		if bytes.Contains(c.Client, []byte("note="+note+"&")) {
			return true
		}
	}
	return false
}

// page is the text of a page.
func page(t *testing.T, address string) string {
	t.Helper()
	resp, err := http.Get(address)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	p, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return string(p)
}

// What lets a visitor in is in no form of a capture, also where the visitor's own
// curl chose to be recorded; the lesson's own is.
func TestCapturesHoldNoSecret(t *testing.T) {
	s := sitetest.Start(t)
	const id = "what-lets-people-in"
	secret := []string{"Cookie", "session=s3cret-cookie; visitor=ada", "Authorization", "Bearer s3cret-token", "X-Api-Key", "s3cret-key", "Accept-Encoding", "identity"}
	sitetest.AskAs(t, s.Base+"/play/framing/sse?token=s3cret-query&capture="+id, secret...)
	sitetest.AskAs(t, s.Base+"/play/strangers/sse?check=off&capture="+id, secret...)
	sitetest.AskAs(t, s.Base+"/play/proxy/sse?capture="+id, secret...)
	http.DefaultClient.CloseIdleConnections()
	for _, form := range []string{"/captures/" + id + ".json", "/captures/" + id + ".har", "/captures/" + id + ".pcapng", "/en/captures/" + id} {
		text := page(t, s.Base+form)
		if len(text) < 1000 || strings.Contains(text, "s3cret") {
			t.Errorf("%s holds a secret, or nothing (%d bytes)", form, len(text))
		}
	}
	c := sitetest.GetCapture(t, s, id)
	if len(c.Connections) < 2 {
		t.Fatalf("%d connections", len(c.Connections))
	}
	hops := 0
	all := ""
	for _, connection := range c.Connections {
		if bytes.Contains(connection.Client, []byte("s3cret")) || bytes.Contains(connection.Server, []byte("s3cret")) {
			t.Errorf("connection %d holds a secret", connection.Number)
		}
		if connection.Hop != "" {
			hops++
		}
		all += string(connection.Client)
	}
	if hops == 0 {
		t.Error("the way behind the proxy was not recorded")
	}
	if n := strings.Count(all, "visitor=ada"); n != 1 {
		t.Errorf("the lesson's own cookie is there %d times, want once, at its path", n)
	}
	if !strings.Contains(all, "session=*************") || !strings.Contains(all, "Authorization: Bearer ************") || !strings.Contains(all, "token=************&") {
		t.Errorf("%s", all)
	}
}

// What was covered is told, with the reason, in every form that people read, in
// every language.
func TestCoveringIsTold(t *testing.T) {
	s := sitetest.Start(t)
	const id = "told-why-it-is-covered"
	sitetest.AskAs(t, s.Base+"/play/framing/sse?capture="+id, "Cookie", "session=s3cret-cookie", "Authorization", "Basic dTpw")
	for lang, want := range map[string][]string{"en": {"Covered by Seewire, 13 bytes. A cookie", "not encrypted"}, "zh": {"已由 Seewire 遮盖，共 13 字节。网站靠 Cookie", "没有加密"}} {
		printed := page(t, s.Base+"/"+lang+"/captures/"+id)
		var tree bytes.Buffer
		if err := terminal.Dissect([]string{"-lang", lang, "-"}, terminal.Console{In: strings.NewReader(page(t, s.Base+"/captures/"+id+".json")), Out: &tree, Err: &tree}); err != nil {
			t.Fatal(err)
		}
		oneLine := strings.Join(strings.Fields(tree.String()), map[string]string{"en": " ", "zh": " "}[lang])
		for _, words := range want {
			if !strings.Contains(printed, words) {
				t.Errorf("%s: the page does not say %q", lang, words)
			}
			if short := words[:min(len(words), 18)]; !strings.Contains(oneLine, strings.ToValidUTF8(short, "")) {
				t.Errorf("%s: the terminal does not say %q:\n%s", lang, short, tree.String())
			}
		}
	}
	words := map[string]map[string]string{}
	for _, lang := range []string{"en", "zh"} {
		var all map[string]string
		if err := json.Unmarshal([]byte(page(t, s.Base+"/"+lang+"/words.json")), &all); err != nil {
			t.Fatal(err)
		}
		words[lang] = all
		for _, kind := range secret.Kinds() {
			if all["viewer.covered."+string(kind)] == "" {
				t.Errorf("%s has no words for what was covered of %s", lang, kind)
			}
		}
	}
}
