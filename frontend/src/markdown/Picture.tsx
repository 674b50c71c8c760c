"use client";

import { useContext, useEffect, useRef, useState } from "react";

import { asNetraError } from "../netra-client/errors";
import { Button } from "../ui/Button";
import { useSetting } from "../ui/settings";
import { ImagesContext, type Images } from "./images";
import { safeHref } from "./links";
import styles from "./markdown.module.css";

type State = { readonly kind: "hidden" | "loading" } | { readonly kind: "shown"; readonly source: string } | { readonly kind: "failed"; readonly reason: string; readonly isFinal: boolean };

/**
 * An image of an answer. It is loaded when the person asks for it, unless the setting says always:
 * a model that read a hostile page can put what it knows into an image's address, and a load would
 * carry it to the owner of that address.
 */
export function Picture({ href, alt }: { href: string; alt: string }) {
  const images = useContext(ImagesContext);
  const address = safeHref(href);
  if (address === null || address.startsWith("mailto:")) return <span className={styles.deadLink}>{nameOf(alt)}</span>;
  if (images === null) return <Address address={address}>{nameOf(alt)}</Address>;
  return <Loaded key={address} images={images} address={address} alt={alt} />;
}

function Loaded({ images, address, alt }: { images: Images; address: string; alt: string }) {
  const isAlways = useSetting("images") === "always";
  const [state, setState] = useState<State>({ kind: isAlways || images.has(address) ? "loading" : "hidden" });
  const isAsked = useRef(false);
  const isLoading = state.kind === "loading";
  useEffect(() => {
    if (!isLoading) return undefined;
    let isGone = false;
    const show = (next: State): void => {
      if (!isGone) setState(next);
    };
    images.load(address).then(
      (source) => show({ kind: "shown", source }),
      (reason: unknown) => {
        const { message, retry } = asNetraError(reason);
        show({ kind: "failed", reason: message, isFinal: retry === "never" });
      },
    );
    return () => {
      isGone = true;
    };
  }, [images, address, isLoading]);

  if (state.kind === "shown") {
    const damaged: State = { kind: "failed", reason: "The image is damaged.", isFinal: true };
    // The button that had the focus is gone; whoever has moved on meanwhile keeps theirs.
    const takeFocus = (image: HTMLImageElement | null): void => {
      if (image !== null && isAsked.current && document.activeElement === document.body) image.focus();
      isAsked.current = false;
    };
    return <img ref={takeFocus} tabIndex={-1} className={styles.picture} src={state.source} alt={alt || UNNAMED} onError={() => setState(damaged)} />;
  }
  const host = new URL(address).host;
  const ask = (): void => {
    isAsked.current = true;
    setState({ kind: "loading" });
  };
  return (
    <span className={styles.pictureBox} data-state={state.kind}>
      <span dir="auto">{nameOf(alt)}</span>
      {state.kind === "failed" && <span className={styles.pictureReason} role="status">{state.reason} <Address address={address}>{`Open on ${host}`}</Address></span>}
      {!(state.kind === "failed" && state.isFinal) && (
        <Button small className={styles.pictureButton ?? ""} disabled={isLoading} onClick={ask}>
          {isLoading ? "Loading…" : state.kind === "failed" ? "Load again" : `Show image from ${host}`}
        </Button>
      )}
    </span>
  );
}

const UNNAMED = "Image without a description";

function nameOf(alt: string): string {
  return alt ? `Image: ${alt}` : UNNAMED;
}

function Address({ address, children }: { address: string; children: string }) {
  return <a href={address} target="_blank" rel="noopener noreferrer nofollow ugc">{children}</a>;
}
