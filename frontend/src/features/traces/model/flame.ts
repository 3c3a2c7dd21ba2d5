import { PIECE, type Pieces } from './pieces.js';
import { selfTimeNs } from './self-time.js';
import type { TraceNode, TraceTree } from './trace-tree.js';

/** Spans of one operation that were called by the same chain of operations. */
export interface FlameFrame {
  readonly parent: FlameFrame | null;
  readonly serviceName: string;
  readonly name: string;
  readonly depth: number;
  /** Largest first. */
  readonly children: FlameFrame[];
  count: number;
  errorCount: number;
  /** Sum of the spans' durations. */
  totalNs: number;
  /** Sum of what the spans worked themselves. */
  selfNs: number;
  /** Its own self time and that of everything below: what its width shows. Work side by side adds up. */
  workNs: number;
}

/** The flame graph of a trace: a frame over all, whose width is all the work that the trace consists of. */
export function* buildFlame(tree: TraceTree): Pieces<FlameFrame> {
  const root = frameOf(null, '', '');
  const all: FlameFrame[] = [root];
  const frames = new Map<TraceNode, FlameFrame>();
  const known = new Map<FlameFrame, Map<string, FlameFrame>>();
  for (const node of tree.rows) {
    const parent = (node.parent && frames.get(node.parent)) ?? root;
    const siblings = known.get(parent) ?? new Map<string, FlameFrame>();
    known.set(parent, siblings);
    const key = `${node.span.serviceName}\0${node.span.name}`;
    let frame = siblings.get(key);
    if (frame === undefined) {
      frame = frameOf(parent, node.span.serviceName, node.span.name);
      siblings.set(key, frame);
      parent.children.push(frame);
      all.push(frame);
    }
    frames.set(node, frame);
    frame.count += 1;
    frame.errorCount += node.isError ? 1 : 0;
    frame.totalNs += node.durationNs;
    frame.selfNs += selfTimeNs(node);
    if (node.index % PIECE === 0) yield;
  }
  // Parents come before their children.
  for (let i = all.length - 1; i >= 0; i--) {
    const frame = all[i];
    if (!frame) break;
    frame.workNs += frame.selfNs;
    frame.children.sort((a, b) => b.workNs - a.workNs);
    if (frame.parent) frame.parent.workNs += frame.workNs;
    if (i % PIECE === 0) yield;
  }
  root.totalNs = tree.durationNs;
  return root;
}

function frameOf(parent: FlameFrame | null, serviceName: string, name: string): FlameFrame {
  const depth = parent === null ? 0 : parent.depth + 1;
  return {
    ...{ parent, serviceName, name, depth },
    ...{ children: [], count: 0, errorCount: 0, totalNs: 0, selfNs: 0, workNs: 0 },
  };
}

export interface FlameBox {
  readonly frame: FlameFrame;
  /** Percent of the width. */
  readonly left: number;
  readonly width: number;
}

/** Narrower than this nothing can be told apart, nor pointed at. */
const MIN_WIDTH = 0.15;
/** Levels below the frame in focus; its children can be put into focus. */
export const MAX_LEVELS = 60;

/** The frames to draw when one of them fills the width: it, what is above it, and what is below. */
export function layoutFlame(focus: FlameFrame): FlameBox[] {
  const boxes: FlameBox[] = [];
  for (let above = focus.parent; above; above = above.parent) boxes.unshift({ frame: above, left: 0, width: 100 });
  const stack: FlameBox[] = [{ frame: focus, left: 0, width: 100 }];
  for (let box = stack.pop(); box; box = stack.pop()) {
    boxes.push(box);
    if (box.frame.depth - focus.depth >= MAX_LEVELS) continue;
    let { left } = box;
    for (const child of box.frame.children) {
      const width = (box.width * child.workNs) / Math.max(1, box.frame.workNs);
      if (width >= MIN_WIDTH) stack.push({ frame: child, left, width });
      left += width;
    }
  }
  return boxes;
}
