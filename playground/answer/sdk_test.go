package answer

import (
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"
)

// A summary is what an official SDK makes of a stream, and what this package does.
type summary struct {
	Text      string
	Reasoning string
	Calls     []map[string]any
	In, Out   int64
	Finish    string
	Error     string
}

// recordings are streams of our own making, one of each form; the names begin with those
// of the forms.
var recordings = []string{"openai-chat.sse", "openai-responses.sse", "anthropic.sse", "gemini.sse", "ollama.ndjson", "mcp.sse"}

func readRecording(t *testing.T, name string) (form, body string) {
	t.Helper()
	p, err := os.ReadFile(filepath.Join("testdata", name))
	if err != nil {
		t.Fatal(err)
	}
	return strings.TrimSuffix(name, filepath.Ext(name)), string(p)
}

func summed(t *testing.T, a Answer) summary {
	t.Helper()
	s := summary{Calls: []map[string]any{}, Finish: a.Finish}
	for _, p := range a.Parts {
		switch p.Kind {
		case Text:
			s.Text += p.Text
		case Reasoning:
			s.Reasoning += p.Text
		case Message: // the response ends the stream
			s.Text = p.Text
		case Call:
			var arguments any
			if err := json.Unmarshal([]byte(p.Text), &arguments); err != nil {
				t.Errorf("the arguments of %s: %v", p.Name, err)
			}
			s.Calls = append(s.Calls, map[string]any{"name": p.Name, "arguments": arguments})
		}
	}
	if a.Usage != nil {
		s.In, s.Out = a.Usage.In, a.Usage.Out
	}
	return s
}

// Of a whole stream nothing is wrong; of one that breaks off at any event before its last,
// something is.
func TestRecordings(t *testing.T) {
	for _, name := range recordings {
		t.Run(name, func(t *testing.T) {
			form, body := readRecording(t, name)
			a := of(t, body)
			if a.Form != form || !a.Ended || len(a.Problems) > 0 {
				t.Errorf("%s, ended %v, %v", a.Form, a.Ended, a.Problems)
			}
			separator := "\n\n"
			if form == "ollama" {
				separator = "\n"
			}
			events := strings.SplitAfter(body, separator)
			for n := 3; n < len(events)-2; n++ { // enough for the form to be known
				cut := of(t, strings.Join(events[:n], ""))
				if len(cut.Problems) == 0 && !(form == "openai-chat" && cut.Ended) {
					t.Errorf("nothing is wrong with the first %d of %d events", n, len(events)-1)
				}
			}
		})
	}
}

// What the official SDKs make of the recordings, behind a small server of each form, is
// what this package says of them.
func TestOfficialSDKs(t *testing.T) {
	folder := os.Getenv("SEEWIRE_NPM")
	if folder == "" {
		t.Skip("SEEWIRE_NPM names no folder with the SDKs; .ci/run has the command that fills it")
	}
	if os.Getenv("SEEWIRE_BROWSER") == "none" {
		t.Skip("tried in the run that has browsers too: six programs of Node take their time")
	}
	for _, name := range recordings {
		form, body := readRecording(t, name)
		t.Run(form, func(t *testing.T) {
			server := httptest.NewServer(formServer(form, body))
			defer server.Close()
			out, err := exec.CommandContext(t.Context(), "node", "testdata/sdk.mjs", folder, form, server.URL).Output()
			if err != nil {
				failed, _ := errors.AsType[*exec.ExitError](err)
				if failed != nil && strings.Contains(string(failed.Stderr), "MODULE_NOT_FOUND") {
					t.Skipf("the SDK is not in %s", folder)
				}
				t.Fatalf("%v: %s", err, failed.Stderr)
			}
			got := summary{Calls: []map[string]any{}}
			if err := json.Unmarshal(out, &got); err != nil {
				t.Fatalf("%v in %s", err, out)
			}
			if strings.Contains(got.Error, "Cannot find module") {
				t.Skipf("the SDK is not in %s", folder)
			}
			want := summed(t, of(t, body))
			if form == "mcp" { // the SDK hands out the parsed result, and progress apart
				want.In = 1
				got.Text, want.Text = normal(got.Text), normal(want.Text)
			}
			if !reflect.DeepEqual(got, want) {
				t.Errorf("the SDK got\n%+v, this package says\n%+v", got, want)
			}
		})
	}
}

// normal is JSON as this package writes it.
func normal(text string) string {
	p, _ := json.Marshal(valueOf(new(jsonReader).object(text)))
	return string(p)
}

// formServer answers every question with the body, event by event.
func formServer(form, body string) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asked, _ := io.ReadAll(r.Body)
		body, kind, separator := body, "text/event-stream", "\n\n"
		switch form {
		case "ollama":
			kind, separator = "application/x-ndjson", "\n"
		case "mcp":
			var message struct {
				ID     any
				Method string
				Params struct {
					ProtocolVersion string `json:"protocolVersion"`
					Meta            struct {
						Token any `json:"progressToken"`
					} `json:"_meta"`
				}
			}
			json.Unmarshal(asked, &message)
			switch {
			case r.Method != http.MethodPost:
				w.WriteHeader(http.StatusMethodNotAllowed)
				return
			case message.Method == "initialize":
				w.Header().Set("Content-Type", "application/json")
				json.NewEncoder(w).Encode(map[string]any{"jsonrpc": "2.0", "id": message.ID, "result": map[string]any{
					"protocolVersion": message.Params.ProtocolVersion, "capabilities": map[string]any{"tools": map[string]any{}, "logging": map[string]any{}}, "serverInfo": map[string]any{"name": "test", "version": "1"},
				}})
				return
			case message.ID == nil:
				w.WriteHeader(http.StatusAccepted)
				return
			}
			id, _ := json.Marshal(message.ID)
			token, _ := json.Marshal(message.Params.Meta.Token)
			body = strings.NewReplacer(`"id":2`, `"id":`+string(id), `"TOKEN"`, string(token)).Replace(body)
		}
		w.Header().Set("Content-Type", kind)
		for event := range strings.SplitAfterSeq(body, separator) {
			io.WriteString(w, event)
			http.NewResponseController(w).Flush()
			time.Sleep(time.Millisecond) // so that they come apart
		}
	})
}
