package servers_test

import (
	"fmt"
	"io"
	"net/http"
	"os"
	"slices"
	"strings"
	"testing"

	"seewire/cmd/seewire/internal/servers"
)

// classAndFaults kills each of the processes while a class is going on, and cuts a server
// off from NATS. SEEWIRE_LOAD says how many simulated members there are; twenty browsers
// are then with them.
func classAndFaults(t *testing.T, s *servers.Site) {
	size, browsers := 30, 0
	if n, _ := fmt.Sscan(os.Getenv("SEEWIRE_LOAD"), &size); n == 1 {
		size, browsers = size/3*3, 20 // as many for each answer
	}
	c := newClass(t, s, size)
	tabs := openTabs(t, c, browsers)
	all := size + browsers
	here := fmt.Sprintf(`"here":%d,`, all)
	c.sees(here)
	for _, m := range c.members[:5] { // they vote later
		m.mu.Lock()
		m.votes = false
		m.mu.Unlock()
	}
	c.hand(`{"hand":{"id":"bring","bring":{"lesson":"reconnect"}}}`)
	c.hand(`{"hand":{"id":"run","run":{"lesson":"reconnect","controls":{}}}}`)
	c.hand(`{"hand":{"id":"ask","ask":{"lesson":"reconnect"}}}`)
	c.sees(fmt.Sprintf(`"runs":{"ran":%d,`, all), fmt.Sprintf(`"voted":%d,"of":%d`, size-5, all))
	c.runsGoOn()

	for i, server := range s.Servers {
		pages := metric(t, server, "seewire_class_pages_open")
		breaks := c.together()
		server.Kill()
		if i == 1 {
			for _, m := range c.members[:5] {
				m.votesNow()
			}
		}
		await(t, "those who lost their page come back", func() error {
			if lost := sum(c.together()) - sum(breaks); lost > pages || lost < pages-browsers {
				return fmt.Errorf("%d pages lost their socket, and %d were on the server", lost, pages)
			}
			return nil
		})
		// A stream breaks also where another server answers it that is gone (the run's
		// owner). Each comes back, and has missed no number.
		c.runsGoOn()
		c.sees(here)
		server.Start()
		// Who upgrades waits as well: a server that has just come knows of no class.
		together(t, s)
		await(t, "every server has the class", func() error {
			for _, server := range s.Servers {
				if metric(t, server, "seewire_classes")+metric(t, server, "seewire_class_copies") != 1 {
					return fmt.Errorf("%s has it not", server.Base)
				}
			}
			return nil
		})
	}

	// Without NATS every server goes on alone, and no page loses its socket.
	breaks := c.together()
	s.NATS.Kill()
	for _, server := range s.Servers {
		says(t, server, "cut off from NATS")
	}
	s.NATS.Start()
	together(t, s)
	c.sees(here)
	if lost := sum(c.together()) - sum(breaks); lost != 0 {
		t.Errorf("%d sockets broke with NATS", lost)
	}
	alone := s.Servers[0]
	alone.Cut()
	says(t, alone, "cut off from NATS")
	alone.Join()
	together(t, s)
	c.sees(here)
	if lost := sum(c.together()) - sum(breaks); lost != 0 {
		t.Errorf("%d sockets broke when a server was cut off", lost)
	}

	// Everything goes through nginx: all come back.
	s.Nginx.Kill()
	s.Nginx.Start()
	await(t, "everybody comes back", func() error {
		if lost := sum(c.together()) - sum(breaks); lost != size+1 {
			return fmt.Errorf("%d pages have lost their socket", lost)
		}
		return nil
	})
	c.runsGoOn()

	c.sees(here, fmt.Sprintf(`"voted":%d,"of":%d`, size, all), fmt.Sprintf(`"runs":{"ran":%d,`, all))
	c.hand(`{"hand":{"id":"show","votes":{"shown":true}}}`)
	c.sees(fmt.Sprintf(`"counts":[%d,%[1]d,%[1]d]`, size/3))
	c.hand(`{"hand":{"id":"say","message":{"text":"everybody is here"}}}`)
	for _, p := range tabs {
		p.Until(`document.querySelector("seewire-class").textContent.includes("everybody is here")`)
	}
}

func sum(all []int) (n int) {
	for _, one := range all {
		n += one
	}
	return n
}

// metric is a number that a server tells of itself.
func metric(t *testing.T, server *servers.Server, name string) (n int) {
	t.Helper()
	resp, err := http.Get(server.Base + "/metrics")
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	i := slices.IndexFunc(strings.Split(string(text), "\n"), func(line string) bool {
		read, _ := fmt.Sscanf(line, name+" %d", &n)
		return read == 1
	})
	if i < 0 {
		t.Fatalf("%s has no %s", server.Base, name)
	}
	return n
}
