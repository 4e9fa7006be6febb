package view

import (
	"encoding/json"
	"net/url"
	"slices"
	"strings"

	"github.com/a-h/templ"

	"seewire/lessons"
)

// A PlaygroundModel is one experiment on a page, ready to run.
type PlaygroundModel struct {
	Experiment string

	// Controls are in the order in which a lesson turns them.
	Controls []Control

	// Projects are what the experiment can be had as.
	Projects []Project

	// Visits says that the page asks for /play/{Experiment}/visit before a run.
	Visits bool

	// Origins are where the programs can come from, by the values of the
	// control "origin"; nil where they all run in the one sandbox.
	Origins Origins

	// SSE and WS are the two sides, shown left and right.
	SSE, WS SideModel

	// Capture is the ID in the commands until the page makes its own. The
	// server makes it so that the commands work without JavaScript too.
	Capture string

	// Picture says that the experiment draws something of a run: under the
	// timeline and over the same time or, if it is a Chart, in a tab of its own.
	Picture, Chart bool

	// Models says that what is streamed is what a language model says: a tab puts it
	// together.
	Models bool

	// Over is where the page finds the site; nil where the experiment does not
	// ask.
	Over *Over

	// Recorded is the run that is shown before the first one of the visitor's
	// own; nil where there is none.
	Recorded *Recorded
}

// A Project is an experiment as a program of its own, at /take/{Name}.
type Project struct {
	Name     string // "reconnect-go.zip"
	Language string // that of its servers: "go", "node" or "python"
}

// Origins are addresses of frames that programs run in, by name.
type Origins map[string]string

// JSON is for a script to read; empty where there are none.
func (o Origins) JSON() (string, error) {
	if o == nil {
		return "", nil
	}
	text, err := json.Marshal(o)
	return string(text), err
}

// A Control is one query parameter of the experiment, as playground.Control
// describes it, and what it is set to.
type Control struct {
	Name    string
	Kind    string // "number", "choice", "switch" or "text"
	Default string // the experiment's own

	Min, Max int      // number
	Unit     string   // number: "ms", "B"; empty for a count
	Choices  []string // choice
	MaxBytes int      // text

	// Initial is what the lesson sets it to; the experiment's own default
	// where the lesson says nothing.
	Initial string

	// Value is what the page's address asks for, or Initial.
	Value string

	// Error is the code of a playground.ControlError where the address asks
	// for what the control does not take; empty otherwise.
	Error string
}

// Over is the site's origins by the protocol that is spoken at them.
type Over struct {
	HTTP1, HTTP2 string // "" for none
}

// other is the one that a page is not at: the browser may not trust it, or not
// let the page speak to it.
func (o Over) other(p Page) string {
	if o.HTTP1 != p.Base {
		return o.HTTP1
	}
	return o.HTTP2
}

// A SideModel is one side of a playground.
type SideModel struct {
	Side    string // "sse" or "ws"
	Clients []File // JavaScript, editable; the first is chosen
	Beside  []File // clients that run beside the chosen one
	Servers []File // the Go that answers
}

// A File is source code, highlighted. The text of the HTML is the file's, byte
// for byte.
type File struct {
	Name string
	Code lessons.HTML
}

// Recorded is a run made earlier.
type Recorded struct {
	// Address is where the page gets all of it: a JSON object of "capture" (as
	// from /captures/{id}.json), "reports", "controls" and "started".
	Address string

	// Frames are for a reader without JavaScript: the first ones, without the Rest.
	Frames []RecordedFrame
	Rest   int
}

// sides lists both, in the order in which they are shown.
func (m PlaygroundModel) sides() []SideModel { return []SideModel{m.SSE, m.WS} }

// recordedAddress is empty where no run was recorded.
func (m PlaygroundModel) recordedAddress() string {
	if m.Recorded == nil {
		return ""
	}
	return m.Recorded.Address
}

// Ahead is what the playground's script fetches at once.
func (m PlaygroundModel) Ahead(p Page) Ahead {
	return Ahead{Module: m.module(p), Data: m.recordedAddress()}
}

// module is the address of the experiment's own module.
func (m PlaygroundModel) module(p Page) string {
	if m.Picture {
		return p.Static(m.file("picture.js"))
	}
	return p.Static(m.file("findings.js"))
}

// file is the path of one of the experiment's files in the repository.
func (m PlaygroundModel) file(name string) string {
	return experimentFile(m.Experiment, name)
}

func experimentFile(experiment, name string) string {
	return "playground/experiments/" + experiment + "/" + name
}

// atHand is how many controls stand beside Run.
const atHand = 2

// first are the controls that stand beside Run; a long text takes a row by itself.
func (m PlaygroundModel) first() []Control { return m.Controls[:min(atHand, len(m.Controls))] }

// rest are the controls after the first.
func (m PlaygroundModel) rest() []Control { return m.Controls[min(atHand, len(m.Controls)):] }

// decks are the tabs, by name.
func (m PlaygroundModel) decks() []string {
	decks := []string{"frames", "code", "terminal"}
	if m.Chart {
		decks = slices.Insert(decks, 0, "picture")
	}
	if m.Models {
		decks = slices.Insert(decks, 1, "together")
	}
	return decks
}

// path is the address that a side connects to.
func (m PlaygroundModel) path(side string) string { return "/play/" + m.Experiment + "/" + side }

// query is what a command in a terminal adds to the path: the controls that
// are not at the experiment's default, and the capture.
func (m PlaygroundModel) query() string {
	query := url.Values{}
	for _, c := range m.Controls {
		if c.Error == "" && c.Value != c.Default {
			query.Set(c.Name, c.Value)
		}
	}
	query.Set("capture", m.Capture)
	return query.Encode()
}

// command is a line for a shell that makes the side's connection.
func (m PlaygroundModel) command(p Page, side string) string {
	if side == "ws" {
		return "npx wscat -c '" + p.SocketBase() + m.path(side) + "?" + m.query() + "'"
	}
	return "curl -N '" + p.Base + m.path(side) + "?" + m.query() + "'"
}

// files lists what a side's tabs show: the clients, then the servers.
func (s SideModel) files() []File { return slices.Concat(s.Clients, s.Beside, s.Servers) }

// isClient says whether the file of a tab is a client.
func (s SideModel) isClient(tab int) bool { return tab < len(s.Clients)+len(s.Beside) }

// beside is the name of a client that runs beside the chosen one, else empty.
func (s SideModel) beside(tab int) string {
	if tab < len(s.Clients) {
		return ""
	}
	return strings.TrimSuffix(s.files()[tab].Name, ".js")
}

// title is what stands over the side's lanes.
func (s SideModel) title(p Page) string {
	if len(s.Beside) > 0 {
		return p.Text("playground.polling")
	}
	return p.Text("side." + s.Side)
}

// label is the key of the control's label; add ".help" or a choice to it.
func (m PlaygroundModel) label(c Control) string { return "control." + m.Experiment + "." + c.Name }

// described lists the IDs of what describes the control.
func (m PlaygroundModel) described(p Page, c Control) string {
	if m.help(p, c) == "" {
		return c.note()
	}
	return c.note() + "-help " + c.note()
}

// problem is what is wrong with the control's value, in the page's language.
func (c Control) problem(p Page) string {
	return p.Text("control.error."+c.Error, "min", c.Min, "max", c.Max, "bytes", c.MaxBytes)
}

// long reports whether the control's text wants more than one line.
func (c Control) long() bool { return c.Kind == "text" && c.MaxBytes > 1000 }

// note is the ID of the element that says what a control is for and what is
// wrong with it.
func (c Control) note() string { return "control-" + c.Name + "-note" }

// help says more about a control than its label does; most need none.
func (m PlaygroundModel) help(p Page, c Control) string { return p.Words[m.label(c)+".help"] }

// source writes a file's code. It is not a templ component because every space
// in it counts.
func source(f File) templ.Component {
	return templ.Raw(`<pre class="code" tabindex="0"><code>` + string(f.Code) + `</code></pre>`)
}

// invalid marks the control whose value is wrong.
func (c Control) invalid() templ.Attributes {
	if c.Error == "" {
		return nil
	}
	return templ.Attributes{"aria-invalid": "true"}
}
