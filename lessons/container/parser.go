package container

import (
	"bytes"
	"strings"

	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/parser"
	"github.com/yuin/goldmark/text"
)

const fence = ":::"

type blockParser struct{}

func (blockParser) Trigger() []byte { return []byte{':'} }

func (blockParser) Open(_ ast.Node, reader text.Reader, pc parser.Context) (ast.Node, parser.State) {
	line, _ := reader.PeekLine()
	rest, ok := bytes.CutPrefix(line[pc.BlockOffset():], []byte(fence))
	opening := strings.TrimSpace(string(rest))
	if !ok || opening == "" || opening[0] == ':' {
		return nil, parser.NoChildren
	}
	name, settings := cutWord(opening)
	c := &Container{Name: name}
	c.Settings, c.Err = ParseSettings(settings)
	reader.AdvanceToEOL()
	return c, parser.HasChildren
}

func (blockParser) Continue(node ast.Node, reader text.Reader, pc parser.Context) parser.State {
	line, _ := reader.PeekLine()
	if string(bytes.TrimSpace(line)) != fence || innermost(pc) != node {
		return parser.Continue | parser.HasChildren
	}
	node.(*Container).Closed = true
	reader.AdvanceToEOL()
	return parser.Close
}

// innermost is the container that a ::: on this line would close: none in a
// code block, whose lines mean nothing.
func innermost(pc parser.Context) ast.Node {
	open := pc.OpenedBlocks()
	for i := len(open) - 1; i >= 0; i-- {
		switch open[i].Node.Kind() {
		case ast.KindFencedCodeBlock:
			return nil
		case Kind:
			return open[i].Node
		}
	}
	return nil
}

func (blockParser) Close(ast.Node, text.Reader, parser.Context) {}

func (blockParser) CanInterruptParagraph() bool { return true }

func (blockParser) CanAcceptIndentedLine() bool { return false }
