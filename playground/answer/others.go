package answer

// Gemini's streamGenerateContent: each event is a whole response with the next part of
// the content; the last has the reason for the end, and there is no mark behind it
// (https://ai.google.dev/api/generate-content).
var gemini = form{
	name: "gemini",
	is: func(_ event, v object) bool {
		return len(v.objects("candidates")) > 0 || v.has("promptFeedback") && v.has("usageMetadata")
	},
	take: func(b *builder, e event, v object) {
		switch {
		case v == nil:
			b.notJSON(e)
			return
		case v.has("error"):
			b.fails(v, "error", e)
			return
		}
		if usage := v.object("usageMetadata"); usage != nil {
			b.usage(usage.number("promptTokenCount"), usage.number("candidatesTokenCount")+usage.number("thoughtsTokenCount"), e)
		}
		for _, candidate := range v.objects("candidates") {
			index := int(candidate.number("index"))
			for _, part := range candidate.object("content").objects("parts") {
				kind := Text
				if part.is("thought") {
					kind = Reasoning
				}
				b.add(kind, index, part.text("text"), e)
				if call := part.object("functionCall"); call != nil { // always whole
					b.call(b.calls, call.text("name"), call.text("id"), e)
					b.add(Call, b.calls, call.raw("args"), e)
					b.calls++
				}
			}
			if reason := candidate.text("finishReason"); reason != "" {
				b.Finish, b.Ended = reason, true
			}
		}
	},
}

// Ollama's chat and generate: a line of JSON each; done is true in the last
// (https://docs.ollama.com/api/streaming).
var ollama = form{
	name: "ollama",
	is: func(_ event, v object) bool {
		done := v.find("done").kind()
		return (done == 't' || done == 'f') && v.has("model") && (v.has("message") || v.has("response"))
	},
	take: func(b *builder, e event, v object) {
		switch {
		case v == nil:
			b.notJSON(e)
			return
		case v.has("error"):
			b.fails(v, "error", e)
			return
		}
		message := v.object("message")
		b.add(Reasoning, 0, message.text("thinking")+v.text("thinking"), e)
		b.add(Text, 0, message.text("content")+v.text("response"), e)
		for i, call := range message.objects("tool_calls") { // always whole
			function := call.object("function")
			b.call(i, function.text("name"), call.text("id"), e)
			b.add(Call, i, function.raw("arguments"), e)
		}
		if v.is("done") {
			b.Ended = true
			b.Finish = v.text("done_reason")
			b.usage(v.number("prompt_eval_count"), v.number("eval_count"), e)
		}
	},
}

// The Model Context Protocol's Streamable HTTP: messages of JSON-RPC; the response to
// what was asked ends the stream
// (https://modelcontextprotocol.io/specification/2025-11-25/basic/transports).
var mcp = form{
	name: "mcp",
	is:   func(_ event, v object) bool { return v.text("jsonrpc") == "2.0" },
	take: func(b *builder, e event, v object) {
		if v == nil {
			b.notJSON(e)
			return
		}
		index := min(b.Events, maxPieces) - 1 // the last has the rest
		p := b.part(Message, index, e)
		p.Name, p.ID = v.text("method"), v.raw("id")
		switch {
		case v.has("error"):
			b.add(Message, index, v.raw("error"), e)
			b.fails(v, "error", e)
			b.Ended = true
		case v.has("result"):
			b.add(Message, index, v.raw("result"), e)
			b.Finish, b.Ended = "result", true
		default:
			b.add(Message, index, v.raw("params"), e)
		}
	},
}
