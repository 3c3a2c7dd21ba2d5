import type { ProvisionedOrganization, ProvisionOrganizationRequest } from '@telemetryflow/contracts';
import { reactive, ref, shallowRef } from 'vue';
import { useI18n } from 'vue-i18n';
import { useForm } from '../../lib/form.js';
import { hierarchyCommands } from './use-hierarchy.js';

export const PROVISION_STEPS = ['organization', 'places', 'administrator'] as const;
export type ProvisionStep = (typeof PROVISION_STEPS)[number];

export interface ProvisionDraft {
  regionId: string;
  name: string;
  code: string;
  domain: string;
  workspaceName: string;
  workspaceCode: string;
  tenantName: string;
  tenantCode: string;
  email: string;
  firstName: string;
  lastName: string;
  entry: 'invite' | 'password';
  password: string;
}

/** The fields of each step, by their path in the request. */
const STEP_FIELDS = {
  organization: ['organization.regionId', 'organization.name', 'organization.code', 'organization.domain'],
  places: ['workspace.name', 'workspace.code', 'tenant.name', 'tenant.code'],
  administrator: ['administrator.email', 'administrator.firstName', 'administrator.lastName', 'administrator.password'],
} as const satisfies Record<ProvisionStep, readonly string[]>;
export type ProvisionField = (typeof STEP_FIELDS)[ProvisionStep][number];
export type ProvisionErrors = Partial<Record<ProvisionField, string>>;

function requestOf(draft: ProvisionDraft): ProvisionOrganizationRequest {
  const domain = draft.domain.trim();
  return {
    organization: {
      regionId: draft.regionId,
      name: draft.name.trim(),
      code: draft.code.trim(),
      ...(domain !== '' && { domain }),
    },
    workspace: { name: draft.workspaceName.trim(), code: draft.workspaceCode.trim() },
    tenant: { name: draft.tenantName.trim(), code: draft.tenantCode.trim() },
    administrator: {
      email: draft.email.trim(),
      firstName: draft.firstName.trim(),
      lastName: draft.lastName.trim(),
      ...(draft.entry === 'password' && { password: draft.password }),
    },
  };
}

/** The wizard's state. What the server refuses leads back to the step that asked for it. */
export function useProvisioning() {
  const { t } = useI18n();
  const step = ref<ProvisionStep>('organization');
  const made = shallowRef<ProvisionedOrganization | null>(null);
  const draft = reactive<ProvisionDraft>({
    regionId: '',
    name: '',
    code: '',
    domain: '',
    workspaceName: t('hierarchy.provision.defaultName'),
    workspaceCode: 'default',
    tenantName: t('hierarchy.provision.defaultName'),
    tenantCode: 'default',
    email: '',
    firstName: '',
    lastName: '',
    entry: 'invite',
    password: '',
  });
  const { errors, problem, busy, submit } = useForm({ fields: Object.values(STEP_FIELDS).flat() });

  function missing(): ProvisionErrors {
    const request: Record<string, Record<string, unknown> | undefined> = { ...requestOf(draft) };
    const needed = STEP_FIELDS[step.value].filter(
      (path) => path !== 'organization.domain' && (path !== 'administrator.password' || draft.entry === 'password'),
    );
    return Object.fromEntries(
      needed.flatMap((path) => {
        const [part = '', field = ''] = path.split('.');
        return request[part]?.[field] ? [] : [[path, t('records.required')]];
      }),
    );
  }

  async function next(): Promise<void> {
    const at = PROVISION_STEPS.indexOf(step.value);
    const following = PROVISION_STEPS[at + 1];
    if (following !== undefined) {
      if (await submit(() => Promise.resolve(), missing)) step.value = following;
      return;
    }
    const done = await submit(async () => (made.value = await hierarchyCommands.provision(requestOf(draft))), missing);
    if (done) return;
    const refused = PROVISION_STEPS.find((name) => STEP_FIELDS[name].some((field) => errors[field]));
    if (refused) step.value = refused;
  }

  function back(): void {
    step.value = PROVISION_STEPS[PROVISION_STEPS.indexOf(step.value) - 1] ?? 'organization';
  }

  return { draft, step, errors, problem, busy, made, next, back };
}
