import { ABNORMAL_CLOSURE, closeFailure, NetraError, rpcFailure } from "./errors.ts";
import { decodeFrame, encodeRequest } from "./wire.ts";

/** The part of the WebSocket interface that is used; browsers and Node 22+ have it built in. */
export interface SocketLike {
  readonly protocol: string;
  readyState: number;
  send(text: string): void;
  close(code?: number, reason?: string): void;
  addEventListener(type: "open", listener: () => void): void;
  addEventListener(type: "message", listener: (event: { data: unknown }) => void): void;
  addEventListener(type: "close", listener: (event: { code: number; reason: string }) => void): void;
  addEventListener(type: "error", listener: () => void): void;
}

export type SocketConstructor = new (url: string, protocols: string[]) => SocketLike;

interface Waiting {
  onResult: ((result: unknown) => void) | undefined;
  resolve(result: unknown): void;
  reject(error: NetraError): void;
  timer: ReturnType<typeof setTimeout>;
}

// A person has one or two commands in flight; a program that fans out gets an error instead.
const MAX_OUTSTANDING = 256;
const OPEN = 1;

/** One socket: requests matched with answers, notifications passed on in order, one end. */
export class Connection {
  readonly #socket: SocketLike;
  readonly #waiting = new Map<number, Waiting>();
  readonly #onNotification: (method: string, params: Record<string, unknown>) => void;
  readonly #ended: Promise<NetraError>;
  #end: (error: NetraError) => void = () => undefined;
  #nextId = 1;
  #failure: NetraError | null = null;
  /** Until `initialize` says otherwise (SOCKETS__MAX_FRAME_BYTES). */
  maxFrameBytes = 65_536;
  /** Commands that were in flight when the connection ended. */
  unanswered = 0;

  private constructor(
    socket: SocketLike,
    onNotification: (method: string, params: Record<string, unknown>) => void,
  ) {
    this.#socket = socket;
    this.#onNotification = onNotification;
    this.#ended = new Promise((resolve) => {
      this.#end = resolve;
    });
    socket.addEventListener("message", (event) => this.#receive(event.data));
    socket.addEventListener("close", (event) => this.#fail(closeFailure(event.code, event.reason)));
  }

  /**
   * Opens a socket.
   *
   * @param openMs deadline of TCP, TLS and the upgrade together
   * @throws NetraError `connection_lost`, `deadline_passed`, or what a close frame said
   */
  static open(
    Socket: SocketConstructor,
    url: string,
    protocols: string[],
    openMs: number,
    onNotification: (method: string, params: Record<string, unknown>) => void,
  ): Promise<Connection> {
    return new Promise((resolve, reject) => {
      const socket = new Socket(url, protocols);
      const connection = new Connection(socket, onNotification);
      const timer = setTimeout(() => connection.abort("deadline_passed", "The socket did not open in time."), openMs);
      socket.addEventListener("open", () => {
        clearTimeout(timer);
        resolve(connection);
      });
      void connection.ended.then((error) => {
        clearTimeout(timer);
        reject(error);
      });
    });
  }

  /** Resolves once, with why the connection ended. */
  get ended(): Promise<NetraError> {
    return this.#ended;
  }

  get isOpen(): boolean {
    return this.#failure === null && this.#socket.readyState === OPEN;
  }

  /**
   * Sends a command and returns its result.
   *
   * @param onResult called while the answer is read, before any frame behind it: what depends on
   *   the order of frames must not wait for a promise
   * @throws NetraError the answer's, `deadline_passed`, or why the connection ended
   */
  call(
    method: string,
    params: object,
    withinMs: number,
    onResult?: (result: unknown) => void,
  ): Promise<unknown> {
    return new Promise((resolve, reject) => {
      if (this.#failure !== null) {
        reject(this.#failure);
        return;
      }
      if (this.#waiting.size >= MAX_OUTSTANDING) {
        reject(new NetraError("too_many_outstanding", "Too many commands wait for an answer.", { retry: "backoff" }));
        return;
      }
      const id = this.#nextId;
      this.#nextId += 1;
      const frame = encodeRequest(id, method, params);
      // The server would close 1009, and the next connection would send the same frame again.
      if (new TextEncoder().encode(frame).length > this.maxFrameBytes) {
        reject(new NetraError("message_too_large", "The message is too long to be sent.", { retry: "never", field: "content" }));
        return;
      }
      const timer = setTimeout(() => {
        this.#waiting.delete(id);
        reject(new NetraError("deadline_passed", `No answer to ${method} within ${withinMs} ms.`, { retry: "backoff" }));
      }, withinMs);
      this.#waiting.set(id, { onResult, resolve, reject, timer });
      this.#socket.send(frame);
    });
  }

  /** Closes in order. */
  close(): void {
    this.#socket.close(1000);
    this.#fail(closeFailure(1000, ""));
  }

  /** Ends the connection without waiting for the peer, which may be gone. */
  abort(code: string, message: string): void {
    try {
      this.#socket.close(4000, code);
    } finally {
      this.#fail(new NetraError(code, message, { retry: "backoff", closeCode: ABNORMAL_CLOSURE }));
    }
  }

  #receive(data: unknown): void {
    if (this.#failure !== null) return;
    try {
      const frame = decodeFrame(data);
      if (frame.kind === "notification") {
        this.#onNotification(frame.method, frame.params);
        return;
      }
      const id = frame.id ?? this.#onlyRequest();
      const waiting = id === undefined ? undefined : this.#waiting.get(id);
      if (waiting === undefined || id === undefined) return; // its deadline had passed
      this.#waiting.delete(id);
      clearTimeout(waiting.timer);
      if (frame.kind === "result") {
        waiting.onResult?.(frame.result);
        waiting.resolve(frame.result);
      } else {
        waiting.reject(rpcFailure(frame.error));
      }
    } catch (reason) {
      const message = reason instanceof Error ? reason.message : String(reason);
      this.abort("protocol_violation", message);
    }
  }

  /**
   * Returns the id of the only request in flight. A server that could not read the id of a request
   * answers with null (JSON-RPC 2.0, section 5).
   */
  #onlyRequest(): number | undefined {
    return this.#waiting.size === 1 ? this.#waiting.keys().next().value : undefined;
  }

  #fail(error: NetraError): void {
    if (this.#failure !== null) return;
    this.#failure = error;
    this.unanswered = this.#waiting.size;
    for (const waiting of this.#waiting.values()) {
      clearTimeout(waiting.timer);
      waiting.reject(error);
    }
    this.#waiting.clear();
    this.#end(error);
  }
}
