import { Injectable } from '@nestjs/common';
import {
  formatField,
  resolveTfqlField,
  TFQL_FIELDS,
  type QueryNote,
  type QueryPart,
  type TfqlExpression,
  type TfqlSignal,
} from '@telemetryflow/contracts';
import { ExpiringMap } from '../../../../shared/platform/expiring-map.js';
import { compileKeyNames, compileKnownKeys, compileNamesOfMetrics, type KeySource } from '../compiler/known-names.js';
import { isPrometheusNameOf } from '../compiler/metrics/metric.js';
import { nearNames } from './near-names.js';
import type { ReadPart } from './read-query.js';
import { TelemetryStore, type ReadScope } from '../store.js';

const REMEMBERED_MS = 5 * 60_000;
const MAX_REMEMBERED = 20_000;

interface Name {
  readonly name: string;
}
/** A name of a part that stands for an attribute. */
interface KeyUse {
  readonly name: string;
  readonly key: string;
  /** Where the key may be found. */
  readonly sources: readonly KeySource[];
}

/** Tells of names that nothing carries, and what may have been meant. Keys once seen are remembered for a while. */
@Injectable()
export class NameNotes {
  readonly #seen = new ExpiringMap<true>({ ttlMs: REMEMBERED_MS, maxEntries: MAX_REMEMBERED });

  constructor(private readonly store: TelemetryStore) {}

  /** A note for each attribute of the parts that no record, series or resource has. */
  async unknownFields(parts: readonly ReadPart[], scope: ReadScope): Promise<QueryNote[]> {
    return (await Promise.all(parts.map((part) => this.#unknownIn(part, scope)))).flat();
  }

  /** The notes, those of unknown metrics with names that may have been meant. */
  async withNames(notes: readonly QueryNote[], parts: readonly ReadPart[], scope: ReadScope): Promise<QueryNote[]> {
    if (!notes.some(isNameless)) return [...notes];
    const known = await this.store.query<Name>(compileNamesOfMetrics(scope.tenantId), scope);
    const names = known.map(({ name }) => name);
    return notes.map((note) => {
      const metric = parts.find(({ part }) => part.label === note.label)?.part.metric;
      if (metric === undefined || !isNameless(note)) return note;
      const suggestions = nearNames(metric, names);
      return { ...note, message: sentence(`There is no metric ${metric}`, suggestions), suggestions };
    });
  }

  async #unknownIn({ part, filter, wheres }: ReadPart, scope: ReadScope): Promise<QueryNote[]> {
    const signal = tfqlSignalOf(part);
    const uses = [...new Set(namesOf(part, [filter, ...wheres]))].flatMap((name) => keyUse(name, signal));
    const sources = [...new Set(uses.flatMap((use) => use.sources))];
    const isUnknown = ({ key, sources: own }: KeyUse) => !own.some((source) => this.#isSeen(scope, source, key));
    const open = uses.filter(isUnknown);
    await Promise.all(sources.map((source) => this.#lookUp(open, source, scope)));
    const unknown = open.filter(isUnknown);
    if (unknown.length === 0) return [];
    const known = await this.#fieldNames(signal, scope);
    // Of metrics also names as Prometheus spells them are understood.
    const meant = signal === 'metrics' ? (name: string) => isPrometheusNameOf(name, known) : () => false;
    return unknown.flatMap(({ name }) => {
      if (meant(name)) return [];
      const suggestions = nearNames(name, known);
      const message = sentence(`Nothing carries ${name}`, suggestions);
      return { label: part.label, code: 'unknown_field', message, suggestions };
    });
  }

  async #lookUp(uses: readonly KeyUse[], source: KeySource, scope: ReadScope): Promise<void> {
    const keys = [...new Set(uses.filter(({ sources }) => sources.includes(source)).map(({ key }) => key))];
    if (keys.length === 0) return;
    for (const { name } of await this.store.query<Name>(compileKnownKeys(scope.tenantId, source, keys), scope)) {
      this.#seen.set(entry(scope.tenantId, source, name), true);
    }
  }

  #isSeen({ tenantId }: ReadScope, source: KeySource, key: string): boolean {
    return this.#seen.get(entry(tenantId, source, key)) !== undefined;
  }

  async #fieldNames(signal: TfqlSignal, scope: ReadScope): Promise<string[]> {
    const [own, resources] = await Promise.all([
      this.store.query<Name>(compileKeyNames(scope.tenantId, signal), scope),
      this.store.query<Name>(compileKeyNames(scope.tenantId, 'resources'), scope),
    ]);
    const fields = TFQL_FIELDS.filter(({ signals }) => (signals as readonly TfqlSignal[]).includes(signal));
    return [
      ...fields.map(({ name }) => name),
      ...own.map(({ name }) => formatField(name)),
      // service.name is a field of its own.
      ...resources.filter(({ name }) => name !== 'service.name').map(({ name }) => formatField(`resource.${name}`)),
    ];
  }
}

function isNameless({ code, suggestions }: QueryNote): boolean {
  return code === 'unknown_metric' && suggestions.length === 0;
}

/** Traces are found by their spans. */
function tfqlSignalOf({ signal }: QueryPart): TfqlSignal {
  return signal === 'traces' ? 'spans' : signal;
}

function keyUse(name: string, signal: TfqlSignal): KeyUse[] {
  const target = resolveTfqlField(name, signal);
  switch (target.kind) {
    case 'field':
      return [];
    case 'attribute':
      return [{ name, key: target.key, sources: [signal] }];
    case 'resource':
      return [{ name, key: target.key, sources: ['resources'] }];
    case 'any':
      return [{ name, key: target.key, sources: [signal, 'resources'] }];
  }
}

/** Every name that a part writes. Whole traces have fields of their own beside those that they are found by. */
function namesOf(part: QueryPart, filters: readonly TfqlExpression[]): string[] {
  const written = filters.flatMap(fieldsOf);
  if (part.signal === 'traces') return written;
  const aggregated = part.aggregations.flatMap(({ field }) => (field === '' ? [] : [field]));
  // Every record has its time, which no filter names.
  const columns = part.aggregations.length === 0 ? part.fields.filter((name) => name !== 'timestamp') : [];
  return [...written, ...aggregated, ...part.groupBy, ...columns];
}

function fieldsOf(expression: TfqlExpression): string[] {
  switch (expression.kind) {
    case 'and':
    case 'or':
      return expression.items.flatMap(fieldsOf);
    case 'not':
      return fieldsOf(expression.item);
    case 'compare':
    case 'exists':
      return [expression.field];
    default:
      return [];
  }
}

function entry(tenantId: string, source: KeySource, key: string): string {
  return `${tenantId} ${source} ${key}`;
}

function sentence(problem: string, suggestions: readonly string[]): string {
  return suggestions.length === 0 ? problem : `${problem}; did you mean ${suggestions.join(' or ')}?`;
}
