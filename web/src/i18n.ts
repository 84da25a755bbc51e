/** The language of the screen and the words in it. */
import { effect, signal } from "@preact/signals";
import { type Key, texts } from "./texts";

export type Language = "zh-CN" | "en";
const STORED = "yuyan.language";

/** Local storage throws where the browser forbids it; then nothing is remembered. */
export function remembered(key: string): string | null {
  try {
    return localStorage.getItem(key);
  } catch {
    return null;
  }
}

export function remember(key: string, value: string): void {
  try {
    localStorage.setItem(key, value);
  } catch {
    // Nothing depends on it.
  }
}

export const lang = signal<Language>(remembered(STORED) === "en" ? "en" : "zh-CN");

effect(() => {
  document.documentElement.lang = lang.value;
});

export function setLanguage(language: Language): void {
  lang.value = language;
  remember(STORED, language);
}

/** The text of `key` with `{names}` filled in. */
export function t(key: Key, values: Record<string, string | number> = {}): string {
  const text: string = texts[lang.value][key];
  return text.replace(/\{(\w+)\}/g, (whole, name: string) => String(values[name] ?? whole));
}

/** The word for a machine's code such as a status; the code itself where there is none. */
export function word(group: string, code: string): string {
  const key = `${group}.${code}`;
  return key in texts[lang.value] ? t(key as Key) : code;
}

/** The wording in the language of the screen of what the service says in both. */
export function said(text: { readonly "zh-CN"?: string; readonly en?: string } | null | undefined) {
  if (!text) return "";
  const other = lang.value === "en" ? "zh-CN" : "en";
  return text[lang.value] || text[other] || "";
}

/** The same for pairs such as `message` and `message_en`. */
export function pick(chinese: string, english: string): string {
  return lang.value === "en" ? english || chinese : chinese || english;
}
