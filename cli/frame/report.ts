/** Answers of commands: one structure that is printed as plain lines, or as JSON. */

import { visible, visibleInJson } from "../../sdk/visible.js";

/** A value as JSON has it; amounts are decimal strings of wei. */
export type Value = string | number | boolean | bigint | null;

/** One fact: its label and its value, for people and for programs. */
export interface Field {
  readonly kind: "field";
  readonly key: string;
  readonly label: string;
  readonly value: Value;
  readonly text: string;
}

/** Facts that belong together. */
export interface Group {
  readonly kind: "group";
  readonly key: string;
  readonly label: string;
  readonly entries: readonly Entry[];
}

/** Records of one kind. */
export interface List {
  readonly kind: "list";
  readonly key: string;
  readonly label: string;
  readonly items: readonly Item[];
  /** Sentence for a list without records. */
  readonly none: string;
}

/** A record of a list: its name, and its facts. */
export interface Item {
  readonly title: string;
  readonly entries: readonly Entry[];
}

/** A sentence for people; programs find it under `notes`. */
export interface Note {
  readonly kind: "note";
  readonly text: string;
}

/** A fact for programs alone. */
export interface Hidden {
  readonly kind: "hidden";
  readonly key: string;
  readonly value: Value;
}

export type Entry = Field | Group | List | Note | Hidden;

/** Answer of a command. */
export interface Report {
  readonly title: string;
  readonly entries: readonly Entry[];
}

/** A fact; its key in JSON is the label in camel case. */
export function field(label: string, value: Value, text: string = String(value)): Field {
  return { kind: "field", key: keyOf(label), label, value, text };
}

/** A fact that only JSON has. */
export function hidden(label: string, value: Value): Hidden {
  return { kind: "hidden", key: keyOf(label), value };
}

/** Facts that belong together. */
export function group(label: string, entries: readonly Entry[]): Group {
  return { kind: "group", key: keyOf(label), label, entries };
}

/** Records of one kind. */
export function list(label: string, items: readonly Item[], none = "None."): List {
  return { kind: "list", key: keyOf(label), label, items, none };
}

/** A sentence. */
export function note(text: string): Note {
  return { kind: "note", text };
}

/** The report as JSON: keys are labels in camel case, amounts are strings of wei. */
export function renderJson({ entries }: Report): string {
  const json = JSON.stringify(
    toJson(entries),
    (_, value: unknown) => (typeof value === "bigint" ? value.toString() : value),
    2,
  );
  return visibleInJson(json);
}

/** The report as lines that make sense one after the other, without columns or frames. No text of the chain adds a line. */
export function renderText({ title, entries }: Report): string[] {
  return [title, ...renderEntries(entries, "")].map(visible);
}

function renderEntries(entries: readonly Entry[], indent: string): string[] {
  return entries.flatMap((entry): string[] => {
    switch (entry.kind) {
      case "field":
        return [`${indent}${entry.label}: ${entry.text}`];
      case "note":
        return [`${indent}${entry.text}`];
      case "hidden":
        return [];
      case "group":
        return [
          ...(indent === "" ? [""] : []),
          `${indent}${entry.label}:`,
          ...renderEntries(entry.entries, `${indent}  `),
        ];
      case "list":
        if (entry.items.length === 0) return [`${indent}${entry.label}: ${entry.none}`];
        return [
          ...(indent === "" ? [""] : []),
          `${indent}${entry.label}:`,
          ...entry.items.flatMap((item) => renderItem(item, `${indent}  `)),
        ];
    }
  });
}

/** A record on one line, with longer parts on lines of their own. */
function renderItem({ title, entries }: Item, indent: string): string[] {
  const facts = entries.filter((entry) => entry.kind === "field");
  const others = entries.filter((entry) => entry.kind !== "field");
  const line = facts.map(({ label, text }) => `${label.toLowerCase()} ${text}`).join("; ");
  return [
    `${indent}${title}${line === "" ? "" : `: ${line}`}`,
    ...renderEntries(others, `${indent}  `),
  ];
}

function toJson(entries: readonly Entry[]): Record<string, unknown> {
  const object: Record<string, unknown> = {};
  const notes: string[] = [];
  for (const entry of entries) {
    if (entry.kind === "note") notes.push(entry.text);
    else if (entry.kind === "field" || entry.kind === "hidden") object[entry.key] = entry.value;
    else if (entry.kind === "group") object[entry.key] = toJson(entry.entries);
    else
      object[entry.key] = entry.items.map(({ title, entries: own }) => ({ title, ...toJson(own) }));
  }
  return notes.length === 0 ? object : { ...object, notes };
}

function keyOf(label: string): string {
  const words = label
    .replace(/κ/g, "kappa")
    .replace(/[^A-Za-z0-9 ]+/g, " ")
    .trim()
    .split(/\s+/);
  return words
    .map((word, i) => (i === 0 ? word.toLowerCase() : word.charAt(0).toUpperCase() + word.slice(1)))
    .join("");
}
