import { nextTick, reactive, ref } from 'vue';
import { useI18n } from 'vue-i18n';
import { ApiError } from './api.js';

export type FieldProblems<F extends string> = Partial<Record<F, string>>;

export interface FormOptions<F extends string> {
  /** The fields that the form shows. What the server says of another one stands above the button. */
  readonly fields: readonly F[];
  /** A refusal in this form's own words: for a field, or a sentence for the whole form. Default: the server's. */
  readonly explain?: (error: ApiError) => FieldProblems<F> | string | undefined;
}

/**
 * What every form does: checks before it asks, sends once at a time, puts the server's field errors in place, and moves the
 * focus to the first field that is wrong.
 */
export function useForm<const F extends string>({ fields, explain }: FormOptions<F>) {
  const { t, te, locale } = useI18n();
  const errors = reactive<Record<string, string>>({}) as FieldProblems<F>;
  /** What is wrong with the whole: the server is away, a conflict, too many tries. */
  const problem = ref('');
  const busy = ref(false);
  let area: Element = document.body;

  function clear(): void {
    for (const field of fields) delete errors[field];
    problem.value = '';
  }

  async function show(problems: FieldProblems<F>): Promise<void> {
    Object.assign(errors, problems);
    await nextTick();
    area.querySelector<HTMLElement>('[aria-invalid="true"]')?.focus();
  }

  /** The server speaks English; in another language the codes that the catalogue knows are said in it. */
  function wordsOf(code: string, message: string): string {
    const key = `form.codes.${code}`;
    if (locale.value !== 'en' && te(key)) return t(key);
    return sentence(message);
  }

  async function refuse(error: ApiError): Promise<void> {
    const own = explain?.(error);
    if (typeof own === 'object') return show(own);
    if (typeof own === 'string') {
      problem.value = own;
      return;
    }
    const problems: Record<string, string> = {};
    const others: string[] = [];
    for (const { path, code, message } of error.errors) {
      const text = wordsOf(code, message);
      if (!(fields as readonly string[]).includes(path)) others.push(`${path}: ${text}`);
      else problems[path] = path in problems ? `${problems[path]} ${text}` : text;
    }
    problem.value = others.join(' ') || (Object.keys(problems).length > 0 ? '' : failureText(error, t));
    await show(problems as FieldProblems<F>);
  }

  /** Sends, unless `check` finds something first. True when it was done. */
  async function submit(send: () => Promise<unknown>, check: () => FieldProblems<F> = () => ({})): Promise<boolean> {
    if (busy.value) return false;
    area = formInUse();
    clear();
    const found = check();
    if (Object.keys(found).length > 0) {
      await show(found);
      return false;
    }
    busy.value = true;
    try {
      await send();
      return true;
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      await refuse(error);
      return false;
    } finally {
      busy.value = false;
    }
  }

  return { errors, problem, busy, submit, show, clear };
}

/** The form that somebody has just sent: the focus is in it, or on its button, or at least in its dialog. */
function formInUse(): Element {
  const active = document.activeElement;
  const form = active instanceof HTMLButtonElement ? active.form : active?.closest('form');
  return form ?? active?.closest('[role="dialog"]') ?? document.body;
}

type Translate = (key: string, named?: Record<string, unknown>) => string;

/** Why a call failed, in a sentence that says what to do. */
export function failureText(error: unknown, t: Translate): string {
  if (!(error instanceof ApiError)) throw error;
  if (error.code === 'NETWORK') return t('ui.state.network');
  if (error.status === 429) return t('form.tooMany');
  if (error.status >= 500) return `${t('form.failed')} ${t('ui.state.requestId', { id: error.requestId })}`;
  return sentence(error.detail);
}

/** `must be a UUID` → `Must be a UUID.` */
function sentence(text: string): string {
  const start = text.slice(0, 1).toUpperCase() + text.slice(1);
  return /[.!?]$/.test(start) ? start : `${start}.`;
}
