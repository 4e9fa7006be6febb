// Package viewer tests the viewer in a browser.
package viewer

import (
	"testing"

	"seewire/cmd/seewire/internal/chromium"
)

func TestMain(m *testing.M) { chromium.Main(m) }
