/**
 * When the server runs from its TypeScript sources, its threads do too: Node strips the types, and this hook makes
 * `./x.js` mean `./x.ts`.
 */
const SOURCE_HOOK = `import { registerHooks } from 'node:module';
registerHooks({ resolve(specifier, context, next) {
  const fromSource = specifier.startsWith('.') && specifier.endsWith('.js') && context.parentURL?.endsWith('.ts');
  return next(fromSource ? specifier.slice(0, -3) + '.ts' : specifier, context);
} });`;

/** The module of a decode thread and how Node has to be told to run it. */
export function threadEntry(): { readonly url: URL; readonly execArgv: string[] } {
  const isSource = import.meta.url.endsWith('.ts');
  const url = new URL(isSource ? './decode-thread.ts' : './decode-thread.js', import.meta.url);
  if (!isSource) return { url, execArgv: [] };
  const hook = `data:text/javascript,${encodeURIComponent(SOURCE_HOOK)}`;
  const flags = ['--conditions=source', '--experimental-transform-types', '--disable-warning=ExperimentalWarning'];
  return { url, execArgv: [...flags, '--import', hook] };
}
