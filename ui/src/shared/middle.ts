//! Where a name is parted that may be cut in its middle: names that differ at their ends alone stay apart.

/** A name of so many letters is not parted; one of them may be a Chinese character, which is as wide as two. */
const shortest = 8;
/** How much of its end is never cut. */
const end = 5;
/** Made once, and where a name is long enough: it is slow to make. */
let segmenter: Intl.Segmenter | null = null;

/** What may be cut of a name, and its end; a short name has none. */
export function parted(name: string): { head: string; tail: string } {
  if (widthOf([...name]) <= shortest) return { head: name, tail: "" };
  // What is one sign to the eye stays whole.
  segmenter ??= new Intl.Segmenter();
  const signs = Array.from(segmenter.segment(name), ({ segment }) => segment);
  let at = signs.length;
  while (at > 0 && widthOf(signs.slice(at)) < end) at -= 1;
  return { head: signs.slice(0, at).join(""), tail: signs.slice(at).join("") };
}

function widthOf(signs: string[]): number {
  return signs.reduce((width, sign) => width + (/^[\u{1100}-\u{10ffff}]/u.test(sign) ? 2 : 1), 0);
}
