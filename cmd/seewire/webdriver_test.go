package main

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
	"syscall"
	"testing"
	"time"
)

// A driver is a browser that takes WebDriver's commands
// (https://www.w3.org/TR/webdriver2/). WebKit's driver takes them over HTTP.
// Firefox takes the same commands itself, over its own protocol, Marionette; the
// program that would translate from HTTP, geckodriver, is not in Debian.
type driver struct {
	name, version string
	send          func(ctx context.Context, command string, parameters any) (json.RawMessage, error)
}

// The commands that these tests need.
const (
	newSession    = "WebDriver:NewSession"
	endSession    = "WebDriver:DeleteSession"
	navigate      = "WebDriver:Navigate"
	executeScript = "WebDriver:ExecuteScript"
)

// open begins the session, and ends it with the test.
func (d *driver) open(t *testing.T, capabilities any) {
	t.Helper()
	answer, err := d.send(t.Context(), newSession, capabilities)
	if err != nil {
		t.Fatal(err)
	}
	var session struct {
		Capabilities struct{ BrowserName, BrowserVersion string }
	}
	if err := json.Unmarshal(answer, &session); err != nil {
		t.Fatal(err)
	}
	d.name, d.version = session.Capabilities.BrowserName, session.Capabilities.BrowserVersion
	t.Logf("%s %s", d.name, d.version)
}

// evaluate puts the value of an expression in the page into result, or what its
// promise comes to.
func (d *driver) evaluate(ctx context.Context, expression string, result any) error {
	answer, err := d.send(ctx, executeScript, map[string]any{"script": "return (" + expression + "\n)", "args": []any{}})
	if err != nil {
		return err
	}
	return json.Unmarshal(answer, result)
}

// tab is the browser's one page, for the site at base.
func (d *driver) tab(t *testing.T, base string) *tab {
	p := &tab{t: t, ctx: t.Context(), base: base, seen: newRecord(base), driver: d}
	p.expect("invalid language tag: C") // WebKit's language where the machine has none, which uPlot refuses
	t.Cleanup(func() { p.seen.check(t) })
	return p
}

// visit loads a page of the site, and then keeps what it complains of.
func (d *driver) visit(p *tab, path string) {
	p.t.Helper()
	ctx, cancel := context.WithTimeout(p.ctx, p.patience())
	defer cancel()
	if _, err := d.send(ctx, navigate, map[string]any{"url": p.base + path}); err != nil {
		p.t.Fatal(err)
	}
	eval[bool](p, `(() => {
		window.complaints = [];
		addEventListener("error", ({ message, filename, lineno }) => complaints.push([message, filename, lineno].join(" ")));
		addEventListener("unhandledrejection", ({ reason }) => complaints.push("rejected: " + reason));
		addEventListener("securitypolicyviolation", ({ blockedURI, violatedDirective }) => complaints.push(violatedDirective + ": " + blockedURI));
		return true;
	})()`)
}

// complained takes in what the page has complained of since it was loaded.
func (p *tab) complained() {
	p.t.Helper()
	p.seen.complaints = append(p.seen.complaints, eval[[]string](p, "complaints")...)
}

// click waits until the element can be clicked, and clicks it.
func (d *driver) click(p *tab, selector string) {
	p.t.Helper()
	element := fmt.Sprintf("document.querySelector(%q)", selector)
	p.until(element + "?.checkVisibility() && !" + element + ".disabled")
	eval[bool](p, element+".scrollIntoView({ block: 'center' }), "+element+".focus(), "+element+".click(), true")
}

// write puts a text in the place of all that stands in the field with the focus.
func (d *driver) write(p *tab, text string) {
	p.t.Helper()
	if !eval[bool](p, fmt.Sprintf(`(document.activeElement.select(), document.execCommand("insertText", false, %q))`, text)) {
		p.t.Fatal("the field takes no text")
	}
}

// startFirefox starts Debian's Firefox ESR until the test ends.
func startFirefox(t *testing.T) *driver {
	t.Helper()
	needProgram(t, "firefox-esr", "firefox-esr")
	profile := t.TempDir()
	// On a port that is free, which it writes into a file.
	if err := os.WriteFile(filepath.Join(profile, "user.js"), []byte(`user_pref("marionette.port", 0);`), 0o600); err != nil {
		t.Fatal(err)
	}
	firefox := exec.Command("firefox-esr", "--headless", "--marionette", "--profile", profile)
	firefox.Env = append(os.Environ(), "HOME="+profile) // root's own is not always root's
	ended := startBeside(t, firefox)
	var conn net.Conn
	awaitProgram(t, ended, func() error {
		port, err := os.ReadFile(filepath.Join(profile, "MarionetteActivePort"))
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
	d, number := &driver{}, 0
	d.send = func(ctx context.Context, command string, parameters any) (json.RawMessage, error) {
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
	d.open(t, map[string]any{})
	return d
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
func startWebKit(t *testing.T) *driver {
	t.Helper()
	needProgram(t, "WebKitWebDriver", "webkit2gtk-driver")
	needProgram(t, "Xvfb", "xvfb")
	number, told, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer number.Close()
	// On a display that is free, whose number it writes to its descriptor 3.
	xvfb := exec.Command("Xvfb", "-displayfd", "3", "-screen", "0", "1300x960x24", "-nolisten", "tcp")
	xvfb.ExtraFiles = []*os.File{told}
	startBeside(t, xvfb)
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
	// WebKit's own sandbox doesn't start for root, as whom CI runs.
	webkit.Env = append(os.Environ(), "DISPLAY=:"+strings.TrimSpace(display), "WEBKIT_DISABLE_SANDBOX_THIS_IS_DANGEROUS=1", "HOME="+t.TempDir())
	awaitProgram(t, startBeside(t, webkit), func() error {
		conn, err := net.Dial("tcp", address)
		if err == nil {
			conn.Close()
		}
		return err
	})

	d, session := &driver{}, ""
	d.send = func(ctx context.Context, command string, parameters any) (json.RawMessage, error) {
		method, path := http.MethodPost, map[string]string{navigate: "/url", executeScript: "/execute/sync"}[command]
		if command == endSession {
			method = http.MethodDelete
		}
		body, err := json.Marshal(parameters)
		if err != nil {
			return nil, err
		}
		request, err := http.NewRequestWithContext(ctx, method, "http://"+address+"/session"+session+path, bytes.NewReader(body))
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
	d.open(t, map[string]any{"capabilities": map[string]any{}})
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), patience)
		defer cancel()
		if _, err := d.send(ctx, endSession, nil); err != nil {
			t.Error(err)
		}
	})
	return d
}

// needProgram skips a test where a program is missing, which is in a package of
// Debian.
func needProgram(t *testing.T, name, from string) {
	t.Helper()
	_, err := exec.LookPath(name)
	switch {
	case os.Getenv("SEEWIRE_BROWSER") == "none":
		t.Skip("no browser is wanted")
	case err != nil && browserRequired():
		t.Fatalf("no %s: on Debian, apt-get install %s", name, from)
	case err != nil:
		t.Skipf("no %s: on Debian, apt-get install %s", name, from)
	}
}

// startBeside starts a program and ends it with the test, along with what it
// has started itself.
func startBeside(t *testing.T, program *exec.Cmd) (ended <-chan struct{}) {
	t.Helper()
	program.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	if err := program.Start(); err != nil {
		t.Fatal(err)
	}
	done := make(chan struct{})
	go func() {
		program.Wait()
		close(done)
	}()
	t.Cleanup(func() {
		syscall.Kill(-program.Process.Pid, syscall.SIGKILL)
		<-done
	})
	return done
}

// awaitProgram tries until there is no error, or the program has ended that it waits
// for.
func awaitProgram(t *testing.T, ended <-chan struct{}, try func() error) {
	t.Helper()
	for deadline := time.Now().Add(5 * patience); ; { // a busy machine needs a minute for a browser
		err := try()
		if err == nil {
			return
		}
		select {
		case <-ended:
			t.Fatalf("it has ended: %v", err)
		case <-time.After(50 * time.Millisecond):
		}
		if time.Now().After(deadline) {
			t.Fatal(err)
		}
	}
}

// valueIn is the value in an answer, which is an object around it.
func valueIn(answer []byte) (json.RawMessage, error) {
	var result struct{ Value json.RawMessage }
	err := json.Unmarshal(answer, &result)
	return result.Value, err
}
