import { randomBytes } from 'node:crypto';
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Inject, Injectable } from '@nestjs/common';
import { z } from 'zod';
import { RUNTIME, type Runtime } from '../../../shared/platform/index.js';
import { KeyFiles } from '../application/stored-keys.js';
import { type KeyCredential, parseCredential } from '../domain/key-credential.js';

const KeptKey = z.object({ keyId: z.string(), keySecret: z.string() });

/** `DATA_DIR/secrets/<name>-key.json`, mode 0600. */
@Injectable()
export class DataDirKeyFiles extends KeyFiles {
  constructor(@Inject(RUNTIME) private readonly runtime: Runtime) {
    super();
  }

  async read(name: string): Promise<KeyCredential | null> {
    const text = await readFile(this.#path(name), 'utf8').catch((error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return '';
      throw error;
    });
    const kept = KeptKey.safeParse(jsonOf(text));
    return kept.success ? parseCredential(kept.data.keyId, kept.data.keySecret) : null;
  }

  async write(name: string, credential: KeyCredential): Promise<void> {
    const path = this.#path(name);
    await mkdir(join(this.runtime.dataDir, 'secrets'), { recursive: true, mode: 0o700 });
    // Renamed into place: a crash leaves the old file or the new one, never half of one.
    const unfinished = `${path}.${randomBytes(4).toString('hex')}`;
    await writeFile(unfinished, `${JSON.stringify(credential, null, 2)}\n`, { mode: 0o600 });
    await rename(unfinished, path);
  }

  #path(name: string): string {
    return join(this.runtime.dataDir, 'secrets', `${name}-key.json`);
  }
}

/** A file that a person has damaged is replaced like a missing one. */
function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
