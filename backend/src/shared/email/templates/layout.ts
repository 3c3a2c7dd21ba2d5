/** What both layouts are given; all of it plain text. */
export interface LayoutData {
  readonly language: string;
  readonly subject: string;
  readonly greeting: string;
  readonly paragraphs: readonly string[];
  readonly action?: { readonly label: string; readonly url: string };
  readonly linkHint: string;
  readonly closing: readonly string[];
  readonly footer: string;
}

/** Every value goes through `{{ }}`, which escapes; mail clients know inline styles and little else. */
export const HTML_LAYOUT = `<!doctype html>
<html lang="{{language}}">
<head><meta charset="utf-8"><meta name="color-scheme" content="light dark"><title>{{subject}}</title></head>
<body style="margin:0;padding:24px;font-family:system-ui,-apple-system,'Segoe UI',sans-serif;font-size:15px;line-height:1.5">
<div style="max-width:560px;margin:0 auto">
<p dir="auto">{{greeting}}</p>
{{#each paragraphs}}
<p dir="auto">{{this}}</p>
{{/each}}
{{#if action}}
<p><a href="{{action.url}}" style="display:inline-block;padding:10px 18px;border-radius:6px;background:#2563eb;color:#ffffff;text-decoration:none">{{action.label}}</a></p>
<p style="font-size:13px">{{linkHint}}<br><a href="{{action.url}}" style="word-break:break-all">{{action.url}}</a></p>
{{/if}}
{{#each closing}}
<p dir="auto">{{this}}</p>
{{/each}}
<p style="margin-top:32px;font-size:12px;color:#6b7280">{{footer}}</p>
</div>
</body>
</html>
`;

/** The same as plain text: compiled without escaping, for there is nothing to escape. */
export const TEXT_LAYOUT = `{{greeting}}

{{#each paragraphs}}
{{this}}

{{/each}}
{{#if action}}
{{action.label}}:
{{action.url}}

{{/if}}
{{#each closing}}
{{this}}

{{/each}}
-- 
{{footer}}
`;
