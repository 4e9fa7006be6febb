package chat

// english is what the model can say to a prompt that has no Chinese in it. A
// few characters take several bytes in UTF-8 (’ — →), as in any real text.
var english = tongue{
	space: " ",
	openings: []string{
		"Let’s see —",
		"Good question —",
		"In short —",
		"Here’s how I’d put it —",
	},
	subjects: []subject{
		{
			words: []string{"stream", "token", "word", "chat", "gpt", "answer"},
			sentences: []string{
				"A language model makes its answer one token at a time, so each can leave as soon as it exists.",
				"Nothing waits for the end: you read the first word while the last one isn’t there yet.",
				"What carries the tokens is a response that stays open, and the server flushes after each of them.",
				"Each token travels in a small piece of JSON, which is much larger than the token itself.",
				"Press Stop and the connection closes; a server that watches for that makes no more tokens.",
				"The whole answer takes just as long without a stream — it only feels longer.",
			},
		},
		{
			words: []string{"sse", "eventsource", "event", "post"},
			sentences: []string{
				"An event stream is plain text over plain HTTP: a few lines that begin with “data:”, and a blank line that says “now”.",
				"EventSource can only send a GET, so a question with a body goes out with fetch, and the page reads the stream itself.",
				"The browser’s network panel shows the events because of the content type, no matter what asked for them.",
				"EventSource reconnects by itself after a drop; fetch doesn’t, so your code has to.",
				"The stream goes one way: server → browser. What the browser has to say goes in another request.",
			},
		},
		{
			words: []string{"websocket", "socket", "two-way"},
			sentences: []string{
				"A WebSocket begins as an HTTP request, and after the 101 both sides may speak whenever they like.",
				"Each message there has its length in front of it, so there is no blank line to look for.",
				"A frame from the browser is masked with four random bytes; one from the server isn’t.",
				"When the connection is cut, a WebSocket tells you so and leaves it at that: reconnecting is up to your code.",
				"It’s the better fit where the client has much to say too — a game, an editor, a long talk with many tools.",
			},
		},
		{
			words: []string{"reconnect", "drop", "retry", "resume", "lost"},
			sentences: []string{
				"EventSource waits a little, asks again, and sends the last id that it saw, so that the server can go on from there.",
				"The ids are only half of it: the server must still have what came after them.",
				"An answer that breaks off in the middle isn’t resumed by asking again — it’s made again, and paid for again.",
				"With a WebSocket you write the loop yourself: wait, a little longer each time, never at the same moment as everybody else.",
			},
		},
		{
			words: []string{"hello", "hi", "hey", "who are you", "name"},
			sentences: []string{
				"I’m a very small language model: a few dozen sentences and one die, with a seed.",
				"The same prompt and the same seed get the same answer, so what you see can be seen again.",
				"Ask me about streams, about WebSocket, or about what happens when the connection is cut.",
				"Have a look at the frames below while I talk; they’re more honest than I am.",
			},
		},
	},
	closings: []string{
		"That’s all I know — the bytes below know more.",
		"Don’t take my word for it: look at the frames.",
		"Try another seed, and I’ll say it differently.",
		"And that’s it — now cut the connection and see who notices.",
	},
}
