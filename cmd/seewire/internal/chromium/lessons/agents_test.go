package lessons

import (
	"os/exec"
	"strings"
	"testing"

	"seewire/cmd/seewire/internal/chromium"
)

// The programs that the control names are run: a response goes on after the number that
// came last, and so it does by the commands that the lesson has for a terminal.
func TestAgentsResponsesGoOn(t *testing.T) {
	t.Parallel()
	l := chromium.OpenSite(t).Lesson("en", "agents?program=responses&cut=result&how=close&every=50")
	l.Run()
	l.OpenTimeline()
	l.Shows(chromium.Sentences, l.Word("finding.agents.response_lost", "number", 8))
	l.Shows(chromium.Sentences, l.Word("finding.agents.after", "after", 8))
	l.Shows(chromium.Sentences, l.Word("finding.agents.response_ended", "type", "response.completed", "number", 22, "events", 23))
	l.Shows(chromium.Sentences, l.Word("finding.agents.response_again"))

	if _, err := exec.LookPath("curl"); err != nil {
		t.Skip(err)
	}
	l.Open(`seewire-playground [data-part="commands"]`)
	l.Shows(chromium.Watching, l.Word("playground.feed.live"))
	commands := chromium.Eval[string](l.Tab, `[...document.querySelectorAll("seewire-terminal [data-part=commands]")].map(e => e.textContent.trim()).filter(c => c.includes("/v1/responses")).join("\n")`)
	commands = strings.ReplaceAll(commands, "cut=result", "cut=result&how=close&every=50") // as above
	command := exec.CommandContext(t.Context(), "sh", "-c", commands)
	out, err := command.Output()
	_, events, found := strings.Cut(string(out), "resp_")
	if err != nil || !found || !strings.Contains(strings.Split(events, "data: ")[1], `"sequence_number":9,`) || !strings.Contains(events, "event: response.completed\n") {
		t.Errorf("%s\nsay %s (%v)", commands, out, err)
	}
}
