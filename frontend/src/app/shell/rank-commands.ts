export interface Command {
  id: string;
  label: string;
  group: string;
  icon: string;
  keys?: string;
  run(): unknown;
}

/** How well `needle` fits: lower is better, null is not at all. A run of letters beats letters strewn about. */
function fit(label: string, needle: string): number | null {
  const text = label.toLowerCase();
  const at = text.indexOf(needle);
  if (at >= 0) return at === 0 || text[at - 1] === ' ' ? 0 : 1;
  let from = 0;
  for (const letter of needle.replaceAll(' ', '')) {
    from = text.indexOf(letter, from) + 1;
    if (from === 0) return null;
  }
  return 2;
}

/** The commands that fit, best first; all of them, in their order, without a needle. */
export function rankCommands(commands: readonly Command[], search: string): Command[] {
  const needle = search.trim().toLowerCase();
  if (needle === '') return commands.filter((command) => !command.id.startsWith('range:'));
  return commands
    .flatMap((command) => {
      const rank = fit(command.label, needle);
      return rank === null ? [] : [{ command, rank }];
    })
    .sort((a, b) => a.rank - b.rank)
    .map(({ command }) => command);
}
