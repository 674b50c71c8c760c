import { connect, createServer, type AddressInfo, type Server, type Socket } from "node:net";

/** A TCP proxy that breaks connections as networks do. */
export class Proxy {
  readonly #server: Server;
  readonly #pairs = new Set<[Socket, Socket]>();
  /** While set, what the server sends is swallowed: requests arrive, answers do not. */
  mute = false;

  private constructor(server: Server) {
    this.#server = server;
  }

  static async to(target: string): Promise<Proxy> {
    const { hostname, port } = new URL(target);
    const server = createServer();
    const proxy = new Proxy(server);
    server.on("connection", (near) => {
      const far = connect(Number(port), hostname);
      const pair: [Socket, Socket] = [near, far];
      proxy.#pairs.add(pair);
      near.on("data", (data) => far.write(data));
      far.on("data", (data) => {
        if (!proxy.mute) near.write(data);
      });
      for (const socket of pair) {
        socket.on("error", () => undefined); // the other side sees it as an end
        socket.on("close", () => {
          proxy.#pairs.delete(pair);
          near.destroy();
          far.destroy();
        });
      }
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    return proxy;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  /** Ends every connection without a word (RST). */
  cut(): void {
    for (const [near, far] of this.#pairs) {
      near.resetAndDestroy();
      far.resetAndDestroy();
    }
  }

  async close(): Promise<void> {
    this.cut();
    await new Promise((resolve) => this.#server.close(resolve));
  }
}
