package bus

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"fmt"
	"io"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/nats-io/nats-server/v2/server"
)

// listen starts a NATS server on a port of its own, and returns its address.
func listen(t *testing.T, o server.Options) string {
	t.Helper()
	o.Host, o.Port, o.NoSigs, o.NoLog, o.NoSystemAccount = "127.0.0.1", server.RANDOM_PORT, true, true, true
	s, err := server.NewServer(&o)
	if err != nil {
		t.Fatal(err)
	}
	s.Start()
	if !s.ReadyForConnections(startTime) {
		t.Fatal("NATS does not listen")
	}
	t.Cleanup(func() {
		s.Shutdown()
		s.WaitForShutdown()
	})
	return s.Addr().String()
}

func newBus(t *testing.T, o Options) *Bus {
	t.Helper()
	b, err := New(o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(b.Close)
	return b
}

// await returns when the buses are as they should be.
func await(t *testing.T, are func(*Bus) bool, buses ...*Bus) {
	t.Helper()
	for _, b := range buses {
		for {
			changed := b.Changed()
			if are(b) {
				break
			}
			<-changed
		}
	}
}

func servers(n int) func(*Bus) bool { return func(b *Bus) bool { return len(b.Servers()) == n } }

func connected(is bool) func(*Bus) bool {
	return func(b *Bus) bool { return b.State().Connected == is }
}

// heard subscribes, and returns what comes.
func heard(t *testing.T, b *Bus, subject string) <-chan string {
	t.Helper()
	all := make(chan string, 10_000)
	unsubscribe, err := b.Subscribe(subject, func(data []byte) { all <- string(data) })
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(unsubscribe)
	return all
}

// subscribed returns when what one bus publishes reaches the others.
func subscribed(t *testing.T, from *Bus, to ...<-chan string) {
	t.Helper()
	for _, all := range to {
		for there := false; !there; {
			publish(t, from, "are you there")
			select {
			case <-all:
				there = true
			case <-time.After(10 * time.Millisecond):
			}
		}
	}
	publish(t, from, "begin")
	for _, all := range to {
		for <-all != "begin" {
		}
	}
}

func publish(t *testing.T, b *Bus, message string) {
	t.Helper()
	if err := b.Publish("room", []byte(message)); err != nil {
		t.Fatal(err)
	}
}

func TestServersOfOneSite(t *testing.T) {
	o := Options{URL: "nats://" + listen(t, server.Options{})}
	a, b, c := newBus(t, o), newBus(t, o), newBus(t, o)
	await(t, servers(3), a, b, c)
	if !slices.Equal(a.Servers(), b.Servers()) || !slices.Contains(a.Servers(), c.ID()) || !a.Several() {
		t.Errorf("%v and %v", a.Servers(), b.Servers())
	}

	// Each message comes once, in order, here and there.
	here, there := heard(t, a, "room"), heard(t, b, "room")
	subscribed(t, a, here, there)
	for i := range 1000 {
		publish(t, a, fmt.Sprint(i))
	}
	for i := range 1000 {
		if got, other := <-here, <-there; got != fmt.Sprint(i) || other != got {
			t.Fatalf("message %d is %s here and %s there", i, got, other)
		}
	}
	if traffic := b.Traffic(); traffic.MessagesIn < 1000 || traffic.BytesIn == 0 || traffic.MessagesOut == 0 || traffic.Lost != 0 {
		t.Errorf("%+v", traffic)
	}

	// All name the same owners, of whom each has about its share; when one goes, what
	// the others own stays.
	owners := map[string]string{}
	share := map[string]int{}
	for i := range 3000 {
		key := fmt.Sprint("key-", i)
		owners[key] = a.Owner(key)
		share[owners[key]]++
		if b.Owner(key) != owners[key] {
			t.Fatalf("%s belongs to %s and to %s", key, owners[key], b.Owner(key))
		}
	}
	for id, n := range share {
		if n < 800 || n > 1200 {
			t.Errorf("%s owns %d of 3000", id, n)
		}
	}
	gone := c.ID()
	c.Close()
	await(t, servers(2), a, b)
	for key, owner := range owners {
		if now := a.Owner(key); owner != gone && now != owner || now == gone {
			t.Fatalf("%s belonged to %s, now to %s; %s has gone", key, owner, now, gone)
		}
	}
}

// A server that has gone without a word counts as gone after a while.
func TestSilentServer(t *testing.T) {
	b := newBus(t, Options{URL: "nats://" + listen(t, server.Options{})})
	await(t, connected(true), b)
	b.shared.hear([]byte("there " + newID()))
	if !b.Several() {
		t.Fatal("it was not heard")
	}
	b.shared.mu.Lock()
	for id := range b.shared.heard {
		b.shared.heard[id] = time.Now().Add(-silence)
	}
	b.shared.mu.Unlock()
	await(t, servers(1), b)
	b.shared.hear([]byte("there too-short"))
	b.shared.hear([]byte("there " + b.ID()))
	if b.Several() {
		t.Error(b.Servers())
	}
}

// A front is where a NATS server is reached, or not.
type front struct {
	net.Listener
	mu    sync.Mutex
	to    string // "" while it can't be reached
	conns []net.Conn
	done  sync.WaitGroup
}

func newFront(t *testing.T, to string) *front {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	f := &front{Listener: listener, to: to}
	f.done.Go(func() {
		for {
			conn, err := f.Accept()
			if err != nil {
				return
			}
			f.pass(conn)
		}
	})
	t.Cleanup(func() {
		f.Close()
		f.lead("")
		f.done.Wait()
	})
	return f
}

func (f *front) pass(conn net.Conn) {
	f.mu.Lock()
	defer f.mu.Unlock()
	on, err := net.Dial("tcp", f.to)
	if err != nil {
		conn.Close()
		return
	}
	f.conns = append(f.conns, conn, on)
	copy := func(to, from net.Conn) {
		io.Copy(to, from)
		to.Close()
		from.Close()
	}
	f.done.Go(func() { copy(on, conn) })
	f.done.Go(func() { copy(conn, on) })
}

// lead has who connects from now on reach another NATS server.
func (f *front) lead(to string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.to = to
	for _, conn := range f.conns {
		conn.Close()
	}
	f.conns = nil
}

func TestNATSIsAway(t *testing.T) {
	f := newFront(t, listen(t, server.Options{}))
	o := Options{URL: f.Addr().String()}
	a, b := newBus(t, o), newBus(t, o)
	await(t, servers(2), a, b)
	here, there := heard(t, a, "room"), heard(t, b, "room")
	subscribed(t, a, here, there)
	since := a.State().Since

	f.lead("")
	await(t, connected(false), a, b)
	if state := a.State(); !state.Shared || state.Servers != 1 || !state.Since.After(since) || a.Owner("key") != a.ID() {
		t.Errorf("%+v", state)
	}
	publish(t, a, "alone")
	if got := <-here; got != "alone" {
		t.Error(got)
	}
	later := heard(t, b, "later")

	f.lead(listen(t, server.Options{})) // another one, as after a restart
	await(t, servers(2), a, b)
	subscribed(t, a, here, there)
	for got := ""; got != "later"; { // the subscription of the meantime is made, too
		a.Publish("later", []byte("later"))
		select {
		case got = <-later:
		case <-time.After(10 * time.Millisecond):
		}
	}
	if a.Traffic().Reconnects == 0 {
		t.Error("no reconnect is counted")
	}
}

func TestStartsBeforeNATS(t *testing.T) {
	f := newFront(t, "")
	b := newBus(t, Options{URL: "nats://" + f.Addr().String()})
	here := heard(t, b, "room")
	publish(t, b, "alone")
	if got := <-here; got != "alone" || b.State().Connected {
		t.Errorf("%s, %+v", got, b.State())
	}
	f.lead(listen(t, server.Options{}))
	await(t, connected(true), b)

	refused := newBus(t, Options{URL: "nats://127.0.0.1:1"})
	if state := refused.State(); state.Connected || !state.Shared {
		t.Errorf("%+v", state)
	}
}

// Who publishes does not wait for a NATS server that has stopped reading.
func TestNATSStalls(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	var done sync.WaitGroup
	defer done.Wait()
	stop := make(chan struct{})
	defer close(stop)
	done.Go(func() {
		conn, err := listener.Accept()
		if err != nil {
			return
		}
		defer conn.Close()
		io.WriteString(conn, `INFO {"server_id":"stalled","proto":1,"max_payload":1048576}`+"\r\nPONG\r\n")
		<-stop
	})
	b := newBus(t, Options{URL: "nats://" + listener.Addr().String()})
	await(t, connected(true), b)
	b.shared.hear([]byte("there " + newID()))
	message := strings.Repeat("x", 1<<19)
	for range 2 * mostWaiting >> 19 {
		publish(t, b, message)
	}
	if b.Traffic().Lost == 0 {
		t.Error("all of it waits")
	}
}

func TestCredentials(t *testing.T) {
	authority, cert := certificates(t)
	wrong := filepath.Join(t.TempDir(), "wrong.creds")
	os.WriteFile(wrong, []byte("none"), 0o600)
	byPassword := listen(t, server.Options{Username: "course", Password: "pass/word"})
	pair, err := tls.LoadX509KeyPair(cert.cert, cert.key)
	if err != nil {
		t.Fatal(err)
	}
	roots := x509.NewCertPool()
	pem, _ := os.ReadFile(authority)
	roots.AppendCertsFromPEM(pem)
	config := &tls.Config{Certificates: []tls.Certificate{pair}}
	byTLS := listen(t, server.Options{TLSConfig: config, TLSTimeout: 10})
	mutual := config.Clone()
	mutual.ClientAuth, mutual.ClientCAs = tls.RequireAndVerifyClientCert, roots
	byCertificate := listen(t, server.Options{TLSConfig: mutual, TLSTimeout: 10, TLSVerify: true})

	for name, test := range map[string]struct {
		Options
		want string // of the error; "" for none
	}{
		"password":          {Options{URL: "nats://course:pass%2Fword@" + byPassword}, ""},
		"wrong password":    {Options{URL: "nats://course:secret@" + byPassword}, "check -nats-creds, or the user and the password"},
		"no password":       {Options{URL: "nats://" + byPassword}, "check -nats-creds, or the user and the password"},
		"no such file":      {Options{URL: "nats://" + byPassword, Credentials: wrong + ".gone"}, "credentials for NATS: "},
		"no credentials":    {Options{URL: "nats://" + byPassword, Credentials: wrong}, "check -nats"},
		"TLS":               {Options{URL: "tls://" + byTLS, CA: authority}, ""},
		"unknown authority": {Options{URL: "tls://" + byTLS}, "name that with -nats-ca"},
		"no authority":      {Options{URL: "tls://" + byTLS, CA: wrong}, "check -nats"},
		"no TLS there":      {Options{URL: "tls://course:pass%2Fword@" + byPassword}, "use nats:// in place of tls://"},
		"certificate":       {Options{URL: "tls://" + byCertificate, CA: authority, Cert: cert.cert, Key: cert.key}, ""},
		"no certificate":    {Options{URL: "tls://" + byCertificate, CA: authority}, "check -nats"},
		"key of another":    {Options{URL: "tls://" + byCertificate, CA: authority, Cert: cert.cert, Key: wrong}, "certificate for NATS: "},
		"scheme":            {Options{URL: "http://course:secret@" + byPassword}, "begins with nats://"},
		"no host":           {Options{URL: "nats://"}, "names a host"},
		"no URL":            {Options{URL: "nats://a:secret%zz@b"}, "can't be read"},
		"second no URL":     {Options{URL: byPassword + ",://"}, "can't be read"},
	} {
		t.Run(name, func(t *testing.T) {
			b, err := New(test.Options)
			if err == nil {
				defer b.Close()
			}
			switch {
			case test.want == "" && err != nil:
				t.Error(err)
			case test.want == "" && !b.State().Connected:
				t.Error("it goes on alone")
			case test.want != "" && (err == nil || !strings.Contains(err.Error(), test.want) || strings.Contains(err.Error(), "secret")):
				t.Errorf("the error is %v", err)
			}
		})
	}
}

// A certificate of a server at 127.0.0.1, and of its client.
type certificate struct{ cert, key string }

// certificates makes an authority, and what it has signed.
func certificates(t *testing.T) (authority string, signed certificate) {
	folder := t.TempDir()
	write := func(name, kind string, der []byte) string {
		path := filepath.Join(folder, name)
		if err := os.WriteFile(path, pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der}), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	newKey := func() *ecdsa.PrivateKey {
		key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
		if err != nil {
			t.Fatal(err)
		}
		return key
	}
	sign := func(template, parent *x509.Certificate, key, by *ecdsa.PrivateKey) []byte {
		template.NotBefore, template.NotAfter = time.Now().Add(-time.Hour), time.Now().Add(time.Hour)
		der, err := x509.CreateCertificate(rand.Reader, template, parent, &key.PublicKey, by)
		if err != nil {
			t.Fatal(err)
		}
		return der
	}
	rootKey, key := newKey(), newKey()
	root := &x509.Certificate{SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "authority"}, IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign}
	authority = write("ca.pem", "CERTIFICATE", sign(root, root, rootKey, rootKey))
	leaf := &x509.Certificate{SerialNumber: big.NewInt(2), Subject: pkix.Name{CommonName: "server"}, IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)},
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth, x509.ExtKeyUsageClientAuth}}
	private, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	return authority, certificate{write("cert.pem", "CERTIFICATE", sign(leaf, root, key, rootKey)), write("key.pem", "PRIVATE KEY", private)}
}
