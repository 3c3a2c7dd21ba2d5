/** The metrics explorer's main path, on what the OpenTelemetry SDK sends. */
import { readFile } from 'node:fs/promises';
import AxeBuilder from '@axe-core/playwright';
import type { Page } from '@playwright/test';
import { measureWithSdk } from '../../backend/test/support/sdk-metrics.ts';
import { expect, test, type Server } from '../support/fixtures.ts';
import { orderTraceId } from '../support/telemetry.ts';

/** Of this run alone: another run's mill would be another process of the same, and its counts would be added. */
const MILL = `mill${Date.now().toString(36)}`;
let sent: Promise<void> | undefined;

/** A mill: how long it grinds, sacks it filled, how full its hopper is; and one wait of which the trace is known. */
function sendOnce({ otlpUrl, key }: Server): Promise<void> {
  sent ??= (async () => {
    await measureWithSdk(otlpUrl, key, { 'service.name': MILL }, (meter) => {
      const duration = meter.createHistogram(`${MILL}.grind.duration`, {
        unit: 's',
        description: 'Grinding one sack.',
      });
      const sacks = meter.createCounter(`${MILL}.sacks`, { unit: '{sack}', description: 'Sacks filled.' });
      for (const [i, grain] of ['wheat', 'rye', 'oat'].entries()) {
        for (let n = 0; n < 20; n += 1) duration.record(0.02 * (i + 1) * (n + 1), { grain });
        sacks.add(100 * (i + 1), { grain });
      }
      meter
        .createObservableGauge(`${MILL}.hopper.level`, { unit: '%', description: 'How full the hopper is.' })
        .addCallback((level) => level.observe(42));
    });
    await sendWait({ otlpUrl, key });
  })();
  return sent;
}

/** With an exemplar, which the SDK for JavaScript does not record. */
async function sendWait({ otlpUrl, key }: Pick<Server, 'otlpUrl' | 'key'>): Promise<void> {
  const now = BigInt(Date.now()) * 1_000_000n;
  const point = {
    startTimeUnixNano: String(now - 60_000_000_000n),
    timeUnixNano: String(now - 1_000_000n),
    count: '2',
    sum: 3,
    explicitBounds: [0.5, 1, 2, 5],
    bucketCounts: ['0', '1', '1', '0', '0'],
    exemplars: [{ timeUnixNano: String(now - 20_000_000_000n), asDouble: 1.5, traceId: orderTraceId, spanId: '' }],
  };
  const metric = { name: `${MILL}.wait`, unit: 's', histogram: { aggregationTemporality: 1, dataPoints: [point] } };
  const resource = { attributes: [{ key: 'service.name', value: { stringValue: MILL } }] };
  const response = await fetch(`${otlpUrl}/v1/metrics`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'x-api-key-id': key.keyId, 'x-api-key-secret': key.keySecret },
    body: JSON.stringify({ resourceMetrics: [{ resource, scopeMetrics: [{ metrics: [metric] }] }] }),
  });
  expect(response.status).toBe(200);
}

const page = (parameters = '') => `/telemetry/metrics?from=now-5m&to=now${parameters}`;
const parameter = (app: Page, name: string) => () => new URL(app.url()).searchParams.get(name) ?? '';
const legend = (app: Page) => app.getByRole('table').getByRole('row');

async function choose(app: Page, label: string, option: string): Promise<void> {
  await app
    .locator('.n-base-selection')
    .filter({ has: app.getByLabel(label, { exact: true }) })
    .click();
  await app
    .locator('.n-base-select-option')
    .filter({ hasText: new RegExp(`^${option}$`) })
    .click();
}

test.beforeEach(async ({ server, app }) => {
  await sendOnce(server);
  // What was acknowledged is readable a moment later.
  await expect(async () => {
    await app.goto(page());
    await expect(app.getByRole('link', { name: new RegExp(`${MILL}.wait`) })).toBeVisible({ timeout: 2_000 });
  }).toPass();
});

test('a metric is found, and shown by what suits its type', async ({ app }) => {
  await app.getByRole('searchbox', { name: 'Search metrics' }).fill(`${MILL} grind`);
  const entry = app.getByRole('link', { name: new RegExp(`${MILL}.grind.duration`) });
  await expect(entry).toContainText('Histogram');
  await expect(entry).toContainText('3 series');
  await entry.click();
  await expect(app.getByText(`Histogram · Cumulative · s · 3 series · ${MILL}`)).toBeVisible();
  await expect(app.getByRole('heading', { name: `${MILL}.grind.duration, p95` })).toBeVisible();
  await expect(legend(app).filter({ hasText: `${MILL}.grind.duration` })).toContainText(/ms|s/);
  await choose(app, 'Group by', 'grain');
  await expect.poll(parameter(app, 'by')).toBe('grain');
  await expect(legend(app)).toHaveCount(1 + 3);
});

test('the legend sorts, and shows one alone', async ({ app }) => {
  await app.goto(page(`&metric=${MILL}.sacks&agg=increase&by=grain`));
  await expect(legend(app)).toHaveCount(1 + 3);
  await expect(legend(app).nth(1)).toContainText('oat');
  await expect(legend(app).nth(1)).toContainText('300');
  await app.getByRole('button', { name: /Max/ }).click();
  await app.getByRole('button', { name: /Max/ }).click();
  await expect(legend(app).nth(1)).toContainText('wheat');
  const only = app.getByRole('button', { name: 'rye', exact: true });
  await only.click();
  await expect(only).toHaveAttribute('aria-pressed', 'true');
});

test('several queries are reckoned with, and the link brings them back', async ({ app }) => {
  await app.goto(page(`&metric=${MILL}.sacks&agg=increase&filter=grain:wheat`));
  await app.getByRole('button', { name: 'Add query' }).click();
  const second = app.getByRole('group', { name: 'Query B' });
  await expect(second).toBeVisible();
  const query = second
    .getByRole('textbox', { name: 'Query' })
    .or(second.getByRole('combobox', { name: 'Query' }))
    .first();
  await query.fill('');
  await query.press('Enter');
  await expect.poll(parameter(app, 'q')).toContain(`B = metrics ${MILL}.sacks | increase`);
  await app.getByRole('button', { name: 'Add formula' }).click();
  const formula = app.getByRole('textbox', { name: 'Formula F1' });
  await formula.fill('A / B * 300');
  await formula.press('Enter');
  const row = legend(app).filter({ hasText: 'F1' });
  await expect(row).toContainText('50');
  await app.reload();
  await expect(row).toContainText('50');
  await formula.fill('A / Z');
  await formula.press('Enter');
  await expect(app.getByRole('alert')).toBeVisible();
});

test.describe('a formula that means nothing', () => {
  test.use({ tolerated: ['400'] });

  test('is refused where it stands', async ({ app }) => {
    const q = encodeURIComponent(`A = metrics ${MILL}.sacks | increase\nF1 = A / A.2`);
    await app.goto(page(`&q=${q}`));
    await expect(app.getByRole('alert').filter({ hasText: 'A has 1 aggregations only' }).first()).toBeVisible();
  });
});

test('a histogram is a heatmap with percentiles, and a measurement opens its trace', async ({ app }) => {
  await app.goto(page(`&metric=${MILL}.wait`));
  await choose(app, 'Show', 'Heatmap');
  await expect(app.getByRole('img', { name: /by time and value/ })).toBeVisible();
  for (const name of ['p50', 'p95', 'p99']) await expect(legend(app).filter({ hasText: name })).toHaveCount(1);
  const dot = app.getByRole('link', { name: new RegExp(`^1.5 s in ${MILL} at .* Open the trace.$`) });
  await expect(dot).toHaveAttribute('href', new RegExp(`/telemetry/traces/${orderTraceId}`));
  await dot.click();
  await expect(app.getByText('POST /orders').first()).toBeVisible();
});

test('compared with earlier, on a logarithmic scale, as a table and as a file', async ({ app }) => {
  await app.goto(page(`&metric=${MILL}.sacks&agg=increase&by=grain`));
  await choose(app, 'Compare', '1 day earlier');
  await expect(legend(app).filter({ hasText: 'wheat (1d earlier)' })).toHaveCount(1);
  await app.getByRole('radio', { name: 'Log' }).click();
  await expect.poll(parameter(app, 'scale')).toBe('log');
  await app.getByRole('button', { name: 'Show as table' }).click();
  await expect(app.getByRole('columnheader', { name: 'rye', exact: true })).toBeVisible();
  await app.getByRole('button', { name: 'Download' }).click();
  const download = app.waitForEvent('download');
  await app.getByRole('menuitem', { name: 'What is shown, as CSV' }).click();
  const lines = (await readFile(await (await download).path(), 'utf8')).split('\r\n');
  expect(lines[0]).toContain('"time","oat"');
  expect(lines.join()).toContain('"300"');
});

test('a metric that nobody sends is told, with near names', async ({ app }) => {
  await app.goto(page(`&metric=${MILL}.sack`));
  await expect(app.getByText(new RegExp(`There is no metric ${MILL}.sack`))).toContainText(`${MILL}.sacks`);
});

const views = {
  catalogue: '',
  lines: `&metric=${MILL}.grind.duration&by=grain`,
  heatmap: `&metric=${MILL}.wait&agg=heatmap`,
  formula: `&q=${encodeURIComponent(`A = metrics ${MILL}.sacks | increase by grain\nB = metrics ${MILL}.hopper.level | avg\nF1 = A * 2`)}`,
};
for (const colorScheme of ['dark', 'light'] as const) {
  for (const width of [1440, 360]) {
    test(`${colorScheme}, ${width} px: whole and accessible`, async ({ app }) => {
      test.slow();
      await app.emulateMedia({ colorScheme });
      await app.setViewportSize({ width, height: 800 });
      for (const [name, parameters] of Object.entries(views)) {
        await app.goto(page(parameters));
        await expect(app.getByRole(parameters === '' ? 'searchbox' : 'figure').first()).toBeVisible();
        await expect(app.getByRole('main').locator('[aria-busy=true]')).toHaveCount(0);
        const beyond = await app.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
        expect(beyond, name).toBeLessThanOrEqual(0);
        const { violations } = await new AxeBuilder({ page: app }).analyze();
        const serious = violations.filter(({ impact }) => impact === 'serious' || impact === 'critical');
        expect(serious.map(({ id, nodes }) => `${name} ${id}: ${nodes[0]?.html}`)).toEqual([]);
      }
    });
  }
}
