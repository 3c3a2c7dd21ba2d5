import frame from './en.json';
import { byFeature } from './features.js';

export default {
  ...frame,
  ...byFeature(import.meta.glob('../features/*/locales/en.json', { eager: true, import: 'default' })),
};
