package site

import (
	"time"

	"seewire/playground"
)

// What the site does for its visitors has a limit for all, and one for each
// address (playground.Places): half of the one for all, where nobody else is
// there. Half is enough for a class of 300 behind one router, each of whom has a
// page open and runs something; a peer that takes all that it may leaves as much
// to others. The streams' limit is the flag -streams; those of captures, which
// give way to each other, are in captureLimits.
const (
	dissections = 3         // at once: two for an address; each takes a processor, and up to some hundred MiB
	uploads     = 128 << 20 // bytes of bodies that are in memory to be dissected
	answers     = 128 << 20 // bytes of compressed answers that are being sent
	unit        = 64 << 10  // bytes, of which each takes a place in the latter two

	placeTime  = 10 * time.Second // to wait for a place; then the visitor is told to try again
	retryAfter = "10"             // seconds
)

// places are what the site's visitors share, beside the streams.
type places struct {
	feeds       *playground.Places // live feeds, as many as there may be streams
	uploads     *playground.Places // units of bodies
	dissections *playground.Places
	answers     *playground.Places // units of answers
}

func newPlaces(streams int) places {
	return places{
		feeds:       playground.NewPlaces(streams),
		uploads:     playground.NewPlaces(uploads / unit),
		dissections: playground.NewPlaces(dissections),
		answers:     playground.NewPlaces(answers / unit),
	}
}
