import { z } from 'zod';
import { AuthenticatedUser, DeviceToken, TokenResponse } from './auth.js';
import { EmailAddress, Instant, Line, NewPassword, PersonName, Uuid } from './common.js';

const Secret = z.string().min(1, { error: 'is required' }).max(256);

/** What the sign-in pages need to know before anyone has signed in. */
export const SignInOptions = z.object({
  registration: z.enum(['open', 'invite', 'closed']),
  emailVerification: z.boolean(),
  passwordMinLength: z.int(),
  /** Whether this server can send mail: without it, nobody gets a link to reset a password. */
  mail: z.boolean(),
});
export type SignInOptions = z.infer<typeof SignInOptions>;

export const RegisterRequest = z.object({
  email: EmailAddress,
  password: NewPassword,
  firstName: PersonName,
  lastName: PersonName,
  regionId: Uuid.optional(),
  inviteToken: Line.max(256).optional(),
});
export type RegisterRequest = z.infer<typeof RegisterRequest>;
export const RegisterResponse = z.object({
  message: z.string(),
  userId: Uuid,
  email: z.string(),
  organizationId: Uuid,
  /** Whether a login has to wait for the link in the mail. */
  verificationRequired: z.boolean(),
});
export type RegisterResponse = z.infer<typeof RegisterResponse>;

export const EmailOnlyRequest = z.object({ email: EmailAddress });
export type EmailOnlyRequest = z.infer<typeof EmailOnlyRequest>;
/** The same words whether or not the address is known. */
export const MessageResponse = z.object({ message: z.string() });
export type MessageResponse = z.infer<typeof MessageResponse>;
export const TokenOnlyRequest = z.object({ token: Secret });
export type TokenOnlyRequest = z.infer<typeof TokenOnlyRequest>;
export const VerificationStatus = z.object({ verified: z.boolean(), verifiedAt: Instant.nullable() });
export type VerificationStatus = z.infer<typeof VerificationStatus>;

export const InviteRequest = z.object({
  /** Absent: whoever holds the link. */
  email: EmailAddress.optional(),
  maxUses: z.int().min(1).max(1000).default(1),
  expiresHours: z.int().min(1).max(8760).default(168),
  /** Where the invited join, and as what. Default: they get an organization of their own. */
  organizationId: Uuid.optional(),
  roleId: Uuid.optional(),
});
export type InviteRequest = z.infer<typeof InviteRequest>;
export const Invite = z.object({
  id: Uuid,
  /** Only in the answer that created it. */
  token: z.string().optional(),
  email: z.string().nullable(),
  organizationId: Uuid.nullable(),
  expiresAt: Instant,
  maxUses: z.int(),
  usedCount: z.int(),
  createdAt: Instant,
});
export type Invite = z.infer<typeof Invite>;
export const InviteList = z.object({ data: z.array(Invite) });
export type InviteList = z.infer<typeof InviteList>;

/** A login that waits for its second factor: no token yet. */
export const MfaChallenge = z.object({
  mfaRequired: z.literal(true),
  mfaToken: z.string(),
  /** Seconds until the challenge dies. */
  expiresIn: z.int(),
  attemptsLeft: z.int(),
});
export type MfaChallenge = z.infer<typeof MfaChallenge>;
export const LoginResponse = z.union([TokenResponse, MfaChallenge]);
export type LoginResponse = z.infer<typeof LoginResponse>;
export const VerifyMfaRequest = z.object({
  mfaToken: Secret,
  /** Six digits, or a recovery code. */
  code: Line.min(6, { error: 'must be six digits, or a recovery code' }).max(32),
  trustDevice: z.boolean().default(false),
  deviceToken: DeviceToken.optional(),
});
export type VerifyMfaRequest = z.infer<typeof VerifyMfaRequest>;
export const MfaStatus = z.object({
  enabled: z.boolean(),
  methods: z.array(z.literal('totp')),
  recoveryCodesRemaining: z.int(),
  enabledAt: Instant.nullable(),
});
export type MfaStatus = z.infer<typeof MfaStatus>;
/** The password is asked for when the session's sign-in is more than a quarter of an hour ago. */
export const MfaSetupRequest = z.object({ password: Secret.optional() });
export type MfaSetupRequest = z.infer<typeof MfaSetupRequest>;
export const MfaSetup = z.object({
  /** Base32, for people who type. */
  secret: z.string(),
  /** otpauth:// */
  otpauthUri: z.string(),
  /** SVG as a data URL. */
  qrCode: z.string(),
  expiresAt: Instant,
});
export type MfaSetup = z.infer<typeof MfaSetup>;
export const MfaCodeRequest = z.object({ code: Line.min(6).max(32) });
export type MfaCodeRequest = z.infer<typeof MfaCodeRequest>;
/** Shown once. */
export const RecoveryCodes = z.object({ recoveryCodes: z.array(z.string()) });
export type RecoveryCodes = z.infer<typeof RecoveryCodes>;
export const MfaReauthRequest = z.object({ password: Secret, code: Line.min(6).max(32) });
export type MfaReauthRequest = z.infer<typeof MfaReauthRequest>;

export const SessionView = z.object({
  id: Uuid,
  browser: z.string(),
  os: z.string(),
  device: z.string(),
  ip: z.string(),
  userAgent: z.string(),
  createdAt: Instant,
  lastActivityAt: Instant,
  expiresAt: Instant,
  isCurrent: z.boolean(),
});
export type SessionView = z.infer<typeof SessionView>;
export const SessionList = z.object({ data: z.array(SessionView) });
export type SessionList = z.infer<typeof SessionList>;
export const SessionsTerminated = z.object({ sessionsTerminated: z.int() });
export type SessionsTerminated = z.infer<typeof SessionsTerminated>;
export const DeviceView = z.object({
  id: Uuid,
  name: z.string(),
  browser: z.string(),
  os: z.string(),
  isTrusted: z.boolean(),
  trustExpiresAt: Instant.nullable(),
  firstSeenAt: Instant,
  lastSeenAt: Instant,
  lastIp: z.string(),
  loginCount: z.int(),
  isCurrent: z.boolean(),
});
export type DeviceView = z.infer<typeof DeviceView>;
export const DeviceList = z.object({ data: z.array(DeviceView) });
export type DeviceList = z.infer<typeof DeviceList>;
export const UpdateDeviceRequest = z.object({
  name: Line.min(1).max(100).optional(),
  /** Trust is given at a login with its second factor; here it can only be taken back. */
  isTrusted: z.literal(false).optional(),
});
export type UpdateDeviceRequest = z.infer<typeof UpdateDeviceRequest>;

export const ChangePasswordRequest = z.object({ currentPassword: Secret, newPassword: NewPassword });
export type ChangePasswordRequest = z.infer<typeof ChangePasswordRequest>;
export const ResetPasswordRequest = z.object({ token: Secret, newPassword: NewPassword });
export type ResetPasswordRequest = z.infer<typeof ResetPasswordRequest>;
export const ResetTokenValidity = z.object({
  valid: z.boolean(),
  /** Masked: `a***@example.com`. */
  email: z.string().nullable(),
  expiresAt: Instant.nullable(),
});
export type ResetTokenValidity = z.infer<typeof ResetTokenValidity>;
export const PasswordStatus = z.object({
  changedAt: Instant.nullable(),
  expiresAt: Instant.nullable(),
  mustChange: z.boolean(),
});
export type PasswordStatus = z.infer<typeof PasswordStatus>;
/** How strong a password would be; asked while a person types, stored nowhere. */
export const PasswordStrengthRequest = z.object({ password: z.string().max(128) });
export type PasswordStrengthRequest = z.infer<typeof PasswordStrengthRequest>;
export const PasswordStrength = z.object({
  /** 0 to 4. */
  score: z.int(),
  acceptable: z.boolean(),
  failures: z.array(z.object({ code: z.string(), message: z.string() })),
});
export type PasswordStrength = z.infer<typeof PasswordStrength>;

export const UpdateProfileRequest = z.object({
  firstName: PersonName.optional(),
  lastName: PersonName.optional(),
  timezone: Line.max(64).optional(),
  locale: Line.max(35).optional(),
});
export type UpdateProfileRequest = z.infer<typeof UpdateProfileRequest>;
export const Profile = AuthenticatedUser.extend({
  emailVerified: z.boolean(),
  mfaEnabled: z.boolean(),
  recoveryEmail: z.string().nullable(),
  createdAt: Instant,
});
export type Profile = z.infer<typeof Profile>;
export const RecoveryEmailRequest = z.object({ recoveryEmail: EmailAddress.nullable(), password: Secret });
export type RecoveryEmailRequest = z.infer<typeof RecoveryEmailRequest>;
export const AvatarResponse = z.object({ avatar: z.string().nullable() });
export type AvatarResponse = z.infer<typeof AvatarResponse>;

/** How a person wants the UI; absent fields keep their defaults. */
export const Preferences = z.object({
  theme: z.enum(['system', 'dark', 'light']).default('system'),
  density: z.enum(['comfortable', 'compact']).default('comfortable'),
  language: z.enum(['en', 'id']).default('en'),
  dateFormat: z.enum(['iso', 'day-first', 'month-first']).default('iso'),
  timeFormat: z.enum(['24h', '12h']).default('24h'),
  itemsPerPage: z.union([z.literal(10), z.literal(20), z.literal(50), z.literal(100)]).default(20),
  animations: z.boolean().default(true),
  emailNotices: z.boolean().default(true),
});
export type Preferences = z.infer<typeof Preferences>;
/** With the names that the person has chosen; a browser keeps its own for the others. */
export const OwnPreferences = Preferences.extend({ chosen: z.array(z.string()) });
export type OwnPreferences = z.infer<typeof OwnPreferences>;
export const UpdatePreferencesRequest = z.object({
  theme: z.enum(['system', 'dark', 'light']).optional(),
  density: z.enum(['comfortable', 'compact']).optional(),
  language: z.enum(['en', 'id']).optional(),
  dateFormat: z.enum(['iso', 'day-first', 'month-first']).optional(),
  timeFormat: z.enum(['24h', '12h']).optional(),
  itemsPerPage: z.union([z.literal(10), z.literal(20), z.literal(50), z.literal(100)]).optional(),
  animations: z.boolean().optional(),
  emailNotices: z.boolean().optional(),
});
export type UpdatePreferencesRequest = z.infer<typeof UpdatePreferencesRequest>;
