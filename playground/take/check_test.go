package take

import (
	"net/url"
	"slices"
	"testing"
	"time"

	"seewire/check"
)

// What `seewire check` says of the three servers that a learner takes home: nothing
// is wrong with them.
func TestCheck(t *testing.T) {
	for _, e := range all() {
		if !has(e, "main") {
			continue
		}
		for _, p := range Projects(e) {
			t.Run(p.Name, func(t *testing.T) {
				t.Parallel()
				s := start(t, p)
				// Whether the server notices who has left can't always be seen on a busy machine:
				// its streams are short. Where it does not notice, that is wrong.
				for address, want := range map[string][]string{
					"http://" + s.addr + "/sse": {"id.all", "flow.each", "resume.ok"},
					"ws://" + s.addr + "/ws":    {"ws.status.ok", "ws.origin.refused"},
				} {
					u, err := url.Parse(address)
					if err != nil {
						t.Fatal(err)
					}
					report, err := check.Run(t.Context(), check.Options{Address: u, Listen: 2 * time.Second, PID: s.command.Process.Pid})
					if err != nil {
						t.Fatal(err)
					}
					var found []string
					for _, f := range report.Findings {
						found = append(found, f.Key)
						if f.Verdict == check.Wrong {
							t.Errorf("%s: %s is wrong: %v %q", address, f.Key, f.Args, f.Seen)
						}
					}
					for _, key := range want {
						if !slices.Contains(found, key) {
							t.Errorf("%s: no %s in %v", address, key, found)
						}
					}
				}
			})
		}
	}
}
