import type { SystemRole } from '@telemetryflow/contracts';

/** A seeded tenant by the codes of its hierarchy. */
export interface SeedPlace {
  readonly organization: { readonly code: string; readonly name: string };
  readonly workspace: { readonly code: string; readonly name: string; readonly reserved: boolean };
  readonly tenant: { readonly code: string; readonly name: string };
}

export interface SeedUser {
  readonly email: string;
  readonly password: string;
  readonly firstName: string;
  readonly lastName: string;
  readonly role: SystemRole;
  readonly home: keyof typeof SEED_PLACES;
}

export const SEED_REGION = { code: 'ap-southeast-3', name: 'Asia Pacific (Jakarta)', dataLocation: 'Indonesia' };

const telemetryflow = { code: 'telemetryflow', name: 'TelemetryFlow' };

export const SEED_PLACES = {
  default: {
    organization: telemetryflow,
    workspace: { code: 'default', name: 'Default', reserved: false },
    tenant: { code: 'default', name: 'Default' },
  },
  demo: {
    organization: { code: 'org-demo', name: 'Demo' },
    workspace: { code: 'ws-demo', name: 'Demo', reserved: false },
    tenant: { code: 'tn-demo', name: 'Demo' },
  },
  /** Where the platform keeps its own telemetry. */
  platform: {
    organization: telemetryflow,
    workspace: { code: 'platform', name: 'Platform', reserved: true },
    tenant: { code: 'platform', name: 'Platform' },
  },
} as const satisfies Record<string, SeedPlace>;

export const SUPER_ADMINISTRATOR_EMAIL = 'super.administrator@telemetryflow.id';

/** The documented logins. Their passwords are public: never create them where strangers can reach the server. */
export const SEED_USERS: readonly SeedUser[] = [
  {
    email: SUPER_ADMINISTRATOR_EMAIL,
    password: 'SuperAdmin@123456',
    firstName: 'Super',
    lastName: 'Administrator',
    role: 'super_administrator',
    home: 'default',
  },
  {
    email: 'admin.telemetryflow@telemetryflow.id',
    password: 'Admin@123456',
    firstName: 'TelemetryFlow',
    lastName: 'Administrator',
    role: 'administrator',
    home: 'default',
  },
  {
    email: 'developer.telemetryflow@telemetryflow.id',
    password: 'Developer@123456',
    firstName: 'TelemetryFlow',
    lastName: 'Developer',
    role: 'developer',
    home: 'default',
  },
  {
    email: 'viewer.telemetryflow@telemetryflow.id',
    password: 'Viewer@123456',
    firstName: 'TelemetryFlow',
    lastName: 'Viewer',
    role: 'viewer',
    home: 'default',
  },
  {
    email: 'demo.telemetryflow@telemetryflow.id',
    password: 'Demo@123456',
    firstName: 'TelemetryFlow',
    lastName: 'Demo',
    role: 'demo',
    home: 'demo',
  },
];
