package websocket

import (
	"errors"
	"slices"
	"strconv"
	"strings"

	"seewire/playground/dissect"
	"seewire/playground/dissect/coding"
)

const deflateName = "permessage-deflate"

// A deflate is what the two sides have agreed on for permessage-deflate
// (RFC 7692 §7.1).
type deflate struct {
	serverNoContextTakeover bool
	clientNoContextTakeover bool
}

// parseDeflate reads a Sec-WebSocket-Extensions that a server has answered. It
// is nil where it has not agreed to permessage-deflate.
func parseDeflate(extensions string) *deflate {
	for extension := range strings.SplitSeq(extensions, ",") {
		name, parameters, _ := strings.Cut(extension, ";")
		if !strings.EqualFold(strings.TrimSpace(name), deflateName) {
			continue
		}
		var d deflate
		for parameter := range strings.SplitSeq(parameters, ";") {
			switch strings.ToLower(strings.TrimSpace(parameter)) {
			case "server_no_context_takeover":
				d.serverNoContextTakeover = true
			case "client_no_context_takeover":
				d.clientNoContextTakeover = true
			}
		}
		return &d
	}
	return nil
}

// checkDeflate holds the parameters of permessage-deflate against RFC 7692 §7.1. Of
// an answer, the offer says what it may have.
func checkDeflate(extensions, offer string, violations *dissect.Violations) {
	for extension := range strings.SplitSeq(extensions, ",") {
		name, parameters, more := strings.Cut(extension, ";")
		if !strings.EqualFold(strings.TrimSpace(name), deflateName) {
			continue
		}
		var seen []string
		for parameter := range strings.SplitSeq(parameters, ";") {
			if !more {
				break
			}
			name, value, valued := strings.Cut(parameter, "=")
			name = strings.ToLower(strings.TrimSpace(name))
			value = strings.Trim(strings.TrimSpace(value), `"`)
			if slices.Contains(seen, name) {
				violations.Add(rules[deflateParameter])
			}
			seen = append(seen, name)
			switch name {
			case "server_no_context_takeover", "client_no_context_takeover":
				if valued {
					violations.Add(rules[deflateParameter])
				}
			case "server_max_window_bits", "client_max_window_bits":
				bits, err := strconv.Atoi(value)
				bare := name == "client_max_window_bits" && !valued && offer == ""
				if !bare && (err != nil || bits < 8 || bits > 15 || value[0] == '0') {
					violations.Add(rules[windowBits])
				}
				if name == "client_max_window_bits" && offer != "" && !strings.Contains(strings.ToLower(offer), name) {
					violations.Add(rules[deflateParameter])
				}
			default:
				violations.Add(rules[deflateParameter])
			}
		}
	}
}

// takeover tells whether a message of that side may refer to earlier ones.
func (d *deflate) takeover(from dissect.Side) bool {
	if from == dissect.Client {
		return !d.clientNoContextTakeover
	}
	return !d.serverNoContextTakeover
}

// Bounds, in bytes, for one message.
const (
	maxDeflated = 8 << 20
	MaxInflated = 16 << 20
)

var (
	errContext = errors.New("an earlier message could not be inflated")
)

// A messageInflater inflates the messages of one direction.
type messageInflater struct {
	takeover      bool // messages refer to what earlier ones inflated to
	middle        bool // there may have been earlier ones that were not recorded
	windowUnknown bool // an earlier message is missing, or could not be inflated

	deflated []byte // the message so far
	tooLarge bool
	inflater coding.Inflater
}

// begin starts a message.
func (f *messageInflater) begin() {
	f.deflated, f.tooLarge = f.deflated[:0], false
	f.inflater.Restart(!f.takeover)
}

func (f *messageInflater) write(p []byte) {
	if len(f.deflated)+len(p) > maxDeflated {
		f.tooLarge = true
		return
	}
	f.deflated = append(f.deflated, p...)
}

// messageTail is what the sender has taken off the message (RFC 7692 §7.2.1).
const messageTail = "\x00\x00\xff\xff"

// finish inflates the message, at the cost of the connection. It returns the
// start of the result, and its size in bytes; the result is written to text too.
func (f *messageInflater) finish(text *utf8Check, cost *dissect.Share) (start []byte, size int, err error) {
	switch {
	case f.windowUnknown:
		return nil, 0, errContext
	case f.tooLarge:
		err = coding.ErrTooLarge
	default:
		start, size, err = f.inflate(text, cost)
	}
	if err == coding.ErrContext && f.takeover && !f.middle {
		err = coding.ErrDeflate // there is nothing that it could refer to
	}
	f.windowUnknown = err != nil && f.takeover
	return start, size, err
}

func (f *messageInflater) inflate(text *utf8Check, cost *dissect.Share) (start []byte, size int, err error) {
	var kept dissect.Excerpt
	write := func(p []byte) error {
		kept.Write(p)
		text.write(p)
		if kept.N > MaxInflated || !cost.Take(len(p)) {
			return coding.ErrTooLarge
		}
		return nil
	}
	if !cost.Take(len(f.deflated)) {
		return nil, 0, coding.ErrTooLarge
	}
	for p := append(f.deflated, messageTail...); ; {
		rest, err := f.inflater.Inflate(p, write)
		switch {
		case err != nil:
			return nil, kept.N, err
		case f.inflater.Between(), f.inflater.Ended() && (rest == 0 || rest == len(messageTail)):
			return kept.Start, kept.N, nil
		case rest == 0:
			return nil, kept.N, coding.ErrDeflate
		}
		// A sender may set BFINAL within a message (RFC 7692 §7.2.3.4): the
		// blocks after it are the message's too.
		p = p[len(p)-rest:]
		f.inflater.Restart(false)
	}
}
