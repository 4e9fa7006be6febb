// Package tlsrecord opens the records of TLS 1.0 to 1.3 with keys that one end has
// written down (SSLKEYLOGFILE).
package tlsrecord

import (
	"bytes"
	"encoding/hex"
	"strings"
)

// Keys are the secrets of a key log, by their label and the random bytes of the
// ClientHello in hexadecimal (draft-ietf-tls-keylogfile §2).
type Keys map[string][]byte

// maxKeys bounds how many secrets are kept.
const maxKeys = 1 << 16

// Add reads the lines of a key log. What is none is passed over.
func (k Keys) Add(log []byte) {
	for line := range bytes.Lines(log) {
		words := strings.Fields(string(line))
		if len(words) != 3 || len(words[1]) != 64 || len(words[2]) > 128 || len(k) >= maxKeys {
			continue
		}
		if secret, err := hex.DecodeString(words[2]); err == nil {
			k[words[0]+" "+strings.ToLower(words[1])] = secret
		}
	}
}

func (k Keys) secret(label string, random []byte) []byte {
	return k[label+" "+hex.EncodeToString(random)]
}
