// Package container adds blocks with a name to goldmark:
//
//	:::name {#id key=value}
//	any blocks, containers too
//	:::
//
// It knows no names: what a block means is its user's business.
package container

import "github.com/yuin/goldmark/ast"

// Kind is the kind of a [Container] node.
var Kind = ast.NewNodeKind("Container")

// A Container is a named block with blocks in it.
type Container struct {
	ast.BaseBlock
	Name     string
	Settings Settings
	Err      error // what is wrong with the opening line
	Closed   bool  // its ::: was found
}

// Kind implements ast.Node.
func (*Container) Kind() ast.NodeKind { return Kind }

// Dump implements ast.Node.
func (c *Container) Dump(source []byte, level int) {
	ast.DumpHelper(c, source, level, map[string]string{"Name": c.Name}, nil)
}
