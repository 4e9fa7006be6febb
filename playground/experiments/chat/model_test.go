package chat

import (
	"slices"
	"strings"
	"testing"
	"unicode/utf8"
)

// The model is to stay the same: captures and lessons rely on what it says.
func TestAnswersStayTheSame(t *testing.T) {
	tests := []struct {
		prompt string
		seed   int
		want   string
	}{
		{"What is a stream?", 1, `Good| question| —| Nothing| waits| for| the| end|:| you| read| the| first| word| while| the| last| one| isn|’|t| there| yet|.| What| carries| the| tokens| is| a| response| that| stays| open|,| and| the| server| flushes| after| each| of| them|.| Each| token| travels| in| a| small| piece| of| JSON|,| which| is| much| larger| than| the| token| itself|.| The| whole| answer| takes| just| as| long| without| a| stream| —| it| only| feels| longer|.| Don|’|t| take| my| word| for| it|:| look| at| the| frames|.`},
		{"什么是流？", 1, `好问|题|。|大模型|的回|答|是一个| token| 一|个| token| 生成|的|，|生成|一|个|就|可以|发一|个|。|响应|一|直开着|，|服务器|每写一|个| token| 就| flush| 一|次|。|每个| token| 都包|在一|小段| JSON| 里|，|外|面|这|层比| token| 本|身大|得|多|。|不用|流|式|，|总时间|也差不|多|，|只是要|干等|到最|后|。|我就|知|道这些|，|剩下|的看|下面的|字节|。`},
	}
	for _, test := range tests {
		if got := strings.Join(generate(test.prompt, test.seed), "|"); got != test.want {
			t.Errorf("%q with seed %d: the answer is\n%s\nand was\n%s", test.prompt, test.seed, got, test.want)
		}
	}
}

func TestSeeds(t *testing.T) {
	const prompt = "What is a stream?"
	answers := map[string]bool{}
	for seed := range 10 {
		if !slices.Equal(generate(prompt, seed), generate(prompt, seed)) {
			t.Errorf("seed %d has two answers", seed)
		}
		answers[strings.Join(generate(prompt, seed), "")] = true
	}
	if len(answers) < 5 {
		t.Errorf("10 seeds have only %d answers", len(answers))
	}
}

func TestAnswersInThePromptsLanguage(t *testing.T) {
	for prompt, chinese := range map[string]bool{
		"":                       false,
		"hello":                  false,
		"为什么不用 WebSocket？":       true,
		"Why 流?":                 true,
		"ストリームとは":                false,
		strings.Repeat("x", 500): false,
	} {
		answer := strings.Join(generate(prompt, 1), "")
		if strings.ContainsFunc(answer, isHan) != chinese {
			t.Errorf("%q: the answer is %q", prompt, answer)
		}
	}
}

// The exercise needs characters of several bytes in every answer.
func TestAnswersHaveWideCharacters(t *testing.T) {
	for seed := range 50 {
		for _, prompt := range []string{"", "Why is there no WebSocket?", "reconnect"} {
			answer := strings.Join(generate(prompt, seed), "")
			if utf8.RuneCountInString(answer) == len(answer) {
				t.Errorf("%q with seed %d: %q is ASCII", prompt, seed, answer)
			}
		}
	}
}

func TestTokenize(t *testing.T) {
	tests := []struct{ text, want string }{
		{"", ""},
		{"one two", "one| two"},
		{"connections, too.", "connecti|ons|,| too|."},
		{"用 SSE 吧", "用| SSE| 吧"},
		{"  two spaces ", "  |two| spaces| "},
		{"\xff\n", "\uFFFD|\n"},
	}
	for _, test := range tests {
		if got := strings.Join(tokenize(test.text), "|"); got != test.want {
			t.Errorf("%q: the tokens are %q, not %q", test.text, got, test.want)
		}
	}
	text := "大模型的回答是一个 token 一个 token 生成的，生成一个就可以发一个。"
	tokens := tokenize(text)
	if strings.Join(tokens, "") != text {
		t.Errorf("the tokens %q are not the text", tokens)
	}
	for _, token := range tokens {
		if strings.ContainsFunc(token, isHan) && utf8.RuneCountInString(strings.TrimSpace(token)) > 3 {
			t.Errorf("%q is more than three characters", token)
		}
	}
}
