package lessons

import "net/url"

// References is what lessons refer to and do not hold themselves.
type References interface {
	// Source is a file that lessons show code from: "reconnect/sse.go". Its
	// error is fs.ErrNotExist where there is none.
	Source(path string) ([]byte, error)

	// CheckControls says what is wrong with the controls of an experiment:
	// that it does not exist, that it has no such control, or that the control
	// does not take the value. Its error is a *Problem with a remedy.
	CheckControls(experiment string, controls url.Values) error

	// Experiments are the IDs of all experiments.
	Experiments() []string

	// ExperimentWords are the words that an experiment has in every language.
	ExperimentWords(experiment string) []ExperimentWord

	// CheckExperiment says what is missing or wrong in an experiment's folder.
	CheckExperiment(experiment string) Problems

	// FieldNames are the names of all fields that a capture can show.
	FieldNames() []string
}

// An ExperimentWord is a text that an experiment has in every language.
type ExperimentWord struct {
	Key      string
	For      string // what says it: a file, or a control
	Optional bool
}
