package serve

import (
	"regexp"
	"slices"
	"strings"
	"testing"
)

// What is wrong with an address is said with values that the flag takes.
func TestWrongAddresses(t *testing.T) {
	for addr, want := range map[string]string{
		"localhost":        "listen on localhost",
		"192.0.2.1:0":      "no address of this machine", // RFC 5737 §3
		"localhost:123456": "listen on localhost:123456",
	} {
		for _, flag := range []addressFlag{addrFlag, tlsFlag, originsFlag} {
			_, err := listen(t.Context(), flag, addr)
			if err == nil || !strings.Contains(err.Error(), want) {
				t.Errorf("%s %s: %v, want %q", flag.name, addr, err, want)
				continue
			}
			advice := regexp.MustCompile(`(-[a-z]+) (\S+)`).FindAllStringSubmatch(err.Error(), -1)
			if len(advice) != 2 {
				t.Errorf("%s %s: the advice is %q", flag.name, addr, advice)
			}
			for _, a := range advice {
				if a[1] != flag.name || !slices.Contains([]string{flag.usual, flag.network}, a[2]) {
					t.Errorf("%s %s: the advice is %s", flag.name, addr, a[0])
				}
			}
		}
	}
	for _, value := range []string{originsFlag.usual, originsFlag.network, originsFlag.other} {
		if strings.Count(value, ",") != 1 {
			t.Errorf("-origins takes two addresses, not %s", value)
		}
	}
}
