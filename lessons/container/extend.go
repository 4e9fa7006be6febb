package container

import (
	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/parser"
	"github.com/yuin/goldmark/renderer"
	"github.com/yuin/goldmark/util"
)

// Extension adds containers to a goldmark.Markdown. Its user takes them from
// the tree and renders what is in them.
type Extension struct{}

// Extend implements goldmark.Extender.
func (Extension) Extend(m goldmark.Markdown) {
	// Before paragraphs (1000) and after everything that starts otherwise.
	m.Parser().AddOptions(parser.WithBlockParsers(util.Prioritized(blockParser{}, 750)))
	m.Renderer().AddOptions(renderer.WithNodeRenderers(util.Prioritized(blockRenderer{}, 750)))
}
