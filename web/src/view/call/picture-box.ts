export interface Size {
  readonly width: number;
  readonly height: number;
}

export interface Box extends Size {
  readonly left: number;
  readonly top: number;
}

/** Where in its element a picture really is: with `contain` there are bars around it, with `cover` its edges are cut off. */
export function pictureBox(element: Size, picture: Size, fit: "contain" | "cover"): Box | null {
  if (element.width <= 0 || element.height <= 0 || picture.width <= 0 || picture.height <= 0) return null;
  const [wide, high] = [element.width / picture.width, element.height / picture.height];
  const scale = fit === "contain" ? Math.min(wide, high) : Math.max(wide, high);
  const [width, height] = [picture.width * scale, picture.height * scale];
  return { left: (element.width - width) / 2, top: (element.height - height) / 2, width, height };
}

/** The place on the picture, from 0 to 1, of a place in the element; null beside the picture. A mirrored picture has its left at the right. */
export function placeOn(box: Box, x: number, y: number, mirrored: boolean): { x: number; y: number } | null {
  const [across, down] = [(x - box.left) / box.width, (y - box.top) / box.height];
  if (across < 0 || across > 1 || down < 0 || down > 1) return null;
  return { x: mirrored ? 1 - across : across, y: down };
}

/** The place in the element of a place on the picture; the inverse of `placeOn`. */
export function placeIn(box: Box, x: number, y: number, mirrored: boolean): { left: number; top: number } {
  return { left: box.left + (mirrored ? 1 - x : x) * box.width, top: box.top + y * box.height };
}
