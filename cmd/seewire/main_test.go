package main

import (
	"flag"
	"os"
	"runtime"
	"strconv"
	"testing"

	"go.uber.org/goleak"
)

// runMain is the environment variable that makes the test binary the program.
const runMain = "SEEWIRE_TEST_MAIN"

// stuck is its value for a program that is too busy to end.
const stuck = "stuck"

// TestMain fails the tests when a goroutine is left behind.
func TestMain(m *testing.M) {
	switch os.Getenv(runMain) {
	case "":
	case stuck:
		exit(untilSignal(neverEnds))
	default:
		main()
	}
	// Two thirds of a browser test are waiting: two for each processor fit, and one more.
	flag.Parse()
	flag.Set("test.parallel", strconv.Itoa(1+2*runtime.GOMAXPROCS(0)))
	code := m.Run()
	if theBrowser.end != nil {
		theBrowser.end()
	}
	if code == 0 {
		// The highlighter's clock goes on for a second after its last use.
		clock := goleak.IgnoreAnyFunction("github.com/dlclark/regexp2/v2.runClock")
		// Nobody waits for the check's end.
		check := goleak.IgnoreAnyFunction("seewire/cmd/seewire.checkLater")
		if err := goleak.Find(clock, check); err != nil {
			os.Stderr.WriteString("goroutines left behind: " + err.Error() + "\n")
			code = 1
		}
	}
	os.Exit(code)
}
