package static

import (
	"net/http"
	"net/http/httptest"
	"path"
	"regexp"
	"strings"
	"testing"
	"testing/fstest"
)

// asTheyAre are files that nothing is made of.
func asTheyAre(files map[string][]byte) *Files {
	return newFiles(files, func() (map[string][]byte, error) { return files, nil })
}

func TestHashChangesWithAnyFile(t *testing.T) {
	base := asTheyAre(map[string][]byte{"a.css": []byte("a"), "b.css": []byte("b")})
	for name, files := range map[string]map[string][]byte{
		"another content":     {"a.css": []byte("a"), "b.css": []byte("c")},
		"another name":        {"a.css": []byte("a"), "c.css": []byte("b")},
		"bytes moved between": {"a.css": []byte("ab"), "b.css": nil},
	} {
		if asTheyAre(files).URL("a.css") == base.URL("a.css") {
			t.Errorf("%s: the address stays %s", name, base.URL("a.css"))
		}
	}
}

func TestHandler(t *testing.T) {
	static := asTheyAre(map[string][]byte{"css/a.css": []byte("p {}")})
	server := httptest.NewServer(static)
	defer server.Close()
	for _, c := range []struct {
		path   string
		status int
	}{
		{static.URL("css/a.css"), http.StatusOK},
		{static.URL("css/"), http.StatusNotFound},
		{static.URL(""), http.StatusNotFound},
		{static.URL("css/none.css"), http.StatusNotFound},
		{"/static/000000000000/css/a.css", http.StatusNotFound},
	} {
		response, err := http.Get(server.URL + c.path)
		if err != nil {
			t.Fatal(err)
		}
		response.Body.Close()
		if response.StatusCode != c.status {
			t.Errorf("%s: status %d, want %d", c.path, response.StatusCode, c.status)
		}
		immutable := strings.Contains(response.Header.Get("Cache-Control"), "immutable")
		if immutable != (c.status == http.StatusOK) {
			t.Errorf("%s: Cache-Control %q with status %d", c.path, response.Header.Get("Cache-Control"), response.StatusCode)
		}
	}
}

func TestTestsStayOut(t *testing.T) {
	files, err := New(nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(files)
	defer server.Close()
	response, err := http.Get(server.URL + files.URL("icon.svg"))
	if err != nil {
		t.Fatal(err)
	}
	response.Body.Close()
	if got := response.Header.Get("Content-Type"); got != "image/svg+xml" {
		t.Errorf("icon: Content-Type %q", got)
	}
	made, err := files.made()
	if err != nil {
		t.Fatal(err)
	}
	for name := range made {
		if strings.Contains(name, "/_") {
			t.Errorf("%s is in the program", name)
		}
	}
}

// TestBundle reads what a browser would be given: one file of scripts with what
// it imports at once, and others for what it imports on demand.
func TestBundle(t *testing.T) {
	out, err := bundle(fstest.MapFS{
		"js/main.js":          {Data: []byte("// a comment\nimport { now } from './lib/now.js';\nnow();\nimport('./lib/later.js');\n")},
		"js/lib/now.js":       {Data: []byte("export function now() { document.title = 'imported at once'; }\n")},
		"js/lib/later.js":     {Data: []byte("import '../../vendor/big.js';\ndocument.title = 'imported later';\n")},
		"js/sandbox/self.js":  {Data: []byte("// a comment\nlet alone = 1;\n")},
		"vendor/big.js":       {Data: []byte("/* kept */\n")},
		"css/site.css":        {Data: []byte("@import './a.css';\n@import './b.css';\n@import '../js/elements/x/x.css';\n")},
		"css/class.css":       {Data: []byte("q { margin: 0 }\n")},
		"css/watch.css":       {},
		"css/answers.css":     {},
		"css/bytes.css":       {},
		"css/first.css":       {},
		"css/a.css":           {Data: []byte("/* a comment */\np { color: red }\n")},
		"css/b.css":           {Data: []byte("p { margin: 0 }\n")},
		"js/elements/x/x.css": {Data: []byte("x { color: blue }\n")},
		"icon.svg":            {Data: []byte("<svg />")},
	}, nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	main := string(out["js/main.js"])
	if !strings.Contains(main, "imported at once") || strings.Contains(main, "imported later") || strings.Contains(main, "a comment") {
		t.Errorf("js/main.js is\n%s", main)
	}
	chunk := regexp.MustCompile(`import\("\./([^"]+)"\)`).FindStringSubmatch(main)
	if chunk == nil || !strings.Contains(string(out["js/"+chunk[1]]), "imported later") || !strings.Contains(string(out["js/"+chunk[1]]), `"../vendor/big.js"`) {
		t.Errorf("what is imported later is not where js/main.js looks for it: %v", chunk)
	}
	for name, want := range map[string]string{
		"vendor/big.js": "/* kept */\n", "css/class.css": "q{margin:0}\n/*# sourceMappingURL=class.css.map */\n", "css/watch.css": "/*# sourceMappingURL=watch.css.map */\n", "css/site.css": "p{color:red}p{margin:0}x{color:#00f}\n/*# sourceMappingURL=site.css.map */\n", "icon.svg": "<svg />", "js/sandbox/self.js": "let alone=1;\n",
	} {
		if got := string(out[name]); got != want {
			t.Errorf("%s is %q, want %q", name, got, want)
		}
	}
}

// TestEntries bundles modules of another folder, which import the site's.
func TestEntries(t *testing.T) {
	own := fstest.MapFS{
		"js/main.js":      {Data: []byte("import './lib/now.js';\n")},
		"js/lib/now.js":   {Data: []byte("export function now() { document.title = 'now'; }\n")},
		"css/site.css":    {},
		"css/class.css":   {},
		"css/watch.css":   {},
		"css/answers.css": {},
		"css/bytes.css":   {},
		"css/first.css":   {},
	}
	sources := map[string][]byte{
		"playground/experiments/tick/findings.js": []byte("import { now } from '../../../static/js/lib/now.js';\nimport { tick } from './tick.js';\nexport function findings() { now(); tick(); }\n"),
		"playground/experiments/tick/tick.js":     []byte("export function tick() { document.title = 'tick'; }\n"),
		"playground/experiments/tick/picture.css": []byte("p { color: red }\n"),
	}
	entry := Entry{"playground/experiments/tick/findings.js", []string{"findings"}}
	out, err := bundle(own, sources, []Entry{entry, {File: "playground/experiments/tick/picture.css"}})
	if err != nil {
		t.Fatal(err)
	}
	files := asTheyAre(out)
	for file, want := range map[string]string{entry.File: "tick", "playground/experiments/tick/picture.css": "p{color:red}"} {
		name := strings.TrimPrefix(files.URL(file), files.URL(""))
		if got := string(out[name]); !strings.Contains(got, want) {
			t.Errorf("%s is %q, which lacks %s", name, got, want)
		}
	}

	// What they import of the site is in the one file that all pages have loaded.
	for name, text := range out {
		if path.Ext(name) == ".js" && strings.Contains(string(text), "document.title=\"now\"") != (name == "js/main.js" || name == "js/lib/now.js") {
			t.Errorf("%s is\n%s", name, text)
		}
	}
	if name := strings.TrimPrefix(files.URL(entry.File), files.URL("")); !strings.Contains(string(out[name]), `from"./main.js"`) {
		t.Errorf("it does not import the site's:\n%s", out[name])
	}

	_, err = bundle(own, sources, []Entry{{entry.File, []string{"check"}}})
	if err == nil || !strings.Contains(err.Error(), entry.File+": it exports no check") {
		t.Errorf("error %v, want one that says what the module has to export", err)
	}
}

func TestBundleSaysWhereAMistakeIs(t *testing.T) {
	for name, files := range map[string]fstest.MapFS{
		"main.js:2":  {"js/main.js": {Data: []byte("let a;\nlet a;\n")}, "css/site.css": {}, "css/class.css": {}, "css/watch.css": {}, "css/answers.css": {}, "css/bytes.css": {}, "css/first.css": {}},
		"x.css":      {"js/main.js": {}, "css/site.css": {}, "css/class.css": {}, "css/watch.css": {}, "css/answers.css": {}, "css/bytes.css": {}, "css/first.css": {}, "js/elements/x/x.css": {}},
		"missing.js": {"js/main.js": {Data: []byte("import './missing.js';\n")}, "css/site.css": {}, "css/class.css": {}, "css/watch.css": {}, "css/answers.css": {}, "css/bytes.css": {}, "css/first.css": {}},
	} {
		if _, err := bundle(files, nil, nil); err == nil || !strings.Contains(err.Error(), name) {
			t.Errorf("error %v, want one that names %s", err, name)
		}
	}
}
