import type { OwnPreferences, Preferences, UpdatePreferencesRequest } from '@telemetryflow/contracts';
import { StorageSerializers, useStorage } from '@vueuse/core';
import { readonly, ref, watch, type Ref } from 'vue';
import { api, ApiError } from './api.js';
import {
  animations,
  dateFormat,
  density,
  emailNotices,
  itemsPerPage,
  locale,
  themeChoice,
  timeFormat,
  zoneChoice,
} from './preferences.js';
import { useSession } from './session.js';

const refs: { readonly [K in keyof Preferences]: Ref<Preferences[K]> } = {
  theme: themeChoice,
  density,
  language: locale,
  dateFormat,
  timeFormat,
  itemsPerPage,
  animations,
  emailNotices,
};
const NAMES = Object.keys(refs) as (keyof Preferences)[];

interface Unsaved {
  readonly userId: string;
  readonly changes: UpdatePreferencesRequest;
}
/** What the server has not confirmed: kept over a reload, sent again, and never undone by its older answer. */
const unsaved = useStorage<Unsaved | null>('tf-preferences-unsaved', null, undefined, {
  serializer: StorageSerializers.object,
});

export type SyncState = 'idle' | 'saving' | 'saved' | 'failed';
const state = ref<SyncState>('idle');
/** How the last change fared: `failed` changes hold in this browser and are sent again with the next one. */
export const preferenceState = readonly(state);

let isApplying = false;
let sending: Promise<void> | null = null;

function put<K extends keyof Preferences>(name: K, value: Preferences[K]): void {
  refs[name].value = value;
}

/** Takes over what the person has chosen, but for what was changed here meanwhile. */
function apply(preferences: OwnPreferences): void {
  isApplying = true;
  for (const name of NAMES) {
    const isChosen = preferences.chosen.includes(name);
    if (isChosen && unsaved.value?.changes[name] === undefined) put(name, preferences[name]);
  }
  isApplying = false;
}

/** Sends what is unsaved, one call at a time. */
function send(userId: string): Promise<void> {
  sending ??= sendAll(userId).finally(() => (sending = null));
  return sending;
}

async function sendAll(userId: string): Promise<void> {
  for (let pending = unsaved.value; pending !== null && pending.userId === userId; pending = unsaved.value) {
    state.value = 'saving';
    try {
      await api.patch<OwnPreferences>('/auth/preferences', pending.changes, { keepalive: true });
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      state.value = 'failed';
      // What the server refuses for good would be refused for ever.
      if (error.status >= 400 && error.status < 500) unsaved.value = null;
      return;
    }
    state.value = 'saved';
    if (unsaved.value === pending) unsaved.value = null;
  }
}

/** Whose choices hold after a login: those of the account, and in its time zone where this browser has none of its own. */
async function takeOver(userId: string, timeZone: string): Promise<void> {
  state.value = 'idle';
  if (zoneChoice.value === 'browser' && timeZone !== 'UTC') zoneChoice.value = timeZone;
  if (unsaved.value !== null && unsaved.value.userId !== userId) unsaved.value = null;
  await send(userId);
  try {
    const preferences = await api.get<OwnPreferences>('/auth/preferences');
    if (useSession().user?.id === userId) apply(preferences);
  } catch (error) {
    // This browser's own choices hold as long as the account's can't be had.
    if (!(error instanceof ApiError)) throw error;
  }
}

/** Keeps the choices of this browser and of the account the same, both ways. Called once, when the application starts. */
export function syncPreferences(): void {
  const session = useSession();
  watch(
    // Who has to choose a password first may ask for nothing else.
    () => (session.user?.mustChangePassword === false ? session.user.id : undefined),
    (userId) => {
      if (userId !== undefined) void takeOver(userId, session.user?.timezone ?? 'UTC');
    },
  );
  for (const name of NAMES) {
    watch(
      refs[name],
      (value) => {
        const userId = session.user?.id;
        if (isApplying || userId === undefined) return;
        unsaved.value = { userId, changes: { ...unsaved.value?.changes, [name]: value } };
        void send(userId);
      },
      { flush: 'sync' },
    );
  }
}
