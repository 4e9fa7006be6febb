// Package experiments lists the experiments of the course and checks that each
// folder has all of its parts.
//
// A folder playground/experiments/<id> holds what only that experiment needs:
//
//	<id>.go                   New, which returns the experiment and embeds what follows
//	sse.go ws.go              the two handlers, side by side
//	sse.js ws.js              a client for each; others where the experiment names them
//	findings.js               exports findings(run): remarks for the timeline
//	picture.js picture.css    exports Picture, an element that draws a run; most have none
//	main node python          programs of the shown code, where it stands by itself, for
//	                          /take; of the others package take makes one in Go
//	exercise/check.js         exports check(evidence): the verdict on a learner's run
//	exercise/start.js         the program that a learner begins with
//	exercise/solution.js      one that passes
//	exercise/solution.txt     in place of both, where the answer is the text of a control
//	recording.json            a run made earlier, which a page shows before the first one:
//	                          {"controls": {…}, "stopAfter": N} says what to record, and
//	                          go test ./cmd/seewire -run TestRecordings/<id> -update adds it
//
// Its words are in content/lessons/<slug>/words.<lang>.json; [Words] says which.
package experiments

import (
	"context"
	"net/http"

	"seewire/playground"
	"seewire/playground/experiments/agents"
	"seewire/playground/experiments/asleep"
	"seewire/playground/experiments/broken"
	"seewire/playground/experiments/chat"
	"seewire/playground/experiments/choose"
	"seewire/playground/experiments/echo"
	"seewire/playground/experiments/framing"
	"seewire/playground/experiments/many"
	"seewire/playground/experiments/measure"
	"seewire/playground/experiments/oneway"
	"seewire/playground/experiments/pressure"
	"seewire/playground/experiments/proxy"
	"seewire/playground/experiments/reconnect"
	"seewire/playground/experiments/silence"
	"seewire/playground/experiments/six"
	"seewire/playground/experiments/strangers"
)

// All are all experiments. A new one is a folder and a line here. life is the
// server's, for those in which something goes on between requests; own lists the
// origins of the site's own pages, for the one that is about that; dial reaches
// the servers behind an experiment, for those that have some; bus passes on what
// goes between people.
func All(life context.Context, own func(*http.Request) []string, dial playground.Dial, bus playground.Bus) []playground.Experiment {
	return []playground.Experiment{
		agents.New(life),
		chat.New(),
		broken.New(),
		choose.New(),
		framing.New(),
		reconnect.New(),
		oneway.New(bus),
		echo.New(),
		strangers.New(own),
		silence.New(),
		many.New(life),
		proxy.New(dial),
		measure.New(),
		pressure.New(),
		six.New(),
		asleep.New(),
	}
}
