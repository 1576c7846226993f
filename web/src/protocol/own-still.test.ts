import { expect, test } from "vitest";
import { ownStill, type OwnPicture, type RoomSeen } from "./own-still";

const PHOTO = new Blob(["photograph"]);
const FRAME = new Blob(["frame"]);

/** A camera; what happens to it while a picture is taken is given by the test. */
class Camera {
  readonly taken: string[] = [];
  room: RoomSeen | null;
  photo: Blob | null = PHOTO;
  duringPhoto: () => void = () => undefined;
  duringFrame: () => void = () => undefined;

  constructor(room: RoomSeen | null) {
    this.room = room;
  }

  still(): ReturnType<typeof ownStill> {
    return ownStill({
      look: (): OwnPicture<"track"> | null => (this.room === null ? null : { track: "track", room: this.room }),
      photo: async () => {
        this.taken.push("photo");
        await Promise.resolve();
        this.duringPhoto();
        return this.photo;
      },
      frame: async () => {
        this.taken.push("frame");
        await Promise.resolve();
        this.duringFrame();
        return FRAME;
      },
    });
  }
}

test("where the room may be seen it is the camera's photograph, or a frame where there is none", async () => {
  const camera = new Camera("shown");
  expect(await camera.still()).toEqual({ kind: "taken", picture: PHOTO, plain: true });
  expect(camera.taken).toEqual(["photo"]);
  camera.photo = null;
  expect(await camera.still()).toEqual({ kind: "taken", picture: FRAME, plain: true });
});

test("where the room is hidden no photograph is even taken", async () => {
  const camera = new Camera("hidden");
  expect(await camera.still()).toEqual({ kind: "taken", picture: FRAME, plain: false });
  expect(camera.taken).toEqual(["frame"]);
});

test.each(["hidden", "changing", null] as const)("a photograph of the room is thrown away if the picture is %s by the time that it is there", async (room) => {
  const camera = new Camera("shown");
  camera.duringPhoto = () => {
    camera.room = room;
  };
  const still = await camera.still();
  if (room === "hidden") expect(still).toEqual({ kind: "taken", picture: FRAME, plain: false });
  else expect(still).toEqual({ kind: "none", reason: room === null ? "no_camera" : "failed" });
});

test.each(["hidden", "changing", null] as const)("so is a plain frame if the picture is %s by then", async (room) => {
  const camera = new Camera("shown");
  camera.photo = null;
  camera.duringFrame = () => {
    camera.room = room;
  };
  expect(await camera.still()).toEqual({ kind: "none", reason: "failed" });
});

test("what is dark while the background is put on is no picture, nor is a camera that is off", async () => {
  for (const [room, reason] of [["changing", "failed"], [null, "no_camera"]] as const) {
    const camera = new Camera(room);
    expect(await camera.still()).toEqual({ kind: "none", reason });
    expect(camera.taken).toEqual([]);
  }
});
