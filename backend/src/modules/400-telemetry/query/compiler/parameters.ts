/** A statement as the store takes it: no input is ever part of `sql`. */
export interface Statement {
  readonly sql: string;
  readonly params: Readonly<Record<string, unknown>>;
}

/** Types of ClickHouse's `{name:Type}` parameters that the compiler uses. */
export type ParameterType =
  | 'String'
  | 'Float64'
  | 'Int64'
  | 'UInt64'
  | 'UInt32'
  | 'UInt8'
  | 'UUID'
  | 'Array(String)'
  | 'Array(Array(String))'
  | 'Array(Int64)'
  | 'Array(Float64)'
  | 'Array(UInt64)'
  | 'Array(UInt8)';

type Scalar = string | number | bigint;
export type ParameterValue = string | number | readonly Scalar[] | readonly (readonly Scalar[])[];

/** Collects the parameters of one statement and hands out their placeholders. */
export class Parameters {
  private readonly collected: Record<string, unknown> = {};
  private readonly byText = new Map<string, string>();
  private count = 0;

  constructor(tenantId: string) {
    this.collected.tenant = tenantId;
  }

  /** `tenant_id = …`, demanded of every table that is read. */
  get tenantFilter(): string {
    return 'tenant_id = {tenant:UUID}';
  }

  /** The placeholder of a new parameter. */
  add(type: ParameterType, value: ParameterValue): string {
    const name = `p${++this.count}`;
    this.collected[name] = value;
    return `{${name}:${type}}`;
  }

  /** The placeholder of a text that may be asked for several times, so that the engine sees one expression. */
  shared(value: string): string {
    const known = this.byText.get(value);
    if (known !== undefined) return known;
    const placeholder = this.add('String', value);
    this.byText.set(value, placeholder);
    return placeholder;
  }

  statement(sql: string): Statement {
    return { sql, params: { ...this.collected } };
  }
}
