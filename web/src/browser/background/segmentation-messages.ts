import type { Pixels } from "./pixels";

/** A small picture to be cut, and whether the room is to be blurred, or something else comes into its place. */
export interface CutRequest {
  readonly id: number;
  readonly picture: Pixels;
  readonly blur: boolean;
}

export type SegmentationAnswer =
  | { readonly kind: "ready" }
  /** The person is where the mask is opaque. */
  | { readonly kind: "cut"; readonly id: number; readonly mask: Pixels; readonly room: Pixels | null }
  | { readonly kind: "failed" };

/** What the models read: one for pictures that are wide, one for those that are upright. */
export const WIDE = { width: 256, height: 144, file: "selfie_segmentation_landscape.tflite" } as const;
export const UPRIGHT = { width: 256, height: 256, file: "selfie_segmentation.tflite" } as const;
