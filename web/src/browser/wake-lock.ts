import { LatestWish } from "../protocol/latest-wish";

/** Returns a switch that keeps the screen from going dark, where the browser can. */
export function keepAwake(): (wanted: boolean) => void {
  let wanted = false;
  let lock: WakeLockSentinel | null = null;
  const screen = new LatestWish<boolean>(
    async (on) => {
      if (!on) {
        await lock?.release();
        lock = null;
      } else if (document.visibilityState === "visible" && lock?.released !== false && "wakeLock" in navigator) {
        lock = await navigator.wakeLock.request("screen");
      }
    },
    // The browser refuses when the battery is low; then the screen behaves as it always does.
    () => undefined,
  );
  // The browser drops the lock whenever the page is hidden.
  document.addEventListener("visibilitychange", () => {
    screen.want(wanted);
  });
  return (on) => {
    if (on === wanted) return;
    wanted = on;
    screen.want(on);
  };
}
