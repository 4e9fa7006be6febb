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

// CheckOpening holds a request for a WebSocket against RFC 6455 §4.1 and §4.2.1.
func CheckOpening(m *dissect.Head) (violations dissect.Violations) {
	nonce, err := base64.StdEncoding.DecodeString(m.Get("sec-websocket-key"))
	if err != nil || len(nonce) != 16 {
		violations.Add(rules[keyInvalid])
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
	return violations
}

// CheckUpgrade holds a 101 against the request that it answers (RFC 6455 §4.1).
func CheckUpgrade(request, m *dissect.Head) (violations dissect.Violations) {
	key := request.Get("sec-websocket-key")
	if key == "" {
		return nil
	}
	if m.Get("sec-websocket-accept") != acceptFor(key) {
		violations.Add(rules[acceptMismatch])
	}
	if !offered(request.Get("sec-websocket-extensions"), m.Get("sec-websocket-extensions")) {
		violations.Add(rules[extensionNotOffered])
	}
	if !offered(request.Get("sec-websocket-protocol"), m.Get("sec-websocket-protocol")) {
		violations.Add(rules[protocolNotOffered])
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
