// Ticks also while nobody looks at the page: browsers slow a hidden page's own timers down to one a second.
self.addEventListener("message", ({ data }: MessageEvent<number>) => {
  setInterval(() => {
    self.postMessage(null);
  }, data);
});
