package class

import (
	"fmt"
	"os"
	"strings"
	"sync"
	"testing"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"

	"seewire/cmd/seewire/internal/chromium"
)

// Of the browsers in the class so many load a page or answer at the same time, since
// each takes a processor for a second or so. The first ones join as people do, which
// loads two pages more; the others are put into the class.
const (
	atOnce = 3
	join   = 2
	solver = 2 // the one whose browser has the exercise's solution from earlier
)

// open opens a tab that is small, and draws anew only when something happens: twenty
// timelines that move would take all of the machine.
func open(t *testing.T, base string) *chromium.Tab {
	p := chromium.OpenTab(t, base)
	p.Do(chromedp.EmulateViewport(480, 640))
	still := []*emulation.MediaFeature{{Name: "prefers-reduced-motion", Value: "reduce"}}
	if _, err := chromedp.Call(p.Ctx, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{Features: still}); err != nil {
		t.Fatal(err)
	}
	return p
}

// until waits for an expression to be true, also while the page is loaded.
func until(p *chromium.Tab, expression string, args ...any) {
	p.T.Helper()
	p.Until("(() => { try { return " + fmt.Sprintf(expression, args...) + "; } catch { return false; } })()")
}

// press presses what a selector finds as soon as it can be pressed.
func press(p *chromium.Tab, selector string) {
	p.T.Helper()
	found := fmt.Sprintf(`document.querySelector(%q)`, selector)
	until(p, "%s", found+`.checkVisibility() && !`+found+`.disabled && `+found+`.getAttribute("aria-disabled") !== "true"`)
	chromium.Eval[bool](p, found+`.click(), true`)
}

// set writes into a field.
func set(p *chromium.Tab, selector, value string) {
	p.T.Helper()
	until(p, `document.querySelector(%q) !== null`, selector)
	chromium.Eval[bool](p, fmt.Sprintf(`((field) => {
		field.value = %[2]q;
		for (const name of ["input", "change"]) field.dispatchEvent(new Event(name, { bubbles: true }));
		return true;
	})(document.querySelector(%[1]q))`, selector, value))
}

// TestClass leads a class of real browsers from its opening to its end: what the board
// says is counted from what they did. SEEWIRE_LOAD says how many they are.
func TestClass(t *testing.T) {
	many := 6 // of whom five have to vote before it is shown how
	fmt.Sscan(os.Getenv("SEEWIRE_LOAD"), &many)
	board := chromium.OpenSite(t)
	board.Visit("/en/class")
	until(board, `document.querySelector("#class-lesson").options.length > 0`)
	set(board, "#class-lesson", "reconnect")
	press(board, "[data-part=open] button")
	until(board, `document.querySelector(".class-letters") !== null`)
	code := strings.ReplaceAll(chromium.Eval[string](board, `document.querySelector(".class-letters").textContent`), " ", "")
	if strings.Contains(chromium.Eval[string](board, `location.href`), "k=") {
		t.Error("the secret stays in the address")
	}
	key := chromium.Eval[string](board, fmt.Sprintf(`JSON.parse(localStorage.getItem("seewire/class/teacher/%s"))`, code))

	members := make([]*chromium.Tab, many)
	all := func(do func(i int, p *chromium.Tab)) {
		t.Helper()
		var group sync.WaitGroup
		places := make(chan bool, atOnce)
		for i, p := range members {
			group.Go(func() {
				places <- true
				defer func() { <-places }()
				do(i, p)
			})
		}
		group.Wait()
		if t.Failed() {
			t.FailNow()
		}
	}
	next := func(label string) {
		t.Helper()
		until(board, `document.querySelector("[data-hand=next]").textContent.includes(%q) && document.querySelector("[data-hand=next]").getAttribute("aria-disabled") === "false"`, label)
		// The space bar, twice: the second press does nothing.
		chromium.Eval[bool](board, `[0, 1].forEach(() => document.body.dispatchEvent(new KeyboardEvent("keydown", { key: " ", bubbles: true, cancelable: true }))), true`)
	}
	bring := func(step string) {
		t.Helper()
		chromium.Eval[bool](board, fmt.Sprintf(`[...document.querySelectorAll(".class-places-line li button")].find((button) => button.textContent.startsWith(%q)).click(), true`, step))
		press(board, "[data-hand=bring]")
	}
	press(board, "[data-hand=begin]")
	for i := range members {
		members[i] = open(t, board.Base)
	}
	enter := func(i int, p *chromium.Tab) {
		name := fmt.Sprintf("<b>%d", i+1)
		if i < join {
			p.Visit("/c/" + code)
			until(p, `!document.querySelector("[data-part=join] button:not([type])").disabled`)
			set(p, "#class-name", name)
			press(p, "[data-part=join] button:not([type])")
		} else {
			p.Visit("/en/class/course.json")
			chromium.Await[bool](p, fmt.Sprintf(`fetch("/class/%[1]s/members", { method: "POST", body: JSON.stringify({ name: %[2]q }) }).then((r) => r.json())
				.then(({ key, name }) => (localStorage.setItem("seewire/class", JSON.stringify({ code: %[1]q, key, name })), true))`, code, name))
			if i == solver {
				chromium.Await[bool](p, `fetch("/en/lessons/reconnect/solutions.json").then((r) => r.json()).then(({ resume }) => {
					const solution = new DOMParser().parseFromString(resume, "text/html").body.textContent;
					localStorage.setItem("seewire/code/reconnect/exercise.js#resume", JSON.stringify(solution));
					return true;
				})`)
			}
			p.Visit("/en/lessons/reconnect")
		}
		until(p, `document.querySelector("seewire-class .class-me").textContent.includes("<b>") && document.querySelector(".class-count").textContent.includes(" of ")`)
	}
	enter(0, members[0])
	next("Bring all to")
	until(members[0], `location.pathname.endsWith("/lessons/reconnect") && document.querySelector(".class-count").textContent.startsWith("1 of")`)
	all(func(i int, p *chromium.Tab) {
		if i > 0 {
			enter(i, p)
		}
	})
	here := fmt.Sprintf(`document.querySelector(".class-people-line").textContent.startsWith("%d ")`, many)
	until(board, "%s", here)

	next("Ask")
	all(func(i int, p *chromium.Tab) {
		until(p, `document.querySelector("seewire-class").dataset.ground === "ink" && document.querySelector("seewire-predict[data-numbered]") !== null`)
		chromium.Eval[bool](p, fmt.Sprintf(`document.querySelector('seewire-predict input[value="%d"]').click(), true`, i%3+1))
		until(p, `document.querySelector(".class-say").textContent.includes("answer %d, received")`, i%3+1)
	})
	until(board, `document.querySelector(".class-card header").textContent.includes("%d of %[1]d")`, many)
	if bars := chromium.Eval[int](board, `document.querySelectorAll(".class-bar").length`); bars != 0 {
		t.Errorf("%d bars are on the board before the votes are shown", bars)
	}
	next("Show the votes")
	until(board, `document.querySelectorAll(".class-bar").length === 3`)
	want := fmt.Sprintf("%d,%d,%d", (many+2)/3, (many+1)/3, many/3)
	if got := chromium.Eval[string](board, `[...document.querySelectorAll(".class-bar b")].map((b) => b.textContent).join()`); got != want {
		t.Errorf("the votes are %s, want %s", got, want)
	}

	// A run that goes on until it is cut, and says little.
	press(board, "[data-hand=change]")
	for name, value := range map[string]string{"cut": "0", "retry": "100", "total": "100", "every": "5000"} {
		set(board, "dialog [name="+name+"]", value)
	}
	press(board, "dialog [type=submit]")
	press(board, "[data-hand=run]")
	all(func(_ int, p *chromium.Tab) {
		until(p, `document.querySelector("seewire-playground").dataset.state === "running" && ["sse", "ws"].every((side) => document.querySelector("seewire-playground [data-part=log]").querySelector('[data-side="' + side + '"]'))`)
	})
	press(board, `[data-hand="cut reset"]`)
	count := func(side, mark string) string {
		return fmt.Sprintf(`document.querySelectorAll('.wave [data-side="%s"] %s').length`, side, mark)
	}
	// One mark more is the one before the side's name.
	until(board, "%s === %d && %s === %d", count("sse", ".wave-dot"), many+1, count("ws", ".wave-never"), many)
	if back := chromium.Eval[int](board, count("ws", ".wave-dot")) - 1; back != 0 {
		t.Errorf("%d WebSockets are back, and no program connects again", back)
	}

	// One solves the exercise, two try it with what is there from the beginning.
	bring("Exercise")
	until(members[0], `document.querySelector("seewire-class .class-count") !== null && location.hash === "#exercise"`)
	for _, p := range members[:3] {
		press(p, "seewire-exercise [data-action=check]")
		until(p, `document.querySelector("seewire-exercise [data-action=check]").getAttribute("aria-disabled") === "false"`)
	}
	const tally = "1 solved.*2 tried"
	board.Shows(".class-tally", tally)

	// A run is shown by its owner's yes.
	wall := chromium.OpenTab(t, board.Base)
	wall.Visit("/en/class/" + code + "/wall#k=" + key)
	wall.Shows(".class-tally", tally)
	press(board, "[data-hand=exhibit]")
	chromium.Eval[bool](board, `[...document.querySelectorAll("dialog li")].find((person) => person.textContent.includes("<b>3")).querySelector("button").click(), true`)
	press(members[solver], "seewire-class [data-action=show]")
	until(wall, `document.querySelector(".class-wall-exhibit pre").textContent.includes("connect()") && document.querySelector("seewire-timeline [role=option]") !== null`)

	if axe := chromium.AxeCore(); axe != nil {
		for name, p := range map[string]*chromium.Tab{"board": board, "wall": wall, "member": members[0]} {
			for _, v := range p.Axe(axe) {
				t.Errorf("the %s: %s: %s\n%s", name, v.ID, v.Help, v.Nodes)
			}
		}
	}

	results := chromium.Await[string](board, fmt.Sprintf(`fetch("/class/%s/results.csv", { headers: { Authorization: "Bearer %s" } }).then((r) => r.text())`, code, key))
	if rows := strings.Count(strings.TrimSpace(results), "\n"); rows != many {
		t.Errorf("the results have %d rows, want %d:\n%s", rows, many, results)
	}
	if strings.Contains(results, "<b>") {
		t.Errorf("the results have a name in them:\n%s", results)
	}

	press(board, "[data-hand=close]")
	press(board, "dialog .primary")
	all(func(_ int, p *chromium.Tab) {
		until(p, `document.querySelector(".class-say").textContent.includes("The class is over")`)
	})
}
