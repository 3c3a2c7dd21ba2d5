import type { TfqlExpression } from '@telemetryflow/contracts';
import type { PartRequest } from '../../engine/part.js';
import { compileFilter } from '../filter.js';
import type { Parameters } from '../parameters.js';
import { recordsWithin } from '../time.js';
import { joinedColumn, recordField, typeLetter, type FieldSql } from './field-sql.js';

/** The rows that a part is about, within one statement. Fields first: `from` joins what they need. */
export interface RecordSource {
  readonly table: string;
  /** The instant of a row, as DateTime64(9). */
  readonly time: string;
  field(name: string): FieldSql;
  /** A condition on a row, never null. */
  condition(filter: TfqlExpression): string;
  /** Of rows that stand for many records each: the column with their number. */
  counted?(where: TfqlExpression): string;
  /** `FROM … WHERE …`; what is appended is one more `AND`. */
  from(): string;
}

/** Rows of `spans_v3` or `logs_v3`. */
export class TableSource implements RecordSource {
  readonly table: 'spans_v3' | 'logs_v3';
  readonly time = 'timestamp';
  private joinsResources = false;
  private joinsScopes = false;

  /** @param inherited keys that some resource carries */
  constructor(
    private readonly request: PartRequest,
    private readonly signal: 'spans' | 'logs',
    private readonly inherited: readonly string[],
    private readonly params: Parameters,
  ) {
    this.table = signal === 'spans' ? 'spans_v3' : 'logs_v3';
  }

  field(name: string): FieldSql {
    const field = recordField(name, this.signal, this.inherited, this.params);
    for (const { table } of field.joins) {
      if (table === 'resources_v3') this.joinsResources = true;
      else this.joinsScopes = true;
    }
    return field;
  }

  condition(filter: TfqlExpression): string {
    return compileFilter(filter, this.signal, this.params);
  }

  from(): string {
    const { filter, range } = this.request;
    const matches = filter.kind === 'all' ? '' : `\n  AND ${this.condition(filter)}`;
    return `FROM ${this.table}${this.resources()}${this.scopes()}
WHERE ${this.params.tenantFilter} AND ${recordsWithin(range, this.params)}${matches}`;
  }

  private resources(): string {
    if (!this.joinsResources) return '';
    const columns = this.inherited.flatMap((key) => {
      const name = this.params.shared(key);
      const column = joinedColumn(key, this.inherited);
      return [`attributes[${name}] AS ${column}`, `${typeLetter(name)} AS ${column}_type`];
    });
    return `
ANY LEFT JOIN (
  SELECT resource_id, ${columns.join(', ')} FROM resources_v3 WHERE ${this.params.tenantFilter}
) AS resources USING (resource_id)`;
  }

  private scopes(): string {
    if (!this.joinsScopes) return '';
    return `
ANY LEFT JOIN (
  SELECT scope_id, toString(name) AS scope_name, toString(version) AS scope_version FROM scopes_v3 WHERE ${this.params.tenantFilter}
) AS scopes USING (scope_id)`;
  }
}
