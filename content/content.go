// Package content holds the course's words. There is no logic here: this is
// what a translator or a teacher edits.
package content

import "embed"

// FS holds all words and figures, in the layout that package lessons reads.
//
//go:embed course.txt languages.txt lessons fields glossary terms ui new
var FS embed.FS
