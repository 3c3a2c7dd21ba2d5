import { shallowRef } from 'vue';

/** Set while a page waits for a server that doesn't answer: the first one, or one whose code is not here yet. */
export const serverAway = shallowRef<{ target: string; error: unknown } | null>(null);
