import type { VNode } from "preact";
import { useLayoutEffect, useRef } from "preact/hooks";
import type { Live } from "../../state/call";
import type { RoomFile } from "../../state/channel";
import type { Upload } from "../../state/tools";
import { FilesIcon } from "../icons";
import { Confirming } from "./confirming";
import { clockTime, memberName, sizeText, type Ports } from "./ports";

/** What browsers show without anything that could run in it. */
const SHOWN = ["image/jpeg", "image/png", "image/webp", "image/gif"];
/** Larger pictures are fetched by whoever wants them. */
const SHOWN_BYTES_MAX = 10_000_000;

/** The files of the room, and those on their way to it. */
export function Files({ state, ports }: { state: Live; ports: Ports }): VNode {
  const { t, room, tools, sendFiles } = ports;
  const input = useRef<HTMLInputElement>(null);
  return (
    <div class="panel-body files">
      {state.entry.tools.fileUpload ? (
        <div class="file-send">
          <button type="button" class="button" onClick={() => input.current?.click()}>
            {t("files.send")}
          </button>
          <input
            ref={input}
            type="file"
            multiple
            hidden
            aria-hidden="true"
            tabIndex={-1}
            onChange={(event) => {
              sendFiles([...(event.currentTarget.files ?? [])]);
              // So that the same file can be chosen once more.
              event.currentTarget.value = "";
            }}
          />
          <p class="small muted">{t("files.send_hint")}</p>
        </div>
      ) : null}
      {tools.uploads.length > 0 ? (
        <ul role="list" aria-label={t("files.uploads")}>
          {tools.uploads.map((upload) => (
            <UploadRow key={upload.id} upload={upload} ports={ports} />
          ))}
        </ul>
      ) : null}
      {room.files.length === 0 && tools.uploads.length === 0 ? <p class="muted panel-empty">{t("files.empty")}</p> : null}
      <ul role="list" aria-label={t("files.list")}>
        {room.files.filter(({ kind }) => kind !== "board_image").reverse().map((file) => (
          <FileRow key={file.id} file={file} state={state} ports={ports} />
        ))}
      </ul>
    </div>
  );
}

function UploadRow({ upload, ports }: { upload: Upload; ports: Ports }): VNode {
  const { t, use } = ports;
  const percent = upload.size === 0 ? 0 : Math.floor((upload.sent / upload.size) * 100);
  return (
    <li class="file">
      <p class="file-name">
        <bdi>{upload.name}</bdi>
      </p>
      {upload.problem === null ? (
        <>
          <progress max={100} value={percent} aria-label={t("files.progress", { name: upload.name })} />
          <p class="small muted">{t("files.sent_of", { sent: sizeText(upload.sent, ports), size: sizeText(upload.size, ports) })}</p>
        </>
      ) : (
        <p class="small file-problem" role="alert">
          {t(`files.problem_${upload.problem}`)}
        </p>
      )}
      <div class="row-actions">
        {upload.problem === null || upload.problem === "too_large" || upload.problem === "type" || upload.problem === "not_allowed" ? null : (
          <button
            type="button"
            class="button button-small"
            onClick={() => {
              use({ kind: "uploadAgainWished", id: upload.id });
            }}
          >
            {t("action.try_again")}
          </button>
        )}
        <button
          type="button"
          class="button button-small"
          aria-label={t("files.cancel_name", { name: upload.name })}
          onClick={() => {
            use({ kind: "uploadCancelWished", id: upload.id });
          }}
        >
          {t("action.cancel")}
        </button>
      </div>
    </li>
  );
}

function FileRow({ file, state, ports }: { file: RoomFile; state: Live; ports: Ports }): VNode {
  const { t, room, use, tools, boards } = ports;
  const mine = file.from === room.you;
  const name = file.kind === "snapshot" ? t("files.picture_of", { name: memberName(file.of ?? file.from, ports), time: clockTime(file.at, ports) }) : file.name;
  const confirming = tools.confirm?.act === "delete" && tools.confirm.fileId === file.id;
  return (
    <li class="file">
      {SHOWN.includes(file.mediaType) && file.size <= SHOWN_BYTES_MAX ? <Preview key={file.id} file={file} name={name} ports={ports} /> : <FilesIcon />}
      <p class="file-name">
        <bdi>{name === "" ? t("files.unnamed") : name}</bdi>
      </p>
      <p class="small muted">
        {t("files.of", { name: mine ? t("person.you") : memberName(file.from, ports), size: sizeText(file.size, ports), time: clockTime(file.at, ports) })}
      </p>
      {confirming ? (
        <Confirming question={t("files.delete_question")} yes={t("files.delete")} ports={ports} />
      ) : (
        <div class="row-actions">
          <button type="button" class="button button-small" aria-label={t("files.download_name", { name })} onClick={() => void download(file, ports)}>
            {t("files.download")}
          </button>
          {file.kind === "snapshot" && state.entry.tools.whiteboard !== null ? (
            <button
              type="button"
              class="button button-small"
              aria-label={t("board.annotate_name", { name })}
              onClick={() => {
                boards.use({ kind: "openWished", board: `snapshot:${file.id}` });
              }}
            >
              {t("board.annotate")}
            </button>
          ) : null}
          {mine || state.entry.admin ? (
            <button
              type="button"
              class="button button-small"
              aria-label={t("files.delete_name", { name })}
              onClick={() => {
                use({ kind: "confirmWished", confirm: { act: "delete", fileId: file.id } });
              }}
            >
              {t("files.delete")}
            </button>
          ) : null}
        </div>
      )}
    </li>
  );
}

/** Gets a fresh link each time: they are valid for a few minutes only. */
async function download(file: RoomFile, { channel, use }: Ports): Promise<void> {
  const reply = await channel.send("file.link", { fileId: file.id });
  if (reply.kind === "refused") {
    use({ kind: "refused", refusal: reply.code === "unknown" ? "gone" : "not_done" });
    return;
  }
  const link = document.createElement("a");
  link.href = reply.ok.url;
  link.download = file.name;
  link.rel = "noopener";
  link.click();
}

/** A picture of the room. It is fetched when it comes into view. */
function Preview({ file, name, ports }: { file: RoomFile; name: string; ports: Ports }): VNode {
  const ref = useRef<HTMLImageElement>(null);
  useLayoutEffect(() => {
    const image = ref.current;
    if (image === null) return undefined;
    const observer = new IntersectionObserver((entries) => {
      if (!entries.some((entry) => entry.isIntersecting)) return;
      observer.disconnect();
      void ports.channel.send("file.link", { fileId: file.id }).then((reply) => {
        if (reply.kind === "ok") image.src = reply.ok.url;
      });
    });
    observer.observe(image);
    return () => {
      observer.disconnect();
    };
  }, [file.id]);
  return <img ref={ref} class="file-preview" alt={name} decoding="async" />;
}
