const socket = new WebSocket(url);
let answered = 0;

socket.onopen = () => {
  for (let n = 1; n <= 50; n++) socket.send(`question ${n}`);
};

socket.onmessage = ({ data }) => {
  if (!data.includes("question")) return; // pushed, not asked for
  report(data);
  if (++answered === 50) socket.close(1000);
};
