package container

import (
	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/parser"
	"github.com/yuin/goldmark/util"
)

// Extension adds containers to a goldmark.Markdown. It brings no renderer:
// a container is taken from the tree before what is in it is rendered.
type Extension struct{}

// Extend implements goldmark.Extender.
func (Extension) Extend(m goldmark.Markdown) {
	// Before paragraphs (1000) and after everything that starts otherwise.
	m.Parser().AddOptions(parser.WithBlockParsers(util.Prioritized(blockParser{}, 750)))
}
