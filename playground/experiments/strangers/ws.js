// The server's cookies go along: there is no option.
const socket = new WebSocket(url);

socket.onmessage = (event) => {
  const { type, data } = JSON.parse(event.data);
  // No line of the server sends a message of this type.
  if (type === "admin") log("ADMIN:", data);
  else log(data);
};

socket.onopen = () => {
  socket.send("x".repeat(controls.size));
};

socket.onclose = ({ code }) => {
  // 1006: it ended without a close frame, or never
  // began. The page is not told why.
  log("close:", code);
};
