package view

import (
	"strconv"
	"strings"
)

// signed is a number with its sign, the minus being a real one.
func signed(n int) string {
	if n < 0 {
		return "−" + strings.TrimPrefix(strconv.Itoa(n), "-")
	}
	return "+" + strconv.Itoa(n)
}
