package stream

import _ "embed"

// Source is the writer's own source, which lessons show.
//
//go:embed stream.go
var Source string
