export { AccessDirectory } from './application/access-directory.js';
export { Administrators } from './application/administrators.js';
export { areaOfChange, Authorities, reachOf } from './application/authorities.js';
export {
  DefaultKeyIssuer,
  type DefaultKey,
  type DefaultKeyDraft,
  type KeyMaker,
  type PreparedKey,
} from './application/default-key-issuer.js';
export type { Founder } from './application/hierarchy/founders.js';
export {
  OrganizationProvisioner,
  type Provisioned,
  type ProvisioningPlan,
} from './application/hierarchy/organization-provisioner.js';
export { PasswordHistory, type PasswordReplacement } from './application/password-history.js';
export { PasswordPolicy, type PasswordCandidateOwner } from './application/password-policy.js';
export { PlaceChanges } from './application/place-changes.js';
export { PlaceDirectory } from './application/place-directory.js';
export { InvitedPeople, type InvitedPerson, type Membership } from './application/users/invited-people.js';
export { UserFactors, type FactorRemover } from './application/user-factors.js';
export { UserSessions, type ForcedEnd, type SessionEnder, type SessionOwner } from './application/user-sessions.js';
export { Quotas } from './application/quotas.js';
export { SeedService, type SeedResult, type SeededPlaces } from './application/seed.service.js';
export {
  Access,
  organizationArea,
  PLATFORM,
  type Area,
  type Assignment,
  type AssignmentScope,
  type Grant,
  type Place,
} from './domain/access.js';
export type { Authority } from './domain/authority.js';
export { PASSWORD_MIN_LENGTH } from './domain/password-rules.js';
export { assertRegionalSettings } from './domain/regional-settings.js';
