package export

import (
	"bytes"
	"encoding/json"
	"slices"

	"seewire/playground/dissect"
	"seewire/playground/dissect/protocols"
)

// guess fills in what is to be guessed, and returns whether it could.
func (s *Source) guess(p []byte) bool {
	protocol, from := guessed(p)
	if s.Protocol == Guess {
		s.Protocol = protocol
		s.Guessed = append(s.Guessed, "protocol")
		if protocol == "" {
			return false
		}
	}
	if slices.Contains([]string{"pcapng", "har", "capture"}, s.Protocol) {
		s.From = ""
		return true
	}
	if s.From != Guess {
		return true
	}
	s.Guessed = append(s.Guessed, "from")
	switch {
	case s.Protocol == protocol:
		s.From = from
	case s.Protocol == "websocket":
		s.From = protocols.MaskSide(p)
	default:
		s.From = dissect.Server
	}
	return true
}

// guessed tells what bytes look like, and who sends such.
func guessed(p []byte) (protocol string, from dissect.Side) {
	if file := fileKind(p); file != "" {
		return file, ""
	}
	return protocols.Guess(p)
}

// fileKind is which file with connections bytes are; "" for none.
func fileKind(p []byte) string {
	if isPcapng(p) || isPcap(p) {
		return "pcapng"
	}
	return guessJSON(p)
}

func guessJSON(p []byte) string {
	if trimmed := bytes.TrimLeft(withoutBOM(p), " \t\r\n"); len(trimmed) == 0 || trimmed[0] != '{' {
		return ""
	}
	var file struct {
		Log         *struct{ Entries json.RawMessage }
		Connections json.RawMessage
	}
	switch err := json.Unmarshal(withoutBOM(p), &file); {
	case err != nil:
		return ""
	case file.Log != nil && file.Log.Entries != nil:
		return "har"
	case file.Connections != nil:
		return "capture"
	}
	return ""
}

func withoutBOM(p []byte) []byte { return bytes.TrimPrefix(p, []byte("\ufeff")) }
