import charts from '../ui/charts/locales/id.json';
import frame from './id.json';
import { byFeature } from './features.js';

export default {
  ...frame,
  charts,
  ...byFeature(import.meta.glob('../features/*/locales/id.json', { eager: true, import: 'default' })),
};
