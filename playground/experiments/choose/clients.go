package choose

import "embed"

// Clients are the programs of pages that follow the log.
//
//go:embed sse.js ws.js
var Clients embed.FS
