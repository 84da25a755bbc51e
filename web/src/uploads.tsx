/** Sending files: the queue, its progress, and what the service answers. */
import { signal } from "@preact/signals";
import { useState } from "preact/hooks";
import { ApiError, type Report, type Sending, sendResumable } from "./api";
import { bytes, duration } from "./format";
import { pick, said, t } from "./i18n";
import type { ProjectStore } from "./project";
import type { Job, Problem, Revision } from "./types";
import { Button, Icon, Progress, Refusal } from "./ui";

export interface Upload {
  id: number;
  file: File;
  state: "waiting" | "sending" | "sent" | "failed";
  sent: number;
  /** Bytes a second, smoothed. */
  speed: number;
  /** The line is down; it goes on by itself. */
  stalled: boolean;
  refusal: ApiError | null;
  /** Id of what the service made of it. */
  revision: string;
}

type Send = (file: File, report: Report) => Sending;

/** Two at a time: enough to fill the line, and the first is done soon. */
const AT_ONCE = 2;

export class UploadQueue {
  readonly items = signal<Upload[]>([]);
  private readonly sendings = new Map<number, Sending>();
  private next = 1;

  constructor(
    private readonly send: Send,
    private readonly onSent: () => void,
  ) {}

  add(files: Iterable<File>): void {
    const fresh = [...files].map((file): Upload => {
      this.next += 1;
      return {
        id: this.next,
        file,
        state: "waiting",
        sent: 0,
        speed: 0,
        stalled: false,
        refusal: null,
        revision: "",
      };
    });
    this.items.value = [...this.items.value, ...fresh];
    this.pump();
  }

  retry(id: number): void {
    this.set(id, { state: "waiting", sent: 0, speed: 0, stalled: false, refusal: null });
    this.pump();
  }

  remove(id: number): void {
    this.sendings.get(id)?.cancel();
    this.items.value = this.items.value.filter((u) => u.id !== id);
    this.pump();
  }

  get busy(): boolean {
    return this.items.value.some((u) => u.state === "waiting" || u.state === "sending");
  }

  private pump(): void {
    const running = this.items.value.filter((u) => u.state === "sending").length;
    const waiting = this.items.value.filter((u) => u.state === "waiting");
    for (const upload of waiting.slice(0, AT_ONCE - running)) this.start(upload);
  }

  private start(upload: Upload): void {
    const { id, file } = upload;
    let last = { at: performance.now(), sent: 0 };
    this.set(id, { state: "sending" });
    const progress = (sent: number) => {
      const now = performance.now();
      const seconds = (now - last.at) / 1000;
      if (seconds < 0.2) return;
      const before = this.items.value.find((u) => u.id === id)?.speed ?? 0;
      const speed = Math.max(0, (sent - last.sent) / seconds);
      last = { at: now, sent };
      this.set(id, { sent, stalled: false, speed: before ? before * 0.7 + speed * 0.3 : speed });
    };
    const stalled = () => this.set(id, { stalled: true });
    const sending = this.send(file, { progress, stalled });
    this.sendings.set(id, sending);
    sending.done
      .then((revision) => {
        this.set(id, { state: "sent", sent: file.size, stalled: false, revision });
        this.onSent();
      })
      .catch((error: unknown) => {
        if (error instanceof ApiError) this.set(id, { state: "failed", refusal: error });
        else if (!(error instanceof DOMException)) throw error;
      })
      .finally(() => {
        this.sendings.delete(id);
        this.pump();
      });
  }

  private set(id: number, change: Partial<Upload>): void {
    this.items.value = this.items.value.map((u) => (u.id === id ? { ...u, ...change } : u));
  }
}

/** Queues outlive the screen they are on: going to the issues does not stop an upload. */
const queues = new Map<string, UploadQueue>();

/** Send `file` as the newest revision of the model that has its name. */
export function modelQueue(store: ProjectStore): UploadQueue {
  return queueOf(`models/${store.id}`, () => {
    const send: Send = (file, report) => {
      const metadata = { filename: file.name, name: stem(file.name) };
      return sendResumable(store.path("/uploads"), file, metadata, report);
    };
    return new UploadQueue(send, () => store.loadModels());
  });
}

export function queueOf(key: string, make: () => UploadQueue): UploadQueue {
  const known = queues.get(key);
  if (known) return known;
  const made = make();
  queues.set(key, made);
  return made;
}

export function stem(filename: string): string {
  return filename.replace(/\.[^.]+$/, "") || filename;
}

window.addEventListener("beforeunload", (event) => {
  if ([...queues.values()].some((queue) => queue.busy)) event.preventDefault();
});

/** Where files are dropped or chosen. */
export function DropZone(props: {
  title: string;
  text: string;
  accept: string;
  onFiles: (files: File[]) => void;
}) {
  const [over, setOver] = useState(false);
  const drop = (event: DragEvent) => {
    event.preventDefault();
    setOver(false);
    props.onFiles([...(event.dataTransfer?.files ?? [])]);
  };
  return (
    <label
      class={`drop ${over ? "over" : ""}`}
      onDragOver={(e) => {
        e.preventDefault();
        setOver(true);
      }}
      onDragLeave={() => setOver(false)}
      onDrop={drop}
    >
      <Icon name="upload" />
      <b>{props.title}</b>
      <span class="muted">{props.text}</span>
      <input
        type="file"
        multiple
        accept={props.accept}
        onChange={(e) => {
          props.onFiles([...(e.currentTarget.files ?? [])]);
          e.currentTarget.value = "";
        }}
      />
    </label>
  );
}

export function UploadList({ queue, store }: { queue: UploadQueue; store: ProjectStore }) {
  const revisions = new Map(
    store.models.value?.flatMap((m) =>
      m.latest ? [[m.latest.revision.id, m.latest.revision] as const] : [],
    ),
  );
  return (
    <ul class="uploads">
      {queue.items.value.map((upload) => (
        <UploadRow
          key={upload.id}
          upload={upload}
          queue={queue}
          revision={revisions.get(upload.revision)}
          jobs={store.jobs.value}
        />
      ))}
    </ul>
  );
}

interface RowProps {
  upload: Upload;
  queue: UploadQueue;
  revision: Revision | undefined;
  jobs: Record<string, Job>;
}

function UploadRow({ upload, queue, revision, jobs }: RowProps) {
  const job = jobs[revision?.job_id ?? ""];
  const { file, state, sent, speed, refusal } = upload;
  const share = file.size ? sent / file.size : 0;
  const done = revision?.state === "ready" || (state === "sent" && !upload.revision);
  return (
    <li class={`upload ${state}`} data-upload={file.name}>
      <div class="upload-head">
        <b>{file.name}</b>
        <span class="muted">{bytes(file.size)}</span>
        <span class="grow" />
        {state === "failed" && (
          <Button look="quiet" onClick={() => queue.retry(upload.id)}>
            {t("app.again")}
          </Button>
        )}
        <Button
          look="quiet"
          icon="close"
          aria-label={t(state === "sending" ? "uploads.cancel" : "uploads.clear")}
          onClick={() => queue.remove(upload.id)}
        />
      </div>
      {state === "waiting" && <p class="muted">{t("uploads.waiting")}</p>}
      {state === "sending" && (
        <>
          <Progress share={share} />
          <p class={upload.stalled ? "bad" : "muted"}>
            {upload.stalled
              ? t("uploads.stalled", { sent: bytes(sent) })
              : share >= 1
                ? t("uploads.storing")
                : t("uploads.progress", {
                    sent: bytes(sent),
                    total: bytes(file.size),
                    speed: bytes(speed),
                    left: speed > 0 ? duration((file.size - sent) / speed) : "–",
                  })}
          </p>
        </>
      )}
      {state === "sent" && revision?.state !== "failed" && !done && (
        <>
          <Progress share={job?.progress ?? 0} />
          <p class="muted">
            {t("uploads.processing")} {job && stageOf(job)}
          </p>
        </>
      )}
      {done && (
        <p class="good">
          <Icon name="check" /> {t("uploads.done")}
        </p>
      )}
      {revision?.problem && <ProblemBox problem={revision.problem} />}
      {refusal && (
        <Refusal
          text={refusal.text}
          remedy={refusal.remedy}
          code={refusal.status ? refusal.code : ""}
        />
      )}
    </li>
  );
}

export function ProblemBox({ problem }: { problem: Problem }) {
  return (
    <Refusal
      text={pick(problem.message, problem.message_en)}
      remedy={pick(problem.remedy, problem.remedy_en)}
      code={problem.code}
    />
  );
}

/** The stage of a job in words. */
export function stageOf(job: Job): string {
  return said(job.stage_text) || job.stage;
}
