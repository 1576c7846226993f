// Ticks also while nobody looks at the page: browsers slow a hidden page's own timers down to one a second. A page that is busy gets no tick
// before it has heard the one before, so that none pile up.
let heard = true;
self.addEventListener("message", ({ data }: MessageEvent<number | null>) => {
  heard = true;
  if (data === null) return;
  setInterval(() => {
    if (!heard) return;
    heard = false;
    self.postMessage(null);
  }, data);
});
