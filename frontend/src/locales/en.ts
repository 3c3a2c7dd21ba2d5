import charts from '../ui/charts/locales/en.json';
import frame from './en.json';
import { byFeature } from './features.js';

export default {
  ...frame,
  charts,
  ...byFeature(import.meta.glob('../features/*/locales/en.json', { eager: true, import: 'default' })),
};
