// Each tab that is open has a socket of its own.
for (let tab = 1; tab <= controls.streams; tab++) {
  const socket = new WebSocket(`${url}&topics=tab-${tab}`);

  socket.onopen = () => {
    log(`tab ${tab}: open`);
    if (tab === 1) setTimeout(save, controls.every, socket);
  };

  socket.onmessage = ({ data }) => {
    if (JSON.parse(data).topic === "saved") log("saved");
  };

  socket.onclose = () => log(`tab ${tab}: closed`);
}

// Somebody presses Save in the first tab: a message on its socket.
function save(socket) {
  socket.send("save");
}
