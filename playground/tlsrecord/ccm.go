package tlsrecord

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/subtle"
	"encoding/binary"
	"errors"
)

// A ccm opens what AES-CCM has sealed (RFC 3610), with nonces of twelve bytes as TLS has
// them (RFC 6655 §3).
type ccm struct {
	block cipher.Block
	tag   int // bytes
}

const ccmNonce = 12 // bytes: three are left for a length or a counter

var errCCM = errors.New("the tag is another one")

func (c ccm) NonceSize() int { return ccmNonce }
func (c ccm) Overhead() int  { return c.tag }

// Seal is nothing that a reader needs.
func (c ccm) Seal(_, _, _, _ []byte) []byte { panic("only opens") }

// Open implements cipher.AEAD.
func (c ccm) Open(dst, nonce, sealed, about []byte) ([]byte, error) {
	if len(sealed) < c.tag || len(nonce) != ccmNonce {
		return nil, errCCM
	}
	text, tag := sealed[:len(sealed)-c.tag], sealed[len(sealed)-c.tag:]
	stream := cipher.NewCTR(c.block, c.first(2, nonce, 0)) // RFC 3610 §2.3
	var first [aes.BlockSize]byte
	stream.XORKeyStream(first[:], first[:])
	plain := make([]byte, len(text))
	stream.XORKeyStream(plain, text)
	sum := c.sum(nonce, plain, about)
	subtle.XORBytes(sum, sum, first[:])
	if subtle.ConstantTimeCompare(sum[:c.tag], tag) != 1 {
		return nil, errCCM
	}
	return append(dst, plain...), nil
}

// first is a block of flags, a nonce and a number.
func (c ccm) first(flags byte, nonce []byte, n int) []byte {
	b := append([]byte{flags}, nonce...)
	return append(b, byte(n>>16), byte(n>>8), byte(n))
}

// sum is the CBC-MAC (RFC 3610 §2.2).
func (c ccm) sum(nonce, plain, about []byte) []byte {
	flags := byte((c.tag-2)/2<<3 | 2)
	if len(about) > 0 {
		flags |= 1 << 6
		about = append(binary.BigEndian.AppendUint16(nil, uint16(len(about))), about...)
	}
	sum := c.first(flags, nonce, len(plain))
	c.block.Encrypt(sum, sum)
	for _, p := range [][]byte{about, plain} {
		for len(p) > 0 {
			n := subtle.XORBytes(sum, sum, p)
			c.block.Encrypt(sum, sum)
			p = p[n:]
		}
	}
	return sum
}
