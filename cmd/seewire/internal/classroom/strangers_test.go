package classroom

import (
	"context"
	"fmt"
	"net/http"
	"os"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/coder/websocket"
)

// What somebody can try who has no secret, or has only a member's.
func TestStrangers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRoom(t, "")
		code, key := r.open()
		board := r.page(code, "board", key)
		fox, owl := r.join(code, "fox"), r.join(code, "owl")
		mine, other := r.page(code, "member", fox.Key), r.page(code, "member", owl.Key)
		board.say(`{"hand":{"id":"1","ask":{"lesson":"reconnect"}}}`)
		pass()

		// A member's key opens no page of the teacher, and no results; neither does none.
		for _, role := range []string{"board", "phone", "wall", "in", "all", "cut", "2", "to.board", ""} {
			for _, secret := range []string{fox.Key, "", "AAAAAAAAAAAAAAAAAAAAAA"} {
				p := r.page(code, role, secret)
				synctest.Wait()
				if p.ended() != closeKey {
					t.Errorf("the role %q is open to %q: %v", role, secret, p.ended())
				}
			}
		}
		var text string
		for _, header := range []string{"", "Bearer ", "Bearer " + fox.Key, key} {
			if status := r.ask("GET", "/class/"+code+"/results.json?key="+key, "", &text, "Authorization", header); status != http.StatusForbidden {
				t.Errorf("results for %q: %d", header, status)
			}
		}
		// A hand, a vote, a name for somebody else, a role in the envelope: nothing of it.
		for _, said := range []string{
			`{"hand":{"id":"9","close":{}}}`, `{"hand":{"id":"9","cut":{"how":"reset"}},"role":"board"}`,
			`{"member":2,"vote":{"lesson":"reconnect","round":1,"answer":3}}`,
			`{"vote":{"lesson":"reconnect","round":1,"answer":4}}`, `{"vote":{"lesson":"reconnect","round":-1,"answer":1}}`,
			`{"vote":{"lesson":"reconnect","round":2,"answer":1}}`, `{"vote":{"lesson":"../etc","round":1,"answer":1}}`,
			`{"ran":{"lesson":"reconnect","sse":"<b>hello</b>"}}`, `{"exercise":{"lesson":"reconnect","state":"tried","fails":["=1+1"]}}`,
			`{"measured":{"lesson":"reconnect","what":"retry","side":"sse","value":1e99}}`, `{"at":{"lesson":"reconnect","heading":"A B"}}`,
			`{"capture":{"id":"class.*.in"}}`, `{"got":{"message":99,"by":"sse"}}`, `{"did":99}`, `{"exhibit":{"yes":true}}`, `[]`, `null`, `7`,
		} {
			mine.say(said)
		}
		pass()
		board.want("question.rounds.0.voted", "1")
		other.want("ask.mine", "")
		board.want("over", "")
		board.want("waves", "")
		board.want("exhibit", "")
		if strings.Contains(board.sees("who")+board.sees("runs")+board.sees("exercise"), "<b>") || board.heard("=1+1") {
			t.Error("words of a learner came to the board")
		}
		for _, secret := range []string{key, owl.Key} {
			if mine.heard(secret) || board.heard(secret) {
				t.Error("a secret was told")
			}
		}
		if mine.heard("owl") || mine.heard(`"who"`) {
			t.Error("a learner sees names")
		}
		wall := r.page(code, "wall", key)
		pass()
		if wall.heard("owl") || wall.heard(`"who"`) {
			t.Error("the wall shows names")
		}
		wall.say(`{"hand":{"id":"9","close":{}}}`)
		pass()
		board.want("over", "")

		// Names are text, and not long.
		var problem struct{ Code string }
		for _, name := range []string{strings.Repeat("x", 25), strings.Repeat("\U0001F600", 25)} {
			if status := r.ask("POST", "/class/"+code+"/members", fmt.Sprintf(`{"name":%q}`, name), &problem); status != http.StatusBadRequest || problem.Code != "class-name" {
				t.Errorf("a long name: %d %s", status, problem.Code)
			}
		}
		// A key that is none is no key to join under.
		var p struct{ Key string }
		r.ask("POST", "/class/"+code+"/members", `{"name":"weak","key":"1"}`, &p)
		if len(p.Key) != 22 {
			t.Errorf("joined under %q", p.Key)
		}
	})
}

func TestOtherOrigins(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRoom(t, "")
		code, _ := r.open()
		_, resp, err := websocket.Dial(context.Background(), "ws://class.test/class/"+code+"/live", &websocket.DialOptions{
			HTTPClient: r.client, HTTPHeader: http.Header{"Origin": {"http://elsewhere.test"}},
		})
		if err == nil || resp.StatusCode != http.StatusForbidden {
			t.Errorf("a page of another origin: %v", err)
		}
		var text string
		if status := r.ask("POST", "/class", "{}", &text, "Origin", "http://elsewhere.test"); status != http.StatusForbidden {
			t.Errorf("it opens a class: %d", status)
		}
	})
}

// Codes are not to be guessed, and who has been here or has seen the QR code gets in
// all the same. A browser that keeps trying keeps only itself out.
func TestWrongCodes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRoom(t, "")
		code, key := r.open()
		board := r.page(code, "board", key)
		pass()
		invite := strings.Trim(board.sees("invite"), `"`)
		var text string
		mine := []string{"Cookie", "class-person=" + strings.Repeat("A", 26)}
		for i := range 10 {
			if status := r.ask("GET", "/class/AAAAAA", "", &text, mine...); status != http.StatusNotFound {
				t.Fatalf("wrong code %d of one person: %d", i, status)
			}
		}
		for _, of := range []string{"AAAAAA", code} {
			if status := r.ask("GET", "/class/"+of, "", &text, mine...); status != http.StatusTooManyRequests {
				t.Errorf("one more of the same person: %d", status)
			}
		}
		if status := r.ask("GET", "/class/"+code, "", &text); status != http.StatusOK {
			t.Errorf("another person of the same address: %d", status)
		}
		time.Sleep(time.Minute)
		fox := r.join(code, "fox")
		for i := range 60 {
			if status := r.ask("GET", "/class/AAAAAA", "", &text); status != http.StatusNotFound {
				t.Fatalf("wrong code %d: %d", i, status)
			}
		}
		if status := r.ask("GET", "/class/AAAAAA", "", &text); status != http.StatusTooManyRequests {
			t.Errorf("one more: %d", status)
		}
		if status := r.ask("GET", "/class/"+code, "", &text); status != http.StatusTooManyRequests {
			t.Errorf("the right one: %d", status)
		}
		for _, wrong := range []string{"", "0123456789abcdef"} {
			if status := r.ask("POST", "/class/"+code+"/members", "{}", &text, "Class-Invite", wrong); status != http.StatusTooManyRequests {
				t.Errorf("joining with the invitation %q: %d", wrong, status)
			}
		}
		if status := r.ask("POST", "/class/"+code+"/members", "{}", &text, "Class-Invite", invite); status != http.StatusCreated {
			t.Errorf("joining by the QR code: %d %s", status, text)
		}
		p := r.page(code, "member", fox.Key)
		pass()
		p.want("here", "1")
		p.want("invite", "")
		board.want("here", "1")
		time.Sleep(2 * time.Second)
		if status := r.ask("GET", "/class/"+strings.ToLower(code[:3])+"-"+code[3:], "", &text); status != http.StatusOK {
			t.Errorf("later: %d %s", status, text)
		}
	})
}

// A page that says too much has to go, and a person has few pages.
func TestTooMuch(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRoom(t, "")
		code, _ := r.open()
		fox := r.join(code, "fox")
		p := r.page(code, "member", fox.Key)
		for range 100 {
			p.say(`{"follow":true}`)
		}
		pass()
		if p.ended() != closeSlow {
			t.Errorf("a hundred at once: %v", p.ended())
		}
		large := r.page(code, "member", fox.Key)
		large.say(`{"name":"` + strings.Repeat("x", 5000) + `"}`)
		pass()
		if large.ended() != closeSlow {
			t.Errorf("a large one: %v", large.ended())
		}
		for range 6 {
			r.page(code, "member", fox.Key)
		}
		pass()
		seventh := r.page(code, "member", fox.Key)
		pass()
		if seventh.ended() != closeSlow {
			t.Errorf("the seventh page: %v", seventh.ended())
		}
	})
}

// Who joins again and again, and comes with no page, keeps nobody out.
func TestEmptySeats(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRoom(t, "")
		code, key := r.open()
		board := r.page(code, "board", key)
		r.page(code, "member", r.join(code, "fox").Key)
		for range 499 {
			r.join(code, "")
		}
		var text string
		if status := r.ask("POST", "/class/"+code+"/members", "{}", &text); status != http.StatusServiceUnavailable {
			t.Errorf("one more at once: %d %s", status, text)
		}
		time.Sleep(6 * time.Second)
		r.page(code, "member", r.join(code, "owl").Key)
		pass()
		board.want("here", "2")
		board.want("who.0.name", `"fox"`)
	})
}

// What is known to all of a run that is shown is not enough to be taken for its owner.
func TestShownCapture(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRoom(t, "")
		code, key := r.open()
		board := r.page(code, "board", key)
		fox := r.people(code, 1)[0]
		fox.say(`{"capture":{"id":"capture-of-fox"}}`)
		pass()
		r.run("capture-of-fox", "")
		pass()
		board.say(`{"hand":{"id":"1","cut":{"how":"end"}}}`)
		pass()
		board.want("waves.0.sse", `[{"browser":"chrome","state":"open"}]`)
		board.say(`{"hand":{"id":"2","exhibit":{"number":1}}}`)
		pass()
		fox.say(`{"exhibit":{"yes":true,"capture":"capture-of-fox","lesson":"reconnect","code":{"sse":"x"}}}`)
		pass()
		board.want("exhibit.capture", `"capture-of-fox"`)
		r.run("capture-of-fox", "") // somebody else's
		pass()
		board.want("waves.0.sse", `[{"browser":"chrome","state":"open"}]`)
		board.say(`{"hand":{"id":"3","cut":{"how":"end"}}}`)
		pass()
		board.want("waves.0.lines", "0")
	})
}

// Classes that are opened and left don't keep others from opening theirs for hours.
func TestLeftClasses(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRoom(t, "")
		code, _ := r.open()
		time.Sleep(29 * time.Minute)
		var text string
		if status := r.ask("GET", "/class/"+code, "", &text); status != http.StatusOK {
			t.Errorf("before half an hour has passed: %d", status)
		}
		time.Sleep(2 * time.Minute)
		if status := r.ask("GET", "/class/"+code, "", &text); status != http.StatusGone {
			t.Errorf("after it: %d", status)
		}
	})
}

// Without a data folder a class is opened again by the teacher's key alone.
func TestReopen(t *testing.T) {
	var code, key, member string
	synctest.Test(t, func(t *testing.T) {
		r := newRoom(t, "")
		code, key = r.open()
		member = r.join(code, "fox").Key
		var text string
		if status := r.ask("POST", "/class", fmt.Sprintf(`{"code":%q,"key":%q}`, code, key), &text); status != http.StatusOK {
			t.Errorf("it is open: %d", status)
		}
	})
	synctest.Test(t, func(t *testing.T) {
		r := newRoom(t, "")
		// As many pages as a class has try it again and again, from the teacher's address.
		for range 100 {
			p := r.page(code, "member", member)
			synctest.Wait()
			if p.ended() != closeUnknown && p.ended() != closeSlow {
				t.Fatalf("a server that has forgotten the class: %v", p.ended())
			}
		}
		var text string
		if status := r.ask("POST", "/class", fmt.Sprintf(`{"code":%q,"key":%q}`, code, member), &text); status != http.StatusForbidden {
			t.Errorf("a member opens the class: %d", status)
		}
		if status := r.ask("POST", "/class", fmt.Sprintf(`{"code":%q,"key":%q}`, code, key), &text); status != http.StatusCreated {
			t.Errorf("the teacher does: %d", status)
		}
		time.Sleep(time.Second)
		// A page that comes before it has joined anew has not been removed.
		early := r.page(code, "member", member)
		synctest.Wait()
		if early.ended() != closeUnknown {
			t.Errorf("a class that was opened anew: %v", early.ended())
		}
		var again struct{ Key, Name string }
		if status := r.ask("POST", "/class/"+code+"/members", fmt.Sprintf(`{"name":"fox","key":%q}`, member), &again); status != http.StatusCreated || again.Key != member || again.Name != "fox" {
			t.Errorf("joining anew: %d %+v", status, again)
		}
		board, p := r.page(code, "board", key), r.page(code, "member", member)
		pass()
		board.want("here", "1")
		board.say(`{"hand":{"id":"1","remove":{"number":1}}}`)
		pass()
		late := r.page(code, "member", member)
		synctest.Wait()
		if p.ended() != closeKey || late.ended() != closeKey {
			t.Errorf("somebody who was removed: %v, then %v", p.ended(), late.ended())
		}
	})
}

// With a data folder a class goes on, and the folder holds no secret.
func TestData(t *testing.T) {
	folder := t.TempDir()
	var code, key, member string
	synctest.Test(t, func(t *testing.T) {
		r := newRoom(t, folder)
		code, key = r.open()
		member = r.join(code, "fox").Key
		board, fox := r.page(code, "board", key), r.page(code, "member", member)
		board.say(`{"hand":{"id":"1","ask":{"lesson":"reconnect"}}}`)
		pass()
		fox.say(`{"vote":{"lesson":"reconnect","round":1,"answer":3}}`)
		fox.say(`{"capture":{"id":"capture-of-fox"}}`)
		pass()
		r.run("capture-of-fox", "")
		pass()
		board.say(`{"hand":{"id":"2","cut":{"how":"reset"}}}`)
		time.Sleep(3 * time.Second)
		r.run("capture-of-fox", "")
		pass()
		board.want("waves.0.sse", `[{"back":3000,"browser":"chrome"}]`)
	})
	data, err := os.ReadFile(folder + "/" + code + ".json")
	if err != nil || strings.Contains(string(data), key) || strings.Contains(string(data), member) {
		t.Fatalf("%v, or a secret is in the file", err)
	}
	synctest.Test(t, func(t *testing.T) {
		r := newRoom(t, folder)
		board, fox := r.page(code, "board", key), r.page(code, "member", member)
		pass()
		fox.want("ask.mine", "3")
		fox.want("me.name", `"fox"`)
		board.want("question.rounds.0.voted", "1")
		board.want("waves.0.sse", `[{"back":3000,"browser":"chrome"}]`)
		board.say(`{"hand":{"id":"1","forget":{}}}`)
		pass()
		pass()
	})
	if left, _ := os.ReadDir(folder); len(left) != 0 {
		t.Errorf("there is left: %v", left)
	}
}
