package chat

// chinese is what the model can say to a prompt that has Chinese in it.
var chinese = tongue{
	openings: []string{
		"好问题。",
		"简单说说。",
		"这个可以直接看。",
		"我的看法是这样：",
	},
	subjects: []subject{
		{
			words: []string{"流", "token", "逐字", "聊天", "对话", "gpt", "回答"},
			sentences: []string{
				"大模型的回答是一个 token 一个 token 生成的，生成一个就可以发一个。",
				"不用等到写完：你读到第一个字的时候，最后一个字还没有生成。",
				"响应一直开着，服务器每写一个 token 就 flush 一次。",
				"每个 token 都包在一小段 JSON 里，外面这层比 token 本身大得多。",
				"按下停止，连接就断了；服务器如果留意这件事，就不会再往下生成。",
				"不用流式，总时间也差不多，只是要干等到最后。",
			},
		},
		{
			words: []string{"sse", "eventsource", "事件", "post"},
			sentences: []string{
				"事件流就是 HTTP 上的纯文本：几行以 data: 开头的内容，再加一个空行表示「发」。",
				"EventSource 只能发 GET，所以带请求体的提问要用 fetch 发出去，再由页面自己去读这个流。",
				"开发者工具里显示 EventStream，看的是响应的 Content-Type，和谁发起的请求无关。",
				"连接断了，EventSource 会自己重连；fetch 不会，得由写页面的人来做。",
				"它是单向的，只从服务器到浏览器；浏览器要发什么，就再发一个请求。",
			},
		},
		{
			words: []string{"websocket", "双向"},
			sentences: []string{
				"WebSocket 从一个 HTTP 请求开始，收到 101 之后，两边随时都可以说话。",
				"每条消息前面都写着长度，不需要靠空行来找边界。",
				"浏览器发出的帧用四个随机字节做掩码，服务器发出的帧不用。",
				"连接断了，WebSocket 只告诉你一声，重连要自己写。",
				"客户端也有很多话要说的时候，它更合适，比如游戏、协同编辑、要反复调用工具的长对话。",
			},
		},
		{
			words: []string{"重连", "断线", "断开", "断了", "丢", "恢复"},
			sentences: []string{
				"EventSource 会等一会儿再连，并带上最后收到的 id，好让服务器接着往下发。",
				"光有 id 还不够，服务器得留着那之后的内容。",
				"回答断在半路，重新请求并不是接着说，而是从头再生成一遍，也要再付一遍钱。",
				"用 WebSocket 就自己写循环：每次多等一会儿，再加一点随机，别和所有人同时回来。",
			},
		},
		{
			words: []string{"你好", "您好", "你是谁", "名字"},
			sentences: []string{
				"我是一个很小的语言模型：几十句话，加一个带种子的骰子。",
				"提示词和种子都一样，回答就一样，所以你看到的可以再看一遍。",
				"可以问我流式输出、WebSocket，或者断线以后会发生什么。",
				"我说话的时候，不妨看看下面的帧，它们比我可靠。",
			},
		},
	},
	closings: []string{
		"我就知道这些，剩下的看下面的字节。",
		"别只听我说，去看看帧。",
		"换一个种子，我会换一种说法。",
		"说完了。现在把连接断开，看看谁会发现。",
	},
}
