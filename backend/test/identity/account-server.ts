import { hash } from '@node-rs/argon2';
import pg from 'pg';
import { startServer, type TestServer } from '../../src/bootstrap/start-server.js';
import { readMail, type ReadMail } from '../../src/shared/email/testing/read-mail.js';
import { smtpSink, type SmtpSink } from '../../src/shared/email/testing/smtp-sink.js';
import { newId } from '../../src/shared/platform/index.js';
import { eventually } from '../support/platform.js';
import type { Answer } from './identity-app.js';

export type { Answer } from './identity-app.js';

/** From an act over the relay and the queue to a mail server, on a machine that is busy. */
const PATIENCE_MS = 60_000;

export interface Person {
  readonly id: string;
  readonly email: string;
  readonly password: string;
}

export interface CallOptions {
  readonly token?: string;
  readonly body?: unknown;
  readonly headers?: Record<string, string>;
}

/** The whole server with a mail server of its own. */
export class AccountServer {
  private constructor(
    readonly server: TestServer,
    readonly smtp: SmtpSink,
    private readonly owner: pg.Client,
  ) {}

  static async start(environment: Record<string, string> = {}): Promise<AccountServer> {
    const smtp = await smtpSink();
    const server = await startServer({
      SMTP_ENABLED: 'true',
      SMTP_HOST: '127.0.0.1',
      SMTP_PORT: String(smtp.port),
      SIGN_IN_FAILURES_PER_MINUTE: '100000',
      ...environment,
    });
    const owner = new pg.Client({ connectionString: server.runtime.postgres.ownerUrl });
    await owner.connect();
    await owner.query(`SELECT set_config('app.system_scope', 'platform', false)`);
    return new AccountServer(server, smtp, owner);
  }

  async stop(): Promise<void> {
    await this.owner.end();
    await this.server.stop();
    this.smtp.close();
  }

  /** Bypasses the application: the owner role in the platform scope. */
  async sql<Row extends pg.QueryResultRow>(text: string, values: unknown[] = []): Promise<Row[]> {
    return (await this.owner.query<Row>(text, values)).rows;
  }

  async call(method: string, path: string, { token, body, headers = {} }: CallOptions = {}): Promise<Answer> {
    const isForm = body instanceof FormData;
    const response = await fetch(`${this.server.url}/api/v2${path}`, {
      method,
      headers: {
        ...(body === undefined || isForm ? {} : { 'content-type': 'application/json' }),
        ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
        ...headers,
      },
      ...(body === undefined ? {} : { body: isForm ? body : JSON.stringify(body) }),
    });
    const text = await response.text();
    const isJson = (response.headers.get('content-type') ?? '').includes('json');
    return {
      status: response.status,
      headers: response.headers,
      body: isJson && text !== '' ? JSON.parse(text) : text,
    };
  }

  /** A new Viewer of the default organization, past every policy. */
  async person(changes: Partial<{ password: string; firstName: string; locale: string }> = {}): Promise<Person> {
    const { password = 'first password of a test', firstName = 'Robin', locale = 'en-US' } = changes;
    const { organizationId, workspaceId, tenantId } = this.server.seeded.places.default;
    const id = newId();
    const email = `person-${id}@example.com`;
    await this.sql(
      `INSERT INTO users (user_id, organization_id, workspace_id, tenant_id, email, password_hash, password_changed_at,
                          first_name, last_name, locale, email_verified_at)
       VALUES ($1, $2, $3, $4, $5, $6, now(), $7, 'Quill', $8, now())`,
      [id, organizationId, workspaceId, tenantId, email, await hash(password), firstName, locale],
    );
    await this.sql(
      `INSERT INTO role_assignments (role_assignment_id, user_id, role_id, organization_id, scope_type, scope_id)
       SELECT $1, $2, role_id, $3, 'organization', $3 FROM roles WHERE code = 'viewer' AND is_system`,
      [newId(), id, organizationId],
    );
    return { id, email, password };
  }

  login(email: string, password: string): Promise<Answer> {
    return this.call('POST', '/auth/login', { body: { email, password } });
  }

  /** An access token. */
  async token({ email, password }: Pick<Person, 'email' | 'password'>): Promise<string> {
    const { status, body } = await this.login(email, password);
    if (status !== 200) throw new Error(`${email} could not sign in: ${status}`);
    return body.access_token;
  }

  /** The first mail to the address whose subject contains the text. */
  mailTo(address: string, subject: string): Promise<ReadMail> {
    return eventually(`the mail "${subject}"`, async () => this.mailsTo(address, subject)[0], PATIENCE_MS);
  }

  mailsTo(address: string, subject = ''): ReadMail[] {
    return this.smtp.messages
      .map(readMail)
      .filter(({ headers }) => headers.get('to') === address && (headers.get('subject') ?? '').includes(subject));
  }

  /** Asks for a reset and reads the token from the mail. */
  async resetToken(email: string): Promise<string> {
    const before = this.mailsTo(email, 'Reset').length;
    await this.call('POST', '/auth/forgot-password', { body: { email } });
    return eventually('the mail with the link', async () => tokenIn(this.mailsTo(email, 'Reset')[before]), PATIENCE_MS);
  }
}

/** The token of the link in a mail. */
export function tokenIn(mail: ReadMail | undefined): string | undefined {
  return /[?&]token=([\w-]+)/.exec(mail?.text ?? '')?.[1];
}
