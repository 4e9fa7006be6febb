package playground

import (
	"fmt"
	"slices"
	"strconv"
	"unicode/utf8"
)

// Kind says how a control is set.
type Kind string

const (
	Number Kind = "number" // a whole number between Min and Max
	Choice Kind = "choice" // one of Choices
	Switch Kind = "switch" // "on" or "off"
	Text   Kind = "text"   // up to MaxBytes bytes of UTF-8
)

// A Control is one query parameter of an experiment.
type Control struct {
	Name    string
	Kind    Kind
	Default string

	Min, Max int      // Number: both are allowed values
	Unit     string   // Number: "ms", "B"; empty for a count
	Choices  []string // Choice
	MaxBytes int      // Text
}

// What can be wrong with a control's value, for a page that says it in its own
// language.
const (
	CodeNumber  = "number"   // not a whole number
	CodeRange   = "range"    // a number below Min or above Max
	CodeChoice  = "choice"   // none of Choices
	CodeSwitch  = "switch"   // neither "on" nor "off"
	CodeTooLong = "too-long" // more than MaxBytes bytes
	CodeUTF8    = "utf8"     // bytes that are not UTF-8
)

// A ControlError is a value that its control does not take.
type ControlError struct {
	Control Control
	Value   string
	Code    string // one of the Code constants
}

// Error says what was asked for and what would do.
func (e *ControlError) Error() string {
	switch c := e.Control; e.Code {
	case CodeNumber:
		return fmt.Sprintf("%s=%.40q is not a whole number", c.Name, e.Value)
	case CodeRange:
		return fmt.Sprintf("%s=%.40s is not between %d and %d", c.Name, e.Value, c.Min, c.Max)
	case CodeChoice:
		return fmt.Sprintf("%s=%.40q is none of %q", c.Name, e.Value, c.Choices)
	case CodeSwitch:
		return fmt.Sprintf("%s=%.40q is neither on nor off", c.Name, e.Value)
	case CodeTooLong:
		return fmt.Sprintf("%s is %d bytes long; %d are allowed", c.Name, len(e.Value), c.MaxBytes)
	default:
		return fmt.Sprintf("%s is not UTF-8", c.Name)
	}
}

// Check reports whether the control takes value; if not, the error is a
// *ControlError.
func (c Control) Check(value string) error {
	if code := c.fault(value); code != "" {
		return &ControlError{Control: c, Value: value, Code: code}
	}
	return nil
}

// fault returns the code of what is wrong with value, or "".
func (c Control) fault(value string) string {
	switch c.Kind {
	case Number:
		n, err := strconv.Atoi(value)
		switch {
		case err != nil:
			return CodeNumber
		case n < c.Min || n > c.Max:
			return CodeRange
		}
	case Choice:
		if !slices.Contains(c.Choices, value) {
			return CodeChoice
		}
	case Switch:
		if value != "on" && value != "off" {
			return CodeSwitch
		}
	case Text:
		switch {
		case len(value) > c.MaxBytes:
			return CodeTooLong
		case !utf8.ValidString(value):
			return CodeUTF8
		}
	}
	return ""
}
