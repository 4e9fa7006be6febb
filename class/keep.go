package class

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"net/netip"
	"os"
	"path/filepath"
	"sync"
	"time"
)

// saveTime is how long a class gathers what is new before it writes it.
const saveTime = time.Second

// A saver writes a class to the data folder.
type saver struct {
	waiting bool // under the class's lock, as is gone
	gone    bool
	writing sync.Mutex
}

func (s *saver) change(c *Class) {
	if c.classes.options.Data == "" || s.waiting || s.gone || c.stopped || !c.here() {
		return
	}
	s.waiting = true
	time.AfterFunc(saveTime, func() { s.now(c) })
}

// now writes the class, if something is new.
func (s *saver) now(c *Class) {
	s.writing.Lock()
	defer s.writing.Unlock()
	c.mu.Lock()
	if !s.waiting || s.gone || !c.here() {
		c.mu.Unlock()
		return
	}
	s.waiting = false
	c.r.Server = c.owner
	data, err := json.Marshal(c.r)
	c.mu.Unlock()
	if err == nil {
		writeFile(c.file(), data) // a full disk must not end a lesson: the class goes on in memory
	}
}

// superseded removes what was written of a class that goes on at another server, but
// not what that one has written in the same folder; c.mu is held.
func (s *saver) superseded(c *Class) {
	if c.classes.options.Data == "" {
		return
	}
	winner := c.owner
	go func() {
		s.writing.Lock()
		defer s.writing.Unlock()
		data, err := os.ReadFile(c.file())
		var r record
		if err == nil && json.Unmarshal(data, &r) == nil && r.Server != winner {
			os.Remove(c.file())
		}
	}()
}

func (s *saver) remove(c *Class) {
	if c.classes.options.Data == "" {
		return
	}
	s.writing.Lock()
	defer s.writing.Unlock()
	os.Remove(c.file())
}

func (c *Class) file() string {
	return filepath.Join(c.classes.options.Data, c.code+".json")
}

// writeFile leaves the old file where the new one can't be written whole.
func writeFile(name string, data []byte) error {
	f, err := os.CreateTemp(filepath.Dir(name), ".class-")
	if err != nil {
		return err
	}
	defer os.Remove(f.Name())
	_, err = f.Write(data)
	if err := errors.Join(err, f.Close()); err != nil {
		return err
	}
	return os.Rename(f.Name(), name)
}

// load opens the classes of the data folder again.
func (cs *Classes) load() error {
	folder := cs.options.Data
	if folder == "" {
		return nil
	}
	if err := os.MkdirAll(folder, 0o700); err != nil {
		return fmt.Errorf("make the folder of -data: %w", err)
	}
	files, err := fs.Glob(os.DirFS(folder), "*.json")
	if err != nil {
		return fmt.Errorf("read the folder of -data: %w", err)
	}
	cs.mu.Lock()
	defer cs.mu.Unlock()
	for _, name := range files {
		data, err := os.ReadFile(filepath.Join(folder, name))
		if err != nil {
			return fmt.Errorf("read a class: %w", err)
		}
		var r record
		if err := json.Unmarshal(data, &r); err != nil || r.Code+".json" != name || !isCode(r.Code) {
			continue // not a class of ours
		}
		owner := ""
		if !cs.bus.State().Shared {
			owner = cs.id()
		}
		if _, err := cs.start(r, netip.Prefix{}, owner); err != nil {
			return err
		}
	}
	return nil
}
