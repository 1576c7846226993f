/** Calls again and again, `ms` apart, also while the page is hidden. Returns how to stop. */
export function tick(ms: number, run: () => void): () => void {
  const worker = new Worker(new URL("./ticker-worker.ts", import.meta.url));
  let timer: ReturnType<typeof setInterval> | undefined;
  worker.addEventListener("message", () => {
    run();
    worker.postMessage(null);
  });
  worker.addEventListener("error", () => {
    // Its script did not come. Then a hidden page sends fewer pictures.
    timer ??= setInterval(run, ms);
  });
  worker.postMessage(ms);
  return () => {
    worker.terminate();
    clearInterval(timer);
  };
}
