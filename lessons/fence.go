package lessons

import (
	"slices"
	"strings"

	"github.com/yuin/goldmark/ast"

	"seewire/lessons/container"
)

// fence is the part that fenced code makes: quoted code and commands; plain
// code is plain markdown.
func (r *resolver) fence(d *draft, f *ast.FencedCodeBlock) Part {
	language, settings, err := d.fenceSettings(f)
	if err != nil {
		d.problem(f, "```%s: %v", d.info(f), err).do("write key=value or key=\"a longer value\" in the braces")
		return HTML("")
	}
	if language == "terminal" {
		side := settings.Values["side"]
		d.only(f, settings, "side")
		if !slices.Contains([]string{"", "sse", "ws"}, side) {
			d.problem(f, "side=%s is neither sse nor ws", side).do("write one of them, or no side")
		}
		return Terminal{Side: side, Commands: string(f.Lines().Value(d.source))}
	}
	d.only(f, settings, "from", "folded")
	from, ok := settings.Values["from"]
	if !ok {
		return nil
	}
	file, name, _ := strings.Cut(from, "#")
	text, err := r.quote(file, name)
	if err != nil {
		d.wrong(f, "from="+from, err)
	}
	return Code{File: file, Name: name, HTML: Highlight(language, text), Folded: settings.Values["folded"] == "yes"}
}

func (r *resolver) quote(file, name string) (string, error) {
	source, err := r.refs.Source(file)
	if err != nil {
		return "", asProblem(err).do("write an experiment's file: reconnect/sse.go")
	}
	text, err := Snippet(file, source, name)
	if err != nil {
		return "", asProblem(err).do("write the name of a declaration or of a region, or no #")
	}
	return text, nil
}

// fenceSettings splits the line behind ``` into language and settings.
func (d *draft) fenceSettings(f *ast.FencedCodeBlock) (string, container.Settings, error) {
	info := d.info(f)
	language, rest, _ := strings.Cut(info, " ")
	settings, err := container.ParseSettings(rest)
	return language, settings, err
}

func (d *draft) info(f *ast.FencedCodeBlock) string {
	if f.Info == nil {
		return ""
	}
	return string(f.Info.Segment.Value(d.source))
}
