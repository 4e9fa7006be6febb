package main

import (
	"go/ast"
	"go/parser"
	"go/token"
	"testing"
)

// Who looks, and only then asks Changed for its channel, misses a change between the two
// and may wait for ever: a loop takes the channel, looks, and then receives from it.
func TestChangedIsAskedFirst(t *testing.T) {
	positions := token.NewFileSet()
	for file, src := range goFiles(t) {
		parsed, err := parser.ParseFile(positions, file, src, parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		for _, at := range lateChanged(parsed) {
			t.Errorf("%s: Changed is asked in the moment of waiting, after the look", positions.Position(at))
		}
	}
	parsed, err := parser.ParseFile(positions, "", `package p; func f() { <-a.Changed(); for !look() { select { case <-a.Changed(): case <-end: } }; for range 2 { <-b.Changed() } }`, 0)
	if err != nil {
		t.Fatal(err)
	}
	if n := len(lateChanged(parsed)); n != 2 {
		t.Errorf("of two such waits %d were found", n)
	}
}

// lateChanged returns where a loop receives from a call of Changed.
func lateChanged(file *ast.File) (at []token.Pos) {
	ast.Inspect(file, func(n ast.Node) bool {
		var body *ast.BlockStmt
		switch loop := n.(type) {
		case *ast.ForStmt:
			body = loop.Body
		case *ast.RangeStmt:
			body = loop.Body
		default:
			return true
		}
		ast.Inspect(body, func(n ast.Node) bool {
			receive, ok := n.(*ast.UnaryExpr)
			if !ok || receive.Op != token.ARROW {
				return true
			}
			if call, ok := receive.X.(*ast.CallExpr); ok {
				if method, ok := call.Fun.(*ast.SelectorExpr); ok && method.Sel.Name == "Changed" {
					at = append(at, receive.Pos())
				}
			}
			return true
		})
		return false // the loops in it are seen
	})
	return at
}
