package serve

import (
	"crypto/x509"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

func TestOwnCertificate(t *testing.T) {
	home := t.TempDir()
	homeAt(t, home)
	hosts := []string{"localhost", "127.0.0.1", "::1"}

	first, err := findCertificate(Options{}, hosts)
	if err != nil {
		t.Fatal(err)
	}
	config, _ := os.UserConfigDir()
	file := filepath.Join(config, "seewire", "certificate.pem")
	if first.file != file || len(first.notes) != 0 {
		t.Errorf("it is in %s: %q", first.file, first.notes)
	}
	for _, name := range []string{"certificate.pem", "key.pem"} {
		info, err := os.Stat(filepath.Join(config, "seewire", name))
		if err != nil || info.Mode().Perm() != 0o600 {
			t.Errorf("%s: %v %v", name, info.Mode(), err)
		}
	}
	again, err := findCertificate(Options{}, hosts)
	if err != nil || !again.Leaf.Equal(first.Leaf) {
		t.Errorf("the certificate is not kept: %v", err)
	}
	other, err := findCertificate(Options{}, append(hosts, "seewire.example"))
	if err != nil || other.Leaf.Equal(first.Leaf) || other.Leaf.VerifyHostname("seewire.example") != nil {
		t.Errorf("the certificate does not fit another host: %v", err)
	}
	pool := x509.NewCertPool()
	pool.AddCert(first.Leaf)
	for _, host := range []string{"localhost", "127.0.0.1", "[::1]"} {
		if _, err := first.Leaf.Verify(x509.VerifyOptions{DNSName: host, Roots: pool}); err != nil {
			t.Errorf("%s: %v", host, err)
		}
	}
	if misfit(first.Leaf, []string{"seewire.example"}, time.Now()) == "" || first.Leaf.IsCA {
		t.Error("the certificate is good for too much")
	}
	homeAt(t, file) // which is no folder
	if c, err := findCertificate(Options{}, hosts); err != nil || c.Leaf == nil || len(c.notes) != 1 || !strings.Contains(c.notes[0], "for this run alone") {
		t.Errorf("with nowhere to keep it: %v, %q", err, c.notes)
	}
	if _, err := findCertificate(Options{Cert: file, Key: "no-such-file"}, hosts); err == nil {
		t.Error("a key that is not there was taken")
	}
}

// keep returns the certificate in a folder, for this machine.
func keep(t *testing.T, folder string) certificate {
	t.Helper()
	c, err := keptCertificate(folder, []string{"localhost"})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestKeyThatOthersCouldRead(t *testing.T) {
	folder := t.TempDir()
	key := filepath.Join(folder, "key.pem")
	first := keep(t, folder)
	if err := os.Chmod(key, 0o644); err != nil {
		t.Fatal(err)
	}
	again := keep(t, folder)
	if info, err := os.Stat(key); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("the key's mode is %v (%v)", info.Mode(), err)
	}
	if !again.Leaf.Equal(first.Leaf) {
		t.Error("the certificate is another one; who trusted it is warned again")
	}
	if len(again.notes) != 1 || !strings.Contains(again.notes[0], "could read its key") || !strings.Contains(again.notes[0], key) {
		t.Errorf("that is said as %q", again.notes)
	}
	if third := keep(t, folder); len(third.notes) != 0 {
		t.Errorf("it is said again: %q", third.notes)
	}
}

// All that start at once show the same certificate, which is the one in the
// folder, whatever was there before.
func TestManyStartsAtOnce(t *testing.T) {
	for name, before := range map[string]string{"nothing": "", "a broken pair": "-----BEGIN PRIVATE KEY-----"} {
		t.Run(name, func(t *testing.T) {
			folder := t.TempDir()
			if before != "" {
				if err := os.WriteFile(filepath.Join(folder, "key.pem"), []byte(before), 0o600); err != nil {
					t.Fatal(err)
				}
			}
			kept := make([]certificate, 8)
			var starts sync.WaitGroup
			for i := range kept {
				starts.Go(func() { kept[i] = keep(t, folder) })
			}
			starts.Wait()
			last := keep(t, folder)
			for _, c := range kept {
				if !c.Leaf.Equal(last.Leaf) {
					t.Fatal("two have different certificates")
				}
			}
			files, err := os.ReadDir(folder)
			if err != nil {
				t.Fatal(err)
			}
			var names []string
			for _, f := range files {
				names = append(names, f.Name())
			}
			if !slices.Equal(names, []string{"certificate.pem", "key.pem"}) {
				t.Errorf("in the folder are %q", names)
			}
		})
	}
}

func TestLockOfAKilledProcess(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		folder := t.TempDir()
		if err := os.WriteFile(filepath.Join(folder, "lock"), nil, 0o600); err != nil {
			t.Fatal(err)
		}
		began := time.Now()
		keep(t, folder)
		if took := time.Since(began); took < lockTime || took > 2*lockTime {
			t.Errorf("the lock was waited for for %v", took)
		}
	})
}

// The clocks of these tests begin in the year 2000.
func TestCertificateAtTheWrongTime(t *testing.T) {
	folder := t.TempDir()
	today := keep(t, folder)
	key := filepath.Join(folder, "key.pem")
	given := func() []string {
		c, err := findCertificate(Options{Cert: key, Key: key}, nil)
		if err != nil {
			t.Error(err)
		}
		return c.notes
	}
	if notes := given(); len(notes) != 0 {
		t.Errorf("of a good one of the flags it is said %q", notes)
	}
	replaced := func(old certificate, why string) certificate {
		t.Helper()
		if notes := given(); len(notes) != 1 || !strings.Contains(notes[0], why) {
			t.Errorf("of one of the flags it is said %q, want %q", notes, why)
		}
		c := keep(t, folder)
		if c.Leaf.Equal(old.Leaf) || len(c.notes) != 1 || !strings.Contains(c.notes[0], why) {
			t.Errorf("of one that was kept it is said %q, want %q", c.notes, why)
		}
		return c
	}
	synctest.Test(t, func(t *testing.T) {
		c := replaced(today, "is valid from "+today.Leaf.NotBefore.Format("2 January 2006"))
		time.Sleep(certificateAge - certificateLeft - time.Hour)
		if again := keep(t, folder); !again.Leaf.Equal(c.Leaf) {
			t.Errorf("with fifteen days left it is replaced: %q", again.notes)
		}
		time.Sleep(2 * time.Hour)
		c = replaced(c, "expires on 31 December 2000")
		time.Sleep(certificateAge + time.Hour)
		replaced(c, "has expired on")
	})
}

func TestWrittenWholeOrNotAtAll(t *testing.T) {
	folder := t.TempDir()
	name := filepath.Join(folder, "key.pem")
	if err := os.MkdirAll(filepath.Join(name, "in the way"), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := writeWhole(name, []byte("a key")); err == nil {
		t.Error("a file takes the place of a folder that is not empty")
	}
	if files, _ := os.ReadDir(folder); len(files) != 1 {
		t.Errorf("half a file is left: %v", files)
	}
}
