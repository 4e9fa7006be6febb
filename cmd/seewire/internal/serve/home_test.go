package serve

import (
	"path/filepath"
	"testing"
)

// homeAt makes a folder the user's own, in which a certificate is kept.
func homeAt(t *testing.T, home string) {
	t.Setenv("HOME", home)
	t.Setenv("XDG_CONFIG_HOME", filepath.Join(home, "config"))
	t.Setenv("AppData", home)
}
