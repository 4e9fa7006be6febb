package export_test

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/binary"
	"io"
	"math/big"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"seewire/playground/dissect"
	"seewire/playground/export"
)

// A sideRecorder keeps what is written to a connection, in the order of both sides.
type sideRecorder struct {
	net.Conn
	server bool
	add    func(server bool, p []byte)
}

func (r *sideRecorder) Write(p []byte) (int, error) {
	r.add(r.server, p)
	return r.Conn.Write(p)
}

// overTLS is a connection whose client says something under TLS and is answered, behind
// what a proxy was asked and has answered. It returns the packets and the keys.
func overTLS(t *testing.T, version uint16, before []wirePacket) (packets [][]byte, keys []byte) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(1), NotAfter: time.Now().Add(time.Hour)}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	var seq [2]uint32
	add := func(server bool, p []byte) {
		side := 0
		if server {
			side = 1
		}
		packets = append(packets, wirePacket{server: server, seq: seq[side], flags: ack, data: string(p)}.ipv4())
		seq[side] += uint32(len(p))
	}
	packets = append(packets, wirePacket{seq: 0xffffffff, flags: syn}.ipv4(), wirePacket{server: true, seq: 0xffffffff, flags: syn | ack}.ipv4())
	for _, p := range before {
		add(p.server, []byte(p.data))
	}
	a, b := net.Pipe() // a write ends when the other side has read it: one order for both
	var log bytes.Buffer
	config := &tls.Config{MinVersion: version, MaxVersion: version, Certificates: []tls.Certificate{{Certificate: [][]byte{der}, PrivateKey: key}}, SessionTicketsDisabled: true}
	done := make(chan error, 1)
	go func() {
		conn := tls.Server(&sideRecorder{b, true, add}, config)
		if _, err := io.ReadFull(conn, make([]byte, len(request))); err != nil {
			done <- err
			return
		}
		_, err := io.WriteString(conn, response+"0\r\n\r\n")
		done <- err
	}()
	client := config.Clone()
	client.InsecureSkipVerify, client.KeyLogWriter = true, &log
	conn := tls.Client(&sideRecorder{a, false, add}, client)
	if _, err := io.WriteString(conn, request); err != nil {
		t.Fatal(err)
	}
	if _, err := io.ReadFull(conn, make([]byte, len(response)+5)); err != nil {
		t.Fatal(err)
	}
	if err := <-done; err != nil {
		t.Fatal(err)
	}
	return packets, log.Bytes()
}

// TLS is opened with its keys where it begins behind a proxy's head or in its tunnel,
// and tshark sees the same inside.
func TestTLSInTunnel(t *testing.T) {
	tunnel := []wirePacket{{data: "CONNECT a:443 HTTP/1.1\r\nHost: a:443\r\n\r\n"}, {server: true, data: "HTTP/1.1 200 Connection established\r\n\r\n"}}
	for _, c := range []struct {
		name    string
		version uint16
		before  []wirePacket
		want    string
	}{
		{"alone", tls.VersionTLS13, nil, "request response"},
		{"in a tunnel", tls.VersionTLS13, tunnel, "request response request response"},
		{"in a tunnel, 1.2", tls.VersionTLS12, tunnel, "request response request response"},
		{"behind PROXY", tls.VersionTLS12, []wirePacket{{data: "PROXY TCP4 192.0.2.1 192.0.2.2 54321 443\r\n"}}, "proxy request response"},
	} {
		t.Run(c.name, func(t *testing.T) {
			packets, keys := overTLS(t, c.version, c.before)
			file := pcapFile(binary.BigEndian, 101, "", packets...)
			source := guess
			source.Keys = keys
			d, err := export.Import(t.Context(), file, source)
			if err != nil {
				t.Fatal(err)
			}
			var heads []string
			var data []string
			for _, f := range d.Frames {
				switch f.Kind {
				case "proxy", "request", "response":
					heads = append(heads, f.Kind)
				case "field":
					data = append(data, f.Value("sse.data"))
				}
			}
			if got := strings.Join(heads, " "); got != c.want || strings.Join(data, " ") != "a" {
				t.Errorf("got %s, the data %q, %+v", got, data, d.Notes)
			}
			d, err = export.Import(t.Context(), file, guess)
			if err != nil || len(d.Notes) == 0 || d.Notes[0].Code != "import-tls" {
				t.Errorf("without keys: %v, %+v", err, d.Notes)
			}
			sameRequests(t, file, keys, c.want)
		})
	}
}

// sameRequests asks tshark how many requests and responses it sees.
func sameRequests(t *testing.T, file, keys []byte, want string) {
	t.Helper()
	if _, err := exec.LookPath("tshark"); err != nil || strings.HasPrefix(want, "proxy") {
		return // tshark 4.0 does not look for TLS behind PROXY
	}
	folder := t.TempDir()
	pcap, log := filepath.Join(folder, "a.pcap"), filepath.Join(folder, "keys")
	if err := os.WriteFile(pcap, file, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(log, keys, 0o600); err != nil {
		t.Fatal(err)
	}
	out, err := exec.Command("tshark", "-r", pcap, "-o", "tls.keylog_file:"+log, "-d", "tcp.port==8080,"+protocolFor(want), "-T", "fields", "-e", "http.request.method", "-e", "http.response.code").Output()
	if err != nil {
		t.Fatal(err)
	}
	if got := len(strings.Fields(string(out))); got != len(strings.Fields(want)) {
		t.Errorf("tshark sees %q, we %s", out, want)
	}
}

func protocolFor(want string) string {
	if want == "request response" {
		return "tls"
	}
	return "http"
}

// An aggregated Wi-Fi frame has several packets in it.
func TestAggregatedWiFi(t *testing.T) {
	llc := "\xaa\xaa\x03\x00\x00\x00\x08\x00"
	frame := []byte{0x88, 0x02}
	frame = append(frame, make([]byte, 22)...)
	frame = append(frame, 0x80, 0) // QoS control: an A-MSDU
	for i, p := range [][]byte{
		wirePacket{seq: 1, flags: ack, data: request[:5]}.ipv4(),
		wirePacket{seq: 6, flags: ack, data: request[5:]}.ipv4(),
	} {
		for len(frame[26:])%4 != 0 {
			frame = append(frame, 0)
		}
		frame = append(frame, make([]byte, 12)...)
		frame = binary.BigEndian.AppendUint16(frame, uint16(len(llc)+len(p)))
		frame = append(append(frame, llc...), p...)
		if i == 1 {
			frame = append(frame, "cut"...)
		}
	}
	d, err := export.Import(t.Context(), pcapFile(binary.LittleEndian, 105, "", frame), guess)
	if err != nil || len(d.Frames) != 1 || d.Frames[0].Kind != "request" || d.Frames[0].From != dissect.Client {
		t.Errorf("%v, %+v", err, d.Frames)
	}
}
