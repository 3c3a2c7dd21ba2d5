import { Injectable } from '@nestjs/common';
import { INGEST_PERMISSIONS, type ProvisionOrganizationRequest } from '@telemetryflow/contracts';
import { Database, systemScope } from '../../../../../shared/platform/database/index.js';
import type { RequestContext } from '../../../../../shared/platform/index.js';
import { SecretHasher } from '../../../../../shared/platform/secret-hasher.js';
import { DefaultKeyIssuer } from '../../default-key-issuer.js';
import { PasswordPolicy } from '../../password-policy.js';
import { OrganizationProvisioner, type Provisioned } from '../organization-provisioner.js';

/** Provisions an organization for somebody else: all of it, or, when any part is refused, nothing. */
@Injectable()
export class ProvisionOrganization {
  constructor(
    private readonly database: Database,
    private readonly policy: PasswordPolicy,
    private readonly hasher: SecretHasher,
    private readonly keys: DefaultKeyIssuer,
    private readonly provisioner: OrganizationProvisioner,
  ) {}

  /**
   * @throws ValidationError when the password fails the policy
   * @throws NotFoundError, ConflictError as {@link OrganizationProvisioner.provision}
   */
  async execute(context: RequestContext, request: ProvisionOrganizationRequest): Promise<Provisioned> {
    const { email, firstName, lastName, password } = request.administrator;
    if (password !== undefined) {
      await this.policy.assert(password, { email, names: [firstName, lastName] }, 'administrator.password');
    }
    const passwordHash = password === undefined ? null : await this.hasher.hash(password);
    const key = await this.keys.prepare(request.key ?? { name: 'Default', permissions: INGEST_PERMISSIONS });
    // What the guard asked for is held over the whole platform or not at all.
    return this.database.transaction(systemScope('platform'), (manager) =>
      this.provisioner.provision(manager, context, {
        ...request,
        // Who sets a password vouches for the address; the invited prove theirs by the link.
        administrator: { email, firstName, lastName, passwordHash, emailVerified: passwordHash !== null },
        key,
      }),
    );
  }
}
