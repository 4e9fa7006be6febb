package lessons

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"path"
	"regexp"
	"strings"
)

// A region in a source file begins with `// region: name` and ends with
// `// endregion`, each on a line of its own. These lines are never shown.
var (
	regionStart = regexp.MustCompile(`(?m)^[ \t]*// region: (\S+)[ \t]*\n`)
	regionEnd   = regexp.MustCompile(`(?m)^[ \t]*// endregion[ \t]*(\n|\z)`)
)

// Snippet is a part of a source file: the declaration with a name ("Serve",
// "Room.Join"; Go only) or the region with it. With no name it is the whole
// file. Marks of regions are left out, and so is the indentation that all its
// lines have.
func Snippet(file string, source []byte, name string) (string, error) {
	text := string(source)
	if name == "" {
		return WithoutMarks(text), nil
	}
	if region, ok := region(text, name); ok {
		return dedent(WithoutMarks(region)), nil
	}
	if path.Ext(file) == ".go" {
		declaration, err := declaration(file, text, name)
		if err != nil || declaration != "" {
			return WithoutMarks(declaration), err
		}
	}
	return "", fmt.Errorf("%s has no declaration and no region %q", file, name)
}

// WithoutMarks removes the lines that begin and end regions.
func WithoutMarks(source string) string {
	return regionEnd.ReplaceAllString(regionStart.ReplaceAllString(source, ""), "")
}

// region is what lies between a region's marks. Regions may nest.
func region(text, name string) (string, bool) {
	for _, match := range regionStart.FindAllStringSubmatchIndex(text, -1) {
		if text[match[2]:match[3]] != name {
			continue
		}
		rest := text[match[1]:]
		for _, end := range regionEnd.FindAllStringIndex(rest, -1) {
			inside := rest[:end[0]]
			if len(regionStart.FindAllString(inside, -1)) == len(regionEnd.FindAllString(inside, -1)) {
				return inside, true
			}
		}
	}
	return "", false
}

// declaration is a Go declaration with its comment; empty where there is none.
func declaration(file, text, name string) (string, error) {
	set := token.NewFileSet()
	parsed, err := parser.ParseFile(set, file, text, parser.ParseComments)
	if err != nil {
		return "", fmt.Errorf("find %s: %w", name, err)
	}
	for _, d := range parsed.Decls {
		if !declares(d, name) {
			continue
		}
		from := d.Pos()
		if doc := comment(d); doc != nil {
			from = doc.Pos()
		}
		return text[set.Position(from).Offset:set.Position(d.End()).Offset] + "\n", nil
	}
	return "", nil
}

func declares(d ast.Decl, name string) bool {
	switch d := d.(type) {
	case *ast.FuncDecl:
		return receiver(d)+d.Name.Name == name
	case *ast.GenDecl:
		for _, spec := range d.Specs {
			switch s := spec.(type) {
			case *ast.TypeSpec:
				if s.Name.Name == name {
					return true
				}
			case *ast.ValueSpec:
				for _, one := range s.Names {
					if one.Name == name {
						return true
					}
				}
			}
		}
	}
	return false
}

// receiver is "Room." for a method of Room or *Room, and nothing for a function.
func receiver(f *ast.FuncDecl) string {
	if f.Recv == nil || len(f.Recv.List) == 0 {
		return ""
	}
	of := f.Recv.List[0].Type
	if star, ok := of.(*ast.StarExpr); ok {
		of = star.X
	}
	if name, ok := of.(*ast.Ident); ok {
		return name.Name + "."
	}
	return ""
}

func comment(d ast.Decl) *ast.CommentGroup {
	switch d := d.(type) {
	case *ast.FuncDecl:
		return d.Doc
	case *ast.GenDecl:
		return d.Doc
	}
	return nil
}

// dedent takes away the indentation that all lines have in common.
func dedent(text string) string {
	lines := strings.Split(text, "\n")
	common := -1
	for _, line := range lines {
		if rest := strings.TrimLeft(line, " \t"); rest != "" && (common < 0 || len(line)-len(rest) < common) {
			common = len(line) - len(rest)
		}
	}
	for i, line := range lines {
		lines[i] = line[min(max(common, 0), len(line)):]
	}
	return strings.Join(lines, "\n")
}
