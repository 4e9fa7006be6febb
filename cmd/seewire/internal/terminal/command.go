// Package terminal has the commands that print and end: dissect, check, lint and new.
package terminal

import (
	"bufio"
	"bytes"
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
	"seewire/cmd/seewire/internal/languages"
	"seewire/cmd/seewire/internal/onefile"
	"seewire/cmd/seewire/internal/phrases"
	"seewire/cmd/seewire/internal/references"
	"seewire/lessons"
	"seewire/playground/dissect"
	"seewire/playground/export"
)

// ErrUsage says that the command line is wrong and that the person has been told
// so.
var ErrUsage = errors.New("usage")

const dissectUsage = `Usage: seewire dissect [flags] FILE

Prints what is in a file, frame by frame and field by field; - is the standard
input. The file is a recording (.pcapng, .pcap, .har, a capture of this
program), or the bytes that one side of a connection has sent. At most 8 MiB.

  seewire dissect -html capture.pcapng > capture.html
  printf '\x81\x05Hello' | seewire dissect -
  curl -sN http://localhost:8080/play/chat/sse | seewire dissect -protocol sse -

`

// A Console is what a command has of its terminal.
type Console struct {
	In       io.Reader
	Out, Err io.Writer
	Colour   bool   // Out is a terminal that shows it
	Locale   string // of the environment, that messages are to be in: "de_DE.UTF-8"
}

// NewConsole is the process's own.
func NewConsole() Console {
	// no-color.org: any value that is not empty turns colours off.
	plain := os.Getenv("NO_COLOR") != "" || os.Getenv("TERM") == "dumb"
	return Console{
		In: os.Stdin, Out: os.Stdout, Err: os.Stderr,
		Colour: isatty.IsTerminal(os.Stdout.Fd()) && !plain,
		Locale: locale(os.Getenv),
	}
}

// locale is what messages are to be in: of these variables the first that is
// set counts.
func locale(getenv func(string) string) string {
	return cmp.Or(getenv("LC_ALL"), getenv("LC_MESSAGES"), getenv("LANG"))
}

// Dissect is `seewire dissect`.
func Dissect(args []string, c Console) error {
	source := export.Source{Protocol: export.Guess, From: export.Guess}
	var from, lang, keys string
	var folder author.Folder
	var asJSON, asHTML, verbose bool
	flags := flag.NewFlagSet("seewire dissect", flag.ContinueOnError)
	flags.SetOutput(c.Err)
	flags.Usage = func() {
		fmt.Fprint(c.Err, dissectUsage)
		flags.PrintDefaults()
	}
	flags.StringVar(&source.Protocol, "protocol", export.Guess, "what the bytes are: sse, websocket, http1, http2, ndjson, json, pcapng, har, capture")
	flags.Func("as", "what a connection of a recording begins with, where the recording began later: `N:PROTOCOL`, or PROTOCOL for all", func(s string) error {
		told, err := export.ParseTold(s)
		source.Told = append(source.Told, told)
		return err
	})
	flags.StringVar(&from, "from", export.Guess, "which `side` sent them: client or server")
	flags.StringVar(&source.Extensions, "extensions", "", "the Sec-WebSocket-Extensions that were agreed on")
	flags.StringVar(&keys, "keys", "", "`file` with the keys of TLS connections, as SSLKEYLOGFILE has them")
	flags.StringVar(&lang, "lang", "", "the `language` of what is printed, by its name in addresses; the default is that of LANG")
	flags.StringVar((*string)(&folder), "content", "", "`folder` with words that lie over the course, such as those of another language")
	flags.BoolVar(&asJSON, "json", false, "print JSON, for programs")
	flags.BoolVar(&asHTML, "html", false, "print a page that opens from disk, in all languages: its list, bytes, fields and timeline")
	flags.BoolVar(&verbose, "v", false, "say what each field means")

	files, err := ParseAll(flags, args)
	if err != nil {
		return err
	}
	source.From = dissect.Side(from)
	usage := func(format string, a ...any) error {
		fmt.Fprintf(c.Err, format+"\n\n", a...)
		flags.Usage()
		return ErrUsage
	}
	switch {
	case len(files) != 1:
		return usage("name one file, or - for the standard input")
	case source.From != export.Guess && source.From != dissect.Client && source.From != dissect.Server:
		return usage("-from is client or server, not %q", from)
	}
	course, lang, err := courseIn(references.Interface, folder, lang, c.Locale)
	if errors.As(err, new(unknownLanguage)) {
		return usage("%v", err)
	}
	if err != nil {
		return err
	}

	p, err := readBounded(files[0], c.In)
	if err != nil {
		return err
	}
	if keys != "" {
		if source.Keys, err = readBounded(keys, c.In); err != nil {
			return err
		}
	}
	out := bufio.NewWriterSize(c.Out, 64<<10)
	if asJSON {
		err := export.ImportJSON(context.Background(), out, p, source, phrases.NewCodes(course, "en"))
		return errors.Join(err, out.Flush())
	}
	document, err := export.Import(context.Background(), p, source)
	if err != nil {
		return err
	}
	if asHTML {
		err = printPage(out, document, course)
	} else {
		printDocument(out, document, course, lang, c.Colour, verbose)
	}
	return errors.Join(err, out.Flush())
}

// An unknownLanguage is a -lang that the course does not have.
type unknownLanguage struct {
	asked string
	known []string
}

func (e unknownLanguage) Error() string {
	return fmt.Sprintf("-lang is one of %s, not %q", strings.Join(e.known, ", "), e.asked)
}

// courseIn is the course and the language to print in: the one that was asked for,
// or where that is "" the locale's. An error may be an unknownLanguage.
func courseIn(read func(author.Folder) (*lessons.Course, error), folder author.Folder, asked, locale string) (*lessons.Course, string, error) {
	course, err := read(folder)
	if err != nil {
		return nil, "", err
	}
	known := languages.Of(course)
	switch {
	case asked == "":
		asked = known.OfLocale(locale)
	case !known.Known(asked):
		return nil, "", unknownLanguage{asked, known.Codes}
	}
	return course, asked, nil
}

// printPage prints a document as a page in one file.
func printPage(out io.Writer, d export.Document, course *lessons.Course) error {
	page, err := onefile.New(course)()
	if err != nil {
		return err
	}
	var document bytes.Buffer
	if err := export.WriteDocument(&document, d, nil); err != nil {
		return err
	}
	return page.Write(out, document.Bytes())
}

// readBounded reads a file, as far as the site would.
func readBounded(name string, in io.Reader) ([]byte, error) {
	var p bytes.Buffer
	if name != "-" {
		f, err := os.Open(name)
		if err != nil {
			return nil, err
		}
		defer f.Close()
		if info, err := f.Stat(); err == nil {
			p.Grow(int(min(info.Size(), export.MaxImport)) + bytes.MinRead)
		}
		in = f
	}
	_, err := p.ReadFrom(io.LimitReader(in, export.MaxImport+1))
	if err == nil && p.Len() > export.MaxImport {
		err = fmt.Errorf("%s has more than 8 MiB, which is all that is read at once", name)
	}
	return p.Bytes(), err
}

// printDocument prints a document with the course's words in a language.
func printDocument(out io.Writer, d export.Document, course *lessons.Course, lang string, colour, verbose bool) {
	w := &printer{out: out, document: d, words: course.Words[lang], colour: colour, codes: phrases.NewCodes(course, lang)}
	if verbose {
		w.meanings = map[string]string{}
		for _, f := range course.Fields(lang) {
			w.meanings[f.Name] = phrases.PlainText(f.HTML)
		}
	}
	w.print()
}
