// A WebSocket takes no headers but this one: the list
// of subprotocols. The server picks "seewire", and
// does not repeat the token.
const socket = new WebSocket(url, ["seewire", "token.ada"]);

socket.onopen = () => {
  log("subprotocol:", socket.protocol);
  socket.send("hello");
};
socket.onmessage = ({ data }) => log(JSON.parse(data).data);
socket.onclose = ({ code }) => log("close:", code);
