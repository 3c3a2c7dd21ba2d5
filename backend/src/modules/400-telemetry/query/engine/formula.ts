import { TfqlSyntaxError } from '@telemetryflow/contracts';

export type FormulaOperator = '+' | '-' | '*' | '/';

/** One aggregation of a labelled query. */
export interface ColumnReference {
  readonly kind: 'column';
  readonly label: string;
  /** Position of the aggregation, from 0. */
  readonly column: number;
  readonly position: number;
  readonly length: number;
}
export type Formula =
  | { readonly kind: 'number'; readonly value: number }
  | ColumnReference
  | { readonly kind: 'negate'; readonly item: Formula }
  | { readonly kind: 'binary'; readonly operator: FormulaOperator; readonly left: Formula; readonly right: Formula };

const MAX_DEPTH = 32;
const NUMBER = /(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?/y;
const REFERENCE = /([A-H])(?:\.([1-9]\d?))?(?![A-Za-z0-9_.])/y;

/**
 * Reads arithmetic over labels: `B / A * 100`, `(A.1 - A.2) / -2`.
 *
 * @throws TfqlSyntaxError with position and suggestion
 */
export function parseFormula(source: string): Formula {
  return new FormulaParser(source).parse();
}

/** Every aggregation that a formula reads, each as often as it is written. */
export function referencesOf(formula: Formula): ColumnReference[] {
  switch (formula.kind) {
    case 'number':
      return [];
    case 'column':
      return [formula];
    case 'negate':
      return referencesOf(formula.item);
    case 'binary':
      return [...referencesOf(formula.left), ...referencesOf(formula.right)];
  }
}

/** How many values and operations it takes to calculate the formula once. */
export function costOf(formula: Formula): number {
  switch (formula.kind) {
    case 'number':
    case 'column':
      return 1;
    case 'negate':
      return 1 + costOf(formula.item);
    case 'binary':
      return 1 + costOf(formula.left) + costOf(formula.right);
  }
}

/** The formula's value: null where an operand is null, and where the result is no finite number (a division by zero). */
export function evaluateFormula(
  formula: Formula,
  valueOf: (reference: ColumnReference) => number | null,
): number | null {
  switch (formula.kind) {
    case 'number':
      return formula.value;
    case 'column':
      return valueOf(formula);
    case 'negate': {
      const value = evaluateFormula(formula.item, valueOf);
      return value === null ? null : -value;
    }
    case 'binary': {
      const left = evaluateFormula(formula.left, valueOf);
      const right = evaluateFormula(formula.right, valueOf);
      if (left === null || right === null) return null;
      const value = calculate(formula.operator, left, right);
      return Number.isFinite(value) ? value : null;
    }
  }
}

/** The UCUM unit of a formula's value, as far as those of its operands say; empty when unknown. */
export function unitOfFormula(formula: Formula, unitOf: (reference: ColumnReference) => string): string {
  switch (formula.kind) {
    case 'number':
      return '';
    case 'column':
      return unitOf(formula);
    case 'negate':
      return unitOfFormula(formula.item, unitOf);
    case 'binary': {
      const { operator, left, right } = formula;
      const leftUnit = unitOfFormula(left, unitOf);
      const rightUnit = unitOfFormula(right, unitOf);
      if (operator === '+' || operator === '-') {
        if (left.kind === 'number') return rightUnit;
        return right.kind === 'number' || leftUnit === rightUnit ? leftUnit : '';
      }
      if (operator === '/' && leftUnit === rightUnit && leftUnit !== '') return '1';
      return scaledUnit(operator, left, right, leftUnit, rightUnit);
    }
  }
}

/** Of a product or quotient in which one side is a plain number; a ratio times a hundred is a percentage. */
function scaledUnit(
  operator: FormulaOperator,
  left: Formula,
  right: Formula,
  leftUnit: string,
  rightUnit: string,
): string {
  const factor = right.kind === 'number' ? right : operator === '*' && left.kind === 'number' ? left : undefined;
  if (factor === undefined) return '';
  const unit = factor === right ? leftUnit : rightUnit;
  return unit === '1' && operator === '*' && factor.value === 100 ? '%' : unit;
}

function calculate(operator: FormulaOperator, left: number, right: number): number {
  switch (operator) {
    case '+':
      return left + right;
    case '-':
      return left - right;
    case '*':
      return left * right;
    case '/':
      return left / right;
  }
}

class FormulaParser {
  private at = 0;
  private depth = 0;

  constructor(private readonly source: string) {}

  parse(): Formula {
    const formula = this.sum();
    if (this.peek() !== '') {
      throw this.error('expected an operator', this.peek() === ')' ? 'remove ")"' : 'write one of + - * / before it');
    }
    return formula;
  }

  private sum(): Formula {
    let left = this.product();
    for (let operator = this.take('+', '-'); operator !== undefined; operator = this.take('+', '-')) {
      left = { kind: 'binary', operator, left, right: this.product() };
    }
    return left;
  }

  private product(): Formula {
    let left = this.operand();
    for (let operator = this.take('*', '/'); operator !== undefined; operator = this.take('*', '/')) {
      left = { kind: 'binary', operator, left, right: this.operand() };
    }
    return left;
  }

  private operand(): Formula {
    this.depth += 1;
    if (this.depth > MAX_DEPTH) throw this.error('too many levels', `use at most ${MAX_DEPTH}`);
    const formula = this.take('-') === undefined ? this.primary() : ({ kind: 'negate', item: this.operand() } as const);
    this.depth -= 1;
    return formula;
  }

  private primary(): Formula {
    const next = this.peek();
    const start = this.at;
    if (next === '(') {
      this.at += 1;
      const inner = this.sum();
      if (this.peek() !== ')') throw this.error('expected ")"', `close the parenthesis of character ${start + 1}`);
      this.at += 1;
      return inner;
    }
    const number = this.match(NUMBER);
    if (number !== null) return { kind: 'number', value: Number(number[0]) };
    const reference = this.match(REFERENCE);
    if (reference === null) throw this.error('expected a value', 'write a label such as A or A.2, or a number');
    const [text, label = '', ordinal = '1'] = reference;
    return { kind: 'column', label, column: Number(ordinal) - 1, position: start, length: text.length };
  }

  /** The next character that is no space; empty at the end. */
  private peek(): string {
    while (/\s/.test(this.source.charAt(this.at))) this.at += 1;
    return this.source.charAt(this.at);
  }

  private take<T extends FormulaOperator>(...operators: readonly T[]): T | undefined {
    const next = this.peek();
    const taken = operators.find((operator) => operator === next);
    if (taken !== undefined) this.at += 1;
    return taken;
  }

  private match(pattern: RegExp): RegExpExecArray | null {
    pattern.lastIndex = this.at;
    const match = pattern.exec(this.source);
    if (match !== null) this.at += match[0].length;
    return match;
  }

  private error(problem: string, suggestion: string): TfqlSyntaxError {
    return new TfqlSyntaxError(problem, this.at, this.at < this.source.length ? 1 : 0, suggestion);
  }
}
