// Express with the compression middleware, from the folder of npm packages that is
// the first argument. The last part of the path says what the handler does about it.

import { createRequire } from "node:module";

const require = createRequire(`${process.argv[2]}/`);
const app = require("express")();
app.use(require("compression")());
app.get("/:remedy", async (request, response) => {
  const { remedy } = request.params;
  response.set({ "Content-Type": "text/event-stream", "Cache-Control": remedy === "no-transform" ? "no-transform" : "no-cache" });
  for (const n of [1, 2, 3]) {
    response.write(`data: ${n}\n\n`);
    if (remedy === "flush") response.flush();
    await new Promise(setImmediate);
  }
  response.end();
});
const server = app.listen(0, "127.0.0.1", () => console.log(`127.0.0.1:${server.address().port}`));
