// Package lessons tests each lesson in a browser.
package lessons

import (
	"testing"

	"seewire/cmd/seewire/internal/chromium"
)

func TestMain(m *testing.M) { chromium.Main(m) }
