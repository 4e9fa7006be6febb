package tlsrecord

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
)

// Content types of records (RFC 8446 §5.1), and of handshake messages (§4).
const (
	recordHead = 5 // bytes

	changeCipherSpec = 20
	handshake        = 22
	applicationData  = 23

	tls10 = 0x0301
	tls12 = 0x0303

	clientHello = 1
	serverHello = 2
	finished    = 20
	keyUpdate   = 24
)

// A Piece is what one record holds of what an application has sent.
type Piece struct {
	End  int // of the record: an offset in the direction's bytes
	Data []byte
}

// An Opened is what both sides of a connection have sent, without TLS.
type Opened struct {
	Version        string // "TLS 1.3"
	Client, Server []Piece
}

// Is tells whether bytes begin with a record of a handshake, which holds the hello of
// a client or of a server.
func Is(p []byte) bool {
	return len(p) > recordHead && p[0] == handshake && p[1] == 3 && (p[recordHead] == clientHello || p[recordHead] == serverHello)
}

// Open opens what both sides of a connection have sent, from its start on; ok is
// false where the keys have none of it, and for versions and ciphers that are not in
// use any more.
func (k Keys) Open(client, server []byte) (o Opened, ok bool) {
	hello, found := firstHello(client, clientHello)
	answer, answered := firstHello(server, serverHello)
	if !found || !answered {
		return o, false
	}
	s, known := suites[answer.suite]
	if !known {
		return o, false
	}
	c, v := reader{}, reader{}
	switch {
	case answer.tls13:
		o.Version = "TLS 1.3"
		next := func(label string) *protection { return newProtection13(s, k.secret(label, hello.random)) }
		c.first, c.then = next("CLIENT_HANDSHAKE_TRAFFIC_SECRET"), next("CLIENT_TRAFFIC_SECRET_0")
		v.first, v.then = next("SERVER_HANDSHAKE_TRAFFIC_SECRET"), next("SERVER_TRAFFIC_SECRET_0")
	case answer.version >= tls10 && answer.version <= tls12:
		o.Version = "TLS 1." + string('0'+byte(answer.version-tls10))
		c.first, v.first = newProtections12(s, k.secret("CLIENT_RANDOM", hello.random), hello.random, answer)
	}
	if c.first == nil && c.then == nil && v.first == nil && v.then == nil {
		return o, false
	}
	o.Client, o.Server = c.read(client), v.read(server)
	return o, len(o.Client)+len(o.Server) > 0
}

// A hello is what counts of the hello of a side.
type hello struct {
	version    uint16 // as it stands there: of TLS 1.3 that of TLS 1.2
	random     []byte
	suite      uint16 // that the server has chosen
	tls13, etm bool   // it says so
}

// retry is the random of a ServerHello that asks for another ClientHello (RFC 8446
// §4.1.3).
var retry = sha256.Sum256([]byte("HelloRetryRequest"))

// firstHello finds the hello of a side, in its first records.
func firstHello(p []byte, kind byte) (h hello, ok bool) {
	var messages []byte
	for record := range records(p) {
		if record.bytes[0] == changeCipherSpec {
			continue
		}
		if record.bytes[0] != handshake {
			break
		}
		messages = append(messages, record.bytes[recordHead:]...)
		for len(messages) >= 4 {
			n := 4 + int(messages[1])<<16 + int(messages[2])<<8 + int(messages[3])
			if n > len(messages) {
				break
			}
			if messages[0] == kind {
				if h, ok = parseHello(messages[4:n], kind); ok && !bytes.Equal(h.random, retry[:]) {
					return h, true
				}
			}
			messages = messages[n:]
		}
	}
	return h, false
}

// parseHello reads RFC 8446 §4.1.2 and §4.1.3, which RFC 5246 §7.4.1 has too.
func parseHello(p []byte, kind byte) (h hello, ok bool) {
	if len(p) < 35 {
		return h, false
	}
	h.version, h.random = binary.BigEndian.Uint16(p), p[2:34]
	session := int(p[34])
	if kind == clientHello {
		return h, true
	}
	rest := p[35:]
	if len(rest) < session+3 {
		return h, false
	}
	h.suite, rest = binary.BigEndian.Uint16(rest[session:]), rest[session+3:]
	if len(rest) >= 2 {
		rest = rest[2:]
	}
	for len(rest) >= 4 {
		const encryptThenMAC, supportedVersions = 22, 43
		kind, n := binary.BigEndian.Uint16(rest), int(binary.BigEndian.Uint16(rest[2:]))
		if n > len(rest)-4 {
			break
		}
		switch value := rest[4:][:n]; {
		case kind == encryptThenMAC:
			h.etm = true
		case kind == supportedVersions && bytes.Equal(value, []byte{3, 4}):
			h.tls13 = true
		}
		rest = rest[4+n:]
	}
	return h, true
}

// A record is one record with its head.
type record struct {
	bytes []byte
	end   int // its offset
}

// records calls yield for each whole record, until it returns false.
func records(p []byte) func(yield func(record) bool) {
	return func(yield func(record) bool) {
		for at := 0; len(p)-at >= recordHead; {
			const most = 1<<14 + 2048 // bytes of what is sealed (RFC 5246 §6.2.3)
			n := recordHead + int(binary.BigEndian.Uint16(p[at+3:]))
			if p[at+1] != 3 || n > recordHead+most || n > len(p)-at {
				return
			}
			if !yield(record{p[at:][:n], at + n}) {
				return
			}
			at += n
		}
	}
}

// A reader opens the records of one direction.
type reader struct {
	first, then *protection // of TLS 1.3: for the handshake, and what follows its Finished
	on          bool        // of TLS 1.2: behind its ChangeCipherSpec
	messages    []byte      // of the handshake
}

func (r *reader) read(p []byte) (pieces []Piece) {
	current := r.first
	if current == nil {
		current = r.then // what it opens it opens, from the first record on that it can
	}
	tls13 := r.then != nil || current != nil && current.tls13
	for record := range records(p) {
		kind := record.bytes[0]
		sealed := tls13 && kind == applicationData || !tls13 && r.on
		if kind == changeCipherSpec {
			r.on = true
		}
		if !sealed || current == nil || kind == changeCipherSpec {
			continue
		}
		kind, plain, ok := current.open(record.bytes)
		if !ok {
			continue // of early data the keys are others
		}
		switch {
		case kind == applicationData && len(plain) > 0:
			pieces = append(pieces, Piece{record.end, plain})
		case kind == handshake && tls13:
			current = r.handshake(current, plain)
		}
	}
	return pieces
}

// handshake reads messages of the handshake, after which other keys may count.
func (r *reader) handshake(current *protection, p []byte) *protection {
	r.messages = append(r.messages, p...)
	for len(r.messages) >= 4 {
		n := 4 + int(r.messages[1])<<16 + int(r.messages[2])<<8 + int(r.messages[3])
		if n > len(r.messages) {
			break
		}
		switch {
		case r.messages[0] == finished && current == r.first:
			current = r.then
		case r.messages[0] == keyUpdate && current == r.then:
			current = current.updated()
			r.then = current
		}
		r.messages = r.messages[n:]
		if current == nil {
			break
		}
	}
	return current
}
