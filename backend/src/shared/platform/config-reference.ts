import { z } from 'zod';
import { ConfigSchema, SECRET_VARIABLES } from './config.js';

interface VariableSchema {
  readonly description?: string;
  readonly default?: unknown;
  readonly enum?: readonly unknown[];
}

const HEAD = `# Configuration

Everything is set by environment variables; nothing has to be set. All faults are reported together at start, each with
the variable and the remedy, and the process ends with exit code 78.

This page is made from the schema that the server validates with: \`npm run docs:config\`.

| variable | default | meaning |
|---|---|---|
`;

/** The Markdown page of all environment variables: name, default, meaning; secrets are marked. */
export function configReference(): string {
  const { properties = {} } = z.toJSONSchema(ConfigSchema, { io: 'input' });
  const rows = Object.entries(properties).map(([name, property]) => row(name, property as VariableSchema));
  return `${HEAD}${rows.join('\n')}\n`;
}

function row(name: string, { description = '', default: fallback, enum: values }: VariableSchema): string {
  const shown = fallback === undefined || fallback === '' ? '' : `\`${String(fallback)}\``;
  const choices =
    values === undefined
      ? ''
      : ` One of ${values
          .filter((v) => v !== '')
          .map((v) => `\`${String(v)}\``)
          .join(', ')}.`;
  const secret = SECRET_VARIABLES.has(name) ? ' A secret.' : '';
  return `| \`${name}\` | ${shown} | ${description}${choices}${secret} |`;
}
