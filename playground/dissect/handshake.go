package dissect

import (
	"crypto/sha1"
	"encoding/base64"
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

// checkUpgrade holds a 101 against the request that it answers (RFC 6455 §4.1).
func checkUpgrade(r *request, m *message) (violations []Violation) {
	if !strings.EqualFold(m.get("upgrade"), "websocket") || r.key == "" {
		return nil
	}
	if m.get("sec-websocket-accept") != acceptFor(r.key) {
		violations = append(violations, rules[acceptMismatch])
	}
	for extension := range strings.SplitSeq(m.get("sec-websocket-extensions"), ",") {
		name, _, _ := strings.Cut(extension, ";")
		if name = strings.TrimSpace(name); name != "" && !offers(r.extensions, name) {
			return append(violations, rules[extensionNotOffered])
		}
	}
	return violations
}

// offers tells whether a Sec-WebSocket-Extensions names the extension.
func offers(extensions, name string) bool {
	for extension := range strings.SplitSeq(extensions, ",") {
		offered, _, _ := strings.Cut(extension, ";")
		if strings.EqualFold(strings.TrimSpace(offered), name) {
			return true
		}
	}
	return false
}
