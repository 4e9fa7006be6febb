package classroom

import (
	"fmt"
	"net/http"
	"os"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// A class that was opened at one server is joined, shown and led at others.
func TestServers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newSite(t, "", "", "")
		a, b, c := s.rooms[0], s.rooms[1], s.rooms[2]
		code, key := a.open()
		var card struct{ Here int }
		if status := c.ask("GET", "/class/"+code, "", &card); status != http.StatusOK {
			t.Fatalf("looking at another server: %d", status)
		}
		board, phone, wall := b.page(code, "board", key), a.page(code, "phone", key), c.page(code, "wall", key)
		all := append(append(a.people(code, 2), b.people(code, 2)...), c.people(code, 2)...)
		pass()
		board.want("here", "6")
		wall.want("here", "6")
		all[5].want("here", "6")
		board.say(`{"hand":{"id":"1","ask":{"lesson":"reconnect"}}}`)
		pass()
		for i, p := range all {
			p.say(fmt.Sprintf(`{"vote":{"lesson":"reconnect","round":1,"answer":%d}}`, i%3+1))
		}
		pass()
		phone.want("question.rounds.0.counts", "[2,2,2]")
		phone.say(`{"hand":{"id":"2","votes":{"shown":true}}}`)
		pass()
		wall.want("question.rounds.0.counts", "[2,2,2]")
		all[4].want("ask.counts", "[2,2,2]")

		// A run's requests land anywhere, are cut everywhere, and come back anywhere.
		all[0].say(`{"capture":{"id":"capture-0"}}`)
		pass()
		stream := c.run("capture-0", "")
		socket := ends(b.socket("capture-0"))
		pass()
		board.say(`{"hand":{"id":"3","cut":{"how":"restart"}}}`)
		time.Sleep(time.Second)
		<-stream
		<-socket
		if got := board.done("3"); got["n"] != 1.0 || got["of"] != 1.0 {
			t.Errorf("cut: %v", got)
		}
		if err := <-a.run("capture-0", ""); err == nil {
			t.Error("another server lets somebody in while the server restarts")
		}
		time.Sleep(2 * time.Second)
		b.run("capture-0", "")
		pass()
		board.want("waves.0.sse", `[{"back":3000,"browser":"chrome"}]`)
		all[0].want("wave.sse.back", "3000")

		// So does one of somebody who has just joined.
		owl := c.page(code, "member", c.join(code, "owl").Key)
		owl.say(`{"capture":{"id":"capture-of-owl"}}`)
		synctest.Wait()
		b.socket("capture-of-owl")
		pass()
		board.say(`{"hand":{"id":"3b","cut":{"how":"end"}}}`)
		pass()
		if got := board.done("3b"); got["n"] != 2.0 {
			t.Errorf("the cut of a new run: %v", got)
		}

		// So does the stream that waits for a message.
		board.say(`{"hand":{"id":"4","message":{"text":"hello"}}}`)
		time.Sleep(100 * time.Millisecond)
		address := all[0].did("listen")["url"].(string)
		var said string
		if status := c.ask("GET", address, "", &said); status != http.StatusOK || !strings.Contains(said, "hello") {
			t.Errorf("the stream: %d %q", status, said)
		}
		all[3].say(`{"got":{"message":3,"by":"ws"}}`)
		pass()
		if got := board.sees("message.ws"); got == "[]" || got == "" {
			t.Errorf("it has arrived at %s", got)
		}
		var csv [3]string
		for i, r := range s.rooms {
			if status := r.ask("GET", "/class/"+code+"/results.csv", "", &csv[i], "Authorization", "Bearer "+key); status != http.StatusOK {
				t.Errorf("results: %d", status)
			}
		}
		if csv[0] != csv[1] || csv[1] != csv[2] || strings.Count(csv[0], "\n") != 8 {
			t.Errorf("results:\n%s%s", csv[0], csv[2])
		}
		// The teacher's key opens it at no server twice, and a member's nothing anywhere.
		var text string
		if status := c.ask("POST", "/class", fmt.Sprintf(`{"code":%q,"key":%q}`, code, key), &text); status != http.StatusOK {
			t.Errorf("it is open: %d", status)
		}
		board.say(`{"hand":{"id":"5","forget":{}}}`)
		pass()
		pass()
		for i, r := range s.rooms {
			if status := r.ask("GET", "/class/"+code, "", &text); status != http.StatusNotFound {
				t.Errorf("server %d has kept something: %d", i, status)
			}
		}
	})
}

// A server that is killed in the middle of a class takes nothing with it: the board is
// right, and those who were at another one notice nothing. It is the one at which the
// class goes on, or another one.
func TestServerKilled(t *testing.T) {
	for _, killed := range []int{0, 1} {
		synctest.Test(t, func(t *testing.T) {
			s := newSite(t, "", "", "")
			code, key := s.rooms[0].open()
			left := s.rooms[2]
			board := left.page(code, "board", key)
			all := append(s.rooms[killed].people(code, 3), left.people(code, 3)...)
			all[3].say(`{"capture":{"id":"capture-3"}}`)
			board.say(`{"hand":{"id":"1","ask":{"lesson":"reconnect"}}}`)
			pass()
			line := ends(left.socket("capture-3"))
			pass()
			for _, p := range all {
				p.say(`{"vote":{"lesson":"reconnect","round":1,"answer":2}}`)
			}
			keys := s.rooms[killed].join(code, "late").Key
			time.Sleep(120 * time.Millisecond) // the votes are on the board, and in no copy
			board.want("question.rounds.0.voted", "6")
			all[0].want("ask.mine", "2")
			s.kill(killed)
			all[3].say(`{"vote":{"lesson":"reconnect","round":1,"answer":1}}`)
			board.say(`{"hand":{"id":"2","hint":{"lesson":"reconnect","hint":1}}}`)
			time.Sleep(6 * time.Second)
			board.want("here", "3")
			board.want("question.rounds.0.voted", "6")
			board.want("hints", `{"reconnect":1}`)
			if got := board.done("2"); got["of"] != 3.0 && killed == 0 {
				t.Errorf("a hand that waited: %v", got)
			}
			// Those who were there come back elsewhere, under their keys.
			next := s.rooms[3-killed-2]
			back := next.page(code, "member", keys)
			pass()
			back.want("me.number", "7")
			board.want("here", "4")
			board.say(`{"hand":{"id":"3","votes":{"shown":true}}}`)
			board.say(`{"hand":{"id":"4","cut":{"how":"reset"}}}`)
			pass()
			board.want("question.rounds.0.counts", "[1,5,0]")
			if got := board.done("4"); got["n"] != 1.0 || got["of"] != 1.0 {
				t.Errorf("the cut: %v", got)
			}
			<-line
			for _, p := range append(all[3:], board) {
				if p.ended() != -1 {
					t.Errorf("somebody at another server has noticed: %v", p.ended())
				}
			}
		})
	}
}

// A server that is ended, as for a new version, hands its classes over at once.
func TestServerEnds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newSite(t, "", "")
		code, key := s.rooms[0].open()
		board := s.rooms[1].page(code, "board", key)
		fox := s.rooms[0].people(code, 1)[0]
		all := s.rooms[1].people(code, 2)
		pass()
		fox.say(`{"ran":{"lesson":"reconnect","sse":"resumed","ws":"nobody"}}`)
		synctest.Wait()
		s.rooms[0].end()
		s.leave(s.buses[0])
		synctest.Wait()
		board.say(`{"hand":{"id":"1","bring":{"lesson":"reconnect"}}}`)
		time.Sleep(200 * time.Millisecond)
		board.want("here", "2")
		board.want("runs.ran", "1")
		all[0].want("at.lesson", `"reconnect"`)
	})
}

// What a message that is lost on the way had in it is said again, and in its order.
func TestLostMessages(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newSite(t, "", "", "")
		code, key := s.rooms[0].open()
		board := s.rooms[0].page(code, "board", key)
		all := s.rooms[1].people(code, 2)
		board.say(`{"hand":{"id":"1","ask":{"lesson":"reconnect"}}}`)
		pass()
		s.set(func() { s.buses[1].loses = 2 })
		all[0].say(`{"vote":{"lesson":"reconnect","round":1,"answer":1}}`)
		all[1].say(`{"vote":{"lesson":"reconnect","round":1,"answer":1}}`)
		synctest.Wait()
		all[0].say(`{"vote":{"lesson":"reconnect","round":1,"answer":2}}`)
		time.Sleep(3 * time.Second)
		board.want("question.rounds.0.voted", "2")
		all[0].want("ask.mine", "2")
		all[1].want("ask.mine", "1")

		// Of a class that goes on with an old copy all is heard that is said from now on.
		s.set(func() { s.buses[2].deaf, s.next = true, s.buses[2].id })
		all[0].say(`{"follow":false}`)
		pass()
		s.kill(0)
		s.set(func() { s.buses[2].deaf = false })
		time.Sleep(4 * time.Second)
		wall := s.rooms[2].page(code, "wall", key)
		all[0].say(`{"vote":{"lesson":"reconnect","round":1,"answer":3}}`)
		time.Sleep(4 * time.Second)
		wall.want("here", "2")
		all[0].want("ask.mine", "3")
	})
}

// All servers start again, each with a data folder: the class is what it was last.
func TestDataOfServers(t *testing.T) {
	one, two := t.TempDir(), t.TempDir()
	var code, key, member string
	synctest.Test(t, func(t *testing.T) {
		s := newSite(t, one, two)
		code, key = s.rooms[0].open()
		member = s.rooms[0].join(code, "fox").Key
		board := s.rooms[1].page(code, "board", key)
		pass()
		s.kill(0)
		time.Sleep(6 * time.Second)
		board.say(`{"hand":{"id":"1","bring":{"lesson":"six"}}}`)
		pass()
	})
	synctest.Test(t, func(t *testing.T) {
		s := newSite(t, one, two) // that of the first is older
		board := s.rooms[0].page(code, "board", key)
		fox := s.rooms[0].page(code, "member", member)
		time.Sleep(5 * time.Second)
		board.want("at.lesson", `"six"`)
		board.want("here", "1")
		fox.want("me.name", `"fox"`)
		a, _, _ := s.rooms[0].classes.Counts()
		if b, _, _ := s.rooms[1].classes.Counts(); a != 0 || b != 1 {
			t.Errorf("it goes on at %d and %d", a, b)
		}
		if left, _ := os.ReadDir(one); len(left) != 0 {
			t.Errorf("the older one is kept: %v", left)
		}
		board.say(`{"hand":{"id":"1","forget":{}}}`)
		pass()
		pass()
	})
	if left, _ := os.ReadDir(two); len(left) != 0 {
		t.Errorf("there is left: %v", left)
	}
	synctest.Test(t, func(t *testing.T) {
		// A server that was away when a class ended does not bring it back.
		s := newSite(t, "", two)
		code, key = s.rooms[1].open()
		board := s.rooms[0].page(code, "board", key)
		pass()
		s.kill(1)
		time.Sleep(6 * time.Second)
		board.say(`{"hand":{"id":"1","forget":{}}}`)
		pass()
		late := s.add(two)
		time.Sleep(5 * time.Second)
		var text string
		if status := late.ask("GET", "/class/"+code, "", &text); status != http.StatusNotFound {
			t.Errorf("a class that has ended: %d", status)
		}
		if left, _ := os.ReadDir(two); len(left) != 0 {
			t.Errorf("its file is kept: %v", left)
		}
	})
	synctest.Test(t, func(t *testing.T) {
		// A folder that two servers share is kept for the one at which the class goes on.
		s := newSite(t, one, one)
		code, key = s.rooms[0].open()
		board := s.rooms[1].page(code, "board", key)
		pass()
		s.kill(0)
		time.Sleep(6 * time.Second)
		board.say(`{"hand":{"id":"1","bring":{"lesson":"six"}}}`)
		pass()
		s.add(one)
		time.Sleep(5 * time.Second)
		if data, err := os.ReadFile(one + "/" + code + ".json"); err != nil || !strings.Contains(string(data), `"lesson":"six"`) {
			t.Errorf("the file of the class: %v %s", err, data)
		}
	})
}

// A server that comes leaves a class where it goes on, and one of the data folder does
// not go over it.
func TestServerComes(t *testing.T) {
	folder := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		s := newSite(t, "", folder)
		code, key := s.rooms[1].open()
		fox := s.rooms[1].join(code, "fox")
		board := s.rooms[0].page(code, "board", key)
		pass()
		s.kill(1)
		time.Sleep(6 * time.Second)
		board.say(fmt.Sprintf(`{"hand":{"id":"1","remove":{"number":%d}}}`, fox.Number))
		board.say(`{"hand":{"id":"2","bring":{"lesson":"six"}}}`)
		pass()
		again := s.add(folder) // which has the class with the fox
		var rooms []*room
		for range 5 {
			rooms = append(rooms, s.add(""))
		}
		time.Sleep(10 * time.Second)
		p := again.page(code, "member", fox.Key)
		wall := rooms[4].page(code, "wall", key)
		pass()
		if p.ended() != closeKey {
			t.Errorf("somebody who was removed: %v", p.ended())
		}
		wall.want("at.lesson", `"six"`)
		board.want("at.lesson", `"six"`)
		classes := 0
		for _, r := range append(rooms, again, s.rooms[0]) {
			n, _, _ := r.classes.Counts()
			classes += n
		}
		if n, _, _ := s.rooms[0].classes.Counts(); n != 1 || classes != 1 {
			t.Errorf("the class is at %d, and at %d in all", n, classes)
		}
		if board.ended() != -1 {
			t.Errorf("the board has noticed: %v", board.ended())
		}
	})
}

// A server that is cut off goes on alone and says so; back again, all is one class and
// nothing is doubled. It is the one at which the class goes on, or another one.
func TestServerCutOff(t *testing.T) {
	for _, cut := range []int{0, 1} {
		synctest.Test(t, func(t *testing.T) {
			s := newSite(t, "", "", "")
			code, key := s.rooms[0].open()
			off, on := s.rooms[cut], s.rooms[2]
			board, wall := on.page(code, "board", key), off.page(code, "wall", key)
			here, there := off.people(code, 3), on.people(code, 3)
			board.say(`{"hand":{"id":"1","ask":{"lesson":"reconnect"}}}`)
			pass()
			here[0].say(`{"vote":{"lesson":"reconnect","round":1,"answer":1}}`)
			pass()
			board.want("question.rounds.0.voted", "1")
			board.want("cutOff", "")

			s.lose(s.buses[cut], false)
			time.Sleep(5 * time.Second)
			wall.want("cutOff", "true")
			wall.want("here", "3")
			here[0].want("cutOff", "true")
			board.want("cutOff", "")
			board.want("here", "3")
			for i, p := range append(here, there...) {
				p.say(`{"vote":{"lesson":"reconnect","round":1,"answer":2}}`)
				p.say(fmt.Sprintf(`{"measured":{"lesson":"six","what":"limit","value":%d}}`, i))
			}
			late, other := off.people(code, 1)[0], on.people(code, 1)[0] // both get the number 7
			late.say(`{"vote":{"lesson":"reconnect","round":1,"answer":3}}`)
			pass()
			wall.want("question.rounds.0.voted", "4")
			board.want("question.rounds.0.voted", "4")
			board.say(`{"hand":{"id":"2","bring":{"lesson":"six"}}}`)
			pass()

			s.heal(s.buses[cut])
			time.Sleep(3 * time.Second)
			wall.want("cutOff", "")
			for _, p := range []*page{board, wall} {
				p.want("here", "8")
				p.want("at.lesson", `"six"`)
			}
			late.want("me.number", "8")
			other.want("me.number", "7")
			late.want("ask.mine", "3")
			other.want("ask.mine", "")
			other.say(`{"vote":{"lesson":"reconnect","round":1,"answer":1}}`)
			late.say(`{"name":"late"}`)
			pass()
			board.want("who.7.name", `"late"`)
			board.say(`{"hand":{"id":"3","votes":{"shown":true}}}`)
			board.say(`{"hand":{"id":"4","bring":{"lesson":"reconnect"}}}`)
			pass()
			wall.want("question.rounds.0.counts", "[1,6,1]")
			for _, p := range append(append(here, there...), board, wall, late, other) {
				if p.ended() != -1 {
					t.Errorf("somebody was disconnected: %v", p.ended())
				}
			}
		})
	}
}

// All are cut off from each other, as when NATS itself is away: nothing is lost either.
func TestAllCutOff(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newSite(t, "", "", "")
		code, key := s.rooms[0].open()
		board := s.rooms[1].page(code, "board", key)
		all := append(append(s.rooms[0].people(code, 2), s.rooms[1].people(code, 2)...), s.rooms[2].people(code, 2)...)
		pass()
		for _, b := range s.buses {
			s.lose(b, false)
		}
		time.Sleep(5 * time.Second)
		board.say(`{"hand":{"id":"1","ask":{"lesson":"reconnect"}}}`) // only its own server hears it
		pass()
		for _, p := range all {
			p.say(`{"vote":{"lesson":"reconnect","round":1,"answer":2}}`)
			p.say(`{"ran":{"lesson":"six","sse":"resumed","ws":"nobody"}}`)
		}
		pass()
		board.want("here", "2")
		board.want("question.rounds.0.voted", "2")
		for _, b := range s.buses {
			s.heal(b)
		}
		time.Sleep(5 * time.Second)
		board.say(`{"hand":{"id":"2","bring":{"lesson":"six"}}}`)
		pass()
		board.want("here", "6")
		board.want("runs.ran", "6")
		all[5].want("ask.open", "true")
		all[3].want("ask.mine", "2")
		all[5].want("ask.voted", "2")
	})
}

// Wrong codes are counted over all servers, and classes that are opened.
func TestLimitsOverServers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newSite(t, "", "", "")
		code, _ := s.rooms[0].open()
		time.Sleep(time.Minute)
		var wrong sync.WaitGroup
		for i := range 60 { // at once: a minute has as many
			wrong.Go(func() {
				var text string
				if status := s.rooms[i%3].ask("GET", "/class/AAAAAA", "", &text); status != http.StatusNotFound {
					t.Errorf("wrong code %d: %d", i, status)
				}
			})
		}
		wrong.Wait()
		synctest.Wait() // all have heard of all
		for i, r := range s.rooms {
			var text string
			if status := r.ask("GET", "/class/"+code, "", &text); status != http.StatusTooManyRequests {
				t.Errorf("one more at server %d: %d", i, status)
			}
		}
		var opening sync.WaitGroup
		for i := range 20 {
			opening.Go(func() {
				var text string
				if status := s.rooms[i%3].ask("POST", "/class", `{"code":"AAAAAA","key":"none"}`, &text); status != http.StatusForbidden {
					t.Errorf("opening %d: %d", i, status)
				}
			})
		}
		opening.Wait()
		synctest.Wait()
		for i, r := range s.rooms {
			var text string
			if status := r.ask("POST", "/class", "{}", &text); status != http.StatusTooManyRequests {
				t.Errorf("one more opened at server %d: %d", i, status)
			}
		}
	})
}
