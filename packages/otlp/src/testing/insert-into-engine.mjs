/**
 * Child process of the engine test: chDB must have the main thread of a process of its own.
 *
 * Reads { statements, inserts: [{ table, columns, file }], afterwards, selects } from the file named by its argument and
 * answers with one line of JSON: the rows of each select.
 */
import { readFileSync } from 'node:fs';
import { Session } from 'chdb';

const job = JSON.parse(readFileSync(process.argv[2], 'utf8'));
const session = new Session();
for (const statement of job.statements) session.query(statement);
for (const { table, columns, file } of job.inserts) {
  session.query(`INSERT INTO ${table} (${columns.join(', ')}) FROM INFILE '${file}' FORMAT RowBinary`);
}
for (const statement of job.afterwards) session.query(statement);
const answers = job.selects.map((select) =>
  session
    .query(select, 'JSONEachRow')
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line)),
);
session.cleanup();
process.stdout.write(`${JSON.stringify(answers)}\n`);
