// Package newlesson tests a lesson that an author adds, in a browser.
package newlesson

import (
	"testing"

	"seewire/cmd/seewire/internal/chromium"
)

func TestMain(m *testing.M) { chromium.Main(m) }
