package main

import (
	"bufio"
	"cmp"
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/mattn/go-isatty"

	"seewire/cmd/seewire/internal/author"
	"seewire/lessons"
	"seewire/playground/dissect"
	"seewire/playground/experiments"
	"seewire/playground/export"
)

const dissectUsage = `Usage: seewire dissect [flags] FILE

Prints what is in a file, frame by frame and field by field; - is the standard
input. The file is a recording (.pcapng, .pcap, .har, a capture of this
program), or the bytes that one side of a connection has sent. At most 8 MiB.

  printf '\x81\x05Hello' | seewire dissect -
  curl -sN http://localhost:8080/play/chat/sse | seewire dissect -protocol sse -

`

// A console is what a command has of its terminal.
type console struct {
	in       io.Reader
	out, err io.Writer
	colour   bool   // out is a terminal that shows it
	locale   string // of the environment, that messages are to be in: "de_DE.UTF-8"
}

// newConsole is the process's own.
func newConsole() console {
	// no-color.org: any value that is not empty turns colours off.
	plain := os.Getenv("NO_COLOR") != "" || os.Getenv("TERM") == "dumb"
	return console{
		in: os.Stdin, out: os.Stdout, err: os.Stderr,
		colour: isatty.IsTerminal(os.Stdout.Fd()) && !plain,
		locale: locale(os.Getenv),
	}
}

// locale is what messages are to be in: of these variables the first that is
// set counts.
func locale(getenv func(string) string) string {
	return cmp.Or(getenv("LC_ALL"), getenv("LC_MESSAGES"), getenv("LANG"))
}

// ofLocale is the language that comes nearest to a locale: to zh_TW.UTF-8 that
// is one for zh-TW.
func (l languages) ofLocale(locale string) string {
	name, _, _ := strings.Cut(locale, ".")
	name, _, _ = strings.Cut(name, "@")
	return l.match(strings.ReplaceAll(name, "_", "-"))
}

// runDissect is `seewire dissect`.
func runDissect(args []string, c console) error {
	source := export.Source{Protocol: export.Guess, From: export.Guess}
	var from, lang string
	var folder author.Folder
	var asJSON, verbose bool
	flags := flag.NewFlagSet("seewire dissect", flag.ContinueOnError)
	flags.SetOutput(c.err)
	flags.Usage = func() {
		fmt.Fprint(c.err, dissectUsage)
		flags.PrintDefaults()
	}
	flags.StringVar(&source.Protocol, "protocol", export.Guess, "what the bytes are: sse, websocket, http1, http2, pcapng, har, capture")
	flags.StringVar(&from, "from", export.Guess, "which `side` sent them: client or server")
	flags.StringVar(&source.Extensions, "extensions", "", "the Sec-WebSocket-Extensions that were agreed on")
	flags.StringVar(&lang, "lang", "", "the `language` of what is printed, by its name in addresses; the default is that of LANG")
	flags.StringVar((*string)(&folder), "content", "", "`folder` with words that lie over the course, such as those of another language")
	flags.BoolVar(&asJSON, "json", false, "print JSON, for programs")
	flags.BoolVar(&verbose, "v", false, "say what each field means")

	files, err := parseAll(flags, args)
	if err != nil {
		return err
	}
	source.From = dissect.Side(from)
	usage := func(format string, a ...any) error {
		fmt.Fprintf(c.err, format+"\n\n", a...)
		flags.Usage()
		return errUsage
	}
	switch {
	case len(files) != 1:
		return usage("name one file, or - for the standard input")
	case source.From != export.Guess && source.From != dissect.Client && source.From != dissect.Server:
		return usage("-from is client or server, not %q", from)
	}
	course, err := folder.Load(references(experiments.All(context.Background(), nil, nil)))
	if err != nil {
		return err
	}
	known := languagesOf(course)
	switch {
	case lang == "":
		lang = known.ofLocale(c.locale)
	case !known.known(lang):
		return usage("-lang is one of %s, not %q", strings.Join(known.codes, ", "), lang)
	}

	p, err := readBounded(files[0], c.in)
	if err != nil {
		return err
	}
	document, err := export.Import(context.Background(), p, source)
	if err != nil {
		return err
	}
	out := bufio.NewWriter(c.out)
	if asJSON {
		err = export.WriteDocument(out, document)
	} else {
		printTree(out, document, course, lang, c.colour, verbose)
	}
	return errors.Join(err, out.Flush())
}

// readBounded reads a file, as far as the site would.
func readBounded(name string, in io.Reader) ([]byte, error) {
	if name != "-" {
		f, err := os.Open(name)
		if err != nil {
			return nil, err
		}
		defer f.Close()
		in = f
	}
	p, err := io.ReadAll(io.LimitReader(in, maxDissect+1))
	if err == nil && len(p) > maxDissect {
		err = fmt.Errorf("%s has more than 8 MiB, which is all that is read at once", name)
	}
	return p, err
}

// printTree prints a document with the course's words in a language.
func printTree(out io.Writer, d export.Document, course *lessons.Course, lang string, colour, verbose bool) {
	t := &tree{out: out, document: d, words: course.Words[lang], colour: colour}
	if verbose {
		t.meanings = map[string]string{}
		for _, f := range course.Fields[lang] {
			t.meanings[f.Name] = plainText(f.HTML)
		}
	}
	t.violations = map[string]string{}
	for _, f := range course.Fields[lang] {
		if code, ok := strings.CutPrefix(f.Name, "violation."); ok {
			t.violations[code] = plainText(f.HTML)
		}
	}
	t.print()
}
