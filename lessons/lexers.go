package lessons

import (
	"slices"
	"strings"
	"sync"

	"github.com/alecthomas/chroma/v2"
)

// lexers are those of the languages that the course shows code in. Chroma has its own for
// some 270 languages, and whatever uses them reads all of them when the process begins:
// longer than a command takes that shows no code.
var lexers = func() map[string]func() chroma.Lexer {
	lexers := map[string]func() chroma.Lexer{}
	for names, rules := range map[string]func() chroma.Rules{
		"go golang": goRules, "js mjs javascript": jsRules, "json": jsonRules,
		"nginx conf": nginxRules, "py python": pythonRules, "sh bash shell": shRules,
	} {
		lexer := sync.OnceValue(func() chroma.Lexer {
			return chroma.Coalesce(chroma.MustNewLexer(&chroma.Config{Name: names}, rules))
		})
		for name := range strings.FieldsSeq(names) {
			lexers[name] = lexer
		}
	}
	return lexers
}()

// number matches one as most languages write it, and other what has no class: a whole
// name, so that no word in it is taken for a keyword, or one character.
const (
	number = `(?:0[xX][\da-fA-F_]+|0[oO][0-7_]+|0[bB][01_]+|(?:\d[\d_]*\.?\d*|\.\d+)(?:[eE][+-]?\d+)?)`
	other  = `[\p{L}_$][\p{L}\p{N}_$]*|[\s\S]`
)

// oneOf matches one of the words.
func oneOf(list string) string { return `(?:` + strings.Join(strings.Fields(list), "|") + `)\b` }

// quoted matches what stands in quotes, with \ before what does not end it.
func quoted(quote string) string {
	return quote + `(?:(?!` + quote + `)[^\\]|\\[\s\S])*` + quote
}

func goRules() chroma.Rules {
	const types = `u?int(?:8|16|32|64)? uintptr float(?:32|64) complex(?:64|128) byte rune string bool error `
	return chroma.Rules{"root": {
		{Pattern: `//[^\n]*|/\*[\s\S]*?\*/`, Type: chroma.Comment},
		{Pattern: quoted(`"`) + "|`[^`]*`|" + quoted(`'`), Type: chroma.LiteralString},
		{Pattern: oneOf(`break case chan const continue default defer else fallthrough for func go goto if import
			interface map package range return select struct switch type var false iota nil true`), Type: chroma.Keyword},
		{Pattern: oneOf(types+`append cap clear close complex copy delete imag len make max min new panic print println
			real recover`) + `(?=\()`, Type: chroma.NameBuiltin},
		{Pattern: oneOf(types + `any`), Type: chroma.Keyword},
		{Pattern: number + `i?`, Type: chroma.LiteralNumber},
		{Pattern: `[a-zA-Z_]\w*(?=\s*\()`, Type: chroma.NameFunction},
		{Pattern: other, Type: chroma.Text},
	}}
}

func jsRules() chroma.Rules {
	code := []chroma.Rule{
		{Pattern: `//[^\n]*|/\*[\s\S]*?\*/|\A#![^\n]*`, Type: chroma.Comment},
		{Pattern: quoted(`"`) + `|` + quoted(`'`), Type: chroma.LiteralString},
		// A slash begins a regular expression where no value stands before it. The bounds are
		// for code in one long line, in which there may be thousands that do not end.
		{Pattern: `(?<=(?:^|[-+*%&|^!~<>=?:(,\[{;]|\b(?:return|typeof|case|in|of))\s*)/(?:[^/\\\[\n]|\\.|\[(?:[^\]\\\n]|\\.){0,200}\]){1,200}/[a-z]*`, Type: chroma.LiteralString},
		{Pattern: oneOf(`async await break case catch class const continue debugger default delete do else enum export
			extends finally for function if import in instanceof let new of return static super switch this throw try
			typeof using var void while with yield Infinity NaN false null true undefined`), Type: chroma.Keyword},
		{Pattern: oneOf(`Array Boolean Date Error Function Math Number Object Promise Proxy RegExp String decodeURI
			decodeURIComponent document encodeURI encodeURIComponent isFinite isNaN parseFloat parseInt window`), Type: chroma.NameBuiltin},
		{Pattern: number + `n?`, Type: chroma.LiteralNumber},
		{Pattern: "`", Type: chroma.LiteralString, Mutator: chroma.Push("template")},
		{Pattern: `\{`, Type: chroma.Text, Mutator: chroma.Push("braces")},
		{Pattern: other, Type: chroma.Text},
	}
	closing := chroma.Rule{Pattern: `\}`, Type: chroma.Text, Mutator: chroma.Pop(1)}
	return chroma.Rules{
		"root":   code,
		"braces": slices.Concat([]chroma.Rule{closing}, code),
		"value":  slices.Concat([]chroma.Rule{{Pattern: closing.Pattern, Type: chroma.LiteralString, Mutator: closing.Mutator}}, code),
		"template": {
			{Pattern: "`", Type: chroma.LiteralString, Mutator: chroma.Pop(1)},
			{Pattern: `\$\{`, Type: chroma.LiteralString, Mutator: chroma.Push("value")},
			{Pattern: "(?:[^`\\\\$]|\\\\[\\s\\S]|\\$(?!\\{))+", Type: chroma.LiteralString},
		},
	}
}

func jsonRules() chroma.Rules {
	return chroma.Rules{"root": {
		{Pattern: `//[^\n]*`, Type: chroma.Comment}, // JSON has none, but who explains it may
		{Pattern: quoted(`"`) + `(?=\s*:)`, Type: chroma.NameTag},
		{Pattern: quoted(`"`), Type: chroma.LiteralString},
		{Pattern: oneOf(`true false null`), Type: chroma.Keyword},
		{Pattern: `-?` + number, Type: chroma.LiteralNumber},
		{Pattern: other, Type: chroma.Text},
	}}
}

// A directive of nginx is a keyword, and what it is given is a string.
func nginxRules() chroma.Rules {
	common := []chroma.Rule{
		{Pattern: `#[^\n]*`, Type: chroma.Comment},
		{Pattern: `\s+`, Type: chroma.Text},
	}
	return chroma.Rules{
		"root": slices.Concat(common, []chroma.Rule{
			{Pattern: `[{};]`, Type: chroma.Text},
			{Pattern: `[^\s;{}#]+`, Type: chroma.Keyword, Mutator: chroma.Push("given")},
		}),
		"given": slices.Concat(common, []chroma.Rule{
			{Pattern: `[;{]`, Type: chroma.Text, Mutator: chroma.Pop(1)},
			{Pattern: `\$(?:\w+|\{\w+\})|(?:on|off)\b`, Type: chroma.Text},
			{Pattern: `\d+(?:\.\d+)?[a-z]?(?![\w.:/])`, Type: chroma.LiteralNumber},
			{Pattern: quoted(`"`) + `|` + quoted(`'`) + `|[^\s;{$]+`, Type: chroma.LiteralString},
			{Pattern: other, Type: chroma.Text},
		}),
	}
}

func pythonRules() chroma.Rules {
	const prefix = `(?i:[bru]|br|rb)?`
	rules := chroma.Rules{"root": {
		{Pattern: `#[^\n]*`, Type: chroma.Comment},
		{Pattern: prefix + `(?:` + quoted(`"""`) + `|` + quoted(`'''`) + `|` + quoted(`"`) + `|` + quoted(`'`) + `)`, Type: chroma.LiteralString},
		{Pattern: `(def)(\s+)(\w+)`, Type: chroma.ByGroups(chroma.Keyword, chroma.Text, chroma.NameFunction)},
		{Pattern: oneOf(`and as assert async await break case class continue def del elif else except finally for from
			global if import in is lambda match nonlocal not or pass raise return try while with yield False None True`), Type: chroma.Keyword},
		{Pattern: `(?<!\.)` + oneOf(`abs all any bool bytes bytearray dict enumerate filter float format getattr hasattr hash
			id input int isinstance iter len list map max min next object open print range repr reversed round set setattr
			slice sorted str sum super tuple type vars zip`), Type: chroma.NameBuiltin},
		{Pattern: number + `j?`, Type: chroma.LiteralNumber},
	}}
	// In an f-string, code stands in braces, and how it is written may follow.
	for _, quote := range []string{`"`, `'`, `"""`, `'''`} { // the last one is asked for first
		name := "f" + quote
		rules["root"] = slices.Insert(rules["root"], 1, chroma.Rule{Pattern: `(?i:f|fr|rf)` + quote, Type: chroma.LiteralString, Mutator: chroma.Push(name)})
		rules[name] = []chroma.Rule{
			{Pattern: quote, Type: chroma.LiteralString, Mutator: chroma.Pop(1)},
			{Pattern: `\{\{|\}\}|\\[\s\S]|(?!` + quote + `)[^{\\]`, Type: chroma.LiteralString},
			{Pattern: `\{`, Type: chroma.LiteralString, Mutator: chroma.Push("value")},
		}
	}
	rules["root"] = append(rules["root"], chroma.Rule{Pattern: other, Type: chroma.Text})
	rules["value"] = slices.Concat([]chroma.Rule{
		{Pattern: `\}`, Type: chroma.LiteralString, Mutator: chroma.Pop(1)},
		{Pattern: `:[^{}()[\]]*(?=\})`, Type: chroma.LiteralString},
	}, rules["root"][1:]) // a # is no comment there
	return rules
}

func shRules() chroma.Rules {
	code := []chroma.Rule{
		{Pattern: `(?<!\S)#[^\n]*`, Type: chroma.Comment},
		{Pattern: `'[^']*'|<<-?\s*(['"]?)(\w+)\1[\s\S]*?\n\s*\2\b`, Type: chroma.LiteralString},
		{Pattern: `"`, Type: chroma.LiteralString, Mutator: chroma.Push("quoted")},
		{Pattern: `(?<![\w-])` + oneOf(`case do done elif else esac fi for function if in select then until while`), Type: chroma.Keyword},
		{Pattern: `(?<![\w./-])` + oneOf(`alias cd command echo eval exec exit export false kill local printf pwd read return
			set shift source test time trap true type ulimit unset wait`) + `(?![\w./-])`, Type: chroma.NameBuiltin},
		{Pattern: `(?<!\S)\d+(?!\S)`, Type: chroma.LiteralNumber},
		{Pattern: `\(`, Type: chroma.Text, Mutator: chroma.Push("parentheses")},
		{Pattern: `\\[\s\S]|[\w./:-]+|[\s\S]`, Type: chroma.Text},
	}
	return chroma.Rules{
		"root":        code,
		"parentheses": slices.Concat([]chroma.Rule{{Pattern: `\)`, Type: chroma.Text, Mutator: chroma.Pop(1)}}, code),
		"quoted": {
			{Pattern: `"`, Type: chroma.LiteralString, Mutator: chroma.Pop(1)},
			{Pattern: `\$\(`, Type: chroma.Text, Mutator: chroma.Push("parentheses")},
			{Pattern: `\$(?:\w+|\{(?:[^}"]|"[^"]*")*\})`, Type: chroma.Text},
			{Pattern: `(?:[^"\\$]|\\[\s\S])+|\$`, Type: chroma.LiteralString},
		},
	}
}
