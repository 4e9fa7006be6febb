package experimenttest

import (
	"encoding/json"
	"errors"
	"os"
	"os/exec"
	"testing"
)

// SDK has a script run an official SDK, which stands in the folder of SEEWIRE_NPM, and
// reads what the script prints, as JSON. The script gets that folder, and then args.
// Without the folder the test skips.
func SDK(t *testing.T, packages, script string, got any, args ...string) {
	t.Helper()
	folder := os.Getenv("SEEWIRE_NPM")
	if folder == "" {
		t.Skipf("to try the SDK: npm install --prefix DIR %s, and set SEEWIRE_NPM=DIR", packages)
	}
	out, err := exec.CommandContext(t.Context(), "node", append([]string{script, folder}, args...)...).Output()
	if failed, ok := errors.AsType[*exec.ExitError](err); ok {
		t.Fatalf("%v: %s", err, failed.Stderr)
	}
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(out, got); err != nil {
		t.Fatalf("%v in %s", err, out)
	}
}
