package playground_test

import (
	"errors"
	"net/url"
	"strings"
	"testing"
	"time"

	"seewire/playground"
)

var controls = []playground.Control{
	{Name: "rate", Kind: playground.Number, Default: "12", Min: 1, Max: 200},
	{Name: "wait", Kind: playground.Number, Default: "150", Max: 2000, Unit: "ms"},
	{Name: "how", Kind: playground.Choice, Default: "reset", Choices: []string{"end", "reset"}},
	{Name: "ragged", Kind: playground.Switch, Default: "off"},
	{Name: "prompt", Kind: playground.Text, MaxBytes: 9},
}

func TestParse(t *testing.T) {
	values, err := playground.Parse(controls, url.Values{"rate": {"200"}, "ragged": {"on"}, "prompt": {"你好吗"}, "capture": {"another's"}})
	if err != nil {
		t.Fatal(err)
	}
	if got := values.Int("rate"); got != 200 {
		t.Errorf("rate is %d", got)
	}
	if got := values.Duration("wait"); got != 150*time.Millisecond {
		t.Errorf("wait is %v, not its default", got)
	}
	if got := values.Text("how"); got != "reset" {
		t.Errorf("how is %q, not its default", got)
	}
	if !values.On("ragged") {
		t.Error("ragged is off")
	}
	if got := values.Text("prompt"); got != "你好吗" {
		t.Errorf("prompt is %q", got)
	}
}

func TestParseRefuses(t *testing.T) {
	tests := []struct {
		name, value string
		code        string
		message     string
	}{
		{"rate", "fast", playground.CodeNumber, "fast"},
		{"rate", "", playground.CodeNumber, "whole number"},
		{"rate", "1.5", playground.CodeNumber, "1.5"},
		{"rate", "99999999999999999999", playground.CodeNumber, "whole number"},
		{"rate", "0", playground.CodeRange, "between 1 and 200"},
		{"rate", "201", playground.CodeRange, "between 1 and 200"},
		{"how", "Reset", playground.CodeChoice, `["end" "reset"]`},
		{"ragged", "true", playground.CodeSwitch, "neither on nor off"},
		{"prompt", "你好吗!", playground.CodeTooLong, "10 bytes"},
		{"prompt", "\xe4\xbd", playground.CodeUTF8, "UTF-8"},
	}
	for _, test := range tests {
		_, err := playground.Parse(controls, url.Values{test.name: {test.value}})
		wrong, ok := errors.AsType[*playground.ControlError](err)
		if !ok {
			t.Errorf("%s=%q: the error is %v", test.name, test.value, err)
			continue
		}
		if wrong.Code != test.code || wrong.Control.Name != test.name || wrong.Value != test.value {
			t.Errorf("%s=%q: the error is %+v, its code should be %q", test.name, test.value, wrong, test.code)
		}
		if !strings.Contains(err.Error(), test.message) {
			t.Errorf("%s=%q: %q does not say %q", test.name, test.value, err, test.message)
		}
	}
}

func TestUnknownControl(t *testing.T) {
	values, err := playground.Parse(controls, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if recover() == nil {
			t.Error("asking for a control that does not exist did not panic")
		}
	}()
	values.Int("speed")
}
