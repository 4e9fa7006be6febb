// Package class leads a class of real browsers: a board, a wall and learners.
package class

import (
	"testing"

	"seewire/cmd/seewire/internal/chromium"
)

func TestMain(m *testing.M) { chromium.Main(m) }
