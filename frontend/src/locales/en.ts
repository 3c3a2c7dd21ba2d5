import access from '../ui/access/locales/en.json';
import charts from '../ui/charts/locales/en.json';
import form from '../ui/form/locales/en.json';
import explorer from '../ui/explorer/locales/en.json';
import records from '../ui/records/locales/en.json';
import serviceTable from '../ui/services/locales/en.json';
import send from '../ui/send/locales/en.json';
import views from '../ui/views/locales/en.json';
import frame from './en.json';
import { byFeature } from './features.js';

export default {
  ...frame,
  access,
  charts,
  explorer,
  form,
  records,
  send,
  serviceTable,
  views,
  ...byFeature(import.meta.glob('../features/*/locales/en.json', { eager: true, import: 'default' })),
};
