package servers_test

import (
	"encoding/json"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"seewire/cmd/seewire/internal/program"
	"seewire/cmd/seewire/internal/sitetest"
)

// TestComposeFile holds what can be held without Docker: the program takes the flags, and
// the addresses are those that nginx asks, and that it is trusted under.
func TestComposeFile(t *testing.T) {
	read := func(name string) string {
		text, err := os.ReadFile(sitetest.InModule(name))
		if err != nil {
			t.Fatal(err)
		}
		return string(text)
	}
	compose := regexp.MustCompile(`\$\{\w+:-(.*?)\}`).ReplaceAllString(read("docs/host/compose.yaml"), "$1")
	compose = regexp.MustCompile(`\$\{\w+:\?.*?\}`).ReplaceAllString(compose, "given")

	var args []string
	entry := regexp.MustCompile(`ENTRYPOINT (\[.*\])`).FindStringSubmatch(read("Dockerfile"))
	if json.Unmarshal([]byte(entry[1]), &args) != nil {
		t.Fatal(entry)
	}
	for _, flag := range regexp.MustCompile(`(?m)^    - (-\S+)$`).FindAllStringSubmatch(compose, -1) {
		args = append(args, flag[1])
	}
	if len(args) < 8 {
		t.Errorf("the flags are %q", args)
	}
	nats := regexp.MustCompile(`SEEWIRE_NATS: (\S+)`).FindStringSubmatch(compose)
	if nats == nil {
		t.Fatal("no SEEWIRE_NATS")
	}
	t.Setenv("SEEWIRE_NATS", nats[1])
	var out strings.Builder
	options, err := program.ParseFlags(args[1:], &out)
	if err != nil {
		t.Fatalf("%v\n%s", err, &out)
	}
	if options.Bus.URL != nats[1] {
		t.Errorf("the servers join %q", options.Bus.URL)
	}

	address := map[string]string{}
	for _, service := range regexp.MustCompile(`(?s)\n  (\w+):\n    [^\n]*(?:\n    [^\n]*)*?ipv4_address: ([\d.]+)`).FindAllStringSubmatch(compose, -1) {
		address[service[1]] = service[2]
	}
	if len(options.Site.Proxies) != 1 || options.Site.Proxies[0].String() != address["nginx"]+"/32" {
		t.Errorf("%v is trusted, and nginx has %q", options.Site.Proxies, address["nginx"])
	}
	var asked []string
	for _, server := range regexp.MustCompile(`server ([\d.]+):(\d+) `).FindAllStringSubmatch(read("docs/host/nginx.conf"), -1) {
		asked = append(asked, server[1]+":"+server[2])
	}
	var want []string
	for _, port := range []string{options.Serve.Addr, strings.Split(options.Serve.Origins, ",")[0], strings.Split(options.Serve.Origins, ",")[1]} {
		for _, service := range []string{"seewire1", "seewire2", "seewire3"} {
			want = append(want, address[service]+port)
		}
	}
	if !slices.Equal(asked, want) {
		t.Errorf("nginx asks %q, and the servers are at %q", asked, want)
	}
}
