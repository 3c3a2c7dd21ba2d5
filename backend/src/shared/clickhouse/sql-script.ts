/**
 * Splits a script into statements at `;`, minding quotes and comments. Comments and empty statements are dropped.
 */
export function splitStatements(script: string): string[] {
  const statements: string[] = [];
  let current = '';
  for (let at = 0; at < script.length;) {
    const rest = script.slice(at, at + 2);
    const char = script.charAt(at);
    if (rest === '--') {
      at = indexOrEnd(script, '\n', at);
    } else if (rest === '/*') {
      at = indexOrEnd(script, '*/', at + 2) + 2;
    } else if (char === "'" || char === '"' || char === '`') {
      const end = endOfQuoted(script, at);
      current += script.slice(at, end);
      at = end;
    } else if (char === ';') {
      statements.push(current.trim());
      current = '';
      at += 1;
    } else {
      current += char;
      at += 1;
    }
  }
  statements.push(current.trim());
  return statements.filter((statement) => statement !== '');
}

function indexOrEnd(text: string, needle: string, from: number): number {
  const index = text.indexOf(needle, from);
  return index === -1 ? text.length : index;
}

/** The position after the closing quote; a backslash or a doubled quote inside does not close. */
function endOfQuoted(text: string, start: number): number {
  const quote = text.charAt(start);
  let at = start + 1;
  while (at < text.length) {
    if (text.charAt(at) === '\\') at += 2;
    else if (text.charAt(at) !== quote) at += 1;
    else if (text.charAt(at + 1) === quote) at += 2;
    else return at + 1;
  }
  return text.length;
}

/**
 * Fills in `{{on_cluster}}` and `{{engine:X}}`: nothing and X on one node; `ON CLUSTER` and ReplicatedX on a cluster.
 *
 * @throws Error on a placeholder it does not know
 */
export function renderTemplate(script: string, cluster: string): string {
  return script.replace(/\{\{([a-z_]+)(?::([^}]+))?\}\}/g, (whole, name: string, argument: string | undefined) => {
    if (name === 'on_cluster') return cluster === '' ? '' : `ON CLUSTER \`${cluster}\``;
    if (name === 'engine' && argument !== undefined) return cluster === '' ? argument : `Replicated${argument}`;
    throw new Error(`Unknown placeholder ${whole} in a migration`);
  });
}
