package browsers

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// A browser is one that takes WebDriver's commands
// (https://www.w3.org/TR/webdriver2/). WebKit's driver takes them over HTTP.
// Firefox takes the same commands itself, over its own protocol, Marionette; the
// program that would translate from HTTP, geckodriver, is not in Debian.
type browser struct {
	send func(ctx context.Context, command string, parameters any) (json.RawMessage, error)
}

// The commands that these tests need.
const (
	newSession    = "WebDriver:NewSession"
	navigate      = "WebDriver:Navigate"
	executeScript = "WebDriver:ExecuteScript"
)

// patience is for whatever the browser is to do. A run ends by itself after two
// minutes.
const patience = 150 * time.Second

// open begins the session. It ends with the browser.
func (b *browser) open(t *testing.T, capabilities any) {
	t.Helper()
	var session struct {
		Capabilities struct{ BrowserName, BrowserVersion string }
	}
	if err := json.Unmarshal(b.do(t, newSession, capabilities), &session); err != nil {
		t.Fatal(err)
	}
	t.Log(session.Capabilities.BrowserName, session.Capabilities.BrowserVersion)
}

// do returns what a command comes to.
func (b *browser) do(t *testing.T, command string, parameters any) json.RawMessage {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	value, err := b.send(ctx, command, parameters)
	if err != nil {
		t.Fatal(err)
	}
	return value
}

// visit loads a page, and then keeps what it complains of.
func (b *browser) visit(t *testing.T, address string) {
	t.Helper()
	b.do(t, navigate, map[string]any{"url": address})
	eval[bool](t, b, `(() => {
		window.complaints = [];
		addEventListener("error", ({ message, filename, lineno }) => complaints.push([message, filename, lineno].join(" ")));
		addEventListener("unhandledrejection", ({ reason }) => complaints.push("rejected: " + reason));
		addEventListener("securitypolicyviolation", ({ blockedURI, violatedDirective }) => complaints.push(violatedDirective + ": " + blockedURI));
		return true;
	})()`)
}

// eval is the value of an expression in the page, or what its promise comes to.
func eval[T any](t *testing.T, b *browser, expression string) (value T) {
	t.Helper()
	answer := b.do(t, executeScript, map[string]any{"script": "return (" + expression + "\n)", "args": []any{}})
	if err := json.Unmarshal(answer, &value); err != nil {
		t.Fatalf("%s: %v", expression, err)
	}
	return value
}

// until waits for an expression in the page to be true.
func (b *browser) until(t *testing.T, expression string) {
	t.Helper()
	for deadline := time.Now().Add(patience); !eval[bool](t, b, "!!("+expression+")"); {
		if time.Now().After(deadline) {
			t.Fatalf("the page never came to: %s\n%s", expression,
				eval[string](t, b, `[...document.querySelectorAll("seewire-playground, seewire-exercise")].map(e => e.innerText).join("\n---\n").slice(0, 4000)`))
		}
		time.Sleep(100 * time.Millisecond) // the page's own time: there is nothing to wait on here
	}
}

// click waits until the element can be clicked, and clicks it.
func (b *browser) click(t *testing.T, selector string) {
	t.Helper()
	element := fmt.Sprintf("document.querySelector(%q)", selector)
	b.until(t, element+"?.checkVisibility() && !"+element+".disabled")
	eval[bool](t, b, element+".scrollIntoView({ block: 'center' }), "+element+".click(), true")
}

// startFirefox starts Debian's Firefox ESR until the test ends.
func startFirefox(t *testing.T) *browser {
	t.Helper()
	needFirefox(t)
	home := t.TempDir()
	// On a port that is free, which it writes into a file.
	if err := os.WriteFile(filepath.Join(home, "user.js"), []byte(`user_pref("marionette.port", 0);`), 0o600); err != nil {
		t.Fatal(err)
	}
	firefox := exec.Command("firefox-esr", "--headless", "--marionette", "--profile", home)
	firefox.Env = append(os.Environ(), "HOME="+home) // root's own is not always root's
	p := start(t, firefox)
	var conn net.Conn
	p.await(t, func() error {
		port, err := os.ReadFile(filepath.Join(home, "MarionetteActivePort"))
		if err != nil {
			return err
		}
		conn, err = net.Dial("tcp", "127.0.0.1:"+string(port))
		return err
	})
	t.Cleanup(func() { conn.Close() })
	in := bufio.NewReader(conn)
	if _, err := readMarionette(in); err != nil { // its greeting
		t.Fatal(err)
	}
	b, number := &browser{}, 0
	b.send = func(ctx context.Context, command string, parameters any) (json.RawMessage, error) {
		number++
		message, err := json.Marshal([]any{0, number, command, parameters})
		if err != nil {
			return nil, err
		}
		deadline, _ := ctx.Deadline()
		conn.SetDeadline(deadline)
		if _, err := fmt.Fprintf(conn, "%d:%s", len(message), message); err != nil {
			return nil, err
		}
		if message, err = readMarionette(in); err != nil {
			return nil, err
		}
		var failure, result json.RawMessage
		var kind, answered int
		if err := json.Unmarshal(message, &[]any{&kind, &answered, &failure, &result}); err != nil {
			return nil, err
		}
		if failure != nil {
			return nil, fmt.Errorf("%s: %s", command, failure)
		}
		if command == newSession {
			return result, nil
		}
		return valueIn(result)
	}
	b.open(t, map[string]any{})
	return b
}

// readMarionette reads a message: its length, a colon, JSON.
func readMarionette(in *bufio.Reader) ([]byte, error) {
	var length int
	if _, err := fmt.Fscanf(in, "%d:", &length); err != nil {
		return nil, err
	}
	message := make([]byte, length)
	_, err := io.ReadFull(in, message)
	return message, err
}

// startWebKit starts the browser of Debian's WebKitGTK until the test ends, on
// a display of its own: it has no headless mode.
func startWebKit(t *testing.T) *browser {
	t.Helper()
	needWebKit(t)
	number, told, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer number.Close()
	// On a display that is free, whose number it writes to its descriptor 3.
	xvfb := exec.Command("Xvfb", "-displayfd", "3", "-screen", "0", "1300x960x24", "-nolisten", "tcp")
	xvfb.ExtraFiles = []*os.File{told}
	start(t, xvfb)
	told.Close()
	display, err := bufio.NewReader(number).ReadString('\n')
	if err != nil {
		t.Fatalf("Xvfb gave no display: %v", err)
	}

	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	address := listener.Addr().String()
	listener.Close()
	_, port, _ := net.SplitHostPort(address)
	webkit := exec.Command("WebKitWebDriver", "--port="+port)
	webkit.Env = append(os.Environ(), "DISPLAY=:"+strings.TrimSpace(display), "HOME="+t.TempDir(),
		"WEBKIT_DISABLE_SANDBOX_THIS_IS_DANGEROUS=1", // its sandbox doesn't start for root, as whom CI runs
		"LC_ALL=C") // then it speaks en-US; of C.UTF-8 it makes a language that no Intl takes
	start(t, webkit).await(t, func() error {
		conn, err := net.Dial("tcp", address)
		if err == nil {
			conn.Close()
		}
		return err
	})

	b, session := &browser{}, ""
	b.send = func(ctx context.Context, command string, parameters any) (json.RawMessage, error) {
		body, err := json.Marshal(parameters)
		if err != nil {
			return nil, err
		}
		path := map[string]string{navigate: "/url", executeScript: "/execute/sync"}[command]
		request, err := http.NewRequestWithContext(ctx, http.MethodPost, "http://"+address+"/session"+session+path, bytes.NewReader(body))
		if err != nil {
			return nil, err
		}
		request.Close = true // no connection is left behind
		response, err := http.DefaultClient.Do(request)
		if err != nil {
			return nil, err
		}
		defer response.Body.Close()
		answer, err := io.ReadAll(response.Body)
		if err != nil {
			return nil, err
		}
		if response.StatusCode != http.StatusOK {
			return nil, fmt.Errorf("%s: %s", command, answer)
		}
		value, err := valueIn(answer)
		if err == nil && command == newSession {
			var opened struct{ SessionID string }
			err = json.Unmarshal(value, &opened)
			session = "/" + opened.SessionID
		}
		return value, err
	}
	b.open(t, map[string]any{"capabilities": map[string]any{}})
	return b
}

// valueIn is the value in an answer, which is an object around it.
func valueIn(answer []byte) (json.RawMessage, error) {
	var result struct{ Value json.RawMessage }
	err := json.Unmarshal(answer, &result)
	return result.Value, err
}
