package main

import (
	"os"
	"testing"

	"seewire/cmd/seewire/internal/chromium"
)

// runMain is the environment variable that makes the test binary the program.
const runMain = "SEEWIRE_TEST_MAIN"

// stuck is its value for a program that is too busy to end.
const stuck = "stuck"

// TestMain is the program where a test wants it to be.
func TestMain(m *testing.M) {
	switch os.Getenv(runMain) {
	case "":
	case stuck:
		exit(untilSignal(neverEnds))
	default:
		main()
	}
	chromium.Main(m)
}
