/** Calls of the API beside the browser, as another program or person would make them. */
import type { Server } from './fixtures.ts';

export interface Caller {
  call<T>(method: string, path: string, body?: unknown): Promise<{ status: number; body: T }>;
}

/** Logs in with a session of its own. */
export async function callAs(server: Server, user: { email: string; password: string }): Promise<Caller> {
  const request = async <T>(token: string, method: string, path: string, body?: unknown) => {
    const response = await fetch(`${server.url}/api/v2${path}`, {
      method,
      headers: {
        ...(token && { authorization: `Bearer ${token}` }),
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    return { status: response.status, body: (text === '' ? null : JSON.parse(text)) as T };
  };
  const { body, status } = await request<{ access_token: string }>('', 'POST', '/auth/login', user);
  if (status !== 200) throw new Error(`the login of ${user.email} answered ${status}`);
  return { call: (method, path, sent) => request(body.access_token, method, path, sent) };
}

/** Sends one span; resolves with the answer's status. */
export async function sendSpan(
  server: Server,
  key: { keyId: string; keySecret: string },
  name: string,
): Promise<number> {
  const now = BigInt(Date.now()) * 1_000_000n;
  const response = await fetch(`${server.otlpUrl}/v1/traces`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'x-api-key-id': key.keyId, 'x-api-key-secret': key.keySecret },
    body: JSON.stringify({
      resourceSpans: [
        {
          resource: { attributes: [{ key: 'service.name', value: { stringValue: `${name}-service` } }] },
          scopeSpans: [
            {
              spans: [
                {
                  traceId: crypto.randomUUID().replaceAll('-', ''),
                  spanId: crypto.randomUUID().replaceAll('-', '').slice(0, 16),
                  name,
                  kind: 2,
                  startTimeUnixNano: String(now - 5_000_000n),
                  endTimeUnixNano: String(now),
                },
              ],
            },
          ],
        },
      ],
    }),
  });
  return response.status;
}
