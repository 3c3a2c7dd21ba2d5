import {
  acceptCompletion,
  autocompletion,
  completionKeymap,
  completionStatus,
  moveCompletionSelection,
  selectedCompletionIndex,
  startCompletion,
} from '@codemirror/autocomplete';
import { history, historyKeymap, insertNewline, standardKeymap } from '@codemirror/commands';
import { HighlightStyle, LRLanguage, syntaxHighlighting } from '@codemirror/language';
import { EditorState, Prec, StateEffect, StateField, type Extension } from '@codemirror/state';
import { Decoration, drawSelection, EditorView, keymap, tooltips, type DecorationSet } from '@codemirror/view';
import { styleTags, tags } from '@lezer/highlight';
import { tfqlFilterParser, tfqlStatementParser } from '@telemetryflow/contracts';
import { complete, type CompletionScope } from './completions.js';
import type { EditorMode } from './expected.js';

const MAX_LENGTH = { filter: 4096, statement: 16_384 } as const;

const COLOURS = styleTags({
  'FieldName Key': tags.propertyName,
  'Comparison/Word ListedValue/Word Pattern String': tags.string,
  'Number Duration': tags.number,
  'AndOp OrOp NotOp Minus ExistsOpen ExistsColon': tags.logicOperator,
  'RecordSignal MetricSignal WhereWord AsWord ByWord EveryWord SortWord TopWord LimitWord FieldsWord CompareWord HideWord Direction':
    tags.keyword,
  Function: tags.function(tags.variableName),
  'Label Reference MetricName': tags.propertyName,
  'Colon CompareOp PatternOp PromOp Equals ArithmeticOp Pipe Comma ParenOpen ParenClose BraceOpen BraceClose ListOpen':
    tags.operator,
});

const STYLE = HighlightStyle.define([
  { tag: tags.propertyName, fontWeight: '600' },
  { tag: [tags.string, tags.number], color: 'var(--tf-info)' },
  { tag: [tags.logicOperator, tags.keyword, tags.function(tags.variableName)], color: 'var(--tf-fatal)' },
  { tag: tags.operator, color: 'var(--tf-text-2)' },
]);

const language = (mode: EditorMode) =>
  LRLanguage.define({
    name: `tfql-${mode}`,
    parser: (mode === 'filter' ? tfqlFilterParser : tfqlStatementParser).configure({ props: [COLOURS] }),
  });

/** The place of an error, from 0; null for none. */
export const showErrorAt = StateEffect.define<number | null>();
const mark = Decoration.mark({ class: 'tf-query-error' });
const errorPlace = StateField.define<DecorationSet>({
  create: () => Decoration.none,
  update(marks, transaction) {
    let next = transaction.docChanged ? Decoration.none : marks;
    for (const effect of transaction.effects) {
      if (effect.is(showErrorAt)) next = markAt(effect.value, transaction.state.doc.length);
    }
    return next;
  },
  provide: (field) => EditorView.decorations.from(field),
});

/** At the end of the text, its last character stands for what is missing. */
function markAt(offset: number | null, length: number): DecorationSet {
  if (offset === null || length === 0) return Decoration.none;
  const from = Math.min(offset, length - 1);
  return Decoration.set(mark.range(from, from + 1));
}

const THEME = EditorView.theme({
  '&': { backgroundColor: 'transparent', color: 'var(--tf-text-1)', fontSize: '12px' },
  '&.cm-focused': { outline: 'none' },
  '.cm-scroller': { fontFamily: 'inherit', lineHeight: '18px', overflow: 'auto', maxHeight: '146px' },
  '.cm-content': { padding: '7px 0', caretColor: 'var(--tf-text-1)' },
  '.cm-content:focus-visible': { outline: 'none' },
  '.cm-line': { padding: '0 4px' },
  '.cm-placeholder': { color: 'var(--tf-text-3)' },
  '.cm-cursor': { borderLeftColor: 'var(--tf-text-1)' },
  '.cm-selectionBackground, &.cm-focused > .cm-scroller > .cm-selectionLayer .cm-selectionBackground': {
    background: 'color-mix(in srgb, var(--tf-accent) 30%, transparent)',
  },
  '.tf-query-error': { textDecoration: 'underline wavy var(--tf-error)', textUnderlineOffset: '3px' },
  '.cm-tooltip': {
    backgroundColor: 'var(--tf-bg-1)',
    color: 'var(--tf-text-1)',
    border: '1px solid var(--tf-line)',
    borderRadius: '6px',
    boxShadow: '0 8px 24px rgb(0 0 0 / 25%)',
    zIndex: '2000',
  },
  '.cm-tooltip.cm-tooltip-autocomplete > ul': {
    fontFamily: 'inherit',
    maxHeight: '264px',
    maxWidth: 'min(560px, 94vw)',
  },
  '.cm-tooltip.cm-tooltip-autocomplete > ul > li': {
    display: 'flex',
    gap: '12px',
    padding: '3px 10px',
    fontSize: '12px',
    lineHeight: '18px',
  },
  '.cm-tooltip.cm-tooltip-autocomplete > ul > li[aria-selected]': {
    backgroundColor: 'var(--tf-bg-2)',
    color: 'var(--tf-text-1)',
    boxShadow: 'inset 2px 0 var(--tf-accent)',
  },
  '.cm-completionLabel': { overflow: 'hidden', textOverflow: 'ellipsis' },
  '.cm-completionMatchedText': { textDecoration: 'none', fontWeight: '700' },
  '.cm-completionDetail': { marginLeft: 'auto', fontStyle: 'normal', color: 'var(--tf-text-3)' },
});

export interface EditorOptions {
  readonly mode: EditorMode;
  readonly scope: () => CompletionScope;
  readonly run: () => void;
  readonly changed: (text: string) => void;
}

/** Tab takes what is selected, or the first that is offered; without an offer it leaves the editor, as anywhere. */
function takeFirst(view: EditorView): boolean {
  if (completionStatus(view.state) !== 'active') return false;
  if (selectedCompletionIndex(view.state) === null) moveCompletionSelection(true)(view);
  return acceptCompletion(view);
}

/**
 * The keys of the query bar: Enter runs, unless an offer was chosen with the arrows; Ctrl/⌘-Enter always runs; Esc closes
 * the offers, then leaves. In statements Shift-Enter begins a line.
 */
function keys({ mode, run }: EditorOptions): Extension {
  const runNow = () => {
    run();
    return true;
  };
  const leave = (view: EditorView) => {
    view.contentDOM.blur();
    return true;
  };
  return [
    Prec.highest(
      keymap.of([
        { key: 'Mod-Enter', run: runNow },
        { key: 'Tab', run: takeFirst },
      ]),
    ),
    keymap.of([
      { key: 'Enter', run: (view) => acceptCompletion(view) || runNow() },
      ...(mode === 'statement' ? [{ key: 'Shift-Enter', run: insertNewline }] : []),
      ...completionKeymap,
      { key: 'Escape', run: leave },
      { key: 'ArrowDown', run: (view) => view.state.doc.lines === 1 && startCompletion(view) },
      ...historyKeymap,
      ...standardKeymap,
    ]),
  ];
}

/** Line ends of what is pasted into a filter become spaces, and nothing grows beyond what the server reads. */
function limits(mode: EditorMode): Extension {
  return EditorState.transactionFilter.of((transaction) => {
    if (!transaction.docChanged) return transaction;
    if (transaction.newDoc.length > MAX_LENGTH[mode]) return [];
    if (mode === 'statement' || transaction.newDoc.lines === 1) return transaction;
    const text = transaction.newDoc.toString().replaceAll(/\s*\n\s*/g, ' ');
    const changes = { from: 0, to: transaction.startState.doc.length, insert: text };
    return { changes, selection: { anchor: text.length }, userEvent: 'input.paste' };
  });
}

/** Everything that makes a CodeMirror view a TFQL editor, save the words that are translated. */
export function editorExtensions(options: EditorOptions): Extension {
  return [
    language(options.mode),
    syntaxHighlighting(STYLE),
    errorPlace,
    history(),
    drawSelection(),
    EditorView.lineWrapping,
    autocompletion({
      override: [(context) => complete(context, options.scope())],
      selectOnOpen: false,
      icons: false,
      defaultKeymap: false,
      interactionDelay: 0,
      maxRenderedOptions: 100,
    }),
    tooltips({ parent: document.body }),
    keys(options),
    limits(options.mode),
    EditorView.updateListener.of((update) => {
      if (update.docChanged) options.changed(update.state.doc.toString());
    }),
    THEME,
  ];
}
