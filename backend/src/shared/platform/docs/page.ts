/** No inline script: the content policy allows none. */
export const PAGE = `<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8" />
    <meta name="viewport" content="width=device-width, initial-scale=1" />
    <title>TelemetryFlow API</title>
    <link rel="stylesheet" href="/api/docs/swagger-ui.css" />
    <link rel="stylesheet" href="/api/docs/style.css" />
  </head>
  <body>
    <div id="swagger-ui"></div>
    <script src="/api/docs/swagger-ui-bundle.js"></script>
    <script src="/api/docs/initializer.js"></script>
  </body>
</html>
`;

export const INITIALIZER = `window.SwaggerUIBundle({
  url: '/api/docs/openapi.json',
  dom_id: '#swagger-ui',
  deepLinking: true,
  docExpansion: 'list',
  defaultModelsExpandDepth: 0,
  filter: true,
  tagsSorter: 'alpha',
  operationsSorter: 'alpha',
  tryItOutEnabled: false,
  validatorUrl: null,
});
`;

export const STYLE = `
body { margin: 0; background: #fafafa; }
.swagger-ui { font-family: Inter, system-ui, sans-serif; }
.swagger-ui .wrapper { max-width: 1080px; }
.swagger-ui .topbar { display: none; }
.swagger-ui .info { margin: 32px 0 16px; }
.swagger-ui .info .title { font-size: 24px; font-weight: 600; }
.swagger-ui .scheme-container { background: none; box-shadow: none; padding: 0 0 16px; }
.swagger-ui .opblock { border-radius: 6px; box-shadow: none; border-width: 1px; }
.swagger-ui .opblock .opblock-summary-method { border-radius: 4px; font-weight: 600; text-shadow: none; }
.swagger-ui .opblock-tag { font-size: 16px; font-weight: 600; border-bottom: 1px solid #e4e4e7; }
`;
