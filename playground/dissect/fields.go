package dissect

import (
	"encoding/hex"
	"iter"
	"reflect"
)

// Each package of a dissector lists the fields that it emits in a struct, which
// Filled fills. A field stands there once, in the tag: its name, which begins with
// its protocol, and of one that is a part of its bytes the bits too, in
// hexadecimal. Names are Wireshark's where it has them.

// dataFields are of bytes that follow no grammar known here.
var dataFields = Filled(struct {
	Data string `field:"data.data"`
}{})

// Names lists the fields of bytes that follow no grammar known here.
func Names() []string { return Tags(dataFields) }

// A BitField is a field of some bits of its bytes.
type BitField struct {
	Name string
	Mask byte   // of one byte
	Hex  string // the mask, as it is shown
}

// tagged lists the members of a struct of fields, with what their tags say.
func tagged(fields reflect.Value) iter.Seq2[reflect.Value, BitField] {
	return func(yield func(reflect.Value, BitField) bool) {
		for i := range fields.NumField() {
			tag := fields.Type().Field(i).Tag
			f := BitField{Name: tag.Get("field"), Hex: tag.Get("mask")}
			if mask, err := hex.DecodeString(f.Hex); err == nil && len(mask) == 1 {
				f.Mask = mask[0]
			}
			if !yield(fields.Field(i), f) {
				return
			}
		}
	}
}

// Filled gives the members of a struct of fields, or of phrases, what their tags
// say.
func Filled[T any](fields T) T {
	for member, f := range tagged(reflect.ValueOf(&fields).Elem()) {
		switch to := member.Addr().Interface().(type) {
		case *string:
			*to = f.Name
		case *BitField:
			*to = f
		}
	}
	return fields
}

// Tags lists the names in the tags of a struct of fields, or of phrases.
func Tags[T any](fields T) (names []string) {
	for _, f := range tagged(reflect.ValueOf(fields)) {
		names = append(names, f.Name)
	}
	return names
}
