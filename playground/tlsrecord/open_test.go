package tlsrecord

import (
	"bytes"
	"crypto/aes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/tls"
	"crypto/x509"
	"encoding/hex"
	"io"
	"math/big"
	"net"
	"strings"
	"testing"
	"time"
)

// A recorder keeps what is written to a connection.
type recorder struct {
	net.Conn
	written bytes.Buffer
}

func (r *recorder) Write(p []byte) (int, error) {
	r.written.Write(p)
	return r.Conn.Write(p)
}

func certificate(t testing.TB, useRSA bool) tls.Certificate {
	t.Helper()
	template := &x509.Certificate{SerialNumber: big.NewInt(1), NotAfter: time.Now().Add(time.Hour), DNSNames: []string{"a"}}
	if useRSA {
		key, err := rsa.GenerateKey(rand.Reader, 2048)
		if err != nil {
			t.Fatal(err)
		}
		der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
		if err != nil {
			t.Fatal(err)
		}
		return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}
	}
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}
}

// recorded is a connection on which both sides say something, twice.
func recorded(t testing.TB, version, suite uint16, useRSA bool) (client, server, log []byte) {
	t.Helper()
	a, b := net.Pipe()
	c, s := &recorder{Conn: a}, &recorder{Conn: b}
	var keys bytes.Buffer
	config := &tls.Config{InsecureSkipVerify: true, MinVersion: version, MaxVersion: version, KeyLogWriter: &keys, Certificates: []tls.Certificate{certificate(t, useRSA)}}
	if suite != 0 {
		config.CipherSuites = []uint16{suite}
	}
	done := make(chan error)
	go func() {
		conn := tls.Server(s, &tls.Config{MinVersion: version, MaxVersion: version, CipherSuites: config.CipherSuites, Certificates: config.Certificates})
		p := make([]byte, len(said))
		for range 2 {
			if _, err := io.ReadFull(conn, p); err != nil {
				done <- err
				return
			}
			conn.Write([]byte(answered))
		}
		done <- nil
	}()
	conn := tls.Client(c, config)
	p := make([]byte, len(answered))
	for range 2 {
		if _, err := conn.Write([]byte(said)); err != nil {
			t.Fatal(err)
		}
		if _, err := io.ReadFull(conn, p); err != nil {
			t.Fatal(err)
		}
	}
	if err := <-done; err != nil {
		t.Fatal(err)
	}
	a.Close()
	b.Close()
	return c.written.Bytes(), s.written.Bytes(), keys.Bytes()
}

const said, answered = "GET / HTTP/1.1\r\n\r\n", "HTTP/1.1 204 No Content\r\n\r\n"

func text(pieces []Piece) string {
	var b strings.Builder
	for _, p := range pieces {
		b.Write(p.Data)
	}
	return b.String()
}

func TestOpen(t *testing.T) {
	type connection struct {
		version, suite uint16
		rsa            bool
	}
	all := []connection{{version: tls.VersionTLS13}}
	for _, s := range append(tls.CipherSuites(), tls.InsecureCipherSuites()...) {
		if _, known := suites[s.ID]; known && s.SupportedVersions[len(s.SupportedVersions)-1] == tls.VersionTLS12 {
			all = append(all, connection{tls.VersionTLS12, s.ID, !strings.Contains(s.Name, "ECDSA")})
		}
	}
	for _, version := range []uint16{tls.VersionTLS10, tls.VersionTLS11} {
		all = append(all, connection{version, tls.TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA, false}, connection{version, tls.TLS_RSA_WITH_AES_256_CBC_SHA, true})
	}
	if len(all) < 14 {
		t.Fatalf("%d cipher suites", len(all))
	}
	for _, c := range all {
		t.Run(tls.VersionName(c.version)+" "+tls.CipherSuiteName(c.suite), func(t *testing.T) {
			client, server, log := recorded(t, c.version, c.suite, c.rsa)
			keys := Keys{}
			keys.Add(log)
			o, ok := keys.Open(client, server)
			if !ok || o.Version != tls.VersionName(c.version) || text(o.Client) != said+said || text(o.Server) != answered+answered {
				t.Errorf("%v %s: %q, %q", ok, o.Version, text(o.Client), text(o.Server))
			}
			if _, ok := (Keys{}).Open(client, server); ok {
				t.Error("opened without keys")
			}
			if o, _ := keys.Open(client[:len(client)-1], server); text(o.Client) != said && text(o.Client) != said+said[:1] { // with TLS 1.0 the first byte goes alone
				t.Errorf("of a record that is cut: %q", text(o.Client))
			}
		})
	}
}

// Example 3 of NIST SP 800-38C, whose nonce is as long as that of TLS.
func TestCCM(t *testing.T) {
	bytesFrom := func(first byte, n int) (p []byte) {
		for i := range n {
			p = append(p, first+byte(i))
		}
		return p
	}
	block, err := aes.NewCipher(bytesFrom(0x40, 16))
	if err != nil {
		t.Fatal(err)
	}
	sealed, err := hex.DecodeString("e3b201a9f5b71a7a9b1ceaeccd97e70b6176aad9a4428aa5484392fbc1b09951")
	if err != nil {
		t.Fatal(err)
	}
	plain, err := ccm{block, 8}.Open(nil, bytesFrom(0x10, 12), sealed, bytesFrom(0, 20))
	if err != nil || !bytes.Equal(plain, bytesFrom(0x20, 24)) {
		t.Errorf("%x, %v", plain, err)
	}
	if _, err := (ccm{block, 8}).Open(nil, bytesFrom(0x10, 12), sealed, bytesFrom(1, 20)); err == nil {
		t.Error("opened what was sealed with something else")
	}
}

// Nothing that is sent makes the reader fall over.
func FuzzOpen(f *testing.F) {
	client, server, log := recorded(f, tls.VersionTLS13, 0, false)
	f.Add(client, server, log)
	client, server, log = recorded(f, tls.VersionTLS12, 0, false)
	f.Add(client, server, log)
	f.Fuzz(func(t *testing.T, client, server, log []byte) {
		keys := Keys{}
		keys.Add(log)
		o, _ := keys.Open(client, server)
		if len(text(o.Client)) > len(client) || len(text(o.Server)) > len(server) {
			t.Error("more came out than went in")
		}
	})
}
