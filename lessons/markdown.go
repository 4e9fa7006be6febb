package lessons

import (
	"sync"

	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/extension"
	"github.com/yuin/goldmark/parser"
	"github.com/yuin/goldmark/renderer"
	"github.com/yuin/goldmark/util"

	"seewire/lessons/container"
)

// markdown is the dialect that lessons and fields are written in:
// CommonMark with tables, named blocks and ids written by hand, and with
// Chinese lines that join without a space.
var markdown = sync.OnceValue(func() goldmark.Markdown {
	return goldmark.New(
		goldmark.WithExtensions(
			container.Extension{},
			extension.NewTable(extension.WithTableCellAlignMethod(extension.TableCellAlignAttribute)), // a style attribute would break the CSP
			extension.NewCJK(extension.WithEastAsianLineBreaks(extension.EastAsianLineBreaksCSS3Draft), extension.WithEscapedSpace()),
		),
		goldmark.WithParserOptions(parser.WithAttribute()),
		goldmark.WithRendererOptions(renderer.WithNodeRenderers(util.Prioritized(codeRenderer{}, 100))),
	)
})

// codeRenderer writes fenced code in the markup that all code on a page has.
type codeRenderer struct{}

func (codeRenderer) RegisterFuncs(r renderer.NodeRendererFuncRegisterer) {
	r.Register(ast.KindFencedCodeBlock, renderCode)
}

func renderCode(w util.BufWriter, source []byte, node ast.Node, entering bool) (ast.WalkStatus, error) {
	if !entering {
		return ast.WalkContinue, nil
	}
	code := node.(*ast.FencedCodeBlock)
	highlighted := Highlight(string(code.Language(source)), string(code.Lines().Value(source)))
	_, err := w.WriteString(`<pre class="code" tabindex="0"><code>` + string(highlighted) + "</code></pre>\n")
	return ast.WalkSkipChildren, err
}
