/** Returns a switch that keeps the screen from going dark, where the browser can. */
export function keepAwake(): (wanted: boolean) => void {
  let wanted = false;
  let lock: WakeLockSentinel | null = null;
  const makeSo = async (): Promise<void> => {
    if (!wanted) {
      await lock?.release();
      lock = null;
      return;
    }
    if (document.visibilityState !== "visible" || (lock !== null && !lock.released) || !("wakeLock" in navigator)) return;
    lock = await navigator.wakeLock.request("screen");
  };
  // The browser refuses when the battery is low; then the screen behaves as it always does.
  const tryIt = (): void => {
    makeSo().catch(() => undefined);
  };
  // The browser drops the lock whenever the page is hidden.
  document.addEventListener("visibilitychange", tryIt);
  return (on) => {
    if (on === wanted) return;
    wanted = on;
    tryIt();
  };
}
