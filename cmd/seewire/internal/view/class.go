package view

import "strings"

// A ClassModel is what the pages of a class begin with.
type ClassModel struct {
	Code      string   // as in the address; empty where there is none
	Addresses []string // at which the class reaches the server: "http://192.168.1.23:8080"
	Lesson    string   // with which a class begins
}

func (m ClassModel) addresses() string { return strings.Join(m.Addresses, " ") }

// spacedCode is a code as it is read aloud, in two threes.
func spacedCode(code string) string {
	code = strings.ToUpper(code)
	if len(code) != 6 {
		return code
	}
	return code[:3] + " " + code[3:]
}
