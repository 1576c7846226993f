/** Names of people who try to break the pages, or have a long one. */
export const HOSTILE = {
  /** Markup, a character that turns the rest of the line around, a word without an end, and letters from right to left. */
  long: `<img src=x onerror=alert(1)>\u202e${"W".repeat(60)}😀${"م".repeat(30)}`,
  quoted: "'\"><script>alert(2)</script>",
} as const;
