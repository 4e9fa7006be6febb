package dissect

// Violations is what is wrong with a frame.
type Violations []Violation

// Add notes that a rule was broken, once.
func (l *Violations) Add(broken Violation) {
	for _, v := range *l {
		if v.Code == broken.Code {
			return
		}
	}
	*l = append(*l, broken)
}
