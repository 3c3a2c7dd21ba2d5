const ESCAPES: Readonly<Record<string, string>> = { n: '\n', t: '\t', r: '\r', '"': '"', '\\': '\\' };

export interface QuotingProblem {
  readonly problem: string;
  readonly suggestion: string;
  /** In the text, and how many characters it concerns. */
  readonly offset: number;
  readonly length: number;
}

/** What is wrong with the quoted part of a lexeme (`"text"`, `attributes."a key"`), if there is one. */
export function quotingProblem(text: string): QuotingProblem | undefined {
  const start = text.indexOf('"');
  if (start < 0) return undefined;
  for (let i = start + 1; i < text.length; i++) {
    if (text[i] === '"') return undefined;
    if (text[i] !== '\\') continue;
    if (i + 1 < text.length && ESCAPES[text[i + 1] ?? ''] === undefined) {
      const suggestion = 'write \\" or \\\\ for a quote or a backslash';
      return { problem: 'unknown escape', suggestion, offset: i, length: 2 };
    }
    i++;
  }
  const suggestion = 'add a closing "';
  return { problem: 'the quote that opens here is never closed', suggestion, offset: start, length: 1 };
}

/** The text that a lexeme with or without quotes stands for. */
export function unquote(text: string): string {
  const start = text.indexOf('"');
  if (start < 0) return text;
  const inside = text.slice(start + 1, -1);
  return text.slice(0, start) + inside.replaceAll(/\\(.)/gs, (_, escaped: string) => ESCAPES[escaped] ?? escaped);
}

/** The text in quotes. */
export function quote(text: string): string {
  const escaped = text
    .replaceAll('\\', '\\\\')
    .replaceAll('"', '\\"')
    .replaceAll('\n', '\\n')
    .replaceAll('\r', '\\r')
    .replaceAll('\t', '\\t');
  return `"${escaped}"`;
}
