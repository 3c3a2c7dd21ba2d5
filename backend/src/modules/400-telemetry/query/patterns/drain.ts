import { fits, sharedKey, WILDCARD } from './tokens.js';

/** A group of texts with the same number of tokens; its template has a wildcard where they differ. */
export interface Cluster {
  readonly template: string[];
}

interface Node {
  readonly children: Map<string, Node>;
  readonly clusters: Cluster[];
}

const node = (): Node => ({ children: new Map(), clusters: [] });

/** How many leading tokens lead to a leaf. */
const PREFIX = 1;
/** Share of equal tokens above which a text belongs to a cluster. */
const SIMILARITY = 0.5;
/** Beyond so many different words at one place, further ones are taken for values. */
const MAX_CHILDREN = 100;
/** Beyond so many clusters in a leaf, a text that fits none joins the most similar. */
const MAX_CLUSTERS = 100;

/**
 * Drain (He, Zhu, Zheng, Lyu: "Drain: an online log parsing approach with fixed depth tree", ICWS 2017): a tree by
 * number of tokens and first tokens, whose leaves hold few clusters to compare with. Linear in the number of texts.
 */
export class Drain {
  private readonly byLength = new Map<number, Node>();

  /** The cluster of a text, which it may have made more general. */
  add(tokens: readonly string[]): Cluster {
    const { clusters } = this.leafOf(tokens);
    const match = mostSimilar(clusters, tokens);
    if (match !== undefined) {
      generalize(match.template, tokens);
      return match;
    }
    const cluster = { template: [...tokens] };
    clusters.push(cluster);
    return cluster;
  }

  private leafOf(tokens: readonly string[]): Node {
    let at = this.byLength.get(tokens.length) ?? node();
    this.byLength.set(tokens.length, at);
    for (const token of tokens.slice(0, PREFIX)) at = child(at, token);
    return at;
  }
}

/** A token with a digit, or behind `key=`, is more likely a value than wording. */
function child({ children }: Node, token: string): Node {
  const separator = token.indexOf('=');
  const wanted = separator > 0 ? token.slice(0, separator + 1) : /\d/.test(token) ? WILDCARD : token;
  const key = children.has(wanted) || children.size < MAX_CHILDREN ? wanted : WILDCARD;
  const known = children.get(key) ?? node();
  children.set(key, known);
  return known;
}

function mostSimilar(clusters: readonly Cluster[], tokens: readonly string[]): Cluster | undefined {
  let found: Cluster | undefined;
  let highest = -1;
  for (const cluster of clusters) {
    const score = similarity(cluster.template, tokens);
    if (score > highest) {
      highest = score;
      found = cluster;
    }
  }
  return highest > SIMILARITY || clusters.length >= MAX_CLUSTERS ? found : undefined;
}

/** Share of equal tokens. Places that are variable in both say nothing and do not count. */
function similarity(template: readonly string[], tokens: readonly string[]): number {
  let equal = 0;
  let counted = 0;
  for (let i = 0; i < template.length; i++) {
    const place = template[i] ?? '';
    const token = tokens[i] ?? '';
    if (place === WILDCARD && token === WILDCARD) continue;
    counted++;
    if (fits(place, token)) equal++;
  }
  return counted === 0 ? 1 : equal / counted;
}

function generalize(template: string[], tokens: readonly string[]): void {
  template.forEach((place, i) => {
    const token = tokens[i] ?? '';
    if (!fits(place, token)) template[i] = sharedKey(place, token) + WILDCARD;
  });
}
