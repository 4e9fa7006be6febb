package chat

import (
	"hash/fnv"
	"math/rand/v2"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// The model that answers is a small one: it knows a few subjects, finds those
// that the prompt mentions, and puts sentences of ours about them in a row.
// Everything random in it comes from the prompt and the seed.

// A tongue is what the model can say in one language.
type tongue struct {
	openings []string
	subjects []subject // the first is for prompts that mention none
	closings []string
	space    string // between sentences
}

// A subject is something that a prompt can be about.
type subject struct {
	words     []string // lower case; the prompt mentions one of them
	sentences []string // in an order in which any selection reads well
}

// sentences is how many an answer has between its opening and its closing.
const sentences = 4

// generate returns the tokens of the model's answer to a prompt, in the
// prompt's language.
func generate(prompt string, seed int) []string {
	hash := fnv.New64a()
	hash.Write([]byte(prompt))
	random := rand.New(rand.NewPCG(hash.Sum64(), uint64(seed)))

	speech := english
	if strings.ContainsFunc(prompt, isHan) {
		speech = chinese
	}
	known := speech.about(prompt)
	chosen := random.Perm(len(known))[:min(sentences, len(known))]
	slices.Sort(chosen)

	said := []string{pick(random, speech.openings)}
	for _, i := range chosen {
		said = append(said, known[i])
	}
	said = append(said, pick(random, speech.closings))
	return tokenize(strings.Join(said, speech.space))
}

// about returns the sentences on the subjects that a prompt mentions.
func (t tongue) about(prompt string) []string {
	prompt = strings.ToLower(prompt)
	var known []string
	for _, s := range t.subjects {
		if slices.ContainsFunc(s.words, func(word string) bool { return strings.Contains(prompt, word) }) {
			known = append(known, s.sentences...)
		}
	}
	if known == nil {
		return t.subjects[0].sentences
	}
	return known
}

func pick(random *rand.Rand, from []string) string {
	return from[random.IntN(len(from))]
}

// tokenize cuts a text into tokens: of a Chinese text one to three characters,
// of another a word or a piece of a long one. A space belongs to what follows
// it, and punctuation is a token of its own.
func tokenize(text string) []string {
	var tokens []string
	for text = string([]rune(text)); len(text) > 0; { // of valid characters
		n := 0
		if text[0] == ' ' && len(text) > 1 {
			n = 1
		}
		switch first, size := utf8.DecodeRuneInString(text[n:]); {
		case isHan(first):
			n += run(text[n:], isHan, 1+int(first)%3)
		case isWord(first):
			n += run(text[n:], isWord, 8)
		default:
			n += size
		}
		tokens = append(tokens, text[:n])
		text = text[n:]
	}
	return tokens
}

// run returns how many bytes the first characters take, up to most, that are of a kind.
func run(text string, kind func(rune) bool, most int) int {
	for i, r := range text {
		if most == 0 || !kind(r) {
			return i
		}
		most--
	}
	return len(text)
}

func isHan(r rune) bool { return unicode.Is(unicode.Han, r) }

func isWord(r rune) bool { return !isHan(r) && (unicode.IsLetter(r) || unicode.IsDigit(r)) }
