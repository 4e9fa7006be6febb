package proxy

import (
	"net/http"
	"slices"
	"strconv"
	"strings"

	"seewire/playground"
)

// faults are all that there are.
var faults = []string{"buffer", "gzip", "idle", "upgrade", "deadline"}

// surprise is the fault that the server picks.
const surprise = "surprise"

// rounds is how many of the faults a surprise has, each another one.
const rounds = 3

// faultOf returns the fault of a request. A surprise is decided by the run and
// by the round that the address names, 1 to 3, and is the same on both sides.
// The fault that an event stream does not meet is always among them, so that a
// program that opens no WebSocket never names all three.
func faultOf(r *http.Request) string {
	fault := playground.Controls(r).Text("fault")
	if fault != surprise {
		return fault
	}
	random := playground.Random(r)
	drawn := slices.DeleteFunc(slices.Clone(faults), func(fault string) bool { return fault == "upgrade" })
	random.Shuffle(len(drawn), func(i, j int) { drawn[i], drawn[j] = drawn[j], drawn[i] })
	drawn[random.IntN(rounds)] = "upgrade"
	round, err := strconv.Atoi(r.URL.Query().Get("round"))
	if err != nil {
		round = 1
	}
	return drawn[min(max(round, 1), rounds)-1]
}

// accepts reports whether the client takes a content coding.
func accepts(r *http.Request, coding string) bool {
	for part := range strings.SplitSeq(r.Header.Get("Accept-Encoding"), ",") {
		name, _, _ := strings.Cut(part, ";")
		if strings.TrimSpace(name) == coding {
			return true
		}
	}
	return false
}
