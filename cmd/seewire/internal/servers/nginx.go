package servers

import (
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"seewire/cmd/seewire/internal/serve"
)

// startNginx runs nginx with the configuration that docs/host has, on ports of this
// machine's: where that says what must be, it is a test of it.
func startNginx(t testing.TB, docs string, s *Site, ports [4]int) *Process {
	path := program(t, "nginx", noNginx)
	shown, err := os.ReadFile(filepath.Join(docs, "nginx.conf"))
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	temporary := ""
	for _, kind := range []string{"client_body", "proxy", "fastcgi", "uwsgi", "scgi"} {
		temporary += fmt.Sprintf("%s_temp_path %s;\n", kind, filepath.Join(dir, kind))
	}
	conf := string(shown)
	replace := func(old, by string) {
		if !strings.Contains(conf, old) {
			t.Fatalf("nginx.conf has no %q", old)
		}
		conf = strings.ReplaceAll(conf, old, by)
	}
	replace("http {\n", "http {\n"+temporary)
	for i, port := range ports[:3] { // -addr and the two of -origins
		replace(fmt.Sprintf("listen %d", 8080+i), fmt.Sprintf("listen 127.0.0.1:%d", port))
		for k := range s.Servers {
			replace(fmt.Sprintf("172.30.0.1%d:%d", k+1, 8080+i), fmt.Sprintf("%s:%d", ip(k), port))
		}
	}
	secure, err := os.ReadFile(filepath.Join(docs, "tls.conf"))
	if err != nil {
		t.Fatal(err)
	}
	_, certificate, err := serve.MakeCertificate([]string{"localhost"})
	if err != nil {
		t.Fatal(err)
	}
	os.Mkdir(filepath.Join(dir, "tls"), 0o700)
	for name, text := range map[string]string{
		"nginx.conf":    conf,
		"tls/tls.conf":  strings.Replace(string(secure), "listen 8443", fmt.Sprintf("listen 127.0.0.1:%d", ports[3]), 1),
		"tls/chain.pem": string(certificate),
		"tls/key.pem":   string(certificate),
	} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	s.Certificate = certificate
	args := []string{path, "-p", dir, "-e", "stderr", "-c", filepath.Join(dir, "nginx.conf"), "-g", "daemon off; pid " + filepath.Join(dir, "pid") + ";"}
	if os.Getuid() == 0 {
		args[len(args)-1] += " user root;" // the folders are this user's
	}
	return start(t, "nginx", args, nil, func() error {
		conn, err := net.Dial("tcp", strings.TrimPrefix(s.Base, "http://"))
		if err == nil {
			conn.Close()
		}
		return err
	})
}

const noNginx = "no nginx: a site on several servers is not tried (on Debian: apt-get install nginx-light)"
