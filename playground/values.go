package playground

import (
	"fmt"
	"net/url"
	"strconv"
	"time"
)

// Values are the controls of one run: each has a value that its control takes.
// To ask for a control that the experiment does not have is a mistake in the
// program, and panics.
type Values struct {
	controls []Control
	values   []string // one a control
}

// Parse takes the controls' values from a query, and the default where the
// query has none. Other parameters are left alone. The error is a
// *ControlError.
func Parse(controls []Control, query url.Values) (Values, error) {
	values := make([]string, len(controls))
	for i, c := range controls {
		values[i] = c.Default
		if query.Has(c.Name) {
			values[i] = query.Get(c.Name)
		}
		if err := c.Check(values[i]); err != nil {
			return Values{}, err
		}
	}
	return Values{controls, values}, nil
}

// Text returns the value of a control of any kind, as it was written.
func (v Values) Text(name string) string {
	for i, c := range v.controls {
		if c.Name == name {
			return v.values[i]
		}
	}
	panic(fmt.Sprintf("playground: no control is called %q", name))
}

// Int returns the value of a Number.
func (v Values) Int(name string) int {
	n, err := strconv.Atoi(v.Text(name))
	if err != nil {
		panic(fmt.Sprintf("playground: the control %q is not a number", name))
	}
	return n
}

// Duration returns the value of a Number of milliseconds.
func (v Values) Duration(name string) time.Duration {
	return time.Duration(v.Int(name)) * time.Millisecond
}

// On reports whether a Switch is on.
func (v Values) On(name string) bool {
	return v.Text(name) == "on"
}
