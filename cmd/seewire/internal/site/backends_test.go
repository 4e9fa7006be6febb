package site

import (
	"testing"
)

// Nobody asks a server by a name that it does not have.
func TestBackendsAreFoundByName(t *testing.T) {
	a := &Site{backends: map[string]string{}}
	for _, addr := range []string{"elsewhere:80", "no port"} {
		if conn, err := a.dialBackend(t.Context(), "tcp", addr); err == nil {
			conn.Close()
			t.Errorf("%s was found", addr)
		}
	}
}
