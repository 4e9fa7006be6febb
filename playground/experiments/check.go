package experiments

import (
	"io/fs"

	"seewire/playground"
)

// Check reports the files that an experiment's folder lacks, and what its
// modules have wrong.
func Check(e playground.Experiment) []Fault {
	var faults []Fault
	lacks := func(name, what, remedy string) {
		if _, err := fs.Stat(e.Source, name); err != nil {
			faults = append(faults, Fault{Folder(e.ID) + "/" + name, 1, what, remedy})
		}
	}
	embed := ", and name it in the go:embed of " + e.ID + ".go"
	lacks("findings.js", "the remarks on a run are missing", "write export function findings(run)"+embed)
	if _, err := fs.Stat(e.Source, "exercise"); err == nil {
		lacks("exercise/check.js", "the check of the exercise is missing", "write export function check(evidence)")
		if _, err := fs.Stat(e.Source, "exercise/solution.txt"); err != nil {
			lacks("exercise/start.js", "the program that the exercise begins with is missing", "write it")
			lacks("exercise/solution.js", "the solution of the exercise is missing", "write it, or solution.txt where the answer is the text of a control")
		}
	}
	if _, err := fs.Stat(e.Source, "picture.js"); err == nil {
		lacks("picture.css", "the style of the picture is missing", "write it"+embed)
	}
	_, wrong := Words(e)
	return append(faults, wrong...)
}
