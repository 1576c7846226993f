/** Below this width a name is not readable any more; then the grid scrolls. */
const TILE_WIDTH_MIN_PX = 112;
/** Tiles may be as tall as 3:4 and as wide as 16:9; in between they take what the window gives. */
const ASPECT_MIN = 3 / 4;
const ASPECT_MAX = 16 / 9;

export interface TileSize {
  readonly columns: number;
  readonly width: number;
  readonly height: number;
}

/** Chooses the number of columns that shows `count` equal tiles largest in a box, all in pixels. */
export function fitGrid(width: number, height: number, count: number, gap: number): TileSize {
  let best: TileSize | null = null;
  for (let columns = 1; columns <= Math.max(1, count); columns += 1) {
    const cellWidth = (width - gap * (columns - 1)) / columns;
    if (columns > 1 && cellWidth < TILE_WIDTH_MIN_PX) break;
    const rows = Math.ceil(count / columns);
    const fitted = within(cellWidth, (height - gap * (rows - 1)) / rows);
    if (best === null || pictureWidth(fitted) > pictureWidth(best)) best = { columns, ...fitted };
  }
  if (best !== null && best.width >= Math.min(TILE_WIDTH_MIN_PX, width)) return best;
  // Too many for the box: as many columns as names allow, and the box scrolls.
  const columns = Math.max(1, Math.floor((width + gap) / (TILE_WIDTH_MIN_PX + gap)));
  const tileWidth = (width - gap * (columns - 1)) / columns;
  return { columns, width: tileWidth, height: tileWidth };
}

function within(width: number, height: number): { width: number; height: number } {
  const tall = Math.max(0, height);
  const wide = Math.max(0, width);
  return { width: Math.min(wide, tall * ASPECT_MAX), height: Math.min(tall, wide / ASPECT_MIN) };
}

/** How wide a 4:3 picture is in a tile. What a tile has beyond that only crops or stretches it, so it is no gain. */
function pictureWidth({ width, height }: { width: number; height: number }): number {
  return Math.min(width, (height * 4) / 3);
}
