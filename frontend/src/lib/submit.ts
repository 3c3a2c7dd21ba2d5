import { computed, ref, shallowRef, type ComputedRef, type Ref } from 'vue';
import { useI18n } from 'vue-i18n';
import { ApiError } from './api.js';

export interface Submit<A extends unknown[], R> {
  readonly busy: Ref<boolean>;
  /** Calls the server, unless a call is under way. Undefined when it was refused; `problem` and `errorOf` say why. */
  submit(...args: A): Promise<R | undefined>;
  /** What the server says of one field (`email`, `organization.code`); empty when nothing. */
  errorOf(field: string): string;
  /** What was refused and belongs to no field shown; empty when nothing. */
  readonly problem: ComputedRef<string>;
  reset(): void;
}

/**
 * One command of a form or a button: busy while it runs, refused at most with field errors and one sentence. `fields`
 * names those that the form shows an error beside.
 */
export function useSubmit<A extends unknown[], R>(
  run: (...args: A) => Promise<R>,
  fields: readonly string[] = [],
): Submit<A, R> {
  const { t } = useI18n();
  const busy = ref(false);
  const failure = shallowRef<ApiError | null>(null);
  const covers = (field: string, path: string) => path === field || path.startsWith(`${field}.`);

  async function submit(...args: A): Promise<R | undefined> {
    if (busy.value) return undefined;
    busy.value = true;
    failure.value = null;
    try {
      return await run(...args);
    } catch (cause) {
      if (!(cause instanceof ApiError)) throw cause;
      failure.value = cause;
      return undefined;
    } finally {
      busy.value = false;
    }
  }

  const problem = computed(() => {
    const refused = failure.value;
    if (refused === null) return '';
    if (refused.code === 'NETWORK') return t('ui.state.network');
    const rest = refused.errors.filter(({ path }) => !fields.some((field) => covers(field, path)));
    if (refused.errors.length > 0 && rest.length === 0) return '';
    return rest.length > 0 ? rest.map(({ path, message }) => `${path}: ${message}`).join('; ') : refused.detail;
  });

  return {
    busy,
    submit,
    errorOf: (field) => failure.value?.errors.find(({ path }) => covers(field, path))?.message ?? '',
    problem,
    reset: () => (failure.value = null),
  };
}
