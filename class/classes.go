// Package class is a class: one room, everybody's browser, the teacher's board. It
// knows what people did and what the teacher asks for, and nothing of pages.
//
// A class takes what it is told over the bus, and tells its pages over the bus:
//
//	class.CODE.in       what pages and the lines of runs say, for the class
//	class.CODE.to.ROLE  for each page of the board, the wall or the phone
//	class.CODE.to.HASH  for the pages of the member whose secret has the hash
//	class.CODE.all      for the pages of all members
//	class.CODE.cut      for the lines of all runs
//	class.servers       what servers tell each other of their classes
//	class.server.ID     what one of them is asked, and is answered
//
// Of several servers each opens, joins and shows any class. A class goes on at one of
// them, at first where it was opened: the others ask that one, and have a copy with
// which one of them goes on when it is gone (copy.go says how). Of a secret the bus
// carries the hash, but for the ticket that lets a stream in once. Otherwise it is
// trusted: who reads it sees what the board shows, and who writes to it can do anything.
package class

import (
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"net/netip"
	"strings"
	"sync"
	"time"

	"golang.org/x/crypto/scrypt"

	"seewire/bus"
)

// What can be wrong. The texts are the codes that a page has words for.
var (
	ErrUnknown = errors.New("class-unknown") // no class has this code
	ErrKey     = errors.New("class-key")     // the secret is wrong, or its owner was removed
	ErrFull    = errors.New("class-full")    // the class has no seat left
	ErrMany    = errors.New("class-many")    // there are as many classes as may be
	ErrSlow    = errors.New("class-slow")    // too many wrong codes from this address
	ErrName    = errors.New("class-name")    // no text, or too long
	ErrOver    = errors.New("class-over")    // the class has been closed
)

// Limits of all classes together, and of each. They hold over all servers that hear
// each other; those of a page (pages.go) are counted where it is open.
const (
	maxClasses  = 100
	maxOwn      = 50                     // classes that one address has opened; as always, half of all
	maxSeats    = 500                    // members of a class
	maxWrong    = 60                     // wrong codes a minute from an address
	maxOwnWrong = 10                     // wrong codes a minute from a person there
	maxOpened   = 20                     // classes opened a minute from an address
	seatTime    = time.Minute            // that a seat is kept for somebody who has joined and not come
	comeTime    = 5 * time.Second        // the same where the class is full
	lostTime    = 20 * time.Second       // after which the class counts without somebody who was lost
	keepTime    = 10 * time.Minute       // for results, after a class was closed
	idleTime    = 3 * time.Hour          // after which a class that has no page open is closed
	emptyTime   = 30 * time.Minute       // the same where nobody has ever joined
	gatherTime  = 100 * time.Millisecond // between two states of a page
	countTime   = time.Second            // between two states of a member of which only counts are new
	pressTime   = 500 * time.Millisecond // in which a second press of a hand does nothing
	letters     = "AFHJKLNRTUWY"         // hard to mix up when spoken
	codeLength  = 6
)

// A Bus passes messages on, and knows which servers there are: bus.Bus says how.
type Bus interface {
	Publish(subject string, data []byte) error
	Subscribe(subject string, receive func(data []byte)) (unsubscribe func(), err error)
	ID() string
	Servers() []string
	Several() bool
	Owner(key string) string
	State() bus.State
	Changed() <-chan struct{}
}

// A Lesson is what a class has to know of one.
type Lesson struct {
	Answers int // of its prediction; 0 for none
	Right   int // the right one, from 1
}

// Options are what a server gives to its classes.
type Options struct {
	Bus    Bus
	Lesson func(slug string) (Lesson, bool)
	Data   string // a folder that keeps classes over a restart; "" for none
}

// Classes are those of a server.
type Classes struct {
	options Options

	deriving sync.Mutex // one at a time: it takes 32 MB

	mu     sync.Mutex
	open   map[string]*Class // by code, with those that were closed as long as they have results
	seats  map[string]seat   // by the capture of a member's runs
	wrong  map[netip.Prefix]*bucket
	own    map[string]*bucket // the same by person
	opened map[netip.Prefix]*bucket
	closed bool

	shared
}

// A seat is a member of a class.
type seat struct {
	class *Class
	key   string // of the member, hashed
	shown bool   // to the class, which knows the capture now: its requests are not the member's any more
}

// New returns the classes that the data folder has.
func New(o Options) (*Classes, error) {
	cs := &Classes{
		options: o,
		open:    map[string]*Class{},
		seats:   map[string]seat{},
		wrong:   map[netip.Prefix]*bucket{},
		own:     map[string]*bucket{},
		opened:  map[netip.Prefix]*bucket{},
		shared:  newShared(o.Bus),
	}
	if err := cs.load(); err != nil {
		return nil, err
	}
	return cs, cs.share()
}

// Close ends what goes on. Classes in the data folder go on when the server starts
// again, and those that others have a copy of go on there.
func (cs *Classes) Close() {
	cs.mu.Lock()
	cs.closed = true
	all := cs.allOpen()
	cs.mu.Unlock()
	cs.endSharing()
	for _, c := range all {
		c.stop()
	}
}

// allOpen returns all classes; cs.mu is held.
func (cs *Classes) allOpen() (all []*Class) {
	for _, c := range cs.open {
		all = append(all, c)
	}
	return all
}

// Open opens a class for somebody at an address, and returns its code and the
// teacher's secret.
func (cs *Classes) Open(peer netip.Prefix) (code, key string, err error) {
	if err := cs.mayOpen(peer); err != nil {
		return "", "", err
	}
	for range 10 {
		key = newKey()
		code, err = cs.codeOf(key)
		if err != nil {
			return "", "", err
		}
		_, created, err := cs.add(code, hash(key), peer)
		if created || err != nil {
			return code, key, err
		}
	}
	return "", "", ErrMany
}

// Reopen opens a class again that no server knows (any more). That the key is the
// teacher's is seen from the code, which follows from it. It reports whether the class
// was open all the time.
func (cs *Classes) Reopen(code, key string, peer netip.Prefix) (wasOpen bool, err error) {
	code = Normal(code)
	if c := cs.find(code); c != nil {
		r, err := cs.askOf(c, request{Op: "teacher", Key: hash(key)})
		if err != nil || r.Known {
			return r.Known, err
		}
	}
	// Wrong codes don't count here: those that a whole class asks for until it is open
	// again come from the teacher's address.
	if err := cs.mayOpen(peer); err != nil {
		return false, err
	}
	if derived, err := cs.codeOf(key); err != nil || derived != code {
		return false, ErrKey
	}
	_, _, err = cs.add(code, hash(key), peer)
	return false, err
}

func (cs *Classes) mayOpen(peer netip.Prefix) error {
	cs.mu.Lock()
	defer cs.mu.Unlock()
	own := 0
	for _, c := range cs.open {
		if c.opener == peer && peer.IsValid() {
			own++
		}
	}
	if len(cs.open) >= maxClasses || own >= maxOwn || cs.closed {
		return ErrMany
	}
	if !take(cs.opened, peer, maxOpened) {
		return ErrSlow
	}
	cs.publish(news{Opened: &peer})
	return nil
}

func (cs *Classes) add(code, hashed string, peer netip.Prefix) (*Class, bool, error) {
	cs.mu.Lock()
	defer cs.mu.Unlock()
	if cs.open[code] != nil {
		return cs.open[code], false, nil
	}
	if cs.closed || len(cs.open) >= maxClasses {
		return nil, false, ErrMany
	}
	c, err := cs.start(record{Code: code, Key: hashed, Since: ms(time.Now()), Term: 1}, peer, cs.id())
	if err != nil {
		return nil, false, err
	}
	go c.copyNow() // who has the code may come to another server with it at once
	return c, true, nil
}

// A Visitor is who asks for a class by its code.
type Visitor struct {
	Peer   netip.Prefix // which a whole class may be behind
	Person string       // a browser there that has asked before; "" for none
	Invite string       // of the class's QR code; "" where the code was typed
}

// ask asks a class something on behalf of a visitor, wherever it goes on. Wrong codes
// are limited by person, and by address for those who can't be told from each other
// there: a browser that keeps trying keeps only itself out. All servers count each of
// them. Who is over a limit is let in only if it proves by a secret that it was here
// before or has seen the wall.
func (cs *Classes) ask(code string, by Visitor, q request) (response, error) {
	c := cs.find(Normal(code))
	q.Invite = by.Invite
	cs.mu.Lock()
	if b := cs.own[by.Person]; b != nil && !b.has(maxOwnWrong) {
		q.Limited = true
	}
	if b := cs.wrong[by.Peer]; b != nil && !b.has(maxWrong) {
		q.Limited = true
	}
	if c == nil && !q.Limited {
		cs.countWrong(by.Peer, by.Person)
		cs.publish(news{Wrong: &wrong{by.Peer, by.Person}})
	}
	cs.mu.Unlock()
	switch {
	case c != nil:
		return cs.askOf(c, q)
	case q.Limited:
		return response{}, ErrSlow
	}
	return response{}, ErrUnknown
}

// countWrong counts a wrong code; cs.mu is held.
func (cs *Classes) countWrong(peer netip.Prefix, person string) {
	take(cs.wrong, peer, maxWrong)
	if person != "" {
		take(cs.own, person, maxOwnWrong)
	}
}

// refuse is what somebody hears whose secret is wrong.
func (c *Class) refuse(q request) error {
	if q.Limited {
		return ErrSlow
	}
	return ErrKey
}

// invites says whether somebody has seen the wall.
func (c *Class) invites(invite string) bool {
	return subtle.ConstantTimeCompare([]byte(invite), []byte(c.invite())) == 1
}

// invite is in the class's QR code: six letters can be guessed, and are limited. It
// follows from what is kept of the teacher's secret, which can't be found from it.
func (c *Class) invite() string { return hash("invite " + c.r.Key)[:16] }

// A Card is what somebody sees of a class who has its code and has not joined.
type Card struct {
	Code   string `json:"code"`
	Since  int64  `json:"since"`
	Here   int    `json:"here"`
	Lesson string `json:"lesson,omitempty"`
}

// Look returns the card of a class.
func (cs *Classes) Look(code string, by Visitor) (Card, error) {
	r, err := cs.ask(code, by, request{Op: "look"})
	if err != nil {
		return Card{}, err
	}
	return *r.Card, nil
}

func (c *Class) look(q request) (response, error) {
	switch {
	case q.Limited && !c.invites(q.Invite):
		return response{}, ErrSlow
	case c.r.Over != 0:
		return response{}, ErrOver
	}
	return response{Card: &Card{c.code, c.r.Since, c.counts(time.Now()).here, c.r.At.Lesson}}, nil
}

// Copies are how many classes go on at other servers, of which this one has a copy.
func (cs *Classes) Copies() (copies int) {
	cs.mu.Lock()
	all := cs.allOpen()
	cs.mu.Unlock()
	for _, c := range all {
		c.mu.Lock()
		if !c.here() {
			copies++
		}
		c.mu.Unlock()
	}
	return copies
}

// Counts returns how many classes go on at this server, with how many members, and
// how many pages are open here: over all servers each is counted once.
func (cs *Classes) Counts() (classes, members, pages int) {
	cs.mu.Lock()
	all := cs.allOpen()
	cs.mu.Unlock()
	for _, c := range all {
		c.mu.Lock()
		if c.here() {
			classes++
			members += len(c.r.Members)
		}
		pages += len(c.local)
		c.mu.Unlock()
	}
	return classes, members, pages
}

// codeOf derives a class's code from the teacher's key. So a teacher can open the same
// class again on a server that has forgotten it, and somebody else who wants its code
// has to try some three million keys, each of which takes a tenth of a second and 32 MB.
func (cs *Classes) codeOf(key string) (string, error) {
	if len(key) != keyLength {
		return "", ErrKey
	}
	cs.deriving.Lock()
	defer cs.deriving.Unlock()
	sum, err := scrypt.Key([]byte(key), []byte("seewire class"), 1<<15, 8, 1, codeLength*2)
	if err != nil {
		return "", fmt.Errorf("derive the code: %w", err)
	}
	code := make([]byte, codeLength)
	for i := range code {
		code[i] = letters[(int(sum[2*i])<<8|int(sum[2*i+1]))%len(letters)]
	}
	return string(code), nil
}

// Normal is a code as it is kept, of one as it was typed.
func Normal(typed string) string {
	code := make([]byte, 0, codeLength)
	for i := 0; i < len(typed) && len(code) <= codeLength; i++ {
		switch b := typed[i]; {
		case 'a' <= b && b <= 'z':
			code = append(code, b-'a'+'A')
		case b == ' ' || b == '-':
		default:
			code = append(code, b)
		}
	}
	return string(code)
}

// keyLength is that of a secret, 128 bits in base64.
const keyLength = 22

func newKey() string {
	var b [16]byte
	rand.Read(b[:]) // it never fails
	return base64.RawURLEncoding.EncodeToString(b[:])
}

// isKey says whether a text may be a secret.
func isKey(key string) bool {
	b, err := base64.RawURLEncoding.DecodeString(key)
	return err == nil && len(b) == 16 && len(key) == keyLength
}

// hash is what is kept of a secret.
func hash(key string) string {
	sum := sha256.Sum256([]byte(key))
	return hex.EncodeToString(sum[:])
}

// isCode says whether a text may be a code.
func isCode(code string) bool {
	return len(code) == codeLength && strings.Trim(code, letters) == ""
}

func ms(t time.Time) int64 { return t.UnixMilli() }

// A bucket holds what may be done at once, and fills up within a minute.
type bucket struct {
	used float64
	at   time.Time
}

func (b *bucket) drain(rate float64) {
	now := time.Now()
	b.used = max(0, b.used-now.Sub(b.at).Seconds()*rate)
	b.at = now
}

// has says whether one more may be done, of so many a minute.
func (b *bucket) has(perMinute float64) bool {
	b.drain(perMinute / 60)
	return b.used+1 <= perMinute
}

// take takes one of so many a minute.
func take[K comparable](all map[K]*bucket, who K, perMinute float64) bool {
	if all[who] == nil {
		if len(all) > 10000 { // full ones are as good as none
			for p, b := range all {
				if b.drain(perMinute / 60); b.used == 0 {
					delete(all, p)
				}
			}
		}
		all[who] = &bucket{at: time.Now()}
	}
	if !all[who].has(perMinute) {
		return false
	}
	all[who].used++
	return true
}
