import { describe, expect, it } from "vitest";

import { afterIntent, afterResize, afterScroll, followAgain, FOLLOWING, type Follow, type Layout } from "./follow";

const VIEWPORT = 600;

function at(offset: number, content: number, viewport = VIEWPORT): Layout {
  return { offset, content, viewport };
}

const END = afterScroll(FOLLOWING, at(1_400, 2_000));

describe("afterIntent", () => {
  it("leaves the end on the first upward movement, before the browser scrolls", () => {
    expect(afterIntent(END, "up", at(1_400, 2_000)).isFollowing).toBe(false);
  });

  it("stays when the content fits and nothing can scroll", () => {
    expect(afterIntent(FOLLOWING, "up", at(0, 500)).isFollowing).toBe(true);
  });
});

describe("afterScroll", () => {
  it.each([30, 100, 500])("does not return to the end while %i tokens a second arrive", (rate) => {
    let state: Follow = afterScroll(afterIntent(END, "up", at(1_400, 2_000)), at(1_100, 2_000));
    let content = 2_000;
    for (let frame = 0; frame < 120; frame += 1) {
      content += rate / 60;
      state = afterResize(state, at(1_100, content));
      state = afterScroll(state, at(1_100, content));
      expect(state.isFollowing).toBe(false);
    }
  });

  it("does not follow again near the end while the person moves up", () => {
    const up = afterIntent(END, "up", at(1_400, 2_000));
    expect(afterScroll(up, at(1_360, 2_000)).isFollowing).toBe(false);
    expect(afterScroll({ ...up, layout: at(1_350, 2_000) }, at(1_360, 2_000)).isFollowing).toBe(false);
  });

  it("follows again when the person moves down to the end", () => {
    const left = afterScroll(afterIntent(END, "up", at(1_400, 2_000)), at(900, 2_000));
    const down = afterIntent(left, "down", at(900, 2_000));
    expect(afterScroll(down, at(1_000, 2_000)).isFollowing).toBe(false);
    expect(afterScroll(down, at(1_390, 2_000)).isFollowing).toBe(true);
  });

  it("leaves the end when something else scrolls up while the content grows", () => {
    expect(afterScroll(END, at(700, 2_050)).isFollowing).toBe(false);
  });

  it("stays when shorter content or a taller viewport moved the offset", () => {
    expect(afterScroll(END, at(1_000, 1_600)).isFollowing).toBe(true);
    expect(afterScroll(END, at(1_200, 2_000, 800)).isFollowing).toBe(true);
  });
});

describe("afterResize", () => {
  it("follows again when everything fits", () => {
    const left = { ...END, isFollowing: false };
    expect(afterResize(left, at(0, 580)).isFollowing).toBe(true);
    expect(afterResize(left, at(0, 900)).isFollowing).toBe(false);
  });
});

describe("followAgain", () => {
  it("follows after any direction", () => {
    expect(followAgain(afterIntent(END, "up", at(1_400, 2_000)))).toMatchObject({ isFollowing: true, direction: null });
  });
});
