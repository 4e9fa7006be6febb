// Package seewire holds the files of this module that are handed out: package
// take makes projects of them.
package seewire

import "embed"

// Files are the experiments with what they stand on, as they are compiled.
//
//go:embed go.mod go.sum LICENSE playground/*.go playground/stream/*.go playground/experiments
var Files embed.FS
