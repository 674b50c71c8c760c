// Plays streams of AG-UI events through the stock client: schema check, verifier and reducer.
//
// Input, one JSON object a line:  {"events": [event, ...]}, the events of one thread in order.
// Output, one JSON object a line: {"accepted": bool, "error": text or null, "messages": [...]},
// where the messages are those that the client has built.
//
// A thread's stream holds many runs; each is one `runAgent`, as it is for a client that watches.
import { createInterface } from "node:readline";
import { AbstractAgent } from "@ag-ui/client";
import { from } from "rxjs";

const ENDINGS = new Set(["RUN_FINISHED", "RUN_ERROR"]);

class PlayedAgent extends AbstractAgent {
  constructor(threadId) {
    super({ threadId });
    this.played = [];
  }

  run() {
    return from(this.played);
  }
}

function runsOf(events) {
  const runs = [[]];
  for (const event of events) {
    runs.at(-1).push(event);
    if (ENDINGS.has(event.type)) runs.push([]);
  }
  return runs.filter((run) => run.length > 0);
}

async function play(events) {
  const problems = [];
  const agent = new PlayedAgent(events.find((event) => event.threadId)?.threadId ?? "thread");
  let pending = [];
  for (const run of runsOf(events)) {
    agent.played = run;
    const resume = pending.map(({ id }) => ({ interruptId: id, status: "cancelled" }));
    await agent.runAgent(
      { runId: run[0].runId ?? "run", ...(resume.length > 0 && { resume }) },
      {
        onRunFailed: ({ error }) => {
          problems.push(String(error?.message ?? error));
        },
      },
    );
    const outcome = run.at(-1).outcome;
    pending = outcome?.type === "interrupt" ? outcome.interrupts : [];
    if (problems.length > 0) throw new Error(problems[0]);
  }
  return agent.messages;
}

// The client prints what it drops (unknown types and fields); for a producer that is a defect.
const printed = [];
for (const name of ["log", "info", "warn", "error", "debug"]) {
  console[name] = (...words) => printed.push(words.map(String).join(" "));
}

for await (const line of createInterface({ input: process.stdin })) {
  printed.length = 0;
  const answer = { accepted: true, error: null, messages: [] };
  try {
    answer.messages = await play(JSON.parse(line).events);
    if (printed.length > 0) throw new Error(printed.join("; "));
  } catch (error) {
    answer.accepted = false;
    answer.error = String(error?.message ?? error);
  }
  process.stdout.write(`${JSON.stringify(answer)}\n`);
}
