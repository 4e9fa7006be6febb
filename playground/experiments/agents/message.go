package agents

import "encoding/json"

// version is the revision of MCP that is spoken here.
const version = "2025-11-25"

// A message of JSON-RPC 2.0. A request has a method and an id, a notification has
// only the method, a response only the id.
type message struct {
	Version string          `json:"jsonrpc"`
	ID      json.RawMessage `json:"id,omitempty"`
	Method  string          `json:"method,omitempty"`
	Params  json.RawMessage `json:"params,omitempty"`
	Result  json.RawMessage `json:"result,omitempty"`
	Error   json.RawMessage `json:"error,omitempty"`
}

func (m message) isRequest() bool { return m.Method != "" && m.ID != nil }

// object is a JSON object.
type object = map[string]any

func request(id, method string, params object) message {
	return message{Version: "2.0", ID: raw(id), Method: method, Params: raw(params)}
}

func notification(method string, params object) message {
	return message{Version: "2.0", Method: method, Params: raw(params)}
}

// result answers a request.
func result(to message, value object) message {
	return message{Version: "2.0", ID: to.ID, Result: raw(value)}
}

// failure answers a request that can't be done (JSON-RPC 2.0 §5.1).
func failure(to message, code int, text string) message {
	return message{Version: "2.0", ID: to.ID, Error: raw(object{"code": code, "message": text})}
}

func raw(value any) json.RawMessage {
	text, err := json.Marshal(value)
	if err != nil {
		panic(err) // they are all made here
	}
	return text
}
