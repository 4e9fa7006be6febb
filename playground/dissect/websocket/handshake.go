package websocket

import (
	"crypto/sha1"
	"encoding/base64"
	"slices"

	"seewire/playground/dissect"
)

// acceptGUID is what a server appends to the key before it hashes (RFC 6455
// §1.3): any server that speaks WebSocket knows it, and no other does.
const acceptGUID = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"

// acceptFor is the Sec-WebSocket-Accept that answers a key.
func acceptFor(key string) string {
	sum := sha1.Sum([]byte(key + acceptGUID))
	return base64.StdEncoding.EncodeToString(sum[:])
}

// CheckOpening holds a request for a WebSocket against RFC 6455 §4.1 and §4.2.1. In
// HTTP/2 the stream takes the place of the connection, and there is no key (RFC 8441
// §5).
func CheckOpening(m *dissect.Head) (violations dissect.Violations) {
	if m.Version != http2 {
		checkUpgradeRequest(m, &violations)
	}
	if m.Get("sec-websocket-version") != "13" {
		violations.Add(rules[versionUnknown])
	}
	var offered []string
	for _, name := range dissect.ListNames(m.Get("sec-websocket-protocol")) {
		if !dissect.IsToken(name) || slices.Contains(offered, name) {
			violations.Add(rules[protocolOffer])
		}
		offered = append(offered, name)
	}
	checkDeflate(m.Get("sec-websocket-extensions"), "", &violations)
	return violations
}

// http2 is the version of a message of HTTP/2.
const http2 = "HTTP/2"

func checkUpgradeRequest(m *dissect.Head, violations *dissect.Violations) {
	if m.Method != "GET" {
		violations.Add(rules[method])
	}
	if m.Version == "HTTP/1.0" {
		violations.Add(rules[httpVersion])
	}
	checkHop(m, violations)
	nonce, err := base64.StdEncoding.DecodeString(m.Get("sec-websocket-key"))
	if err != nil || len(nonce) != 16 {
		violations.Add(rules[keyInvalid])
	}
}

// checkHop looks for the two headers that ask for the change, and agree to it: they
// are for one hop, and a proxy that doesn't know them takes them off.
func checkHop(m *dissect.Head, violations *dissect.Violations) {
	if !m.Has("upgrade", "websocket") {
		violations.Add(rules[upgradeMissing])
	}
	if !m.Has("connection", "upgrade") {
		violations.Add(rules[connectionMissing])
	}
}

// CheckUpgrade holds a response against the request that it answers (RFC 6455 §4.1):
// the request may not have been recorded, and the response may be a refusal.
func CheckUpgrade(request, m *dissect.Head) (violations dissect.Violations) {
	switch {
	case m.Version == http2 && m.Code[0] == '2':
	case m.Version != http2 && m.Code == "101":
		checkHop(m, &violations)
	case m.Code[0] == '2':
		violations.Add(rules[notSwitched])
		return violations
	default:
		return nil
	}
	protocol := m.Get("sec-websocket-protocol")
	if m.Count("sec-websocket-protocol") > 0 && protocol == "" {
		violations.Add(rules[protocolEmpty])
	}
	key := request.Get("sec-websocket-key")
	if key == "" && m.Version != http2 {
		return violations
	}
	if m.Version != http2 {
		switch m.Get("sec-websocket-accept") {
		case acceptFor(key):
		case "":
			violations.Add(rules[acceptMissing])
		default:
			violations.Add(rules[acceptMismatch])
		}
	}
	offer, answer := request.Get("sec-websocket-extensions"), m.Get("sec-websocket-extensions")
	if !offered(offer, answer) {
		violations.Add(rules[extensionNotOffered])
	} else {
		checkDeflate(answer, offer, &violations)
	}
	switch wanted := request.Get("sec-websocket-protocol"); {
	case !offered(wanted, protocol):
		violations.Add(rules[protocolNotOffered])
	case wanted != "" && m.Count("sec-websocket-protocol") == 0:
		violations.Add(rules[protocolUnanswered])
	}
	return violations
}

// offered tells whether each name of the answer is in the offer. Both are
// lists of names with parameters.
func offered(offer, answer string) bool {
	names := dissect.ListNames(offer)
	for _, name := range dissect.ListNames(answer) {
		if !slices.Contains(names, name) {
			return false
		}
	}
	return true
}
