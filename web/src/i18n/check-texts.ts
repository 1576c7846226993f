type Texts = Readonly<Record<string, string>>;

/** The names in braces, in their order in the alphabet; one that comes twice is there twice. */
const placeholders = (text: string): string => [...text.matchAll(/\{(\w+)\}/g)].map((match) => match[1] ?? "").sort().join(" ");

/** Whether anything is left to translate once the names are taken out. */
const hasWords = (text: string): boolean => /\p{L}/u.test(text.replace(/\{\w+\}/g, ""));

/**
 * What is wrong with a language's texts beside the English ones: missing or unknown keys, empty texts, other names filled in, and texts that
 * are still in English. `same` has the keys whose text is rightly the same; one of them that is not the same is wrong too.
 */
export function wrongTexts(english: Texts, texts: Texts, same: readonly string[]): string[] {
  const unknown = [...Object.keys(texts), ...same].filter((key) => english[key] === undefined).map((key) => `${key}: unknown`);
  const wrong = Object.entries(english).flatMap(([key, original]) => {
    const text = texts[key];
    if (text === undefined) return [`${key}: missing`];
    if (text.trim() === "") return [`${key}: empty`];
    if (placeholders(text) !== placeholders(original)) return [`${key}: fills in other names`];
    const equal = hasWords(original) && text === original;
    if (equal && !same.includes(key)) return [`${key}: still in English`];
    return !equal && same.includes(key) ? [`${key}: listed as the same as in English`] : [];
  });
  return [...unknown, ...wrong].sort();
}
