import { spawn, type ChildProcess } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { ChildOptions } from './ingest-child.js';

/** Lets Node run the sources: `./x.js` means `./x.ts`. */
const HOOK = `import { registerHooks } from 'node:module';
registerHooks({ resolve(specifier, context, next) {
  const fromSource = specifier.startsWith('.') && specifier.endsWith('.js') && context.parentURL?.endsWith('.ts');
  return next(fromSource ? specifier.slice(0, -3) + '.ts' : specifier, context);
} });`;

/** An ingest server in a process of its own. */
export class IngestProcess {
  #waiting = Number.POSITIVE_INFINITY;

  private constructor(
    readonly child: ChildProcess,
    readonly port: number,
  ) {
    child.on('message', (message: { waiting?: number }) => (this.#waiting = message.waiting ?? this.#waiting));
  }

  static start(options: ChildOptions): Promise<IngestProcess> {
    const entry = fileURLToPath(new URL('./ingest-child.ts', import.meta.url));
    const hook = `data:text/javascript,${encodeURIComponent(HOOK)}`;
    const flags = ['--conditions=source', '--experimental-transform-types', '--disable-warning=ExperimentalWarning'];
    const child = spawn(process.execPath, [...flags, '--import', hook, entry], {
      stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    });
    child.send(options);
    return new Promise((resolve, reject) => {
      child.once('exit', (code, signal) => reject(new Error(`the ingest process ended: ${code ?? signal}`)));
      child.once('message', (message: { port: number }) => resolve(new IngestProcess(child, message.port)));
    });
  }

  /** Segments that are not in the store, as last told. */
  get waiting(): number {
    return this.#waiting;
  }

  async kill(): Promise<void> {
    const ended = new Promise((resolve) => this.child.once('exit', resolve));
    this.child.kill('SIGKILL');
    await ended;
  }
}
