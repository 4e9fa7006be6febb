package view

import (
	"cmp"
	"slices"
	"strings"

	"seewire/lessons"
)

// A fieldGroup is the fields of one protocol: those whose names begin with it.
type fieldGroup struct {
	Protocol string // "http", "http2", "sse", "websocket", "violation", "reason", "data"
	Fields   []lessons.Field
}

// languagesOfFields are those that fields are explained in.
func languagesOfFields(all []lessons.Field) []string {
	var languages []string
	for _, field := range all {
		languages = append(languages, field.Language)
	}
	return languages
}

// grouped puts fields of one protocol together, in the order in which they
// meet on a connection. What belongs to none comes last.
func grouped(all []lessons.Field) []fieldGroup {
	var groups []fieldGroup
	place := map[string]int{}
	for _, field := range all {
		protocol, _, _ := strings.Cut(field.Name, ".")
		i, ok := place[protocol]
		if !ok {
			i = len(groups)
			place[protocol] = i
			groups = append(groups, fieldGroup{Protocol: protocol})
		}
		groups[i].Fields = append(groups[i].Fields, field)
	}
	rank := func(g fieldGroup) int {
		return slices.Index([]string{"http", "http2", "sse", "websocket", "violation", "reason", "data"}, g.Protocol)
	}
	slices.SortStableFunc(groups, func(a, b fieldGroup) int { return cmp.Compare(rank(a), rank(b)) })
	return groups
}
