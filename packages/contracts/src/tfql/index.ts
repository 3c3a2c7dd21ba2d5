export * from './ast.js';
export * from './fields.js';
export * from './format.js';
export * from './parser.js';
export * from './syntax-error.js';
export * from './units.js';
