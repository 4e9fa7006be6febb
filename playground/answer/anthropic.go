package answer

// Anthropic's Messages: named events; each block of the content is opened, added to
// and closed (https://platform.claude.com/docs/en/build-with-claude/streaming).
var anthropic = form{
	name: "anthropic",
	is: func(_ event, v object) bool {
		return v.text("type") == "message_start" || v.text("type") == "content_block_start"
	},
	take: func(b *builder, e event, v object) {
		if v == nil {
			b.notJSON(e)
			return
		}
		index := int(v.number("index"))
		switch v.text("type") {
		case "message_start":
			usage := v.object("message").object("usage")
			b.usage(usage.number("input_tokens"), 0, e) // what went out is told at the end
		case "content_block_start":
			switch block := v.object("content_block"); block.text("type") {
			case "text":
				b.part(Text, index, e)
				b.add(Text, index, block.text("text"), e)
			case "thinking", "redacted_thinking":
				b.part(Reasoning, index, e)
			default: // tool_use, and the tools of the server
				b.call(index, block.text("name"), block.text("id"), e)
			}
		case "content_block_delta":
			delta := v.object("delta")
			b.add(Text, index, delta.text("text"), e)
			b.add(Reasoning, index, delta.text("thinking"), e)
			b.add(Call, index, delta.text("partial_json"), e)
		case "content_block_stop":
			b.closes(index)
		case "message_delta":
			if reason := v.object("delta").text("stop_reason"); reason != "" {
				b.Finish = reason
			}
			usage := v.object("usage")
			b.usage(usage.number("input_tokens"), usage.number("output_tokens"), e)
		case "message_stop":
			b.Ended = true
		case "error":
			b.fails(v, "error", e)
		}
	},
}
