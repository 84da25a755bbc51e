/** Small parts that all screens share. */
import type { ComponentChildren, JSX } from "preact";
import { useEffect, useRef } from "preact/hooks";
import { band } from "./format";
import { lang, setLanguage, t, word } from "./i18n";
import { dismiss, notices } from "./session";

// Icons: 24 x 24 strokes ------------------------------------------------------------------

const SHAPES = {
  back: "M15 5l-7 7 7 7",
  next: "M9 5l7 7-7 7",
  up: "M5 15l7-7 7 7",
  down: "M5 9l7 7 7-7",
  close: "M6 6l12 12M18 6L6 18",
  check: "M5 12.500l4.500 4.500L19 7.500",
  plus: "M12 5v14M5 12h14",
  minus: "M5 12h14",
  map: "M9 4L3.500 6.500v13L9 17l6 3 5.500-2.500v-13L15 7zM9 4v13M15 7v13",
  search: "M11 4a7 7 0 1 0 0 14 7 7 0 0 0 0-14M20 20l-4-4",
  filter: "M4 6h16M7 12h10M10 18h4",
  list: "M9 6h11M9 12h11M9 18h11M4 6h.01M4 12h.01M4 18h.01",
  cube: "M12 3l8 4.500v9L12 21l-8-4.500v-9zM12 12l8-4.500M12 12v9M12 12L4 7.500",
  model: "M4 20V9l8-5 8 5v11zM9 20v-6h6v6",
  layers: "M12 4l9 5-9 5-9-5zM3 14l9 5 9-5",
  run: "M12 3a9 9 0 1 0 9 9M12 7v5l3 2M17 3h4v4",
  people:
    "M9 11a3.500 3.500 0 1 0 0-7 3.500 3.500 0 0 0 0 7M2.500 20c.5-4 3-6 6.500-6s6 2 6.500 6M16 4.500a3.500 3.500 0 0 1 0 6M18 14.500c2 .7 3.200 2.600 3.500 5.500",
  upload: "M12 16V4M7 9l5-5 5 5M4 16v4h16v-4",
  download: "M12 4v12M7 11l5 5 5-5M4 18v2h16v-2",
  copy: "M9 9h11v11H9zM5 15H4V4h11v1",
  fit: "M4 9V4h5M15 4h5v5M20 15v5h-5M9 20H4v-5",
  home: "M4 11l8-7 8 7M6 10v10h12V10",
  box: "M4 4h4M4 4v4M20 4h-4M20 4v4M4 20h4M4 20v-4M20 20h-4M20 20v-4M9 9h6v6H9z",
  eye: "M2 12s3.500-6.500 10-6.500S22 12 22 12s-3.500 6.500-10 6.500S2 12 2 12zM12 9a3 3 0 1 0 0 6 3 3 0 0 0 0-6",
  warning: "M12 4L2.500 20h19zM12 10v4.500M12 17.500h.01",
  info: "M12 3a9 9 0 1 0 0 18 9 9 0 0 0 0-18M12 11v5M12 8h.01",
  pin: "M12 21s7-6.500 7-11.500a7 7 0 1 0-14 0C5 14.500 12 21 12 21zM12 7.500a2 2 0 1 0 0 4 2 2 0 0 0 0-4",
  comment: "M4 5h16v11H9l-5 4z",
  exit: "M10 4H4v16h6M9 12h12M17 8l4 4-4 4",
  image: "M4 5h16v14H4zM4 16l5-5 4 4 3-3 4 4M15.500 9h.01",
  play: "M8 5l11 7-11 7z",
  pause: "M8 5v14M16 5v14",
  timeline: "M3 20h18M4 6h7M8 11h8M13 16h7",
  offline:
    "M3 3l18 18M5 10a12 12 0 0 1 4-2.500M19 10a12 12 0 0 0-6-3M8.500 14a6 6 0 0 1 4-1.500M12 18h.01",
} as const;
export type IconName = keyof typeof SHAPES;

export function Icon({ name }: { name: IconName }) {
  return (
    <svg class="icon" viewBox="0 0 24 24" aria-hidden="true">
      <path d={SHAPES[name]} />
    </svg>
  );
}

// Controls ---------------------------------------------------------------------------------

type ButtonProps = Omit<JSX.IntrinsicElements["button"], "icon"> & {
  icon?: IconName;
  look?: "plain" | "primary" | "quiet" | "danger";
};

export function Button({ icon, look = "plain", children, class: extra, ...rest }: ButtonProps) {
  return (
    <button
      type="button"
      {...rest}
      class={`button ${look} ${children ? "" : "bare"} ${extra ?? ""}`}
    >
      {icon && <Icon name={icon} />}
      {children && <span>{children}</span>}
    </button>
  );
}

export function Field({
  label,
  hint,
  children,
}: {
  label: string;
  hint?: string;
  children: ComponentChildren;
}) {
  return (
    // biome-ignore lint/a11y/noLabelWithoutControl: the control is the child.
    <label class="field">
      <span class="field-label">{label}</span>
      {children}
      {hint && <span class="field-hint">{hint}</span>}
    </label>
  );
}

interface Choice {
  value: string;
  label: string;
}

export function Select(props: {
  label: string;
  value: string;
  choices: Choice[];
  onChange: (value: string) => void;
  bare?: boolean;
}) {
  const control = (
    <select
      aria-label={props.label}
      value={props.value}
      onChange={(e) => props.onChange(e.currentTarget.value)}
    >
      {props.choices.map((c) => (
        <option key={c.value} value={c.value}>
          {c.label}
        </option>
      ))}
    </select>
  );
  return props.bare ? control : <Field label={props.label}>{control}</Field>;
}

export function LanguageSwitch() {
  return (
    <fieldset class="switch" aria-label={t("app.language")}>
      <button
        type="button"
        lang="zh-CN"
        aria-pressed={lang.value === "zh-CN"}
        data-language="zh-CN"
        onClick={() => setLanguage("zh-CN")}
      >
        中文
      </button>
      <button
        type="button"
        lang="en"
        aria-pressed={lang.value === "en"}
        data-language="en"
        onClick={() => setLanguage("en")}
      >
        EN
      </button>
    </fieldset>
  );
}

/** A button that opens a panel, which anything done elsewhere closes. */
export function Menu(props: {
  class?: string;
  summary: JSX.IntrinsicElements["summary"];
  children: ComponentChildren;
}) {
  const menu = useRef<HTMLDetailsElement>(null);
  useEffect(() => {
    const close = () => {
      if (menu.current) menu.current.open = false;
    };
    const elsewhere = (event: Event) => {
      if (!menu.current?.contains(event.target as Node)) close();
    };
    const key = (event: KeyboardEvent) => {
      if (event.key === "Escape") close();
    };
    document.addEventListener("pointerdown", elsewhere);
    document.addEventListener("keydown", key);
    window.addEventListener("hashchange", close);
    return () => {
      document.removeEventListener("pointerdown", elsewhere);
      document.removeEventListener("keydown", key);
      window.removeEventListener("hashchange", close);
    };
  }, []);
  return (
    <details class={`menu ${props.class ?? ""}`} ref={menu}>
      <summary {...props.summary} />
      <div class="menu-panel">{props.children}</div>
    </details>
  );
}

export function Brand() {
  return (
    <span class="brand">
      <svg viewBox="0 0 32 32" aria-hidden="true">
        <path class="brand-a" d="M4 12 12.500 7.500 21 12v10l-8.500 4.500L4 22z" />
        <path class="brand-b" d="M12.500 12.500 20.500 8l7.500 4.500v9L20.500 26l-8-4.500z" />
      </svg>
      <b>{t("app.name")}</b>
    </span>
  );
}

// What is the matter -----------------------------------------------------------------------

export function Severity({ value }: { value: number }) {
  const name = band(value);
  return (
    <span class={`severity ${name}`} title={`${word("band", name)} · ${value}`}>
      {value}
    </span>
  );
}

export function StatusTag({ status }: { status: string }) {
  return <span class={`status ${status}`}>{word("status", status)}</span>;
}

export function Empty(props: {
  icon: IconName;
  title: string;
  text?: string;
  children?: ComponentChildren;
}) {
  return (
    <div class="empty">
      <Icon name={props.icon} />
      <h2>{props.title}</h2>
      {props.text && <p>{props.text}</p>}
      {props.children}
    </div>
  );
}

export function Skeleton({ rows }: { rows: number }) {
  return (
    <div class="skeletons" aria-busy="true">
      {Array.from({ length: rows }, (_, i) => (
        <div class="skeleton" key={i} />
      ))}
    </div>
  );
}

/** A refusal with its code and what to do. */
export function Refusal(props: { text: string; remedy: string; code: string }) {
  return (
    <div class="refusal" role="alert">
      <p>
        <b>{props.text}</b> {props.code && <code>{props.code}</code>}
      </p>
      {props.remedy && (
        <p>
          {t("error.todo")}
          {props.remedy}
        </p>
      )}
    </div>
  );
}

export function Progress({ share }: { share: number }) {
  return <progress max={1} value={Math.max(0, Math.min(1, share))} />;
}

export function Notices() {
  return (
    <div class="notices" aria-live="polite">
      {notices.value.map((n) => (
        <div key={n.id} class={`notice ${n.tone}`} role="status">
          <div>
            <p>
              {n.text} {n.code && <code>{n.code}</code>}
            </p>
            {n.remedy && <p class="muted">{n.remedy}</p>}
          </div>
          <Button
            look="quiet"
            icon="close"
            aria-label={t("app.close")}
            onClick={() => dismiss(n.id)}
          />
        </div>
      ))}
    </div>
  );
}

/** A modal dialog; the element gives focus trap, Escape and the page behind made inert. */
export function Dialog(props: { title: string; onClose: () => void; children: ComponentChildren }) {
  const element = useRef<HTMLDialogElement>(null);
  useEffect(() => {
    element.current?.showModal();
  }, []);
  return (
    <dialog ref={element} class="dialog" autofocus onClose={props.onClose}>
      <header>
        <h2>{props.title}</h2>
        <Button look="quiet" icon="close" aria-label={t("app.close")} onClick={props.onClose} />
      </header>
      {props.children}
      {/* What stands behind a modal dialog is dimmed and cannot be pressed. */}
      <Notices />
    </dialog>
  );
}
