package tlsrecord

import (
	"crypto"
	"crypto/aes"
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/hmac"
	"crypto/md5"
	"crypto/sha1"
	"crypto/sha256"
	"crypto/sha512"
	"crypto/subtle"
	"encoding/binary"
	"hash"

	"golang.org/x/crypto/chacha20poly1305"
)

// A suite is how a cipher suite protects records.
type suite struct {
	key    int         // bytes
	hash   crypto.Hash // of its key derivation
	chacha bool
	ccm    int // bytes of the tag of CCM
	mac    int // bytes of the HMAC beside CBC; 0 for AEAD
}

// suites are those in use, by their numbers.
var suites = map[uint16]suite{
	0x1301: {key: 16, hash: crypto.SHA256}, 0x1302: {key: 32, hash: crypto.SHA384}, 0x1303: {key: 32, hash: crypto.SHA256, chacha: true},

	0x009c: {key: 16, hash: crypto.SHA256}, 0x009e: {key: 16, hash: crypto.SHA256}, 0xc02b: {key: 16, hash: crypto.SHA256}, 0xc02f: {key: 16, hash: crypto.SHA256},
	0x009d: {key: 32, hash: crypto.SHA384}, 0x009f: {key: 32, hash: crypto.SHA384}, 0xc02c: {key: 32, hash: crypto.SHA384}, 0xc030: {key: 32, hash: crypto.SHA384},
	0x1304: {key: 16, hash: crypto.SHA256, ccm: 16}, 0x1305: {key: 16, hash: crypto.SHA256, ccm: 8},
	0xc09c: {key: 16, hash: crypto.SHA256, ccm: 16}, 0xc09e: {key: 16, hash: crypto.SHA256, ccm: 16}, 0xc0ac: {key: 16, hash: crypto.SHA256, ccm: 16},
	0xc09d: {key: 32, hash: crypto.SHA256, ccm: 16}, 0xc09f: {key: 32, hash: crypto.SHA256, ccm: 16}, 0xc0ad: {key: 32, hash: crypto.SHA256, ccm: 16},
	0xc0a0: {key: 16, hash: crypto.SHA256, ccm: 8}, 0xc0a2: {key: 16, hash: crypto.SHA256, ccm: 8}, 0xc0ae: {key: 16, hash: crypto.SHA256, ccm: 8},
	0xc0a1: {key: 32, hash: crypto.SHA256, ccm: 8}, 0xc0a3: {key: 32, hash: crypto.SHA256, ccm: 8}, 0xc0af: {key: 32, hash: crypto.SHA256, ccm: 8},
	0xcca8: {key: 32, hash: crypto.SHA256, chacha: true}, 0xcca9: {key: 32, hash: crypto.SHA256, chacha: true}, 0xccaa: {key: 32, hash: crypto.SHA256, chacha: true},

	0x002f: {key: 16, hash: crypto.SHA256, mac: 20}, 0x0033: {key: 16, hash: crypto.SHA256, mac: 20}, 0xc009: {key: 16, hash: crypto.SHA256, mac: 20}, 0xc013: {key: 16, hash: crypto.SHA256, mac: 20},
	0x0035: {key: 32, hash: crypto.SHA256, mac: 20}, 0x0039: {key: 32, hash: crypto.SHA256, mac: 20}, 0xc00a: {key: 32, hash: crypto.SHA256, mac: 20}, 0xc014: {key: 32, hash: crypto.SHA256, mac: 20},
	0x003c: {key: 16, hash: crypto.SHA256, mac: 32}, 0x0067: {key: 16, hash: crypto.SHA256, mac: 32}, 0xc023: {key: 16, hash: crypto.SHA256, mac: 32}, 0xc027: {key: 16, hash: crypto.SHA256, mac: 32},
	0x003d: {key: 32, hash: crypto.SHA256, mac: 32}, 0x006b: {key: 32, hash: crypto.SHA256, mac: 32},
	0xc024: {key: 32, hash: crypto.SHA384, mac: 48}, 0xc028: {key: 32, hash: crypto.SHA384, mac: 48},
}

func (s suite) new() func() hash.Hash {
	if s.hash == crypto.SHA384 {
		return sha512.New384
	}
	return sha256.New
}

// A protection opens the records of one direction, in their order.
type protection struct {
	suite  suite
	tls13  bool
	secret []byte // of TLS 1.3: the next one follows from it
	aead   cipher.AEAD
	block  cipher.Block // of CBC
	iv     []byte
	etm    bool // the MAC is over what was encrypted (RFC 7366)
	chain  bool // of TLS 1.0: a record's IV is the last block of the one before
	seq    uint64
}

// newProtection13 derives a direction's keys from its traffic secret (RFC 8446 §7.3);
// nil where there is none.
func newProtection13(s suite, secret []byte) *protection {
	if len(secret) == 0 {
		return nil
	}
	p := &protection{suite: s, tls13: true, secret: secret, iv: expandLabel(s, secret, "iv", 12)}
	return p.withKey(expandLabel(s, secret, "key", s.key))
}

// updated is what a KeyUpdate makes of it (RFC 8446 §7.2).
func (p *protection) updated() *protection {
	return newProtection13(p.suite, expandLabel(p.suite, p.secret, "traffic upd", p.suite.hash.Size()))
}

// expandLabel is HKDF-Expand-Label without a context (RFC 8446 §7.1).
func expandLabel(s suite, secret []byte, label string, length int) []byte {
	label = "tls13 " + label
	info := string([]byte{byte(length >> 8), byte(length), byte(len(label))}) + label + "\x00"
	key, err := hkdf.Expand(s.new(), secret, info, length)
	if err != nil {
		return nil
	}
	return key
}

// newProtections12 derives the keys of both directions from the master secret, up to
// TLS 1.2 (RFC 5246 §6.3); nil where there is none.
func newProtections12(s suite, master, clientRandom []byte, answer hello) (client, server *protection) {
	if len(master) != 48 || answer.version < tls12 && s.mac != sha1.Size {
		return nil, nil
	}
	iv, chain := 4, answer.version == tls10
	if s.chacha {
		iv = 12
	} else if s.mac > 0 {
		iv = 0
	}
	if chain {
		iv = aes.BlockSize // RFC 2246 §6.3
	}
	seed := append(append([]byte("key expansion"), answer.random...), clientRandom...)
	block := prf(s.new(), master, seed, 2*(s.mac+s.key+iv))
	if answer.version < tls12 {
		block = prf10(master, seed, len(block))
	}
	next := func(n int) []byte {
		part := block[:n]
		block = block[n:]
		return part
	}
	next(2 * s.mac) // of the records that opens nothing
	keys := [2][]byte{next(s.key), next(s.key)}
	sides := [2]*protection{{suite: s, iv: next(iv), etm: answer.etm, chain: chain}, {suite: s, iv: next(iv), etm: answer.etm, chain: chain}}
	return sides[0].withKey(keys[0]), sides[1].withKey(keys[1])
}

// prf is RFC 5246 §5.
func prf(new func() hash.Hash, secret, seed []byte, length int) (out []byte) {
	sum := func(parts ...[]byte) []byte {
		h := hmac.New(new, secret)
		for _, p := range parts {
			h.Write(p)
		}
		return h.Sum(nil)
	}
	for a := sum(seed); len(out) < length; a = sum(a) {
		out = append(out, sum(a, seed)...)
	}
	return out[:length]
}

// prf10 is that of TLS 1.0 and 1.1: each half of the secret has a hash of its own (RFC
// 2246 §5).
func prf10(secret, seed []byte, length int) []byte {
	half := (len(secret) + 1) / 2
	out := prf(md5.New, secret[:half], seed, length)
	subtle.XORBytes(out, out, prf(sha1.New, secret[len(secret)-half:], seed, length))
	return out
}

func (p *protection) withKey(key []byte) *protection {
	var err error
	if p.suite.chacha {
		p.aead, err = chacha20poly1305.New(key)
	} else if p.block, err = aes.NewCipher(key); err == nil && p.suite.ccm > 0 {
		p.aead = ccm{p.block, p.suite.ccm}
	} else if err == nil && p.suite.mac == 0 {
		p.aead, err = cipher.NewGCM(p.block)
	}
	if err != nil {
		return nil
	}
	return p
}

// open opens a record, of which the head has five bytes, and gives the content type
// and what is in it. A record that it can't open does not count.
func (p *protection) open(record []byte) (kind byte, plain []byte, ok bool) {
	kind, sealed := record[0], record[recordHead:]
	switch {
	case p.aead == nil:
		plain, ok = p.openCBC(sealed)
	case p.tls13:
		plain, ok = p.openAEAD(p.nonce(), sealed, record[:recordHead])
	default:
		nonce := p.nonce()
		if !p.suite.chacha { // the rest of the nonce is in the record (RFC 5288 §3)
			if len(sealed) < 8 {
				return 0, nil, false
			}
			nonce, sealed = append(append([]byte(nil), p.iv...), sealed[:8]...), sealed[8:]
		}
		about := binary.BigEndian.AppendUint64(nil, p.seq)
		about = append(about, record[:3]...)
		about = binary.BigEndian.AppendUint16(about, uint16(max(0, len(sealed)-p.aead.Overhead())))
		plain, ok = p.openAEAD(nonce, sealed, about)
	}
	if !ok {
		return 0, nil, false
	}
	p.seq++
	if !p.tls13 {
		return kind, plain, true
	}
	// The content type stands behind the content, and zeros behind it (RFC 8446 §5.2).
	for len(plain) > 0 && plain[len(plain)-1] == 0 {
		plain = plain[:len(plain)-1]
	}
	if len(plain) == 0 {
		return 0, nil, false
	}
	return plain[len(plain)-1], plain[:len(plain)-1], true
}

// nonce is the IV with the record's number in it (RFC 8446 §5.3, RFC 7905 §2).
func (p *protection) nonce() []byte {
	nonce := append([]byte(nil), p.iv...)
	for i := range min(8, len(nonce)) {
		nonce[len(nonce)-1-i] ^= byte(p.seq >> (8 * i))
	}
	return nonce
}

func (p *protection) openAEAD(nonce, sealed, about []byte) (plain []byte, ok bool) {
	plain, err := p.aead.Open(nil, nonce, sealed, about)
	return plain, err == nil
}

// openCBC takes off the IV, the padding and the MAC (RFC 5246 §6.2.3.2). Whoever
// has the keys need not be convinced by the MAC: the padding shows a wrong key.
func (p *protection) openCBC(sealed []byte) (plain []byte, ok bool) {
	if p.etm {
		sealed = sealed[:max(0, len(sealed)-p.suite.mac)]
	}
	iv := p.iv
	if !p.chain {
		iv, sealed = sealed[:min(len(sealed), aes.BlockSize)], sealed[min(len(sealed), aes.BlockSize):]
	}
	if len(sealed) < aes.BlockSize || len(sealed)%aes.BlockSize != 0 {
		return nil, false
	}
	plain = make([]byte, len(sealed))
	cipher.NewCBCDecrypter(p.block, iv).CryptBlocks(plain, sealed)
	if p.chain {
		p.iv = sealed[len(sealed)-aes.BlockSize:]
	}
	padding := int(plain[len(plain)-1]) + 1
	rest := len(plain) - padding
	if !p.etm {
		rest -= p.suite.mac
	}
	if rest < 0 {
		return nil, false
	}
	for _, b := range plain[len(plain)-padding:] {
		if int(b) != padding-1 {
			return nil, false
		}
	}
	return plain[:rest], true
}
