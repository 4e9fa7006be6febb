package experiments

import (
	"bytes"
	"cmp"
	"io/fs"
	"path"
	"regexp"
	"slices"
	"strings"

	"seewire/playground"
)

// A Word is a text that an experiment has in every language.
type Word struct {
	Key      string // "finding.six.waited"
	For      string // what says it: a file, or a control
	Optional bool
}

// A Fault is something that a folder lacks, or has wrong.
type Fault struct {
	File   string // in the repository
	Line   int    // from 1
	What   string
	Remedy string
}

// Folder is where an experiment is in the repository.
func Folder(id string) string { return "playground/experiments/" + id }

// Words lists the words of an experiment: those of its controls, those of the
// lines that its servers log, and those that its modules name. A module writes every key out, as one string, so that it can
// be found without running anything; what looks like a part of a key is a Fault.
func Words(e playground.Experiment) (words []Word, faults []Fault) {
	for _, c := range e.Controls {
		key := "control." + e.ID + "." + c.Name
		of := "the control " + c.Name
		words = append(words, Word{key, of, false}, Word{key + ".help", of, true})
		for _, choice := range c.Choices {
			words = append(words, Word{key + "." + choice, of, false})
		}
		if c.Kind == playground.Text {
			words = append(words, Word{key + ".initial", of, true})
		}
	}
	// The error is that of a file that can't be read, which Check reports.
	_ = fs.WalkDir(e.Source, ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || path.Ext(name) != ".js" && path.Ext(name) != ".go" {
			return err
		}
		source, err := fs.ReadFile(e.Source, name)
		if err != nil {
			return err
		}
		file := path.Join(Folder(e.ID), name)
		if path.Ext(name) == ".go" {
			for _, format := range logged.FindAllSubmatch(source, -1) {
				if key := playground.LogKey(string(format[1])); key != "" {
					words = append(words, Word{"server." + e.ID + "." + key, file, false})
				}
			}
			return nil
		}
		for _, at := range literal.FindAllSubmatchIndex(source, -1) {
			key := string(source[at[2]:at[3]])
			if source[at[0]] == '`' || !whole.MatchString(key) {
				faults = append(faults, Fault{file, 1 + bytes.Count(source[:at[0]], []byte("\n")),
					"this is not the whole key of a word: " + key, "write each key out, in quotation marks"})
				continue
			}
			if strings.Split(key, ".")[1] != e.ID {
				faults = append(faults, Fault{file, 1 + bytes.Count(source[:at[0]], []byte("\n")),
					"the word " + key + " is another experiment's", "give " + e.ID + " one of its own"})
				continue
			}
			words = append(words, Word{key, file, false})
		}
		return nil
	})
	slices.SortStableFunc(words, func(a, b Word) int { return cmp.Compare(a.Key, b.Key) })
	return slices.CompactFunc(words, func(a, b Word) bool { return a.Key == b.Key }), faults
}

var (
	literal = regexp.MustCompile("[\"'`]((?:finding|exercise|picture)\\.[^\"'`\n]*)[\"'`]")
	logged  = regexp.MustCompile(`\bplayground\.(?:Logf\([\w.]+|LogEvent\([\w.]+, "[^"]*"), "([^"]*)"`)
	whole   = regexp.MustCompile(`^\w+\.\w+(\.\w+)+$`)
)
