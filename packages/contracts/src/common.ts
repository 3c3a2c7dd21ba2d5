import { z } from 'zod';

export const Uuid = z.uuid({ error: 'must be a UUID' });
/** Of a route that ends in `:id`, or goes on behind it. */
export const IdParams = z.object({ id: Uuid });
/** ISO-8601 instant in UTC. */
export const Instant = z.iso.datetime({ offset: true });
const CONTROLS = /\p{Cc}/u;
const CONTROLS_BUT_SPACE = /[^\P{Cc}\n\r\t]/u;
const NO_CONTROLS = { error: 'must not contain control characters' };

/** One line of text that people write; the store has no place for NUL. */
export const Line = z
  .string()
  .trim()
  .refine((text) => !CONTROLS.test(text), NO_CONTROLS);
/** As {@link Line}, with line breaks and tabs. */
const Prose = z.string().refine((text) => !CONTROLS_BUT_SPACE.test(text), NO_CONTROLS);

export const Description = Prose.max(1000, { error: 'must be at most 1000 characters' });
export const PersonName = Line.min(1, { error: 'is required' }).max(100, { error: 'must be at most 100 characters' });
export const EmailAddress = z
  .string()
  .trim()
  .toLowerCase()
  .max(254, { error: 'must be at most 254 characters' })
  .pipe(z.email({ error: 'must be an e-mail address' }));
/** A password that somebody chooses; the server's policy names every rule that it fails. */
export const NewPassword = z.string().max(128, { error: 'must be at most 128 characters' });

/** A 64-bit unsigned integer as decimal text: nanosecond times and counts that a double can't hold. */
export const Uint64Text = z.string().regex(/^\d{1,20}$/);

/** `?page=1&limit=20` of every metadata list. */
export const PageQuery = z.object({
  page: z.coerce.number().int().min(1).default(1),
  limit: z.coerce.number().int().min(1).max(100).default(20),
});
export type PageQuery = z.infer<typeof PageQuery>;

export const PageMeta = z.object({ page: z.int(), limit: z.int(), total: z.int(), totalPages: z.int() });
export type PageMeta = z.infer<typeof PageMeta>;

/** A page of `item`, as every metadata list answers. */
export function pageOf<T extends z.ZodType>(item: T) {
  return z.object({ data: z.array(item), meta: PageMeta });
}
