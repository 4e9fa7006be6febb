package take

import (
	"encoding/json"
	"io/fs"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// For a chat, the guide of the last lesson says: the server and fetch.js of the
// first. Here the one asks the other, and gets the whole answer.
func TestWhatAChatBeginsWith(t *testing.T) {
	node, err := exec.LookPath("node")
	if err != nil {
		t.Skip("no node: apt-get install nodejs")
	}
	for _, e := range all() {
		if e.ID != "chat" {
			continue
		}
		s := start(t, Projects(e)[0])
		address := "http://" + s.addr + "/play/chat/sse?rate=200"
		const question = `{"messages":[{"role":"user","content":"What is SSE?"}]}`
		response, err := http.Post(address, "application/json", strings.NewReader(question))
		if err != nil {
			t.Fatal(err)
		}
		var whole struct {
			Choices []struct{ Message struct{ Content string } }
		}
		err = json.NewDecoder(response.Body).Decode(&whole)
		response.Body.Close()
		if err != nil || len(whole.Choices) != 1 {
			t.Fatalf("the whole answer: %v, %+v", err, whole)
		}

		client, err := fs.ReadFile(e.Source, "fetch.js")
		if err != nil {
			t.Fatal(err)
		}
		// What the page gives to it.
		program := "const url = process.argv[2], controls = { prompt: 'What is SSE?' };\n" +
			"const log = (...values) => console.log(values.join(' '));\n" + string(client)
		file := filepath.Join(t.TempDir(), "fetch.mjs")
		if err := os.WriteFile(file, []byte(program), 0o600); err != nil {
			t.Fatal(err)
		}
		logged, err := exec.Command(node, file, address).CombinedOutput()
		if want := whole.Choices[0].Message.Content; err != nil || want == "" || !strings.HasSuffix(strings.TrimSpace(string(logged)), strings.TrimSpace(want)) {
			t.Errorf("fetch.js: %v\n%s\nthe answer is %q", err, logged, want)
		}
		s.ends(t)
	}
}
