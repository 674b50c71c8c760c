const SENTENCE_END = /[.!?:](?=\s)|\n/g;

/**
 * Returns what may be read aloud of `text` behind `from`: whole sentences, or everything at the end.
 *
 * @returns the words without Markdown's marks, and up to where they reach
 */
export function speakable(text: string, from: number, isComplete: boolean): { words: string; upTo: number } {
  let upTo = isComplete ? text.length : from;
  if (!isComplete) {
    for (const match of text.matchAll(SENTENCE_END)) {
      if (match.index >= from) upTo = match.index + 1;
    }
  }
  const words = text
    .slice(from, upTo)
    .replace(/```[\s\S]*?(```|$)/g, " code. ")
    .replace(/[*_`#>|]+/g, "")
    .replace(/\s+/g, " ")
    .trim();
  return { words: shortened(words), upTo };
}

/** A longer announcement would still be read when the next one is due. */
const MAX_CHARACTERS = 200;

function shortened(words: string): string {
  if (words.length <= MAX_CHARACTERS) return words;
  const cut = words.slice(0, MAX_CHARACTERS);
  const sentence = Math.max(cut.lastIndexOf(". "), cut.lastIndexOf("! "), cut.lastIndexOf("? "));
  return sentence > 0 ? cut.slice(0, sentence + 1) : `${cut.slice(0, cut.lastIndexOf(" "))}.`;
}
