import type { PasswordStrength } from '@telemetryflow/contracts';
import { useDebounceFn } from '@vueuse/core';
import { onScopeDispose, ref, shallowRef, watch, type Ref } from 'vue';
import { api, ApiError } from './api.js';

const PAUSE_MS = 250;

/**
 * How strong the server would find a password, asked in the pauses of typing. Not through the query cache: a password
 * must be no key that stays. `strength` is null while there is nothing to say.
 */
export function usePasswordStrength(password: Ref<string>) {
  const strength = shallowRef<PasswordStrength | null>(null);
  /** The server could not be asked: the form can still be sent, and then it says. */
  const isUnknown = ref(false);
  let running: AbortController | null = null;

  const ask = useDebounceFn(async () => {
    running?.abort();
    if (password.value === '') return;
    const controller = (running = new AbortController());
    try {
      strength.value = await api.post<PasswordStrength>(
        '/auth/password/strength',
        { password: password.value },
        { signal: controller.signal },
      );
      isUnknown.value = false;
    } catch (error) {
      if (controller.signal.aborted) return;
      if (!(error instanceof ApiError)) throw error;
      strength.value = null;
      isUnknown.value = true;
    }
  }, PAUSE_MS);

  watch(password, (text) => {
    if (text === '') strength.value = null;
    void ask();
  });
  onScopeDispose(() => running?.abort());
  return { strength, isUnknown };
}
