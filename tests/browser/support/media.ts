import { expect, type BrowserContext, type Page } from "@playwright/test";

/** What a page has received so far, one entry a track. */
export interface Received {
  readonly frames: Record<string, number>;
  readonly sound: Record<string, number>;
  /** Packets that did not come, of all tracks. */
  readonly lost: number;
}

declare global {
  interface Window {
    peerConnections: RTCPeerConnection[];
  }
}

/** Remembers every peer connection of a page, so that its statistics can be read from outside. */
export async function watchMedia(context: BrowserContext): Promise<void> {
  await context.addInitScript(() => {
    window.peerConnections = [];
    window.RTCPeerConnection = class extends RTCPeerConnection {
      constructor(configuration?: RTCConfiguration) {
        super(configuration);
        window.peerConnections.push(this);
      }
    };
  });
}

/** Frames decoded, audio energy and losses of every track that the page receives, in all its frames. */
export async function received(page: Page): Promise<Received> {
  const frames: Record<string, number> = {};
  const sound: Record<string, number> = {};
  let lost = 0;
  for (const frame of page.frames()) {
    const found = await frame.evaluate(async () => {
      const tracks: { id: string; kind: string; amount: number; lost: number }[] = [];
      for (const [index, connection] of (window.peerConnections ?? []).entries()) {
        if (connection.connectionState === "closed") continue;
        for (const report of (await connection.getStats()).values()) {
          if (report.type !== "inbound-rtp") continue;
          const amount = report.kind === "video" ? report.framesDecoded : report.totalAudioEnergy;
          tracks.push({ id: `${index}:${report.mid}`, kind: report.kind, amount: amount ?? 0, lost: report.packetsLost ?? 0 });
        }
      }
      return tracks;
    });
    for (const track of found) {
      (track.kind === "video" ? frames : sound)[track.id] = track.amount;
      lost += track.lost;
    }
  }
  return { frames, sound, lost };
}

function advanced(before: Record<string, number>, after: Record<string, number>, by: number): number {
  return Object.entries(after).filter(([id, amount]) => amount - (before[id] ?? 0) >= by).length;
}

/** Waits for one and a half seconds in which exactly that many video tracks advance and that many audio tracks carry sound. */
export async function expectPictureAndSound(page: Page, wanted: { pictures: number; sounds: number }): Promise<void> {
  // The first look has nothing to compare with: without a time between two looks, nothing advances for anybody.
  let before: Received | null = null;
  await expect
    .poll(
      async () => {
        const after = await received(page);
        const seen = before !== null && { pictures: advanced(before.frames, after.frames, 3), sounds: advanced(before.sound, after.sound, 1e-6) };
        before = after;
        return seen;
      },
      { intervals: [1500] },
    )
    .toEqual(wanted);
}

/** Waits until the page shows somebody's picture. What arrives and is decoded need not be shown. */
export async function expectShown(page: Page, name: string): Promise<void> {
  const video = page.getByLabel(`Picture of ${name}`, { exact: true });
  const shown = (): Promise<number> => video.evaluate((element: HTMLVideoElement) => element.getVideoPlaybackQuality().totalVideoFrames);
  await expect.poll(async () => (await video.count()) === 1 && (await shown()) > 0).toBe(true);
  const before = await shown();
  await expect.poll(shown).toBeGreaterThan(before);
}

/** How the page's media travel: the protocols of the candidate pairs in use. */
export async function protocolsInUse(page: Page): Promise<string[]> {
  return page.evaluate(async () => {
    const protocols = new Set<string>();
    for (const connection of window.peerConnections) {
      if (connection.connectionState !== "connected") continue;
      const stats = await connection.getStats();
      for (const report of stats.values()) {
        if (report.type === "candidate-pair" && report.nominated && report.state === "succeeded") {
          protocols.add(stats.get(report.localCandidateId).protocol);
        }
      }
    }
    return [...protocols];
  });
}
