package main

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"fmt"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"runtime"
	"time"
)

const (
	certificateAge  = 365 * 24 * time.Hour // browsers refuse what lasts for more than 825 days
	certificateLeft = 14 * 24 * time.Hour  // with less than this left, a new one is made
)

// certificate returns the one that the flags name, or its own, which it makes
// for these hosts if there is none that fits. The notice says what a person has
// to know about it; there is none about a certificate from the flags.
func certificate(opts options, hosts []string) (c tls.Certificate, notice string, err error) {
	if opts.cert != "" {
		c, err = tls.LoadX509KeyPair(opts.cert, opts.key)
		if err != nil {
			err = fmt.Errorf("certificate: %w", err)
		}
		return c, "", err
	}
	config, err := os.UserConfigDir()
	if err == nil {
		folder := filepath.Join(config, "seewire")
		if c, notice, err = keptCertificate(folder, hosts); err == nil {
			return c, notice, nil
		}
	}
	// It can't be kept, as in a bare container or on a disk that is read-only.
	notice = "Its certificate was made for this run alone: " + err.Error() + ".\n-cert and -key take another one."
	c, _, _, err = makeCertificate(hosts)
	return c, notice, err
}

// keptCertificate returns the one in a folder. If it doesn't fit, a new one is
// there afterwards.
func keptCertificate(folder string, hosts []string) (c tls.Certificate, notice string, err error) {
	certFile, keyFile := filepath.Join(folder, "certificate.pem"), filepath.Join(folder, "key.pem")
	if c, err = tls.LoadX509KeyPair(certFile, keyFile); err == nil && fits(c.Leaf, hosts) {
		return c, trust("Its certificate is", certFile), nil
	}
	c, certPEM, keyPEM, err := makeCertificate(hosts)
	if err != nil {
		return c, "", err
	}
	if err := os.MkdirAll(folder, 0o700); err != nil {
		return c, "", err
	}
	for file, content := range map[string][]byte{certFile: certPEM, keyFile: keyPEM} {
		if err := os.WriteFile(file, content, 0o600); err != nil {
			return c, "", err
		}
	}
	return c, trust("A certificate was made for it:", certFile), nil
}

// trust explains how this machine comes to trust a certificate.
func trust(what, file string) string {
	command := `certutil -d "sql:$HOME/.pki/nssdb" -A -t P,, -n seewire -i "` + file + `"  # Chromium; package libnss3-tools`
	switch runtime.GOOS {
	case "darwin":
		command = `security add-trusted-cert -r trustAsRoot -k ~/Library/Keychains/login.keychain-db "` + file + `"`
	case "windows":
		command = `certutil -user -addstore Root "` + file + `"`
	}
	return what + " " + file + "\n" +
		"Nobody vouches for it, so a browser warns once: go on from there, or trust it:\n" +
		"  " + command + "\n" +
		"For curl: --cacert \"" + file + "\""
}

// fits tells whether a certificate is still good, and for all of these hosts.
func fits(c *x509.Certificate, hosts []string) bool {
	now := time.Now()
	if now.Before(c.NotBefore) || now.Add(certificateLeft).After(c.NotAfter) {
		return false
	}
	for _, host := range hosts {
		if c.VerifyHostname(host) != nil {
			return false
		}
	}
	return true
}

// makeCertificate signs a certificate with its own key. It can't sign others:
// whoever trusts it trusts this server and nothing else.
func makeCertificate(hosts []string) (c tls.Certificate, certPEM, keyPEM []byte, err error) {
	fail := func(err error) (tls.Certificate, []byte, []byte, error) {
		return tls.Certificate{}, nil, nil, fmt.Errorf("make a certificate: %w", err)
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
	certPEM = pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})
	keyPEM = pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: private})
	c, err = tls.X509KeyPair(certPEM, keyPEM)
	return c, certPEM, keyPEM, err
}

// certificateHosts are the names under which a browser may reach an address.
func certificateHosts(addr net.Addr, flag string) []string {
	hosts := []string{"localhost", "127.0.0.1", "::1"}
	if host, _, err := net.SplitHostPort(flag); err == nil && host != "" && host != "localhost" {
		if ip := net.ParseIP(host); ip == nil || !ip.IsLoopback() && !ip.IsUnspecified() {
			hosts = append(hosts, host)
		}
	}
	return append(hosts, lanHosts(addr)...)
}
