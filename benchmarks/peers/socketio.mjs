// A Socket.IO server: the token is verified in its middleware, `m` is echoed, `events` broadcasts.
import http from "node:http";
import jwt from "jsonwebtoken";
import { Server } from "socket.io";

const { BENCH_SECRET: secret, BENCH_ISSUER: issuer, BENCH_AUDIENCE: audience } = process.env;
const server = http.createServer((_request, response) => response.end("ok"));
const io = new Server(server, { transports: ["websocket"], perMessageDeflate: false });

io.use((socket, next) => {
  try {
    jwt.verify(socket.handshake.auth.token, secret, { algorithms: ["HS256"], issuer, audience });
    next();
  } catch (error) {
    next(error);
  }
});

io.on("connection", (socket) => {
  socket.on("m", (message) => socket.emit("m", message));
  socket.on("events", ({ events, every }) => {
    const timer = setInterval(() => {
      if (events-- <= 0) return clearInterval(timer);
      io.emit("e", { at: Number(process.hrtime.bigint()), fill: "x".repeat(300) });
    }, every);
  });
});

server.listen(Number(process.argv[2]), "127.0.0.1");
