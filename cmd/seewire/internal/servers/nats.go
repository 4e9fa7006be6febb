package servers

import (
	"net"
	"testing"
)

// startNATS runs a real nats-server, built from the module that the bus embeds.
func startNATS(t testing.TB, path, addr, password string) *Process {
	host, port, _ := net.SplitHostPort(addr)
	return start(t, "nats-server", []string{path, "--addr", host, "--port", port, "--user", user, "--pass", password}, nil, func() error {
		conn, err := net.Dial("tcp", addr)
		if err == nil {
			conn.Close()
		}
		return err
	})
}

const user = "seewire" // of NATS, as in compose.yaml
