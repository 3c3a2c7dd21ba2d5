import { shallowRef } from 'vue';

/** Set while the first page waits for a server that doesn't answer. */
export const serverAway = shallowRef<{ target: string; error: unknown } | null>(null);
