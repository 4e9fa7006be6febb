package dissect

import (
	"crypto/sha1"
	"encoding/base64"
	"slices"
	"strings"
)

// acceptGUID is what a server appends to the key before it hashes (RFC 6455
// §1.3): any server that speaks WebSocket knows it, and no other does.
const acceptGUID = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"

// acceptFor is the Sec-WebSocket-Accept that answers a key.
func acceptFor(key string) string {
	sum := sha1.Sum([]byte(key + acceptGUID))
	return base64.StdEncoding.EncodeToString(sum[:])
}

// checkOpening holds a request for a WebSocket against RFC 6455 §4.1 and §4.2.1.
func checkOpening(m *message) (violations violationList) {
	if !m.has("upgrade", "websocket") {
		return nil
	}
	nonce, err := base64.StdEncoding.DecodeString(m.get("sec-websocket-key"))
	if err != nil || len(nonce) != 16 {
		violations.add(keyInvalid)
	}
	if m.get("sec-websocket-version") != "13" {
		violations.add(versionUnknown)
	}
	var offered []string
	for _, name := range listNames(m.get("sec-websocket-protocol")) {
		if !isToken(name) || slices.Contains(offered, name) {
			violations.add(protocolOffer)
		}
		offered = append(offered, name)
	}
	return violations
}

// checkUpgrade holds a 101 against the request that it answers (RFC 6455 §4.1).
func checkUpgrade(r *request, m *message) (violations violationList) {
	if !m.has("upgrade", "websocket") || r.key == "" {
		return nil
	}
	if m.get("sec-websocket-accept") != acceptFor(r.key) {
		violations.add(acceptMismatch)
	}
	if !offered(r.extensions, m.get("sec-websocket-extensions")) {
		violations.add(extensionNotOffered)
	}
	if !offered(r.protocols, m.get("sec-websocket-protocol")) {
		violations.add(protocolNotOffered)
	}
	return violations
}

// offered tells whether each name of the answer is in the offer. Both are
// lists of names with parameters.
func offered(offer, answer string) bool {
	names := listNames(offer)
	for _, name := range listNames(answer) {
		if !slices.Contains(names, name) {
			return false
		}
	}
	return true
}

func listNames(list string) (names []string) {
	for element := range strings.SplitSeq(list, ",") {
		name, _, _ := strings.Cut(element, ";")
		if name = strings.TrimSpace(name); name != "" {
			names = append(names, name)
		}
	}
	return names
}
