// Package pages tests the pages in a browser.
package pages

import (
	"testing"

	"seewire/cmd/seewire/internal/chromium"
)

func TestMain(m *testing.M) { chromium.Main(m) }
