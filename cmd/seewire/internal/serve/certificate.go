package serve

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"errors"
	"fmt"
	"io/fs"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"time"

	"seewire/cmd/seewire/internal/site"
)

const (
	certificateAge  = 365 * 24 * time.Hour // browsers refuse what lasts for more than 825 days
	certificateLeft = 14 * 24 * time.Hour  // with less than this left, a new one is made
)

// A certificate is what the listener for TLS shows, and what a person has to
// know about it.
type certificate struct {
	tls.Certificate
	file  string   // in which Seewire keeps its own; "" for one of the flags, and for one that can't be kept
	notes []string // sentences
}

// findCertificate returns the certificate that the flags name, or else
// Seewire's own, which it makes for these hosts if there is none that fits.
func findCertificate(o Options, hosts []string) (certificate, error) {
	if o.Cert != "" {
		c, err := tls.LoadX509KeyPair(o.Cert, o.Key)
		if err != nil {
			return certificate{}, fmt.Errorf("certificate: %w", err)
		}
		found := certificate{Certificate: c}
		if why := expired(c.Leaf, time.Now()); why != "" {
			found.notes = []string{"Browsers refuse a certificate at the wrong time, and " + o.Cert + " " + why + "."}
		}
		return found, nil
	}
	config, err := os.UserConfigDir()
	if err == nil {
		var kept certificate
		if kept, err = keptCertificate(filepath.Join(config, "seewire"), hosts); err == nil {
			return kept, nil
		}
	}
	// It can't be kept, as in a bare container or on a disk that is full.
	note := "A browser warns of the certificate there, and again after each start: it was made for this run alone, because it can't be kept (" + err.Error() + ").\n" +
		"-cert and -key take another one; -tls off does without."
	c, _, err := MakeCertificate(hosts)
	return certificate{Certificate: c, notes: []string{note}}, err
}

// keptCertificate returns the one in a folder. If it doesn't fit, a new one is
// there afterwards.
//
// The key and its certificate are one file, key.pem: together they are written
// whole or not at all. certificate.pem is a copy for browsers and curl.
func keptCertificate(folder string, hosts []string) (certificate, error) {
	if err := os.MkdirAll(folder, 0o700); err != nil {
		return certificate{}, err
	}
	key := filepath.Join(folder, "key.pem")
	kept := certificate{file: filepath.Join(folder, "certificate.pem")}
	c, unfit := loadCertificate(key, hosts)
	if c.Leaf == nil || unfit != "" {
		unlock, err := lock(filepath.Join(folder, "lock"))
		if err != nil {
			return certificate{}, err
		}
		defer unlock()
		// Another Seewire may have made one meanwhile.
		if c, unfit = loadCertificate(key, hosts); c.Leaf == nil || unfit != "" {
			var text []byte
			if c, text, err = MakeCertificate(hosts); err != nil {
				return certificate{}, err
			}
			if err := writeWhole(key, text); err != nil {
				return certificate{}, err
			}
			if unfit != "" {
				kept.notes = append(kept.notes, "Its certificate is a new one, so a browser warns again: the one before "+unfit+".")
			}
		}
	}
	kept.Certificate = c
	if note := mendMode(key); note != "" {
		kept.notes = append(kept.notes, note)
	}
	public := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: c.Certificate[0]})
	if there, err := os.ReadFile(kept.file); err != nil || !bytes.Equal(there, public) {
		if err := writeWhole(kept.file, public); err != nil {
			return certificate{}, err
		}
	}
	return kept, nil
}

// loadCertificate reads a file with a key and its certificate, and says why that
// can't be used for these hosts, if so. Without a file there is no certificate.
func loadCertificate(file string, hosts []string) (c tls.Certificate, unfit string) {
	c, err := tls.LoadX509KeyPair(file, file)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return c, ""
	case err != nil:
		return c, "can't be read"
	}
	return c, misfit(c.Leaf, hosts, time.Now())
}

// misfit says why a certificate is no longer good, or not for one of these
// hosts; "" if it is.
func misfit(c *x509.Certificate, hosts []string, now time.Time) string {
	if why := expired(c, now); why != "" {
		return why
	}
	for _, host := range hosts {
		if c.VerifyHostname(host) != nil {
			return "is not for " + host
		}
	}
	return ""
}

// expired says what is wrong with a certificate's time; "" if nothing is.
func expired(c *x509.Certificate, now time.Time) string {
	const day = "2 January 2006"
	switch {
	case now.Before(c.NotBefore):
		return fmt.Sprintf("is valid from %s on, while the clock of this machine says %s", c.NotBefore.Format(day), now.Format(day))
	case now.After(c.NotAfter):
		return "has expired on " + c.NotAfter.Format(day)
	case now.Add(certificateLeft).After(c.NotAfter):
		return "expires on " + c.NotAfter.Format(day)
	}
	return ""
}

// mendMode takes a key from the other users of this machine, and says so if
// they could read it.
func mendMode(key string) string {
	info, err := os.Stat(key)
	if err != nil || runtime.GOOS == "windows" || info.Mode().Perm()&0o077 == 0 {
		return ""
	}
	if err := os.Chmod(key, 0o600); err != nil {
		return "Other users of this machine may read its key: " + err.Error() + "."
	}
	return "Other users of this machine could read its key until now. If one may have, delete " + key + ": the next start makes a new one."
}

// writeWhole writes a file that only this user can read, whole or not at all.
func writeWhole(name string, content []byte) error {
	f, err := os.CreateTemp(filepath.Dir(name), filepath.Base(name)+".*") // its mode is 0600
	if err != nil {
		return err
	}
	_, err = f.Write(content)
	if err == nil {
		err = f.Sync()
	}
	if closed := f.Close(); err == nil {
		err = closed
	}
	if err == nil {
		err = os.Rename(f.Name(), name)
	}
	if err != nil {
		os.Remove(f.Name())
	}
	return err
}

// lockTime is how long a lock is waited for. Who has one needs milliseconds:
// one that is older is left from a process that was killed.
const lockTime = 2 * time.Second

// lock makes a file that only one process can make at a time.
func lock(name string) (unlock func(), err error) {
	for began := time.Now(); ; time.Sleep(10 * time.Millisecond) {
		f, err := os.OpenFile(name, os.O_CREATE|os.O_EXCL, 0o600)
		if err == nil {
			f.Close()
			return func() { os.Remove(name) }, nil
		}
		if !errors.Is(err, fs.ErrExist) {
			return nil, err
		}
		if time.Since(began) > lockTime {
			if err := os.Remove(name); err != nil && !errors.Is(err, fs.ErrNotExist) {
				return nil, err
			}
			began = time.Now()
		}
	}
}

// trust explains how this machine comes to trust a certificate.
func trust(file string) string {
	command := `certutil -d "sql:$HOME/.pki/nssdb" -A -t P,, -n seewire -i "` + file + `"  # Chromium; package libnss3-tools`
	switch runtime.GOOS {
	case "darwin":
		command = `security add-trusted-cert -r trustAsRoot -k ~/Library/Keychains/login.keychain-db "` + file + `"`
	case "windows":
		command = `certutil -user -addstore Root "` + file + `"`
	}
	return "Its certificate is " + file + "\n" +
		"Nobody vouches for it, so a browser warns once: go on from there, or trust it:\n" +
		"  " + command + "\n" +
		"For curl: --cacert \"" + file + "\""
}

// MakeCertificate signs a certificate with its own key, and returns both as a
// file too. It can't sign others: whoever trusts it trusts this server and
// nothing else.
func MakeCertificate(hosts []string) (c tls.Certificate, file []byte, err error) {
	fail := func(err error) (tls.Certificate, []byte, error) {
		return tls.Certificate{}, nil, fmt.Errorf("make a certificate: %w", err)
	}
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return fail(err)
	}
	serial, err := rand.Int(rand.Reader, new(big.Int).Lsh(big.NewInt(1), 127))
	if err != nil {
		return fail(err)
	}
	template := &x509.Certificate{
		SerialNumber:          serial,
		Subject:               pkix.Name{CommonName: "Seewire on this machine"},
		NotBefore:             time.Now().Add(-time.Hour), // clocks differ
		NotAfter:              time.Now().Add(certificateAge),
		KeyUsage:              x509.KeyUsageDigitalSignature,
		ExtKeyUsage:           []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
		BasicConstraintsValid: true,
	}
	for _, host := range hosts {
		if ip := net.ParseIP(host); ip != nil {
			template.IPAddresses = append(template.IPAddresses, ip)
		} else {
			template.DNSNames = append(template.DNSNames, host)
		}
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		return fail(err)
	}
	private, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		return fail(err)
	}
	file = append(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: private}),
		pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})...)
	c, err = tls.X509KeyPair(file, file)
	return c, file, err
}

// certificateHosts are the names under which a browser may reach an address,
// those of -host among them.
func certificateHosts(addr net.Addr, flag string, names []string) []string {
	hosts := []string{"localhost", "127.0.0.1", "::1"}
	if host, _, err := net.SplitHostPort(flag); err == nil && host != "" && host != "localhost" {
		if ip := net.ParseIP(host); ip == nil || !ip.IsLoopback() && !ip.IsUnspecified() {
			hosts = append(hosts, host)
		}
	}
	for _, name := range names {
		if name != site.AnyHost && !slices.Contains(hosts, name) {
			hosts = append(hosts, name)
		}
	}
	return append(hosts, LANHosts(addr)...)
}
