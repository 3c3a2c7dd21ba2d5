import type { Attributes, AttributeValue } from '@telemetryflow/contracts';

export interface AttributeGroup {
  /** The namespace shared by the names (`http`, `db`, `k8s`); empty for names without one. */
  name: string;
  entries: [key: string, value: AttributeValue][];
}

/** Attributes by the first part of their name, both in alphabetical order; names without a namespace come last. */
export function groupAttributes(attributes: Attributes): AttributeGroup[] {
  const groups = new Map<string, AttributeGroup['entries']>();
  for (const key of Object.keys(attributes).sort()) {
    const name = key.includes('.') ? key.slice(0, key.indexOf('.')) : '';
    const entries = groups.get(name) ?? [];
    entries.push([key, attributes[key] ?? null]);
    groups.set(name, entries);
  }
  return [...groups]
    .map(([name, entries]) => ({ name, entries }))
    .sort((a, b) => Number(a.name === '') - Number(b.name === '') || a.name.localeCompare(b.name));
}

/** A value as text: text as it is, the rest as JSON. */
export function valueText(value: AttributeValue): string {
  return typeof value === 'string' ? value : JSON.stringify(value, null, typeof value === 'object' ? 1 : 0);
}
