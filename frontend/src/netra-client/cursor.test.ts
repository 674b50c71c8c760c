import { describe, expect, it } from "vitest";

import { Cursor } from "./cursor.ts";

const answer = (epoch: string, offset: number, recovered: boolean, reason: string | null = null) => ({
  threadId: "t", epoch, offset, recovered, reason, activeRunId: null,
});

function reader(epoch = "a", offset = 0): Cursor {
  const cursor = new Cursor();
  cursor.subscribed(answer(epoch, offset, false, "no_position"));
  return cursor;
}

describe("Cursor", () => {
  it("asks for the history at first, and for nothing after a full recovery", () => {
    const cursor = new Cursor();
    expect(cursor.wanted).toBeNull();
    expect(cursor.subscribed(answer("a", 3, false, "no_position"))).toBe("no_position");
    cursor.delivered("a", 4);
    cursor.detach();
    expect(cursor.wanted).toEqual({ epoch: "a", offset: 4 });
    expect(cursor.subscribed(answer("a", 4, true))).toBeNull();
  });

  it("hands each event on once", () => {
    const cursor = reader();
    expect(cursor.offer("a", 1)).toBe("deliver");
    cursor.delivered("a", 1);
    expect(cursor.offer("a", 1)).toBe("duplicate");
    expect(cursor.offer("a", 2)).toBe("deliver");
  });

  it("keeps the position through an epoch that changes on a live subscription", () => {
    const cursor = reader("a", 5);
    expect(cursor.offer("b", 6)).toBe("deliver");
    cursor.delivered("b", 6);
    expect(cursor.position).toEqual({ epoch: "b", offset: 6 });
  });

  it("continues in the answer's epoch when the same offset was recovered there", () => {
    const cursor = reader("a", 5);
    expect(cursor.subscribed(answer("b", 5, true))).toBeNull();
    expect(cursor.position).toEqual({ epoch: "b", offset: 5 });
  });

  it("never hands on behind a gap, and gives up filling the same one after three times", () => {
    const cursor = reader("a", 5);
    for (let time = 0; time < 4; time += 1) {
      expect(cursor.wanted).toEqual({ epoch: "a", offset: 5 });
      expect(cursor.offer("a", 7)).toBe("gap");
      expect(cursor.offer("a", 6)).toBe("unexpected");
      cursor.subscribed(answer("a", 5, true));
    }
    expect(cursor.wanted).toBeNull();
  });

  it("treats a recovery that starts behind its position as lost", () => {
    const cursor = reader("a", 5);
    expect(cursor.subscribed(answer("a", 8, true))).toBe("gap");
    expect(cursor.position).toEqual({ epoch: "a", offset: 8 });
  });
});
