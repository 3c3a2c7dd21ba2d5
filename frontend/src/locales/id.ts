import frame from './id.json';
import { byFeature } from './features.js';

export default {
  ...frame,
  ...byFeature(import.meta.glob('../features/*/locales/id.json', { eager: true, import: 'default' })),
};
