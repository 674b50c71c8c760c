// Why does the socket not connect? The questions of `netra doctor`, as far as a browser can ask them.

import type { SocketConstructor, SocketLike } from "../netra-client/connection.ts";
import { CLOSE_CODES } from "../netra-client/codes.generated.ts";
import { offerToken, socketUrl, SPOKEN_VERSION, SUBPROTOCOL } from "../netra-client/handshake.ts";
import type { AccessToken } from "../netra-client/tokens.ts";
import { decodeFrame, encodeRequest } from "../netra-client/wire.ts";
import type { Answer, Diagnosis, Finding } from "./findings.ts";

const HTTP_MS = 10_000;
const OPEN_MS = 10_000;
const ANSWER_MS = 10_000;
const CLOSE_MS = 2_000;
// Above the leeway that verifiers commonly allow, and far above what NTP leaves.
const MAX_SKEW_MS = 30_000;
const UNAUTHENTICATED = 4401;
const FORBIDDEN = 4403;
const NORMAL = 1000;
const DOCTOR = "netra doctor shows it";

/** What the doctor uses of the page; a test gives its own. */
export interface Patient {
  /** Of the platform, which is the page's own. */
  readonly origin: string;
  readonly fetch: typeof fetch;
  readonly Socket: SocketConstructor;
  /** Returns the session's token, null when no one is signed in. */
  readonly token: () => Promise<AccessToken | null>;
  readonly now: () => number;
}

interface Ended {
  readonly code: number;
  readonly reason: string;
}

/** What one attempt at a socket showed. */
interface Attempt {
  readonly isOpened: boolean;
  readonly protocol: string;
  /** Milliseconds to the answer of `initialize`; null without one. */
  readonly answeredMs: number | null;
  readonly instance: string;
  /** The close before our own, null when there was none. */
  readonly refusal: Ended | null;
  /** The close after our own, null when none came in time. */
  readonly closed: Ended | null;
}

/** Asks every question in the order in which a connection meets them; never rejects. */
export async function diagnose(patient: Patient): Promise<Diagnosis> {
  const url = socketUrl(patient.origin);
  const http = await askHttp(patient);
  const token = await patient.token().catch(() => null);
  const attempt = await attemptSocket(patient, url, token);
  const isCredentialRefused = attempt.refusal?.code === UNAUTHENTICATED;
  const findings = [
    ...below(patient.origin, http),
    judgeClock(http.skewMs),
    judgeToken(token, patient.now() - (http.skewMs ?? 0)),
    judgeUpgrade(attempt),
    judgeSubprotocol(attempt),
    judgeOrigin(patient.origin, attempt),
    judgeAnswer(attempt),
    judgeClose(attempt),
  ];
  return { url, findings, isCredentialRefused };
}

interface HttpAnswer {
  readonly status: number | null;
  readonly failure: string;
  /** This machine's clock minus the server's; null when the server named no time. */
  readonly skewMs: number | null;
}

async function askHttp({ fetch: get, origin, now }: Patient): Promise<HttpAnswer> {
  try {
    const answer = await get(new URL("/health", origin), { cache: "no-store", signal: AbortSignal.timeout(HTTP_MS) });
    const date = Date.parse(answer.headers.get("date") ?? "");
    // The header has whole seconds: its middle is the best guess.
    return { status: answer.status, failure: "", skewMs: Number.isNaN(date) ? null : now() - (date + 500) };
  } catch (reason) {
    return { status: null, failure: reason instanceof Error ? reason.message : String(reason), skewMs: null };
  }
}

/** A browser does not show which step below HTTP failed; an answer shows that all of them work. */
function below(origin: string, http: HttpAnswer): Finding[] {
  const { hostname, protocol, port } = new URL(origin);
  const isEncrypted = protocol === "https:";
  const shown = port === "" ? (isEncrypted ? "443" : "80") : port;
  const answer: Answer = http.status === null ? "unknown" : "yes";
  const evidence = http.status === null ? `a browser does not show it; ${DOCTOR}` : "an HTTP answer came from there";
  const steps = [
    finding("dns", `Does ${hostname} resolve?`, answer, evidence),
    finding("tcp", `Does port ${shown} accept connections?`, answer, evidence),
    ...(isEncrypted ? [finding("tls", "Is the TLS certificate valid for this host?", answer, evidence)] : []),
  ];
  const question = "Does it answer HTTP?";
  return [
    ...steps,
    http.status === null
      ? finding("http", question, "no", http.failure, "check the network, a VPN or proxy, and whether the platform runs")
      : finding("http", question, "yes", `HTTP ${http.status} from /health`),
  ];
}

function judgeClock(skewMs: number | null): Finding {
  const question = "Do this machine's clock and the server's agree?";
  if (skewMs === null) return finding("clock", question, "unknown", "the server named no time");
  const evidence = `this machine is ${Math.round(Math.abs(skewMs) / 1000)} s ${skewMs > 0 ? "ahead" : "behind"}`;
  return Math.abs(skewMs) <= MAX_SKEW_MS
    ? finding("clock", question, "yes", evidence)
    : finding("clock", question, "no", evidence, "synchronise this machine's clock");
}

function judgeToken(token: AccessToken | null, now: number): Finding {
  const question = "Do the token's times allow its use?";
  if (token === null) return finding("token", question, "unknown", "no one is signed in here");
  const seconds = Math.round((token.expiresAt - now) / 1000);
  return seconds > 0
    ? finding("token", question, "yes", `it expires in ${seconds} s`)
    : finding("token", question, "no", `it expired ${-seconds} s ago`, "sign in again");
}

function judgeUpgrade(attempt: Attempt): Finding {
  const question = "Does it upgrade to a WebSocket?";
  const { refusal } = attempt;
  if (refusal === null && attempt.isOpened) return finding("upgrade", question, "yes", "HTTP 101");
  if (refusal !== null && attempt.isOpened) {
    const known = CLOSE_CODES.get(refusal.code);
    const evidence = `HTTP 101, then closed with ${refusal.code} ${refusal.reason || (known?.name ?? "")}`.trimEnd();
    return finding("upgrade", question, "no", evidence, known?.meaning ?? "look up the close code in docs/protocol.md");
  }
  const evidence = "the socket did not open; a browser does not show the answer in its place";
  return finding("upgrade", question, "no", evidence, `look for a proxy that blocks WebSockets; ${DOCTOR}`);
}

function judgeSubprotocol({ isOpened, protocol }: Attempt): Finding {
  const question = "Does it select an offered subprotocol?";
  if (!isOpened) return finding("subprotocol", question, "unknown", "the socket did not open");
  return protocol === SUBPROTOCOL
    ? finding("subprotocol", question, "yes", protocol)
    : finding("subprotocol", question, "no", protocol || "none was selected", "an intermediary may change Sec-WebSocket-Protocol");
}

function judgeOrigin(origin: string, { isOpened, refusal }: Attempt): Finding {
  const question = "Does it accept the Origin?";
  if (refusal?.code === FORBIDDEN) {
    return finding("origin", question, "no", `${origin} is refused`, "add it to the allowed origins of the backend");
  }
  return isOpened && refusal === null
    ? finding("origin", question, "yes", `${origin} is accepted`)
    : finding("origin", question, "unknown", "the socket did not open");
}

function judgeAnswer({ answeredMs, instance, isOpened, refusal }: Attempt): Finding {
  const question = "Does it answer on the socket?";
  if (answeredMs !== null) return finding("answers", question, "yes", `initialize after ${Math.round(answeredMs)} ms, instance ${instance}`);
  if (!isOpened || refusal !== null) return finding("answers", question, "unknown", "the socket is not open");
  return finding("answers", question, "no", `no answer to initialize within ${ANSWER_MS / 1000} s`, "check the load of the server");
}

function judgeClose({ answeredMs, closed }: Attempt): Finding {
  const question = "Does it complete the closing handshake?";
  if (answeredMs === null) return finding("close", question, "unknown", "the socket is not open");
  return closed?.code === NORMAL
    ? finding("close", question, "yes", "closed with 1000")
    : finding("close", question, "no", closed === null ? "no close frame came" : `closed with ${closed.code}`, "look for a proxy that cuts connections");
}

async function attemptSocket(patient: Patient, url: string, token: AccessToken | null): Promise<Attempt> {
  const offer = token === null ? [SUBPROTOCOL] : offerToken(token.value);
  const socket = new patient.Socket(url, offer);
  const ended = new Promise<Ended>((resolve) => socket.addEventListener("close", ({ code, reason }) => resolve({ code, reason })));
  const isOpened = await within(opened(socket, ended), OPEN_MS, false);
  const nothing = { protocol: socket.protocol, answeredMs: null, instance: "", refusal: null, closed: null };
  if (!isOpened) {
    socket.close();
    return { ...nothing, isOpened };
  }
  const started = performance.now();
  // A refusal that a page can read is a close right after the upgrade.
  const instance = await within(Promise.race([initialized(socket), ended]), ANSWER_MS, null);
  if (instance === null || typeof instance !== "string") {
    socket.close();
    return { ...nothing, isOpened, refusal: instance };
  }
  const answeredMs = performance.now() - started;
  socket.close(NORMAL);
  return { isOpened, protocol: socket.protocol, answeredMs, instance, refusal: null, closed: await within(ended, CLOSE_MS, null) };
}

function opened(socket: SocketLike, ended: Promise<Ended>): Promise<boolean> {
  const open = new Promise<boolean>((resolve) => socket.addEventListener("open", () => resolve(true)));
  return Promise.race([open, ended.then(() => false)]);
}

/** Resolves with the instance's id. */
function initialized(socket: SocketLike): Promise<string> {
  const id = 1;
  const answer = new Promise<string>((resolve) => {
    socket.addEventListener("message", ({ data }) => {
      const frame = decodeFrame(data);
      if (frame.kind === "result" && frame.id === id) resolve(String((frame.result as { instanceId?: unknown }).instanceId ?? ""));
    });
  });
  socket.send(encodeRequest(id, "initialize", { protocolVersion: SPOKEN_VERSION, client: { name: "netra-doctor", version: "1" } }));
  return answer;
}

function within<Value, Late>(work: Promise<Value>, ms: number, late: Late): Promise<Value | Late> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => resolve(late), ms);
    work.then(resolve, reject).finally(() => clearTimeout(timer));
  });
}

function finding(check: string, question: string, answer: Answer, evidence: string, remedy = ""): Finding {
  return { check, question, answer, evidence, remedy };
}
