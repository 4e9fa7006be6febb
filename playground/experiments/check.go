package experiments

import (
	"encoding/json"
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
	faults = append(faults, checkRecording(e)...)
	_, wrong := Words(e)
	return append(faults, wrong...)
}

// checkRecording reports a recording that is missing, that can't be read, or in
// which no run was recorded yet.
func checkRecording(e playground.Experiment) []Fault {
	name := Folder(e.ID) + "/recording.json"
	command := "go test ./cmd/seewire -run TestRecordings/" + e.ID + " -update"
	data, err := fs.ReadFile(e.Source, "recording.json")
	if err != nil {
		return []Fault{{name, 1, "the recorded run is missing",
			`write {"controls": {}} with the controls that the run is to have, name it in the go:embed of ` + e.ID + ".go, and record it: " + command}}
	}
	var recording struct {
		Browser     string            `json:"browser"`
		Controls    map[string]string `json:"controls"`
		Connections []json.RawMessage `json:"connections"`
	}
	if err := json.Unmarshal(data, &recording); err != nil {
		return []Fault{{name, 1, "the recording can't be read: " + err.Error(), "record it again: " + command}}
	}
	if recording.Browser == "" || len(recording.Connections) == 0 {
		return []Fault{{name, 1, "no run is recorded in it", "record one: " + command}}
	}
	return nil
}
