package main

import (
	"go/parser"
	"go/token"
	"io/fs"
	"iter"
	"os"
	"path"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// An importRule says which packages of this module a folder may import. The first
// rule whose folder holds the package counts.
type importRule struct {
	folder string
	may    []string // of this module
	also   []string // other modules; nil: any that go.mod has
	why    string
}

var importRules = []importRule{
	{".", nil, []string{}, "holds the files that are handed out"},
	{"bus", nil, []string{"github.com/nats-io/nats-server/v2/server", "github.com/nats-io/nats.go"},
		"passes messages on: it knows neither who speaks nor of what"},
	{"class", []string{"bus"}, []string{"golang.org/x/crypto/scrypt"},
		"knows what people did and what the teacher asks for: nothing of pages, and of the bus how it stands"},
	{"content", nil, []string{}, "words, no logic: what a translator edits depends on nothing"},
	{"static", nil, nil, "files for the browser, and their addresses"},
	{"lessons", nil, []string{"github.com/yuin/goldmark", "github.com/alecthomas/chroma", "golang.org/x/text/language", "golang.org/x/text/feature/plural"},
		"takes an fs.FS and an interface for what it refers to, so that it can be tested on a course of three lines"},
	{"playground/secret", []string{"playground/http2frame"}, []string{"golang.org/x/net/http2/hpack"}, "what is secret is decided here, whoever moves or reads the bytes"},
	{"playground/http2frame", nil, []string{}, "the heads of frames, for the tap and the dissectors alike"},
	{"playground/wire", []string{"playground/secret", "playground/http2frame"}, []string{"golang.org/x/net/http2/hpack"}, "the tap knows where a request begins, and nothing else of protocols"},
	{"playground/dissect/internal/dissecttest", nil, []string{}, "cuts bytes for the tests of the dissectors, and depends on none"},
	{"playground/dissect/coding", []string{"playground/dissect"}, []string{"github.com/andybalholm/brotli", "github.com/klauspost/compress"}, "a coding is the same in every protocol that carries it"},
	{"playground/dissect/http1", []string{"playground/dissect", "playground/dissect/coding"}, []string{}, "protocols do not know each other: what comes after HTTP/1 is asked of a table"},
	{"playground/dissect/http2", []string{"playground/dissect", "playground/dissect/coding", "playground/http2frame"}, []string{"golang.org/x/net/http2/hpack"}, "protocols do not know each other: what content a stream carries is asked of a table"},
	{"playground/dissect/ndjson", []string{"playground/dissect"}, []string{}, "protocols do not know each other: lines are the same whatever carries them"},
	{"playground/dissect/sse", []string{"playground/dissect"}, []string{}, "protocols do not know each other: events are the same whatever carries them"},
	{"playground/dissect/websocket", []string{"playground/dissect", "playground/dissect/coding"}, []string{}, "protocols do not know each other: frames are read from where they start, and messages are inflated as a coding is"},
	{"playground/dissect/protocols", []string{"playground/dissect", "playground/dissect/coding", "playground/dissect/http1", "playground/dissect/http2", "playground/dissect/ndjson", "playground/dissect/sse", "playground/dissect/websocket", "playground/http2frame"}, []string{},
		"the one place where the protocols meet: the table says which goes on after which"},
	{"playground/dissect", []string{"playground/secret"}, []string{}, "what all dissectors have in common: it knows no protocol, nor where the bytes came from"},
	{"playground/answer", []string{"playground/dissect"}, []string{}, "reads what events say, whatever has carried them"},
	{"playground/export", []string{"playground/answer", "playground/wire", "playground/dissect", "playground/dissect/http1", "playground/dissect/protocols", "playground/dissect/sse", "playground/dissect/websocket", "playground/http2frame", "playground/tlsrecord"}, []string{"github.com/klauspost/compress"}, "joins the two, and knows nothing else"},
	{"playground/tlsrecord", nil, []string{"golang.org/x/crypto/chacha20poly1305"}, "opens records: it knows neither where they came from nor what is in them"},
	{"playground/stream", nil, []string{}, "a small event-stream writer that stands alone"},
	{"playground/experiments", []string{"playground", "playground/stream"}, []string{"github.com/coder/websocket"},
		"the code shown to a learner carries no instrumentation and no plumbing"},
	{"playground/handon", []string{"playground"}, []string{}, "moves requests between servers: it knows neither experiments nor which bus carries them"},
	{"playground/load", nil, []string{}, "a class in front of a server: it knows of it what a client does"},
	{"playground/take", []string{"playground", "playground/experiments"}, []string{}, "makes projects of source text: it serves nothing"},
	{"check", []string{"playground/dissect", "playground/export", "playground/wire"}, []string{}, "asks like any client: it knows neither the course's words nor its server"},
	{"watch", []string{"playground/dissect/coding", "playground/http2frame", "playground/secret", "playground/wire"}, []string{"golang.org/x/net/http2/hpack"},
		"moves the bytes of others and keeps them: it knows neither pages nor how frames are described"},
	{"playground", nil, nil, "what every experiment has in common stands under them"},
	{"cmd/seewire/internal/author", []string{"content", "lessons"}, []string{},
		"files and words: what an author does needs no server"},
	{"cmd/seewire/internal/view", []string{"lessons"}, []string{"github.com/a-h/templ"},
		"components shaped by view models: no I/O, no server"},
	{"cmd/seewire/internal/languages", []string{"lessons"}, []string{"golang.org/x/text/language"},
		"which language suits somebody, for a page and for a terminal"},
	{"cmd/seewire/internal/references", []string{"lessons", "playground", "playground/dissect/protocols", "playground/experiments", "cmd/seewire/internal/author"}, []string{},
		"what lessons may speak of: the one place where words and code meet"},
	{"cmd/seewire/internal/phrases", []string{"lessons", "playground/dissect", "playground/export"}, []string{},
		"what was on the wire in a course's words, for a page and for a terminal"},
	{"cmd/seewire/internal/onefile", []string{"static", "lessons"}, []string{},
		"a page that is a file by itself, for the site and the terminal"},
	{"cmd/seewire/internal/terminal", []string{"check", "cmd/seewire/internal/onefile", "lessons", "playground/answer", "playground/dissect", "playground/export", "playground/experiments",
		"cmd/seewire/internal/author", "cmd/seewire/internal/languages", "cmd/seewire/internal/phrases", "cmd/seewire/internal/references"}, nil,
		"prints for a terminal: no server"},
	{"cmd/seewire/internal/classroom", []string{"class", "playground", "playground/stream"}, []string{"github.com/coder/websocket"},
		"lets browsers into a class: it knows no course and no page"},
	{"cmd/seewire/internal/joint", []string{"bus", "playground/wire"}, []string{},
		"has the captures of several servers be one: it knows neither pages nor how frames are described"},
	{"cmd/seewire/internal/site", []string{"bus", "class", "static", "lessons", "playground", "playground/dissect", "playground/experiments", "playground/experiments/chat", "playground/export", "playground/handon", "playground/stream", "playground/take", "playground/wire", "watch",
		"cmd/seewire/internal/author", "cmd/seewire/internal/classroom", "cmd/seewire/internal/joint", "cmd/seewire/internal/languages", "cmd/seewire/internal/phrases", "cmd/seewire/internal/onefile", "cmd/seewire/internal/references", "cmd/seewire/internal/view"}, nil,
		"answers requests: it doesn't know how they come in"},
	{"cmd/seewire/internal/serve", []string{"playground", "playground/wire", "cmd/seewire/internal/site"}, []string{},
		"listens for the site: it doesn't know what the site answers"},
	{"cmd/seewire/internal/program", []string{"bus", "playground", "playground/experiments/chat", "playground/wire", "cmd/seewire/internal/serve", "cmd/seewire/internal/site", "cmd/seewire/internal/terminal", "watch"}, nil,
		"wiring: the flags and the phases of a run"},
	{"cmd/seewire/internal/sitetest", []string{"content", "cmd/seewire/internal/program", "cmd/seewire/internal/serve"}, []string{"github.com/coder/websocket"}, "runs the program for tests, and needs no browser"},
	{"cmd/seewire/internal/servers", []string{"cmd/seewire/internal/serve", "cmd/seewire/internal/sitetest"}, []string{}, "runs the built program for tests, and needs no browser"},
	{"cmd/seewire/internal/chromium", []string{"content", "cmd/seewire/internal/references", "cmd/seewire/internal/sitetest"}, nil, "a browser for tests"},
	{"cmd/seewire", []string{"cmd/seewire/internal/author", "cmd/seewire/internal/program", "cmd/seewire/internal/terminal"}, nil,
		"wiring: the commands"},
}

func TestImportRules(t *testing.T) {
	const module = "seewire/"
	seen := map[string]bool{}
	for file, src := range goFiles(t) {
		if strings.HasSuffix(file, "_test.go") {
			continue
		}
		parsed, err := parser.ParseFile(token.NewFileSet(), file, src, parser.ImportsOnly)
		if err != nil {
			t.Fatal(err)
		}
		rule := covering(path.Dir(file))
		if rule < 0 {
			t.Errorf("%s: no import rule covers this folder; add one to importRules", file)
			continue
		}
		r := importRules[rule]
		seen[r.folder] = true
		for _, spec := range parsed.Imports {
			name, _ := strconv.Unquote(spec.Path.Value)
			local, own := strings.CutPrefix(name, module)
			switch {
			case own && within(local, r.folder) && covering(local) == rule: // itself and what is below it
			case own && !allowed(local, r.may, false):
				t.Errorf("%s imports %s, but %s: %s", file, name, r.folder, r.why)
			case !own && strings.Contains(strings.Split(name, "/")[0], ".") && r.also != nil && !allowed(name, r.also, true):
				t.Errorf("%s imports %s, but %s: %s", file, name, r.folder, r.why)
			case within(name, "github.com/alecthomas/chroma/v2/lexers"):
				t.Errorf("%s imports %s, which doubles what each start of the program takes: lessons/lexers.go has rules instead", file, name)
			}
		}
	}
	for _, r := range importRules {
		if !seen[r.folder] {
			t.Errorf("the rule for %s covers no file: remove it or mend it", r.folder)
		}
	}
}

// goFiles are the names, from the root, and the texts of the module's Go files.
func goFiles(t *testing.T) iter.Seq2[string, []byte] {
	return func(yield func(string, []byte) bool) {
		root := os.DirFS("../..")
		err := fs.WalkDir(root, ".", func(file string, d fs.DirEntry, err error) error {
			if err != nil {
				return err
			}
			if d.IsDir() && (strings.HasPrefix(d.Name(), ".") && file != "." || d.Name() == "node_modules" || d.Name() == "testdata") {
				return fs.SkipDir
			}
			if !strings.HasSuffix(file, ".go") {
				return nil
			}
			src, err := fs.ReadFile(root, file)
			if err == nil && !yield(file, src) {
				err = fs.SkipAll
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
}

// covering is the index of the rule for a folder; -1 for none.
func covering(folder string) int {
	return slices.IndexFunc(importRules, func(r importRule) bool { return within(folder, r.folder) })
}

func within(name, folder string) bool {
	return name == folder || strings.HasPrefix(name, folder+"/")
}

func allowed(name string, list []string, below bool) bool {
	for _, one := range list {
		if name == one || below && within(name, one) {
			return true
		}
	}
	return false
}
