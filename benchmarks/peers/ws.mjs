// A bare `ws` server: the token is verified at the upgrade, text is echoed, `events` broadcasts.
import http from "node:http";
import jwt from "jsonwebtoken";
import { WebSocketServer } from "ws";

const { BENCH_SECRET: secret, BENCH_ISSUER: issuer, BENCH_AUDIENCE: audience } = process.env;
const server = http.createServer((_request, response) => response.end("ok"));
const sockets = new WebSocketServer({
  noServer: true,
  perMessageDeflate: false,
  maxPayload: 65536,
  handleProtocols: () => "jwt-auth",
});

server.on("upgrade", (request, socket, head) => {
  const offer = (request.headers["sec-websocket-protocol"] ?? "").split(",").map((s) => s.trim());
  const entry = offer.find((item) => item.startsWith("jwt."));
  try {
    jwt.verify(entry.slice(4), secret, { algorithms: ["HS256"], issuer, audience });
  } catch {
    socket.end("HTTP/1.1 401 Unauthorized\r\nconnection: close\r\ncontent-length: 0\r\n\r\n");
    return;
  }
  sockets.handleUpgrade(request, socket, head, (client) => {
    client.on("message", (data, binary) => {
      if (data.length < 120) broadcast(JSON.parse(data));
      else client.send(data, { binary });
    });
  });
});

function broadcast({ events, every }) {
  const timer = setInterval(() => {
    if (events-- <= 0) return clearInterval(timer);
    const text = JSON.stringify({ at: Number(process.hrtime.bigint()), fill: "x".repeat(300) });
    for (const client of sockets.clients) client.send(text);
  }, every);
}

server.listen(Number(process.argv[2]), "127.0.0.1");
