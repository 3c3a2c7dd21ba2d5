import Handlebars from 'handlebars';
import { isLanguageTag, isTimeZone } from '../platform/index.js';
import type { MailMessage, RenderedMail } from './mail-message.js';
import { MAIL_KINDS, type MailCatalogue, type MailKind, type MailWords } from './templates/catalogue.js';
import { ENGLISH } from './templates/en.js';
import { INDONESIAN } from './templates/id.js';
import { HTML_LAYOUT, TEXT_LAYOUT, type LayoutData } from './templates/layout.js';

/** Longer values are cut: no mail needs them whole. */
const MAX_VALUE_LENGTH = 200;
/** Line breaks, other controls, and what turns the direction of the text around it. */
const CONTROLS = /[\p{Cc}\u2028\u2029\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]+/gu;
/** A name in which mail clients would see a link: somebody uses our mails for their own message. */
const LINK_LIKE = /[/\\@:]|\.\p{L}{2}/u;

type Template = (values: object) => string;

interface CompiledWords {
  readonly subject: Template;
  readonly paragraphs: readonly Template[];
  readonly action: Template | undefined;
  readonly closing: readonly Template[];
}

interface CompiledCatalogue {
  readonly language: string;
  readonly greeting: Template;
  readonly greetingWithoutName: Template;
  readonly linkHint: Template;
  readonly footer: Template;
  readonly mails: Readonly<Record<MailKind, CompiledWords>>;
}

/** Turns messages into subject, text and HTML. Everything is compiled once; a value that is missing is an error. */
export class MailRenderer {
  readonly #catalogues = { en: compileCatalogue(ENGLISH), id: compileCatalogue(INDONESIAN) };
  readonly #html = Handlebars.compile<LayoutData>(HTML_LAYOUT, { strict: true });
  readonly #text = Handlebars.compile<LayoutData>(TEXT_LAYOUT, { strict: true, noEscape: true });

  /**
   * @param baseUrl the UI's public address, without a slash at its end
   * @throws Error when the message lacks a value that its words name
   */
  render(message: MailMessage, baseUrl: string): RenderedMail {
    const catalogue = this.#catalogues[/^id\b/i.test(message.locale) ? 'id' : 'en'];
    const words = catalogue.mails[message.kind];
    const name = greetable(message.name);
    const values = { ...plainValues(message, catalogue.language), name, host: new URL(baseUrl).host };
    const { action } = words;
    const data: LayoutData = {
      language: catalogue.language,
      subject: words.subject(values),
      greeting: (name === '' ? catalogue.greetingWithoutName : catalogue.greeting)(values),
      paragraphs: words.paragraphs.map((paragraph) => paragraph(values)),
      linkHint: catalogue.linkHint(values),
      closing: words.closing.map((paragraph) => paragraph(values)),
      footer: catalogue.footer(values),
      ...(action && message.path !== undefined
        ? { action: { label: action(values), url: `${baseUrl}${message.path}` } }
        : { action: undefined }),
    };
    return { subject: data.subject, text: this.#text(data), html: this.#html(data) };
  }
}

function compileCatalogue(catalogue: MailCatalogue): CompiledCatalogue {
  const { language, greeting, greetingWithoutName, linkHint, footer, mails } = catalogue;
  const compiled = {} as Record<MailKind, CompiledWords>;
  for (const kind of MAIL_KINDS) compiled[kind] = compileWords(mails[kind]);
  return {
    language,
    greeting: plain(greeting),
    greetingWithoutName: plain(greetingWithoutName),
    linkHint: plain(linkHint),
    footer: plain(footer),
    mails: compiled,
  };
}

function compileWords({ subject, paragraphs, action, closing = [] }: MailWords): CompiledWords {
  return {
    subject: plain(subject),
    paragraphs: paragraphs.map(plain),
    action: action === undefined ? undefined : plain(action),
    closing: closing.map(plain),
  };
}

function plain(template: string): Template {
  return Handlebars.compile<object>(template, { strict: true, noEscape: true });
}

function plainValues(message: MailMessage, language: string): Record<string, string> {
  const timeZone = isTimeZone(message.timeZone) ? message.timeZone : 'UTC';
  // `en-GB` writes dates as the British do; a language that the words are not in does not write them at all.
  const ownDates = isLanguageTag(message.locale) && new Intl.Locale(message.locale).language === language;
  const dates = new Intl.DateTimeFormat(ownDates ? message.locale : language, {
    dateStyle: 'long',
    timeStyle: 'long',
    timeZone,
  });
  return Object.fromEntries(
    Object.entries(message.values ?? {}).map(([name, value]) => [
      name,
      value instanceof Date ? dates.format(value) : oneLine(value),
    ]),
  );
}

/** One line without controls, so that no value can begin a header, a line or a direction of its own. */
function oneLine(text: string): string {
  return text.replace(CONTROLS, ' ').trim().slice(0, MAX_VALUE_LENGTH);
}

function greetable(name: string): string {
  const line = oneLine(name);
  return LINK_LIKE.test(line) ? '' : line;
}
