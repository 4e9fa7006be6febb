package terminal

import (
	"errors"
	"flag"
	"fmt"
	"io"

	"seewire/cmd/seewire/internal/author"
	"seewire/cmd/seewire/internal/references"
)

const lintUsage = `Usage: seewire lint [-content DIR]

Prints all that is wrong with the content, a line each: file:line: what, what to
do. The exit status is 1 if there is anything, else 0.

`

const newUsage = `Usage: seewire new SLUG -content DIR [-experiment ID]

Begins a lesson in a folder of your own, with one of the experiments that there
are. SLUG is its name in addresses.

`

// Lint is `seewire lint`.
func Lint(args []string, out, complain io.Writer) error {
	var folder author.Folder
	flags := authorFlags("lint", lintUsage, &folder, complain)
	rest, err := ParseAll(flags, args)
	if err != nil {
		return err
	}
	if len(rest) > 0 {
		fmt.Fprintf(complain, "unexpected argument %q\n\n", rest[0])
		flags.Usage()
		return ErrUsage
	}
	return folder.Lint(out, references.All())
}

// New is `seewire new`.
func New(args []string, out, complain io.Writer) error {
	var folder author.Folder
	flags := authorFlags("new", newUsage, &folder, complain)
	experiment := flags.String("experiment", "reconnect", "the `ID` of the experiment that the lesson runs")
	rest, err := ParseAll(flags, args)
	if err != nil {
		return err
	}
	if len(rest) != 1 {
		fmt.Fprint(complain, "name one lesson\n\n")
		flags.Usage()
		return ErrUsage
	}
	return folder.New(out, rest[0], *experiment, references.All())
}

func authorFlags(name, usage string, folder *author.Folder, complain io.Writer) *flag.FlagSet {
	flags := flag.NewFlagSet("seewire "+name, flag.ContinueOnError)
	flags.SetOutput(complain)
	flags.Usage = func() {
		fmt.Fprint(complain, usage)
		flags.PrintDefaults()
	}
	flags.StringVar((*string)(folder), "content", "", "the `folder` with content of your own")
	return flags
}

// ParseAll parses flags that stand before, between and behind other arguments,
// and gives those.
func ParseAll(flags *flag.FlagSet, args []string) (rest []string, err error) {
	for {
		if err := flags.Parse(args); errors.Is(err, flag.ErrHelp) {
			return nil, err
		} else if err != nil {
			return nil, ErrUsage
		}
		if flags.NArg() == 0 {
			return rest, nil
		}
		rest = append(rest, flags.Arg(0))
		args = flags.Args()[1:]
	}
}
