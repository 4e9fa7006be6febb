package agents

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/coder/websocket"
)

// api sends a request to the API, and returns the status and the body as JSON.
func (c *client) api(method, path, body string) (int, map[string]any) {
	c.t.Helper()
	response := c.open(method, path, body)
	defer response.Body.Close()
	var value map[string]any
	text, err := io.ReadAll(response.Body)
	if err == nil {
		err = json.Unmarshal(text, &value)
	}
	if err != nil {
		c.t.Fatalf("%s %s: %v in %s", method, path, err, text)
	}
	return response.StatusCode, value
}

func (c *client) open(method, path, body string) *http.Response {
	c.t.Helper()
	separator := "?"
	if strings.Contains(path, "?") {
		separator = "&"
	}
	r, err := http.NewRequest(method, "http://experiment.test/v1/responses"+path+separator+c.query[1:], strings.NewReader(body))
	if err != nil {
		c.t.Fatal(err)
	}
	return c.Do(c.t, r)
}

// A got is one event of a response, in short.
type got struct {
	Type     string
	Number   int `json:"sequence_number"`
	Delta    string
	Response struct{ ID, Status string }
}

// readEvents reads a stream to its end, and says whether that was a clean one. Each event
// line is the type.
func readEvents(t *testing.T, body io.Reader) (all []got, clean bool) {
	t.Helper()
	lines := bufio.NewScanner(body)
	named := ""
	for lines.Scan() {
		name, value, _ := strings.Cut(lines.Text(), ": ")
		switch name {
		case "event":
			named = value
		case "data":
			var e got
			if err := json.Unmarshal([]byte(value), &e); err != nil {
				t.Fatal(err)
			}
			if e.Type != named {
				t.Errorf("event: %s, but the type is %s", named, e.Type)
			}
			all = append(all, e)
		}
	}
	return all, lines.Err() == nil
}

func numbersOf(all []got) (numbers []int) {
	for _, e := range all {
		numbers = append(numbers, e.Number)
	}
	return numbers
}

// upTo are the numbers from one to another.
func upTo(from, to int) (numbers []int) {
	for n := from; n <= to; n++ {
		numbers = append(numbers, n)
	}
	return numbers
}

var lastNumber = firstToken + len(inEnglish) + 3

// In the background the model goes on without the connection, and any request starts
// again after any number.
func TestResponseStartsAgain(t *testing.T) {
	for _, how := range []string{"reset", "close"} {
		synctest.Test(t, func(t *testing.T) {
			c := serve(t, "every=200&cut=result&how="+how)
			first, clean := readEvents(t, c.open("POST", "", `{"input":"hello","background":true,"stream":true}`).Body)
			if !slices.Equal(numbersOf(first), upTo(0, 8)) || clean != (how == "close") {
				t.Fatalf("%s: it got %v, clean %v", how, numbersOf(first), clean)
			}
			id := first[0].Response.ID
			if status, now := c.api("GET", "/"+id, ""); status != 200 || now["status"] != "in_progress" {
				t.Errorf("after the loss: %d, %v", status, now)
			}
			rest, clean := readEvents(t, c.open("GET", "/"+id+"?stream=true&starting_after=8", "").Body)
			if !slices.Equal(numbersOf(rest), upTo(9, lastNumber)) || !clean || rest[len(rest)-1].Type != "response.completed" {
				t.Errorf("the rest is %v, clean %v", rest, clean)
			}
			begun := time.Now()
			for after := -1; after <= lastNumber+1; after++ {
				path := fmt.Sprintf("/%s?stream=true&starting_after=%d", id, after)
				if again, _ := readEvents(t, c.open("GET", path, "").Body); !slices.Equal(numbersOf(again), upTo(after+1, lastNumber)) {
					t.Errorf("after %d it got %v", after, numbersOf(again))
				}
			}
			if took := time.Since(begun); took != 0 {
				t.Errorf("what was made already came after %v", took)
			}
			if all, _ := readEvents(t, c.open("GET", "/"+id+"?stream=true", "").Body); len(all) != lastNumber+1 {
				t.Errorf("without a number it got %v", numbersOf(all))
			}
		})
	}
}

// Without background a lost connection stops the model, and nothing is left.
func TestResponseEndsWithItsConnection(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := serve(t, "every=200&cut=result")
		first, _ := readEvents(t, c.open("POST", "", `{"input":"hello","stream":true}`).Body)
		synctest.Wait()
		for _, path := range []string{"", "?stream=true&starting_after=8"} {
			if status, said := c.api("GET", "/"+first[0].Response.ID+path, ""); status != 404 {
				t.Errorf("%q: %d, %v", path, status, said)
			}
		}
		// The next one of the run is whole, and is there when it is complete.
		whole, clean := readEvents(t, c.open("POST", "?attempt=2", `{"input":"hello","stream":true}`).Body)
		if !slices.Equal(numbersOf(whole), upTo(0, lastNumber)) || !clean {
			t.Errorf("the second is %v", numbersOf(whole))
		}
		if status, now := c.api("GET", "/"+whole[0].Response.ID, ""); status != 200 || now["status"] != "completed" {
			t.Errorf("%d, %v", status, now)
		}
	})
}

// A response is cancelled, at most once; it is kept for two minutes.
func TestResponseIsCancelled(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := serve(t, "every=200")
		_, begun := c.api("POST", "", `{"input":"hello","background":true,"stream":false}`)
		id := begun["id"].(string)
		time.Sleep(350 * time.Millisecond)
		for range 2 {
			if status, now := c.api("POST", "/"+id+"/cancel", ""); status != 200 || now["status"] != "cancelled" || textOf(now) != "Train 7 leaves" {
				t.Errorf("%d, %v", status, now)
			}
			time.Sleep(time.Second)
		}
		time.Sleep(keepTime)
		if status, _ := c.api("POST", "/"+id+"/cancel", ""); status != 404 {
			t.Errorf("after two minutes: %d", status)
		}

		stream := c.open("POST", "", `{"input":"hello","background":true,"stream":true}`)
		line, err := bufio.NewReader(stream.Body).ReadString('}')
		if err != nil {
			t.Fatal(err)
		}
		_, id, _ = strings.Cut(line, `"id":"`)
		id, _, _ = strings.Cut(id, `"`)
		time.Sleep(350 * time.Millisecond)
		c.api("POST", "/"+id+"/cancel", "")
		if some, clean := readEvents(t, c.open("GET", "/"+id+"?stream=true", "").Body); !clean || !slices.Equal(numbersOf(some), upTo(0, 6)) {
			t.Errorf("of a cancelled response it got %v, clean %v", numbersOf(some), clean)
		}
	})
}

// textOf is what the model says in a response.
func textOf(response map[string]any) (text string) {
	for _, one := range response["output"].([]any) {
		for _, part := range one.(map[string]any)["content"].([]any) {
			text += part.(map[string]any)["text"].(string)
		}
	}
	return text
}

// What can't be is refused in the API's form.
func TestResponsesAreRefused(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := serve(t, "every=50")
		_, whole := c.api("POST", "", `{"input":[{"role":"user","content":"hello"}]}`)
		id := whole["id"].(string)
		if textOf(whole) != strings.Join(inEnglish, "") {
			t.Errorf("the whole is %v", whole)
		}
		for _, c2 := range []struct {
			method, path, body string
			status             int
			param              any
		}{
			{"POST", "", `{`, 400, nil},
			{"POST", "", `{"input":3}`, 400, nil},
			{"POST", "", `{"input":""}`, 400, "input"},
			{"POST", "", `{"input":[{"role":"system","content":"be brief"}]}`, 400, "input"},
			{"POST", "", `{"input":"hello","max_output_tokens":-1}`, 400, "max_output_tokens"},
			{"POST", "", `{"input":"hello","background":true,"store":false}`, 400, "store"},
			{"POST", "", `{"input":"hello","model":"` + strings.Repeat("m", maxName+1) + `"}`, 400, "model"},
			{"POST", "", `{"input":"` + strings.Repeat("h", 200<<10) + `"}`, 413, nil},
			{"POST", "", `{"input":"hello","previous_response_id":"resp_1"}`, 400, "previous_response_id"},
			{"GET", "/" + id + "?stream=true", "", 400, "stream"},
			{"GET", "/resp_1", "", 404, nil},
			{"GET", "", "", 404, nil},
			{"POST", "/" + id + "/cancel", "", 400, nil},
			{"GET", "/" + id + "/input_items", "", 404, nil},
			{"DELETE", "/resp_1", "", 404, nil},
		} {
			status, said := c.api(c2.method, c2.path, c2.body)
			fault, _ := said["error"].(map[string]any)
			if status != c2.status || fault["message"] == "" || fault["type"] != "invalid_request_error" || fault["param"] != c2.param {
				t.Errorf("%s %.60s %.60s: %d, %v", c2.method, c2.path, c2.body, status, said)
			}
		}
		if _, next := c.api("POST", "", `{"input":"and then?","previous_response_id":"`+id+`"}`); next["previous_response_id"] != id || next["status"] != "completed" {
			t.Errorf("the next one is %v", next)
		}
	})
}

// As many are kept as there is room for.
func TestResponsesAreLimited(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := serve(t, "every=50")
		for made := 0; made <= maxResponses; made++ {
			if status, _ := c.api("POST", "", `{"input":"hello","background":true}`); (status == 429) != (made == maxResponses) {
				t.Fatalf("%d after %d", status, made)
			}
		}
		time.Sleep(keepTime)
		if status, _ := c.api("POST", "", `{"input":"hello","background":true}`); status != 200 {
			t.Errorf("two minutes later: %d", status)
		}
	})
}

// Over a WebSocket the same events come; what is lost with a connection is made again.
func TestResponsesOverWebSocket(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := serve(t, "every=200&cut=result&how=close")
		listen := func(conn *websocket.Conn) (all []got, closed websocket.StatusCode) {
			for {
				_, text, err := conn.Read(t.Context())
				if err != nil {
					return all, websocket.CloseStatus(err)
				}
				var e got
				if err := json.Unmarshal(text, &e); err != nil {
					t.Fatal(err)
				}
				all = append(all, e)
				if e.Type == "error" || e.Type == "response.completed" {
					return all, 0
				}
			}
		}
		conn := c.WebSocket(t, "/v1/responses"+c.query)
		say(t, conn, `{"type":"response.create","input":"hello"}`)
		first, closed := listen(conn)
		if !slices.Equal(numbersOf(first), upTo(0, 8)) || closed != websocket.StatusServiceRestart {
			t.Errorf("it got %v, then %v", numbersOf(first), closed)
		}
		synctest.Wait()
		if status, _ := c.api("GET", "/"+first[0].Response.ID, ""); status != 404 {
			t.Errorf("what was lost is still there: %d", status)
		}

		conn = c.WebSocket(t, "/v1/responses"+c.query+"&attempt=2")
		for _, message := range []string{`{"type":"response.create","input":"hello"}`, `{"type":"response.create","input":"hello","background":true}`, `{"type":"session.update","input":"hello"}`, `no JSON`} {
			say(t, conn, message)
		}
		if whole, _ := listen(conn); !slices.Equal(numbersOf(whole), upTo(0, lastNumber)) {
			t.Errorf("the second is %v", numbersOf(whole))
		}
		for range 3 {
			if refused, _ := listen(conn); len(refused) != 1 || refused[0].Type != "error" {
				t.Errorf("it got %v", refused)
			}
		}
		go func() { // while they are read: the connection has no buffers
			for range maxWaiting + 2 {
				conn.Write(t.Context(), websocket.MessageText, []byte(`{"type":"response.create","input":"hello"}`)) // the last may be too late
			}
		}()
		for closed = 0; closed == 0; {
			_, closed = listen(conn)
		}
		if closed != websocket.StatusPolicyViolation {
			t.Errorf("too many questions at a time: %v", closed)
		}
	})
}

// What fails says so, in one of two ways.
func TestOutcomes(t *testing.T) {
	for outcome, want := range map[string]string{"failed": "response.failed", "error": "error"} {
		synctest.Test(t, func(t *testing.T) {
			c := serve(t, "every=50&outcome="+outcome)
			all, clean := readEvents(t, c.open("POST", "", `{"input":"hello","background":true,"stream":true}`).Body)
			if last := all[len(all)-1]; last.Type != want || !clean {
				t.Errorf("the last event is %v", last)
			}
			if _, now := c.api("GET", "/"+all[0].Response.ID, ""); now["status"] != "failed" || now["error"] == nil {
				t.Errorf("it is %v", now)
			}
		})
	}
}
