package classroom

import (
	"bufio"
	"context"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/coder/websocket"
)

// people opens pages of so many members.
func (r *room) people(code string, n int) (all []*page) {
	for i := range n {
		all = append(all, r.page(code, "member", r.join(code, fmt.Sprint("fox", i)).Key))
	}
	return all
}

func TestVotes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRoom(t, "")
		code, key := r.open()
		board, phone, wall := r.page(code, "board", key), r.page(code, "phone", key), r.page(code, "wall", key)
		all := r.people(code, 6)
		board.say(`{"hand":{"id":"1","ask":{"lesson":"reconnect"}}}`)
		pass()
		all[0].want("ask.round", "1")
		for i, p := range all[:4] {
			p.say(fmt.Sprintf(`{"vote":{"lesson":"reconnect","round":1,"answer":%d}}`, i%3+1))
		}
		pass()
		board.say(`{"hand":{"id":"2","votes":{"shown":true}}}`)
		pass()
		board.want("question.rounds.0.voted", "4")
		board.want("question.rounds.0.of", "6")
		if got := board.done("2")["error"]; got != "votes-few" {
			t.Errorf("four votes were shown: %v", got)
		}
		for _, p := range []*page{board, phone, wall, all[0]} {
			if p.heard(`"counts"`) {
				t.Error("somebody sees how four have voted")
			}
		}
		all[0].want("ask.mine", "1")
		all[4].say(`{"vote":{"lesson":"reconnect","round":1,"answer":2}}`)
		all[5].say(`{"vote":{"lesson":"reconnect","round":1,"answer":2}}`)
		pass()
		phone.want("question.rounds.0.counts", "[2,3,1]")
		board.want("question.rounds.0.counts", "")
		all[5].say(`{"vote":{"lesson":"reconnect","round":1,"answer":3}}`) // one alone is not told
		pass()
		phone.want("question.rounds.0.counts", "[2,3,1]")
		board.say(`{"hand":{"id":"3","votes":{"shown":true}}}`)
		pass()
		board.want("question.rounds.0.counts", "[2,2,2]")
		wall.want("question.rounds.0.counts", "[2,2,2]")
		wall.want("wall.shows", `"votes"`)
		all[0].want("ask.counts", "[2,2,2]")
		all[0].say(`{"vote":{"lesson":"reconnect","round":1,"answer":2}}`) // it is closed
		pass()
		board.say(`{"hand":{"id":"4","ask":{"lesson":"reconnect"}}}`)
		pass()
		for _, p := range all {
			p.say(`{"vote":{"lesson":"reconnect","round":2,"answer":2}}`)
		}
		pass()
		board.say(`{"hand":{"id":"5","votes":{"shown":true}}}`)
		pass()
		board.want("question.rounds.1.counts", "[0,6,0]")
		board.want("question.moved", `{"away":0,"both":6,"to":4}`)
		all[0].want("votes.reconnect", "[1,2]")
	})
}

func TestPresence(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRoom(t, "")
		code, key := r.open()
		board := r.page(code, "board", key)
		fox, owl := r.join(code, "fox"), r.join(code, "fox")
		if owl.Name != "fox 2" || owl.Number != 2 {
			t.Errorf("the second fox is %+v", owl)
		}
		one, two := r.page(code, "member", fox.Key), r.page(code, "member", owl.Key)
		pass()
		board.want("here", "2")
		board.want("who.0.browser", `"chrome"`)
		one.say(`{"follow":false}`)
		two.conn.Close(websocket.StatusNormalClosure, "")
		pass()
		board.want("here", "1")
		board.want("own", "1")
		board.want("of", "2")
		time.Sleep(25 * time.Second)
		board.want("of", "1")
		if board.sees("lost.0") == "" {
			t.Error("nobody is lost")
		}
		// Back, it is the same person.
		var again struct {
			Name   string
			Number int
		}
		if status := r.ask("POST", "/class/"+code+"/members", fmt.Sprintf(`{"name":"x","key":%q}`, owl.Key), &again); status != http.StatusOK || again.Number != 2 || again.Name != "fox 2" {
			t.Errorf("back again: %d %+v", status, again)
		}
		two = r.page(code, "member", owl.Key)
		pass()
		board.want("here", "2")
		board.want("of", "2")
		two.say(`{"name":"  owl\u202e\n  two "}`)
		pass()
		board.want("who.1.name", `"owl two"`)
		board.say(`{"hand":{"id":"1","remove":{"number":2}}}`)
		one.say(`{"leave":{}}`)
		pass()
		if one.ended() != closeKey || two.ended() != closeKey {
			t.Errorf("they ended with %v and %v", one.ended(), two.ended())
		}
		board.want("here", "0")
	})
}

func TestHands(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRoom(t, "")
		code, key := r.open()
		board, phone := r.page(code, "board", key), r.page(code, "phone", key)
		all := r.people(code, 3)
		all[2].say(`{"follow":false}`)
		pass()
		board.say(`{"hand":{"id":"1","bring":{"lesson":"reconnect","heading":"look"}}}`)
		time.Sleep(10 * time.Millisecond)
		phone.say(`{"hand":{"id":"2","bring":{"lesson":"reconnect","heading":"look"}}}`) // the same press
		pass()
		if got := phone.done("2"); got["again"] != true {
			t.Errorf("the second press: %v", got)
		}
		if all[2].did("bring") != nil || all[0].did("bring")["heading"] != "look" {
			t.Error("who follows goes, and nobody else")
		}
		for _, p := range all[:2] {
			p.say(fmt.Sprintf(`{"did":%v}`, p.did("bring")["n"]))
			p.say(fmt.Sprintf(`{"did":%v}`, p.did("bring")["n"])) // nobody twice
		}
		board.say(`{"hand":{"id":"3","run":{"lesson":"reconnect","controls":{"cut":"0"}}}}`)
		board.say(`{"hand":{"id":"4","hint":{"lesson":"reconnect","hint":2}}}`)
		board.say(`{"hand":{"id":"5","answer":{"lesson":"reconnect"}}}`)
		board.say(`{"hand":{"id":"6","bring":{"lesson":"nowhere"}}}`)
		all[0].say(`{"ran":{"lesson":"reconnect","sse":"resumed","ws":"nobody"}}`)
		all[0].say(`{"exercise":{"lesson":"reconnect","state":"tried","fails":["exercise.reconnect.twice"]}}`)
		all[1].say(`{"exercise":{"lesson":"reconnect","state":"solved"}}`)
		all[1].say(`{"measured":{"lesson":"reconnect","what":"retry","side":"sse","value":3014}}`)
		pass()
		if got := board.done("1"); got["n"] != 2.0 || got["of"] != 2.0 {
			t.Errorf("bring: %v", got)
		}
		if board.done("6")["error"] != "lesson" {
			t.Errorf("nowhere: %v", board.done("6"))
		}
		all[0].want("run.controls", `{"cut":"0"}`)
		all[0].want("hints", `{"reconnect":2}`)
		all[0].want("answers", `["reconnect"]`)
		all[0].want("solutions", "")
		board.say(`{"hand":{"id":"5e","answer":{"lesson":"reconnect","exercise":true}}}`)
		pass()
		all[0].want("solutions", `["reconnect"]`)
		if all[0].did("answer")["exercise"] != true {
			t.Error("nobody is told to show the exercise's answer")
		}
		board.want("runs.sse", `[{"key":"resumed","n":1}]`)
		board.want("exercise", `{"begun":2,"fails":[{"key":"exercise.reconnect.twice","n":1}],"solved":1,"tried":1}`)
		board.want("measured", `[{"browser":"chrome","side":"sse","values":[3014],"what":"retry"}]`)

		// A run of somebody's is shown by its yes, as long as that stands.
		all[0].say(`{"capture":{"id":"capture-of-fox"}}`)
		pass()
		all[1].say(`{"capture":{"id":"capture-of-fox"}}`) // not theirs
		pass()
		board.say(`{"hand":{"id":"7","exhibit":{"number":1}}}`)
		pass()
		all[0].want("asked", "true")
		all[1].say(`{"exhibit":{"yes":true,"capture":"capture-of-fox","lesson":"reconnect"}}`)
		pass()
		board.want("exhibit.name", "")
		all[0].say(`{"exhibit":{"yes":true,"capture":"capture-of-fox","lesson":"reconnect","code":{"ws":"connect()"},"run":{"started":1}}}`)
		pass()
		all[1].want("exhibit.name", `"fox0"`)
		all[1].want("exhibit.code", "")
		board.want("exhibit.code", `{"ws":"connect()"}`)
		board.want("exhibit.run", `{"started":1}`)
		all[0].want("exhibit.mine", "true")
		all[0].say(`{"exhibit":{"yes":false}}`)
		pass()
		all[1].want("exhibit", "")
		board.want("exhibit", "")

		// A check of an exercise has a capture of its own, which is told with the yes.
		board.say(`{"hand":{"id":"8","exhibit":{"number":2}}}`)
		pass()
		all[1].say(`{"exhibit":{"yes":true,"capture":"exercise-of-owl","lesson":"reconnect","code":{"ws":"again()"}}}`)
		pass()
		board.want("exhibit.capture", `"exercise-of-owl"`)
		board.want("wall.shows", `"exhibit"`)
		board.say(`{"hand":{"id":"9","exhibit":{"number":1}}}`) // who has not said yes shows nothing
		pass()
		board.want("exhibit", `{"asked":1}`)
		board.want("wall.shows", "")
	})
}

// A message goes over both, and the class sees it arrive.
func TestMessage(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRoom(t, "")
		code, key := r.open()
		board := r.page(code, "board", key)
		all := r.people(code, 2)
		pass()
		board.say(`{"hand":{"id":"1","message":{"text":"Look at the third request."}}}`)
		time.Sleep(100 * time.Millisecond)
		address := all[0].did("listen")["url"].(string)
		resp, err := r.client.Get("http://class.test" + address)
		if err != nil {
			t.Fatal(err)
		}
		if again, err := r.client.Get("http://class.test" + address); err != nil || again.StatusCode != http.StatusForbidden {
			t.Errorf("the ticket was taken twice: %v", again.Status)
		} else {
			again.Body.Close()
		}
		lines := bufio.NewScanner(resp.Body)
		event := ""
		for lines.Scan() && event == "" {
			event, _ = strings.CutPrefix(lines.Text(), "data: ")
			if !strings.HasPrefix(event, "{") {
				event = ""
			}
		}
		resp.Body.Close()
		if want := `{"message":1,"text":"Look at the third request."}`; event != want {
			t.Errorf("the stream says %q", event)
		}
		pass()
		for _, p := range all {
			if p.did("message")["text"] != "Look at the third request." {
				t.Error("the socket has not said it")
			}
		}
		all[0].say(`{"got":{"message":1,"by":"sse"}}`)
		all[0].say(`{"got":{"message":1,"by":"sse"}}`)
		all[1].say(`{"got":{"message":1,"by":"ws"}}`)
		pass()
		if sse, ws := board.sees("message.sse"), board.sees("message.ws"); strings.Count(sse, ",") != 0 || sse == "[]" || ws == "[]" {
			t.Errorf("it has arrived at %s and %s", sse, ws)
		}
	})
}

// run opens a stream of numbers, and reads it to its end.
func (r *room) run(capture, query string) (ended chan error) {
	r.t.Helper()
	resp, err := r.client.Get("http://class.test/play/reconnect/sse?cut=0&total=100&every=500&capture=" + capture + query)
	ended = make(chan error, 1)
	if err != nil {
		ended <- err
		return ended
	}
	go func() {
		defer resp.Body.Close()
		lines := bufio.NewScanner(resp.Body)
		for lines.Scan() {
		}
		ended <- lines.Err()
	}()
	r.t.Cleanup(func() { resp.Body.Close() })
	return ended
}

func (r *room) socket(capture string) *websocket.Conn {
	r.t.Helper()
	conn, _, err := websocket.Dial(context.Background(), "ws://class.test/play/reconnect/ws?cut=0&total=100&every=500&capture="+capture, &websocket.DialOptions{HTTPClient: r.client})
	if err != nil {
		r.t.Fatal(err)
	}
	r.t.Cleanup(func() { conn.CloseNow() })
	return conn
}

// ends reads a socket to its end.
func ends(conn *websocket.Conn) chan error {
	ended := make(chan error, 1)
	go func() {
		for {
			if _, _, err := conn.Read(context.Background()); err != nil {
				ended <- err
				return
			}
		}
	}()
	return ended
}

func TestCut(t *testing.T) {
	for _, how := range []string{"reset", "end", "restart", "silence"} {
		synctest.Test(t, func(t *testing.T) {
			r := newRoom(t, "")
			code, key := r.open()
			board := r.page(code, "board", key)
			all := r.people(code, 2)
			for i, p := range all {
				p.say(fmt.Sprintf(`{"capture":{"id":"capture-%d"}}`, i))
			}
			pass()
			stream, other := r.run("capture-0", ""), r.run("a-stranger", "")
			socket := ends(r.socket("capture-0"))
			r.socket("capture-1")
			pass()
			board.say(fmt.Sprintf(`{"hand":{"id":"1","cut":{"how":%q}}}`, how))
			time.Sleep(time.Second)
			select {
			case err := <-stream:
				if how == "silence" || (err == nil) != (how != "reset") {
					t.Errorf("%s: the stream ends with %v", how, err)
				}
			default:
				if how != "silence" {
					t.Errorf("%s: the stream goes on", how)
				}
			}
			select {
			case err := <-socket:
				if status := websocket.CloseStatus(err); how == "silence" || (status == websocket.StatusGoingAway) != (how != "reset") {
					t.Errorf("%s: the socket ends with %v", how, err)
				}
			default:
				if how != "silence" {
					t.Errorf("%s: the socket goes on", how)
				}
			}
			select {
			case err := <-other:
				t.Errorf("%s: a stranger's stream ends with %v", how, err)
			default:
			}
			if got := board.done("1"); got["n"] != 2.0 || got["of"] != 2.0 {
				t.Errorf("%s: %v", how, got)
			}
			if how == "restart" {
				if err := <-r.run("capture-0", ""); err == nil {
					t.Error("the server lets somebody in while it restarts")
				}
			}
			time.Sleep(2 * time.Second) // three since the cut
			for range 2 {               // nobody twice
				r.run("capture-0", "")
				time.Sleep(time.Second)
			}
			board.want("waves.0.lines", "2")
			board.want("waves.0.how", fmt.Sprintf("%q", how))
			if got := board.sees("waves.0.sse"); got != `[{"back":3000,"browser":"chrome"}]` {
				t.Errorf("%s: of the streams is back: %s", how, got)
			}
			board.want("waves.0.ws", `[{"browser":"chrome","state":"open"},{"browser":"chrome","state":"open"}]`)
			all[0].want("wave.sse.back", "3000")
			all[0].say(`{"line":{"side":"ws","state":"closed","capture":"capture-0"}}`)
			pass()
			board.want("waves.0.ws.0.state", `"closed"`)
			if all[0].ended() != -1 {
				t.Errorf("%s: the class's own socket was cut", how)
			}
			board.say(`{"hand":{"id":"2","cut":{"how":"reset"}}}`) // so that nothing is held any more
			pass()
		})
	}
}

func TestResultsAndTheEnd(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRoom(t, "")
		code, key := r.open()
		board := r.page(code, "board", key)
		fox := r.page(code, "member", r.join(code, "fox").Key)
		board.say(`{"hand":{"id":"1","ask":{"lesson":"reconnect"}}}`)
		pass()
		fox.say(`{"vote":{"lesson":"reconnect","round":1,"answer":2}}`)
		fox.say(`{"measured":{"lesson":"six","what":"limit","value":6}}`)
		pass()
		board.say(`{"hand":{"id":"2","close":{}}}`)
		pass()
		if fox.did("over") == nil || fox.ended() != closeOver {
			t.Errorf("the member's page ended with %v", fox.ended())
		}
		var csv, json string
		bearer := []string{"Authorization", "Bearer " + key}
		r.ask("GET", "/class/"+code+"/results.csv", "", &csv, bearer...)
		r.ask("GET", "/class/"+code+"/results.json", "", &json, bearer...)
		if want := "number,browser,reconnect before,reconnect after,reconnect right,reconnect sse,reconnect ws,reconnect exercise,reconnect fails," +
			"six before,six after,six right,six sse,six ws,six exercise,six fails,six limit\n1,chrome,2,,2,,,,,,,,,,,,6\n"; csv != want {
			t.Errorf("csv:\n%s", csv)
		}
		if strings.Contains(csv+json, "fox") || !strings.Contains(json, `"before":2`) {
			t.Errorf("json:\n%s", json)
		}
		var problem struct{ Code string }
		if status := r.ask("POST", "/class/"+code+"/members", `{"name":"late"}`, &problem); status != http.StatusGone || problem.Code != "class-over" {
			t.Errorf("joining later: %d %s", status, problem.Code)
		}
		time.Sleep(11 * time.Minute)
		if status := r.ask("GET", "/class/"+code+"/results.csv", "", &csv, bearer...); status != http.StatusNotFound {
			t.Errorf("after eleven minutes: %d", status)
		}
	})
}

// A wave is of the runs that were cut: what a learner runs anew is not one of them
// that has come back, and another cut does not end the wait for those of the first.
func TestWaves(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRoom(t, "")
		code, key := r.open()
		board := r.page(code, "board", key)
		fox := r.people(code, 1)[0]
		fox.say(`{"capture":{"id":"the-first-run"}}`)
		fox.say(`{"capture":{"id":"the-second-run"}}`)
		pass()
		r.run("the-first-run", "")
		r.socket("the-first-run")
		pass()
		board.say(`{"hand":{"id":"1","cut":{"how":"reset"}}}`)
		time.Sleep(time.Second)
		fox.say(`{"line":{"side":"sse","state":"waiting","capture":"the-first-run"}}`)
		r.socket("the-second-run")
		fox.say(`{"line":{"side":"ws","state":"open","capture":"the-second-run"}}`)
		pass()
		board.want("waves.0.ws", `[{"browser":"chrome","state":"closed"}]`)
		board.say(`{"hand":{"id":"2","cut":{"how":"end"}}}`)
		time.Sleep(time.Second)
		r.run("the-first-run", "")
		pass()
		board.want("waves.0.sse", `[]`)
		board.want("waves.0.ws", `[{"browser":"chrome","state":"open"}]`)
		board.want("waves.1.sse", `[{"back":4000,"browser":"chrome"}]`)
		board.want("waves.1.ws", `[{"browser":"chrome","state":"closed"}]`)
	})
}
