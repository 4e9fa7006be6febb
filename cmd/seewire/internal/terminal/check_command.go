package terminal

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"strings"
	"time"
	"unicode/utf8"

	"seewire/check"
	"seewire/cmd/seewire/internal/author"
	"seewire/cmd/seewire/internal/phrases"
	"seewire/cmd/seewire/internal/references"
	"seewire/lessons"
)

// ErrWrong says that something is wrong with what was checked, and that the
// person has been told so.
var ErrWrong = errors.New("wrong")

const checkUsage = `Usage: seewire check [flags] URL

Asks an event stream (http, https) or a WebSocket (ws, wss) what the course
teaches, and prints what holds, what does not, the bytes that show it, and what
to do. It makes at most a handful of connections, one after the other. The exit
status is 1 if anything is wrong, else 0.

  seewire check http://localhost:8080/play/reconnect/sse
  seewire check -H 'Authorization: Bearer …' -d '{"stream":true}' https://api.example/v1/chat
  seewire check -strict ws://localhost:8080/play/framing/ws

`

// Check is `seewire check`.
func Check(ctx context.Context, args []string, c Console) error {
	o := check.Options{Header: http.Header{}}
	var lang string
	var folder author.Folder
	var asJSON bool
	flags := flag.NewFlagSet("seewire check", flag.ContinueOnError)
	flags.SetOutput(c.Err)
	flags.Usage = func() {
		fmt.Fprint(c.Err, checkUsage)
		flags.PrintDefaults()
	}
	flags.Func("H", "send a `header` as well, such as 'Authorization: Bearer …'", func(s string) error {
		name, value, ok := strings.Cut(s, ":")
		if !ok || name == "" {
			return errors.New("a header is a name, a colon and a value")
		}
		o.Header.Add(name, strings.TrimSpace(value))
		return nil
	})
	flags.StringVar(&o.Body, "d", "", "ask for an event stream by POST with this `body`, or the one in @FILE")
	flags.DurationVar(&o.Listen, "for", 20*time.Second, "how long to listen, for heartbeats")
	flags.IntVar(&o.PID, "pid", 0, "the server's `process` on this machine: shows whether it notices a client that has left")
	flags.BoolVar(&o.Strict, "strict", false, "send a WebSocket server what no client may send, too")
	flags.StringVar(&lang, "lang", "", "the `language` of what is printed, by its name in addresses; the default is that of LANG")
	flags.StringVar((*string)(&folder), "content", "", "`folder` with words that lie over the course, such as those of another language")
	flags.BoolVar(&asJSON, "json", false, "print JSON, for programs")
	addresses, err := ParseAll(flags, args)
	if err != nil {
		return err
	}
	usage := func(format string, a ...any) error {
		fmt.Fprintf(c.Err, format+"\n\n", a...)
		flags.Usage()
		return ErrUsage
	}
	if len(addresses) != 1 {
		return usage("name one address")
	}
	if o.Address, err = url.Parse(addresses[0]); err != nil {
		return usage("%v", err)
	}
	if file, ok := strings.CutPrefix(o.Body, "@"); ok {
		body, err := os.ReadFile(file)
		if err != nil {
			return err
		}
		o.Body = string(body)
	}
	course, lang, err := courseIn(references.Course, folder, lang, c.Locale)
	if errors.As(err, new(unknownLanguage)) {
		return usage("%v", err)
	}
	if err != nil {
		return err
	}
	p := &findingPrinter{out: c.Out, course: course, lang: lang, words: course.Words[lang], codes: phrases.NewCodes(course, lang), colour: c.Colour}
	if !asJSON {
		fmt.Fprintln(c.Err, p.words.Text("check.listening", "seconds", int(o.Listen.Seconds())))
	}
	report, err := check.Run(ctx, o)
	if errors.Is(err, check.ErrAddress) {
		return usage("%q is no address to check: it begins with http, https, ws or wss and names a host", addresses[0])
	}
	if err != nil {
		return err
	}
	if asJSON {
		err = p.json(report)
	} else {
		p.print(report)
	}
	if err == nil && report.Wrong() {
		return ErrWrong
	}
	return err
}

type findingPrinter struct {
	out    io.Writer
	course *lessons.Course
	lang   string
	words  lessons.Words
	codes  phrases.Codes
	colour bool
}

// marks say the verdict where there is no colour, too.
var marks = map[check.Verdict]struct{ text, style string }{
	check.Good:    {"✓", teal},
	check.Wrong:   {"✗", vermilion},
	check.Advice:  {"!", boldStyle},
	check.Unknown: {"?", dimStyle},
}

func (p *findingPrinter) style(style, text string) string {
	if !p.colour || text == "" {
		return text
	}
	return style + text + plainStyle
}

func (p *findingPrinter) print(r check.Report) {
	counts := map[check.Verdict]int{}
	for _, f := range r.Findings {
		counts[f.Verdict]++
		said, remedy := p.text(f)
		fmt.Fprintf(p.out, "%s %s\n", p.style(marks[f.Verdict].style, marks[f.Verdict].text), said)
		if f.Seen != "" && f.Verdict != check.Unknown {
			fmt.Fprintf(p.out, "    %s\n", p.style(dimStyle, shown(f.Seen)))
		}
		if remedy != "" {
			fmt.Fprintf(p.out, "    → %s %s\n", remedy, p.style(dimStyle, "("+p.words.Text("check.lesson", "title", p.title(f.Lesson))+")"))
		}
	}
	fmt.Fprintf(p.out, "\n%s\n", p.words.Text("check.summary", "good", counts[check.Good], "advice", counts[check.Advice], "wrong", counts[check.Wrong], "unknown", counts[check.Unknown]))
}

// shown is what was seen: text, or in hexadecimal what is none.
func shown(seen string) string {
	if !utf8.ValidString(seen) {
		return phrases.Shortened(fmt.Sprintf("% x", seen), 71)
	}
	return phrases.Shortened(phrases.Visible(seen), 100)
}

// text is a finding in words, and what to do.
func (p *findingPrinter) text(f check.Finding) (said, remedy string) {
	var pairs []any
	for name, value := range f.Args {
		switch text := fmt.Sprint(value); name {
		case "code":
			pairs = append(pairs, "violation", p.codes.Violation(text), "code", text)
		case "reason":
			pairs = append(pairs, name, p.words.Text("viewer.reason."+text))
		case "what":
			pairs = append(pairs, name, p.words.Text("check.what."+text))
		default:
			pairs = append(pairs, name, phrases.Visible(text))
		}
	}
	key := "check." + f.Key
	if _, ok := p.words[key+".do"]; ok {
		remedy = p.words.Text(key+".do", pairs...)
	}
	return p.words.Text(key, pairs...), remedy
}

func (p *findingPrinter) title(slug string) string {
	if lesson, ok := p.course.Find(slug); ok {
		if page := lesson.In(p.lang); page != nil {
			return page.Question
		}
	}
	return slug
}

// json prints the report with its words.
func (p *findingPrinter) json(r check.Report) error {
	type finding struct {
		check.Finding
		Says string `json:"says"`
		Do   string `json:"do,omitempty"`
	}
	out := struct {
		Address  string    `json:"address"`
		Findings []finding `json:"findings"`
	}{r.Address, []finding{}}
	for _, f := range r.Findings {
		said, remedy := p.text(f)
		f.Seen = shown(f.Seen)
		out.Findings = append(out.Findings, finding{f, said, remedy})
	}
	e := json.NewEncoder(p.out)
	e.SetEscapeHTML(false)
	e.SetIndent("", " ")
	return e.Encode(out)
}
