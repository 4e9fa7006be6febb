package export

import (
	"bytes"
	"encoding/json"
	"errors"
)

var errNoArray = errors.New("not an array")

// each decodes the elements of a JSON array one by one, until yield returns
// false: together they can take a hundred times the memory of their text.
func each[T any](array json.RawMessage, yield func(*T) bool) error {
	if len(array) == 0 || string(array) == "null" {
		return nil
	}
	d := json.NewDecoder(bytes.NewReader(array))
	if first, err := d.Token(); err != nil || first != json.Delim('[') {
		return errNoArray
	}
	for d.More() {
		one := new(T)
		if err := d.Decode(one); err != nil {
			return err
		}
		if !yield(one) {
			break
		}
	}
	return nil
}

// lengthOf is the number of elements of a JSON array.
func lengthOf(array json.RawMessage) (n int64, err error) {
	err = each(array, func(*json.RawMessage) bool { n++; return true })
	return n, err
}
