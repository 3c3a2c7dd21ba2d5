import { onScopeDispose, shallowRef, type ShallowRef } from 'vue';

const groups = new Map<string, { time: ShallowRef<number | null>; users: number }>();

/** The instant (Unix ms) under the pointer, shared by all charts of a group; a chart without a group has its own. */
export function useCrosshair(group: string | undefined): ShallowRef<number | null> {
  if (group === undefined) return shallowRef(null);
  const shared = groups.get(group) ?? { time: shallowRef<number | null>(null), users: 0 };
  shared.users++;
  groups.set(group, shared);
  onScopeDispose(() => {
    shared.users--;
    if (shared.users === 0) groups.delete(group);
  });
  return shared.time;
}
