package answer

import "strings"

// OpenAI's Chat Completions: events of data alone, each a chunk with a delta for each
// choice; the last is [DONE] (https://platform.openai.com/docs/api-reference/chat-streaming).
var openAIChat = form{
	name: "openai-chat",
	is: func(_ event, v object) bool {
		return v.text("object") == "chat.completion.chunk" || len(v.objects("choices")) > 0 && v.objects("choices")[0].has("delta")
	},
	take: func(b *builder, e event, v object) {
		switch {
		case e.data == "[DONE]":
			b.Ended = true
			return
		case v == nil:
			b.notJSON(e)
			return
		case v.has("error"):
			b.fails(v, "error", e)
			return
		}
		if usage := v.object("usage"); usage != nil {
			b.usage(usage.number("prompt_tokens"), usage.number("completion_tokens"), e)
		}
		for _, choice := range v.objects("choices") {
			index := int(choice.number("index"))
			delta := choice.object("delta")
			b.add(Text, index, delta.text("content"), e)
			b.add(Refusal, index, delta.text("refusal"), e)
			// Not OpenAI's: servers of models that reason have one of the two.
			b.add(Reasoning, index, delta.text("reasoning_content")+delta.text("reasoning"), e)
			for _, call := range delta.objects("tool_calls") {
				at := int(call.number("index"))
				function := call.object("function")
				b.call(at, function.text("name"), call.text("id"), e)
				b.add(Call, at, function.text("arguments"), e)
			}
			if reason := choice.text("finish_reason"); reason != "" {
				b.Finish = reason
			}
		}
	},
}

// OpenAI's Responses: typed events with numbers, which open and close each item
// (https://platform.openai.com/docs/api-reference/responses-streaming).
var openAIResponses = form{
	name: "openai-responses",
	is: func(_ event, v object) bool {
		return strings.HasPrefix(v.text("type"), "response.") && (v.has("sequence_number") || v.has("response"))
	},
	take: func(b *builder, e event, v object) {
		if v == nil {
			b.notJSON(e)
			return
		}
		if v.has("sequence_number") {
			b.ordered(v.number("sequence_number"), e)
		}
		index := int(v.number("output_index"))
		response := v.object("response")
		switch v.text("type") {
		case "response.output_item.added":
			switch item := v.object("item"); item.text("type") {
			case "function_call":
				b.call(index, item.text("name"), item.text("call_id"), e)
			case "message":
				b.part(Text, index, e)
			case "reasoning":
				b.part(Reasoning, index, e)
			}
		case "response.output_text.delta":
			b.add(Text, index, v.text("delta"), e)
		case "response.refusal.delta":
			b.add(Refusal, index, v.text("delta"), e)
		case "response.reasoning_text.delta", "response.reasoning_summary_text.delta":
			b.add(Reasoning, index, v.text("delta"), e)
		case "response.function_call_arguments.delta":
			b.add(Call, index, v.text("delta"), e)
		case "response.output_item.done":
			b.closes(index)
		case "response.completed", "response.incomplete":
			b.Ended = true
			b.Finish = response.text("status")
			if reason := response.object("incomplete_details").text("reason"); reason != "" {
				b.Finish = reason
			}
		case "response.failed":
			b.fails(response, "error", e)
		case "error":
			b.problem(problemError, e.bytes, "kind", v.text("code"), "message", v.text("message"))
		}
		if usage := response.object("usage"); usage != nil {
			b.usage(usage.number("input_tokens"), usage.number("output_tokens"), e)
		}
	},
}
