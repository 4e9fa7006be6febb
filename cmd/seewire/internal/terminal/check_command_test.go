package terminal

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"seewire/check"
	"seewire/cmd/seewire/internal/references"
	"seewire/playground/answer"
)

// Whatever can be found has words, and a lesson that explains it.
func TestFindingsHaveWords(t *testing.T) {
	course, err := references.Course("")
	if err != nil {
		t.Fatal(err)
	}
	for _, lang := range course.Languages {
		for _, key := range check.Keys() {
			if course.Words[lang]["check."+key] == "" {
				t.Errorf("%s has no words for check.%s", lang, key)
			}
			if slug := check.LessonOf(key); course.Words[lang]["check."+key+".do"] != "" {
				if _, ok := course.Find(slug); !ok {
					t.Errorf("check.%s leads to the lesson %q, which does not exist", key, slug)
				}
			}
		}
	}
}

func TestCheckCommand(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/stream" {
			http.NotFound(w, r)
			return
		}
		w.Header().Set("Content-Type", "text/event-stream")
		io.WriteString(w, "data: \x1b[31m\ndat: x\n\n")
	}))
	defer server.Close()
	command := func(args ...string) (string, error) {
		var out, complaints bytes.Buffer
		err := Check(t.Context(), append(args, "-for", "300ms"), Console{Out: &out, Err: &complaints, Locale: "C.UTF-8"})
		return out.String(), err
	}
	for _, c := range []struct {
		name string
		args []string
		want []string
		err  error
	}{
		{"what is wrong", []string{server.URL + "/none"}, []string{"✗ The status is 404", "HTTP/1.1 404 Not Found", "→ Answer with 200", "(lesson “The connection drops.", "1 wrong"}, ErrWrong},
		{"in Chinese", []string{server.URL + "/none", "-lang", "zh"}, []string{"✗ 状态码是 404", "1 项有错"}, ErrWrong},
		{"what is well", []string{server.URL + "/stream"}, []string{"✓ The status is 200.", "dat: x", "0 wrong"}, nil},
		{"no address", []string{"localhost:1"}, nil, ErrUsage},
	} {
		t.Run(c.name, func(t *testing.T) {
			got, err := command(c.args...)
			if !errors.Is(err, c.err) {
				t.Errorf("got %v", err)
			}
			for _, want := range c.want {
				if !strings.Contains(got, want) {
					t.Errorf("%q is not in\n%s", want, got)
				}
			}
			if strings.ContainsAny(got, "⟦\x1b") || strings.Contains(got, "{") {
				t.Errorf("a word or a value is missing, or a terminal would obey:\n%s", got)
			}
		})
	}
	got, err := command(server.URL+"/stream", "-json")
	var report struct {
		Findings []struct{ Key, Verdict, Says, Lesson string }
	}
	if err != nil || json.Unmarshal([]byte(got), &report) != nil || len(report.Findings) < 5 || report.Findings[0].Says != "The status is 200." {
		t.Errorf("%v: %s", err, got)
	}
}

// Whatever can be wrong with an answer has words.
func TestAnswersHaveWords(t *testing.T) {
	course, err := references.Course("")
	if err != nil {
		t.Fatal(err)
	}
	for _, lang := range course.Languages {
		for _, code := range answer.Problems() {
			if course.Words[lang]["answer.problem."+code] == "" {
				t.Errorf("%s has no words for answer.problem.%s", lang, code)
			}
		}
	}
	var out, complaints bytes.Buffer
	body := `data: {"choices":[{"index":0,"delta":{"content":"one"}}]}` + "\n\n"
	if err := Dissect([]string{"-lang", "en", "-"}, Console{In: strings.NewReader(body), Out: &out, Err: &complaints}); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"Put together: OpenAI Chat Completions 1 event", "✗ The mark of the end is missing", "one"} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("%q is not in\n%s", want, &out)
		}
	}
}
