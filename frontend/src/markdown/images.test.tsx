import { renderToStaticMarkup } from "react-dom/server";
import { describe, expect, it } from "vitest";

import { Images, ImagesContext } from "./images";
import { BlockParser } from "./blocks";
import { Picture } from "./Picture";
import { renderBlock } from "./render";

const png = (): Blob => new Blob([new Uint8Array([137, 80, 78, 71])], { type: "image/png" });

function loader(answers: readonly (() => Promise<Blob>)[]): { readonly images: Images; readonly asked: string[] } {
  const asked: string[] = [];
  const images = new Images((url) => {
    const answer = answers[Math.min(asked.length, answers.length - 1)];
    asked.push(url);
    return answer?.() ?? Promise.reject(new Error("no answer"));
  });
  return { images, asked };
}

describe("Images", () => {
  it("returns an address that the policy allows, and asks once", async () => {
    const { images, asked } = loader([async () => png()]);
    expect(images.has("https://a.example/1.png")).toBe(false);
    expect(await images.load("https://a.example/1.png")).toBe("data:image/png;base64,iVBORw==");
    await images.load("https://a.example/1.png");
    expect(asked).toEqual(["https://a.example/1.png"]);
    expect(images.has("https://a.example/1.png")).toBe(true);
  });

  it("asks again after a failure", async () => {
    const { images, asked } = loader([() => Promise.reject(new Error("down")), async () => png()]);
    await expect(images.load("https://a.example/1.png")).rejects.toThrow("down");
    await images.load("https://a.example/1.png");
    expect(asked).toHaveLength(2);
  });

  it("refuses what is no image", async () => {
    const { images } = loader([async () => new Blob(["<p>"], { type: "text/html" })]);
    await expect(images.load("https://a.example/1.png")).rejects.toMatchObject({ code: "image_unsuitable" });
  });

  it("keeps a bounded number", async () => {
    const { images } = loader([async () => png()]);
    for (let index = 0; index <= 20; index++) await images.load(`https://a.example/${index}.png`);
    expect(images.has("https://a.example/0.png")).toBe(false);
    expect(images.has("https://a.example/20.png")).toBe(true);
  });
});

describe("Picture", () => {
  const markup = (href: string, images: Images | null): string =>
    renderToStaticMarkup(<ImagesContext value={images}><Picture href={href} alt="A cat" /></ImagesContext>);

  it("loads nothing before the person asks", () => {
    const { images, asked } = loader([async () => png()]);
    const shown = markup("https://a.example/1.png", images);
    expect(shown).toContain("Show image from a.example");
    expect(shown).toContain("A cat");
    expect(shown).not.toContain("<img");
    expect(asked).toEqual([]);
  });

  it("is a link where images are not loaded", () => {
    expect(markup("https://a.example/1.png", null)).toMatch(/<a href="https:\/\/a\.example\/1\.png"[^>]*>Image: A cat<\/a>/);
  });

  it.each(["javascript:alert(1)", "data:image/svg+xml,<svg/>", "/api/threads", "mailto:a@b.example"])("shows %s as text", (href) => {
    const { images } = loader([async () => png()]);
    expect(markup(href, images)).not.toMatch(/<a|<button|<img/);
  });

  it("has no button inside of a link", () => {
    const { images } = loader([async () => png()]);
    const block = new BlockParser().parse("[![A cat](https://a.example/1.png)](https://b.example/)", () => false).blocks[0];
    const shown = renderToStaticMarkup(<ImagesContext value={images}>{block && renderBlock(block, 0)}</ImagesContext>);
    expect(shown).toMatch(/<a href="https:\/\/b\.example\/"[^>]*>A cat<\/a><span.*<button/);
  });
});
